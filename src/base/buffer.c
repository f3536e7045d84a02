/* SPDX-License-Identifier: Apache-2.0 */
#include <base/buffer.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/secret.h>

void qy_buffer_init(qy_buffer *buffer, size_t limit)
{
  *buffer = (qy_buffer){.limit = limit, .status = QY_OK};
}

void qy_buffer_clear(qy_buffer *buffer)
{
  if (buffer->bytes != NULL) {
    qy_wipe(buffer->bytes, buffer->capacity);
    free(buffer->bytes);
  }
  *buffer = (qy_buffer){.limit = buffer->limit, .status = QY_OK};
}

/* Makes room for `size` more bytes and a NUL. Grows by copying, so that nothing is left behind unwiped. */
static bool reserve(qy_buffer *buffer, size_t size)
{
  if (buffer->status != QY_OK) {
    return false;
  }
  if (size > buffer->limit - buffer->size) {
    buffer->status = QY_ERR_LIMIT;
    return false;
  }
  const size_t needed = buffer->size + size + 1;
  if (needed <= buffer->capacity) {
    return true;
  }
  size_t capacity = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
  if (capacity < needed) {
    capacity = needed;
  }
  uint8_t *bytes = malloc(capacity);
  if (bytes == NULL) {
    buffer->status = QY_ERR_MEMORY;
    return false;
  }
  if (buffer->bytes != NULL) {
    memcpy(bytes, buffer->bytes, buffer->size);
    qy_wipe(buffer->bytes, buffer->capacity);
    free(buffer->bytes);
  }
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return true;
}

void qy_buffer_reserve(qy_buffer *buffer, size_t size)
{
  (void)reserve(buffer, size);
}

uint8_t *qy_buffer_extend(qy_buffer *buffer, size_t size)
{
  if (!reserve(buffer, size)) {
    return NULL;
  }
  uint8_t *where = buffer->bytes + buffer->size;
  buffer->size += size;
  return where;
}

void qy_buffer_append(qy_buffer *buffer, const void *bytes, size_t size)
{
  uint8_t *where = qy_buffer_extend(buffer, size);
  if (where != NULL && size > 0) {
    memcpy(where, bytes, size);
  }
}

void qy_buffer_append_text(qy_buffer *buffer, const char *text)
{
  qy_buffer_append(buffer, text, strlen(text));
}

void qy_buffer_appendf(qy_buffer *buffer, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  const int needed = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (needed >= 0 && reserve(buffer, (size_t)needed)) {
    (void)vsnprintf((char *)buffer->bytes + buffer->size, (size_t)needed + 1, format, again);
    buffer->size += (size_t)needed;
  }
  va_end(again);
}

qy_view qy_buffer_view(const qy_buffer *buffer)
{
  return qy_view_over(buffer->bytes, buffer->size);
}

const char *qy_buffer_text(qy_buffer *buffer)
{
  if (buffer->bytes == NULL || buffer->status != QY_OK) {
    return "";
  }
  buffer->bytes[buffer->size] = '\0'; /* reserve() always keeps room for it */
  return (const char *)buffer->bytes;
}

qy_status qy_buffer_finish(const qy_buffer *buffer, const char *what, qy_error *why)
{
  if (buffer->status != QY_OK) {
    return qy_fail(why, buffer->status, "%s: %s (limit %zu bytes)", what, qy_status_text(buffer->status),
                   buffer->limit);
  }
  return QY_OK;
}
