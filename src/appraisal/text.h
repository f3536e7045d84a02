/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: texts that are handed out. */
#ifndef QY_APPRAISAL_TEXT_H
#define QY_APPRAISAL_TEXT_H

#include <base/buffer.h>
#include <json/json.h>

#define QY_APPRAISAL_MAX_TEXT (1u << 20)

/* A copy on the heap for the caller. */
qy_status qy_text_of_buffer(char **out, qy_buffer *from, qy_error *why) QY_MUST_CHECK;
/* Indented, with a line feed behind it. */
qy_status qy_text_of_json(char **out, const json_t *value, qy_error *why) QY_MUST_CHECK;

#endif
