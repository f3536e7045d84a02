/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a limit that is set when it is made. Latches its first error, like a cursor. */
#ifndef QY_BASE_BUFFER_H
#define QY_BASE_BUFFER_H

#include <quotary/status.h>

typedef struct qy_buffer {
  uint8_t *bytes;
  size_t size;
  size_t capacity;
  size_t limit;
  qy_status status;
} qy_buffer;

void qy_buffer_init(qy_buffer *buffer, size_t limit);
/* Wipes and frees: a buffer may have held a secret. */
void qy_buffer_clear(qy_buffer *buffer);
#define QY_SCOPED_BUFFER(name, limit_bytes)                 \
  __attribute__((cleanup(qy_buffer_clear))) qy_buffer name; \
  qy_buffer_init(&name, (limit_bytes))

/* Room for so many more bytes at once: what is known to come then grows the buffer no more. */
void qy_buffer_reserve(qy_buffer *buffer, size_t size);
void qy_buffer_append(qy_buffer *buffer, const void *bytes, size_t size);
void qy_buffer_append_text(qy_buffer *buffer, const char *text);
void qy_buffer_appendf(qy_buffer *buffer, const char *format, ...) QY_PRINTF(2, 3);
/* Grows by `size` uninitialised bytes and returns where they begin; NULL after a failure. */
uint8_t *qy_buffer_extend(qy_buffer *buffer, size_t size);
qy_view qy_buffer_view(const qy_buffer *buffer);
/* The contents as text; a NUL is kept behind them. "" when empty or failed. */
const char *qy_buffer_text(qy_buffer *buffer);
qy_status qy_buffer_finish(const qy_buffer *buffer, const char *what, qy_error *why) QY_MUST_CHECK;

#endif
