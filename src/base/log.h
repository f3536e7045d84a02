/* SPDX-License-Identifier: Apache-2.0 */
/* One line a happening, on standard error: time, level, component, message. Control characters of the message are
 * escaped, so that no peer can forge a line or colour a terminal. There is no way to print a qy_secret. */
#ifndef QY_BASE_LOG_H
#define QY_BASE_LOG_H

#include <quotary/status.h>

typedef enum qy_log_level { QY_LOG_DEBUG, QY_LOG_INFO, QY_LOG_WARNING, QY_LOG_ERROR } qy_log_level;

void qy_log_set_level(qy_log_level least);
void qy_log(qy_log_level level, const char *component, const char *format, ...) QY_PRINTF(3, 4);
/* Copies `text` with control bytes as \xNN; always terminated. */
void qy_log_escape(char *out, size_t size, const char *text);

#endif
