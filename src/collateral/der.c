/* SPDX-License-Identifier: Apache-2.0 */
#include <collateral/der.h>

#include <base/encoding.h>

/* Also the limit of what is read here: 24 bits of length. */
#define MAX_LENGTH_SIZE 3u

uint8_t qy_der_peek(const qy_reader *in)
{
  return qy_read_left(in) == 0 ? 0 : in->all.bytes[in->offset];
}

static size_t read_length(qy_reader *in, size_t at, const char *field)
{
  const uint8_t first = qy_read_u8(in, field);
  if (first < 0x80) {
    return first;
  }
  const size_t count = first & 0x7fu;
  if (count == 0 || count > MAX_LENGTH_SIZE) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return 0;
  }
  size_t length = 0;
  for (size_t i = 0; i < count; i++) {
    length = length << 8 | qy_read_u8(in, field);
  }
  if (length < 0x80 || length >> (8 * (count - 1)) == 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at); /* a shorter form would have done */
    return 0;
  }
  return length;
}

/* Past the header of an element with the tag; gives the size of its content. */
static size_t read_header(qy_reader *in, uint8_t tag, const char *field)
{
  const size_t at = in->offset;
  if (qy_read_u8(in, field) != tag) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return 0;
  }
  return read_length(in, at, field);
}

qy_view qy_der_content(qy_reader *in, uint8_t tag, const char *field)
{
  const size_t size = read_header(in, tag, field);
  return qy_read_view(in, size, field);
}

qy_view qy_der_whole(qy_reader *in, uint8_t tag, const char *field)
{
  const size_t at = in->offset;
  qy_read_skip(in, read_header(in, tag, field), field);
  return in->status == QY_OK ? qy_view_slice(in->all, at, in->offset - at) : (qy_view){NULL, 0};
}

qy_view qy_der_any(qy_reader *in, const char *field)
{
  const uint8_t tag = qy_der_peek(in);
  if ((tag & 0x1f) == 0x1f) { /* tags of more than one byte are not known here */
    qy_read_reject(in, QY_ERR_MALFORMED, field, in->offset);
  }
  return qy_der_whole(in, tag, field);
}

size_t qy_der_enter(qy_reader *in, uint8_t tag, const char *field)
{
  const size_t outer = in->all.size;
  const size_t at = in->offset;
  const size_t size = read_header(in, tag, field);
  if (size > qy_read_left(in)) {
    qy_read_reject(in, QY_ERR_TRUNCATED, field, at);
  }
  if (in->status == QY_OK) {
    in->all.size = in->offset + size;
  }
  return outer;
}

void qy_der_leave(qy_reader *in, size_t outer, const char *field)
{
  if (qy_read_left(in) > 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, in->offset);
  }
  in->all.size = outer;
}

qy_view qy_der_magnitude(qy_reader *in, const char *field)
{
  const size_t at = in->offset;
  const qy_view value = qy_der_content(in, QY_DER_INTEGER, field);
  const bool padded = value.size > 1 && value.bytes[0] == 0;
  if (value.size == 0 || (value.bytes[0] & 0x80) != 0 || (padded && (value.bytes[1] & 0x80) == 0)) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return (qy_view){NULL, 0};
  }
  return value.bytes[0] == 0 ? qy_view_slice(value, 1, value.size - 1) : value;
}

uint64_t qy_der_number(qy_reader *in, uint8_t tag, uint64_t most, const char *field)
{
  const size_t at = in->offset;
  const qy_view value = qy_der_content(in, tag, field);
  const bool padded = value.size > 1 && value.bytes[0] == 0;
  uint64_t number = 0;
  if (value.size == 0 || value.size > 8 || (value.bytes[0] & 0x80) != 0 || (padded && (value.bytes[1] & 0x80) == 0)) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return 0;
  }
  for (size_t i = 0; i < value.size; i++) {
    number = number << 8 | value.bytes[i];
  }
  if (number > most) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return 0;
  }
  return number;
}

bool qy_der_boolean(qy_reader *in, const char *field)
{
  const size_t at = in->offset;
  const qy_view value = qy_der_content(in, QY_DER_BOOLEAN, field);
  if (value.size != 1 || (value.bytes[0] != 0 && value.bytes[0] != 0xff)) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return false;
  }
  return value.bytes[0] == 0xff;
}

qy_view qy_der_bits(qy_reader *in, const char *field)
{
  const size_t at = in->offset;
  const qy_view value = qy_der_content(in, QY_DER_BIT_STRING, field);
  if (value.size == 0 || value.bytes[0] != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return (qy_view){NULL, 0};
  }
  return qy_view_slice(value, 1, value.size - 1);
}

/* Two digits, or -1. */
static int two_digits(const uint8_t *at)
{
  return at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9' ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

int64_t qy_der_time(qy_reader *in, const char *field)
{
  const size_t at = in->offset;
  const bool is_short = qy_der_peek(in) == QY_DER_UTC_TIME;
  const qy_view text = qy_der_content(in, is_short ? QY_DER_UTC_TIME : QY_DER_GENERALIZED_TIME, field);
  const size_t year_size = is_short ? 2 : 4;
  int64_t time_s = 0;
  if (text.size != year_size + 11 || text.bytes[text.size - 1] != 'Z') {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return 0;
  }
  const uint8_t *digits = text.bytes + year_size;
  const int low = two_digits(digits - 2);
  const int century = is_short ? (low < 50 ? 20 : 19) : two_digits(text.bytes);
  if (low < 0 || century < 0 ||
      !qy_time_from_civil(&time_s, century * 100 + low, two_digits(digits), two_digits(digits + 2),
                          two_digits(digits + 4), two_digits(digits + 6), two_digits(digits + 8))) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    return 0;
  }
  return time_s;
}

void qy_der_expect(qy_reader *in, qy_view bytes, const char *field)
{
  const size_t at = in->offset;
  if (!qy_view_equal(qy_read_view(in, bytes.size, field), bytes)) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
  }
}
