/* SPDX-License-Identifier: Apache-2.0 */
#include <base/encoding.h>

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

void qy_hex_encode(char *out, qy_view bytes)
{
  for (size_t i = 0; i < bytes.size; i++) {
    out[2 * i] = hex_digits[bytes.bytes[i] >> 4];
    out[2 * i + 1] = hex_digits[bytes.bytes[i] & 15];
  }
  out[2 * bytes.size] = '\0';
}

void qy_hex_append(qy_buffer *out, qy_view bytes)
{
  for (size_t i = 0; i < bytes.size; i++) {
    const char pair[2] = {hex_digits[bytes.bytes[i] >> 4], hex_digits[bytes.bytes[i] & 15]};
    qy_buffer_append(out, pair, 2);
  }
}

static int hex_value(uint8_t c)
{
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

qy_status qy_hex_decode(uint8_t *out, size_t size, qy_view text, const char *what, qy_error *why)
{
  if (text.size != 2 * size) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: %zu hex digits, %zu expected", what, text.size, 2 * size);
  }
  for (size_t i = 0; i < size; i++) {
    const int high = hex_value(text.bytes[2 * i]);
    const int low = hex_value(text.bytes[2 * i + 1]);
    if (high < 0 || low < 0) {
      return qy_fail(why, QY_ERR_MALFORMED, "%s: no hex digit at character %zu", what, high < 0 ? 2 * i : 2 * i + 1);
    }
    out[i] = (uint8_t)(high << 4 | low);
  }
  return QY_OK;
}

void qy_hex_decode_append(qy_buffer *out, qy_view text)
{
  uint8_t *bytes = qy_buffer_extend(out, text.size / 2);
  if (bytes != NULL && qy_hex_decode(bytes, text.size / 2, text, "hex", NULL) != QY_OK) {
    out->status = QY_ERR_MALFORMED;
  }
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void qy_base64_append(qy_buffer *out, qy_view bytes)
{
  for (size_t i = 0; i < bytes.size; i += 3) {
    const size_t left = bytes.size - i;
    const uint32_t group = (uint32_t)bytes.bytes[i] << 16 | (left > 1 ? (uint32_t)bytes.bytes[i + 1] << 8 : 0) |
                           (left > 2 ? (uint32_t)bytes.bytes[i + 2] : 0);
    const char quad[4] = {base64_digits[group >> 18], base64_digits[group >> 12 & 63],
                          left > 1 ? base64_digits[group >> 6 & 63] : '=', left > 2 ? base64_digits[group & 63] : '='};
    qy_buffer_append(out, quad, 4);
  }
}

/* What each character stands for; 64 for none. Chains of certificates are decoded with every quote: a search, or
 * comparisons that depend on the text, take several times as long. */
static const uint8_t base64_values[128] = {
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63, 52, 53, 54, 55,
    56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64, 64, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
    13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64, 64, 26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
};

/* 24 bits, or more than that where a character stands for none. */
static uint32_t base64_group(const uint8_t *quad)
{
  uint32_t group = 0;
  uint32_t bad = 0;
  for (size_t i = 0; i < 4; i++) {
    const uint32_t value = quad[i] < 128 ? base64_values[quad[i]] : 64;
    bad |= value & 64;
    group = group << 6 | (value & 63);
  }
  return group | bad << 24;
}

/* The last four characters, of which up to two are padding; gives the number of bytes, or 0. */
static size_t base64_last(uint8_t out[3], const uint8_t *quad)
{
  const size_t pads = quad[3] != '=' ? 0 : quad[2] == '=' ? 2 : 1;
  const uint8_t filled[4] = {quad[0], quad[1], pads == 2 ? 'A' : quad[2], pads > 0 ? 'A' : quad[3]};
  const uint32_t group = base64_group(filled);
  const uint32_t unused = pads == 2 ? 0xffff : pads == 1 ? 0xff : 0;
  if (group >> 24 != 0 || (group & unused) != 0) { /* no character, or bits that no encoder writes */
    return 0;
  }
  for (size_t i = 0; i < 3 - pads; i++) {
    out[i] = (uint8_t)(group >> (16 - 8 * i));
  }
  return 3 - pads;
}

void qy_base64_decode_append(qy_buffer *out, qy_view text)
{
  if (text.size % 4 != 0) {
    out->status = out->status == QY_OK ? QY_ERR_MALFORMED : out->status;
    return;
  }
  if (text.size == 0) {
    return;
  }
  uint8_t last[3];
  const size_t last_size = base64_last(last, text.bytes + text.size - 4);
  const size_t began = out->size;
  const bool was_sound = out->status == QY_OK;
  uint8_t *where = qy_buffer_extend(out, text.size / 4 * 3 - 3 + last_size);
  uint32_t bad = last_size == 0 ? 1u << 24 : 0;
  for (size_t i = 0; i + 4 < text.size; i += 4) {
    const uint32_t group = base64_group(text.bytes + i);
    bad |= group;
    if (where != NULL) {
      *where++ = (uint8_t)(group >> 16);
      *where++ = (uint8_t)(group >> 8);
      *where++ = (uint8_t)group;
    }
  }
  if (where != NULL) {
    memcpy(where, last, last_size);
  }
  if (bad >> 24 != 0 && was_sound) { /* which is worse than being too long */
    out->size = began;
    out->status = QY_ERR_MALFORMED;
  }
}

static void put_digits(char *out, size_t count, int64_t value)
{
  for (size_t i = count; i > 0; i--) {
    out[i - 1] = (char)('0' + value % 10);
    value /= 10;
  }
}

/* By arithmetic: every check of a validity tells two times, and the C library takes longer than the check. */
void qy_time_format(char out[21], int64_t time_s)
{
  if (time_s < 0 || time_s >= 253402300800) { /* the year 10000 */
    memcpy(out, "9999-12-31T23:59:59Z", 21);
    return;
  }
  /* Years begin in March, so that the odd day comes last; eras of 400 years all have the same number of days. */
  const int64_t days = time_s / 86400 + 719468; /* since 0000-03-01 */
  const int64_t era_day = days % 146097;
  const int64_t era_year = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
  const int64_t year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
  const int64_t month = (5 * year_day + 2) / 153; /* 0: March */
  const int64_t second = time_s % 86400;
  memcpy(out, "0000-00-00T00:00:00Z", 21);
  put_digits(out, 4, days / 146097 * 400 + era_year + (month >= 10 ? 1 : 0));
  put_digits(out + 5, 2, month < 10 ? month + 3 : month - 9);
  put_digits(out + 8, 2, year_day - (153 * month + 2) / 5 + 1);
  put_digits(out + 11, 2, second / 3600);
  put_digits(out + 14, 2, second / 60 % 60);
  put_digits(out + 17, 2, second % 60);
}

bool qy_time_from_civil(int64_t *out, int year, int month, int day, int hour, int minute, int second)
{
  static const int days_in[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  static const int days_before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
      day > days_in[month - 1] + (leap && month == 2 ? 1 : 0) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 59) {
    return false;
  }
  const int64_t y = year - 1;
  const int64_t days =
      y * 365 + y / 4 - y / 100 + y / 400 + days_before[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1 - 719162;
  *out = days * 86400 + hour * 3600 + minute * 60 + second;
  return true;
}

static bool digits(qy_view text, size_t at, size_t count, int *out)
{
  int value = 0;
  for (size_t i = at; i < at + count; i++) {
    if (i >= text.size || text.bytes[i] < '0' || text.bytes[i] > '9') {
      return false;
    }
    value = value * 10 + (text.bytes[i] - '0');
  }
  *out = value;
  return true;
}

static bool is(qy_view text, size_t at, char c)
{
  return at < text.size && text.bytes[at] == (uint8_t)c;
}

qy_status qy_time_parse(int64_t *out, qy_view text, const char *what, qy_error *why)
{
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
  int64_t offset_s = 0;
  bool good = digits(text, 0, 4, &year) && is(text, 4, '-') && digits(text, 5, 2, &month) && is(text, 7, '-') &&
              digits(text, 8, 2, &day);
  if (good && text.size > 10) {
    size_t at = 19;
    good = is(text, 10, 'T') && digits(text, 11, 2, &hour) && is(text, 13, ':') && digits(text, 14, 2, &minute) &&
           is(text, 16, ':') && digits(text, 17, 2, &second);
    if (good && is(text, at, '.')) {
      const size_t from = ++at;
      while (at < text.size && text.bytes[at] >= '0' && text.bytes[at] <= '9') {
        at++;
      }
      good = at > from;
    }
    if (good && is(text, at, 'Z')) {
      good = text.size == at + 1;
    } else if (good) {
      const bool east = is(text, at, '+');
      good = (east || is(text, at, '-')) && text.size == at + 6 && digits(text, at + 1, 2, &zone_hour) &&
             is(text, at + 3, ':') && digits(text, at + 4, 2, &zone_minute) && zone_hour < 24 && zone_minute < 60;
      offset_s = (east ? 1 : -1) * (zone_hour * 3600 + zone_minute * 60);
    }
  }
  if (!good || !qy_time_from_civil(out, year, month, day, hour, minute, second)) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: \"%.*s\" is no time (as 2026-11-23T10:00:00Z)", what,
                   (int)(text.size > 40 ? 40 : text.size), (const char *)text.bytes);
  }
  *out -= offset_s;
  return QY_OK;
}
