/* SPDX-License-Identifier: Apache-2.0 */
#include <base/cursor.h>

#include <string.h>

qy_reader qy_reader_over(qy_view input)
{
  return (qy_reader){.all = input, .status = QY_OK};
}

void qy_read_reject(qy_reader *in, qy_status status, const char *field, size_t at)
{
  if (in->status == QY_OK) {
    in->status = status;
    in->field = field;
    in->failed_at = at;
  }
}

qy_view qy_read_view(qy_reader *in, size_t size, const char *field)
{
  if (in->status == QY_OK && size > in->all.size - in->offset) {
    qy_read_reject(in, QY_ERR_TRUNCATED, field, in->offset);
  }
  if (in->status != QY_OK || size == 0) {
    return (qy_view){NULL, 0};
  }
  const qy_view view = {in->all.bytes + in->offset, size};
  in->offset += size;
  return view;
}

qy_view qy_read_rest(qy_reader *in)
{
  return qy_read_view(in, qy_read_left(in), "rest");
}

size_t qy_read_left(const qy_reader *in)
{
  return in->status == QY_OK ? in->all.size - in->offset : 0;
}

void qy_read_bytes(qy_reader *in, uint8_t *out, size_t size, const char *field)
{
  const qy_view view = qy_read_view(in, size, field);
  if (view.size == size && size > 0) {
    memcpy(out, view.bytes, size);
  } else if (size > 0) {
    memset(out, 0, size);
  }
}

static uint64_t read_number(qy_reader *in, size_t size, bool big_endian, const char *field)
{
  uint8_t bytes[8] = {0};
  uint64_t value = 0;
  qy_read_bytes(in, bytes, size, field);
  for (size_t i = 0; i < size; i++) {
    value = (value << 8) | bytes[big_endian ? i : size - 1 - i];
  }
  return value;
}

uint8_t qy_read_u8(qy_reader *in, const char *field)
{
  return (uint8_t)read_number(in, 1, true, field);
}

uint16_t qy_read_u16le(qy_reader *in, const char *field)
{
  return (uint16_t)read_number(in, 2, false, field);
}

uint16_t qy_read_u16be(qy_reader *in, const char *field)
{
  return (uint16_t)read_number(in, 2, true, field);
}

uint32_t qy_read_u32le(qy_reader *in, const char *field)
{
  return (uint32_t)read_number(in, 4, false, field);
}

uint32_t qy_read_u32be(qy_reader *in, const char *field)
{
  return (uint32_t)read_number(in, 4, true, field);
}

uint64_t qy_read_u64le(qy_reader *in, const char *field)
{
  return read_number(in, 8, false, field);
}

void qy_read_zeros(qy_reader *in, size_t size, const char *field)
{
  const size_t at = in->offset;
  const qy_view view = qy_read_view(in, size, field);
  if (!qy_view_is_zero(view)) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
  }
}

void qy_read_skip(qy_reader *in, size_t size, const char *field)
{
  (void)qy_read_view(in, size, field);
}

qy_status qy_read_so_far(const qy_reader *in, const char *what, qy_error *why)
{
  switch (in->status) {
  case QY_OK:
    return QY_OK;
  case QY_ERR_TRUNCATED:
    return qy_fail(why, in->status, "%s: input of %zu bytes ends inside %s, which begins at byte %zu", what,
                   in->all.size, in->field, in->failed_at);
  default:
    return qy_fail(why, in->status, "%s: %s at byte %zu: %s", what, in->field, in->failed_at,
                   qy_status_text(in->status));
  }
}

qy_status qy_read_finish(const qy_reader *in, const char *what, qy_error *why)
{
  QY_TRY(qy_read_so_far(in, what, why));
  if (in->offset != in->all.size) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: %zu bytes left over after byte %zu", what, in->all.size - in->offset,
                   in->offset);
  }
  return QY_OK;
}

qy_writer qy_writer_over(void *bytes, size_t capacity)
{
  return (qy_writer){.bytes = bytes, .capacity = capacity, .status = QY_OK};
}

qy_writer qy_writer_counting(void)
{
  return (qy_writer){.bytes = NULL, .capacity = SIZE_MAX, .status = QY_OK};
}

void qy_write_bytes(qy_writer *out, const void *bytes, size_t size)
{
  if (size == 0 || out->status != QY_OK) {
    return;
  }
  if (size > out->capacity - out->offset) {
    out->status = QY_ERR_SPACE;
    return;
  }
  if (out->bytes != NULL) {
    memcpy(out->bytes + out->offset, bytes, size);
  }
  out->offset += size;
}

void qy_write_view(qy_writer *out, qy_view view)
{
  qy_write_bytes(out, view.bytes, view.size);
}

void qy_write_zeros(qy_writer *out, size_t size)
{
  static const uint8_t zeros[64];
  while (size > 0 && out->status == QY_OK) {
    const size_t part = size < sizeof(zeros) ? size : sizeof(zeros);
    qy_write_bytes(out, zeros, part);
    size -= part;
  }
}

static void write_number(qy_writer *out, uint64_t value, size_t size, bool big_endian)
{
  uint8_t bytes[8];
  for (size_t i = 0; i < size; i++) {
    bytes[big_endian ? size - 1 - i : i] = (uint8_t)(value >> (8 * i));
  }
  qy_write_bytes(out, bytes, size);
}

void qy_write_u8(qy_writer *out, uint8_t value)
{
  write_number(out, value, 1, true);
}

void qy_write_u16le(qy_writer *out, uint16_t value)
{
  write_number(out, value, 2, false);
}

void qy_write_u16be(qy_writer *out, uint16_t value)
{
  write_number(out, value, 2, true);
}

void qy_write_u32le(qy_writer *out, uint32_t value)
{
  write_number(out, value, 4, false);
}

void qy_write_u32be(qy_writer *out, uint32_t value)
{
  write_number(out, value, 4, true);
}

void qy_write_u64le(qy_writer *out, uint64_t value)
{
  write_number(out, value, 8, false);
}

qy_status qy_write_finish(const qy_writer *out, size_t *size, const char *what, qy_error *why)
{
  if (size != NULL) {
    *size = out->offset;
  }
  if (out->status != QY_OK) {
    return qy_fail(why, QY_ERR_SPACE, "%s: does not fit into %zu bytes", what, out->capacity);
  }
  return QY_OK;
}
