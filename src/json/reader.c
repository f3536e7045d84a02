/* SPDX-License-Identifier: Apache-2.0 */
#include <json/reader.h>

#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>

static void fail_at(qy_json_reader *in, qy_status status, size_t at, const char *problem)
{
  if (in->status == QY_OK) {
    in->status = status;
    in->failed_at = at;
    in->problem = problem;
  }
}

static void fail(qy_json_reader *in, const char *problem)
{
  fail_at(in, QY_ERR_MALFORMED, in->at, problem);
}

qy_json_reader qy_json_reader_over(qy_view text)
{
  qy_json_reader in = {.text = text};
  if (text.size > QY_MAX_JSON_SIZE) {
    fail_at(&in, QY_ERR_LIMIT, 0, "the text is too long");
  }
  return in;
}

/* The byte at hand, or 0 at the end and after a failure: no token of JSON begins with 0. */
static uint8_t peek(const qy_json_reader *in)
{
  return in->status == QY_OK && in->at < in->text.size ? in->text.bytes[in->at] : 0;
}

static void skip_space(qy_json_reader *in)
{
  for (uint8_t c = peek(in); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = peek(in)) {
    in->at++;
    in->spaces++;
  }
}

size_t qy_json_here(qy_json_reader *in)
{
  skip_space(in);
  return in->at;
}

static bool take(qy_json_reader *in, char c)
{
  if (peek(in) != (uint8_t)c) {
    return false;
  }
  in->at++;
  return true;
}

/* ---- Texts ---- */

static bool continues(qy_view text, size_t at, uint8_t least, uint8_t most)
{
  return at < text.size && text.bytes[at] >= least && text.bytes[at] <= most;
}

/* Length of the well-formed UTF-8 sequence of more than one byte at `at`, or 0 (RFC 3629, section 4). */
static size_t utf8_size(qy_view text, size_t at)
{
  const uint8_t lead = text.bytes[at];
  if (lead >= 0xc2 && lead <= 0xdf) {
    return continues(text, at + 1, 0x80, 0xbf) ? 2 : 0;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    const uint8_t least = lead == 0xe0 ? 0xa0 : 0x80;
    const uint8_t most = lead == 0xed ? 0x9f : 0xbf;
    return continues(text, at + 1, least, most) && continues(text, at + 2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const uint8_t least = lead == 0xf0 ? 0x90 : 0x80;
    const uint8_t most = lead == 0xf4 ? 0x8f : 0xbf;
    return continues(text, at + 1, least, most) && continues(text, at + 2, 0x80, 0xbf) &&
                   continues(text, at + 3, 0x80, 0xbf)
               ? 4
               : 0;
  }
  return 0;
}

/* The 16 bits of a \uXXXX at `at`, or -1. */
static int escaped_unit(qy_view text, size_t at)
{
  uint8_t bytes[2];
  const qy_view digits = qy_view_slice(text, at + 2, 4);
  if (qy_view_slice(text, at, 6).size != 6 || text.bytes[at] != '\\' || text.bytes[at + 1] != 'u' ||
      qy_hex_decode(bytes, sizeof(bytes), digits, "escape", NULL) != QY_OK) {
    return -1;
  }
  return bytes[0] << 8 | bytes[1];
}

/* Length of the escape at `at`, or 0. Halves of surrogate pairs stand together or not at all. */
static size_t escape_size(qy_view text, size_t at)
{
  const uint8_t kind = at + 1 < text.size ? text.bytes[at + 1] : 0;
  if (kind != 'u') {
    return kind != 0 && strchr("\"\\/bfnrt", kind) != NULL ? 2 : 0;
  }
  const int unit = escaped_unit(text, at);
  if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) {
    return 0;
  }
  if (unit < 0xd800 || unit > 0xdbff) {
    return 6;
  }
  const int low = escaped_unit(text, at + 6);
  return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* A text whose opening quote is at hand. */
static qy_view read_quoted(qy_json_reader *in, bool takes_escapes)
{
  const qy_view text = in->text;
  size_t at = in->at + 1;
  while (at < text.size) {
    const uint8_t c = text.bytes[at];
    if (c == '"') {
      const qy_view quoted = qy_view_over(text.bytes + in->at + 1, at - in->at - 1);
      in->at = at + 1;
      return quoted;
    }
    size_t size = 1;
    if (c == '\\') {
      size = takes_escapes ? escape_size(text, at) : 0;
    } else if (c < 0x20) {
      size = 0;
    } else if (c >= 0x80) {
      size = utf8_size(text, at);
    }
    if (size == 0) {
      in->at = at;
      fail(in, c == '\\' ? "an escape that is not taken here" : "a character that no text may hold");
      return (qy_view){NULL, 0};
    }
    at += size;
  }
  fail(in, "a text without end");
  return (qy_view){NULL, 0};
}

static qy_view read_text(qy_json_reader *in, bool takes_escapes, const char *problem)
{
  skip_space(in);
  if (peek(in) != '"') {
    fail(in, problem);
    return (qy_view){NULL, 0};
  }
  return read_quoted(in, takes_escapes);
}

qy_view qy_json_read_text(qy_json_reader *in)
{
  return read_text(in, false, "a text is needed");
}

void qy_json_read_hex(qy_json_reader *in, uint8_t *out, size_t size)
{
  const qy_view text = qy_json_read_text(in);
  if (in->status == QY_OK && qy_hex_decode(out, size, text, "hex", NULL) != QY_OK) {
    qy_json_reject(in, "hex digits of another number, or none");
  }
  if (in->status != QY_OK) {
    memset(out, 0, size);
  }
}

int64_t qy_json_read_time(qy_json_reader *in)
{
  int64_t time_s = 0;
  const qy_view text = qy_json_read_text(in);
  if (in->status == QY_OK && (text.size != 20 || text.bytes[19] != 'Z' || text.bytes[10] != 'T' ||
                              qy_time_parse(&time_s, text, "time", NULL) != QY_OK)) {
    qy_json_reject(in, "a time as 2026-11-23T10:00:00Z is needed");
    time_s = 0;
  }
  return time_s;
}

/* ---- Numbers ---- */

static bool is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static void skip_digits(qy_json_reader *in)
{
  if (!is_digit(peek(in))) {
    fail(in, "a digit is needed");
  }
  while (is_digit(peek(in))) {
    in->at++;
  }
}

static void skip_number(qy_json_reader *in)
{
  (void)take(in, '-');
  if (!take(in, '0')) {
    skip_digits(in);
  }
  if (take(in, '.')) {
    skip_digits(in);
  }
  if (take(in, 'e') || take(in, 'E')) {
    if (!take(in, '-')) {
      (void)take(in, '+');
    }
    skip_digits(in);
  }
}

uint64_t qy_json_read_unsigned(qy_json_reader *in, uint64_t most)
{
  static const char problem[] = "an integer in its range is needed";
  skip_space(in);
  const size_t began = in->at;
  uint64_t value = 0;
  while (is_digit(peek(in))) {
    const uint64_t digit = peek(in) - (uint64_t)'0';
    if (value > (most - digit) / 10 || digit > most) {
      fail_at(in, QY_ERR_MALFORMED, began, problem);
      return 0;
    }
    value = value * 10 + digit;
    in->at++;
  }
  const uint8_t behind = peek(in);
  const bool leading_zero = in->at - began > 1 && in->text.bytes[began] == '0';
  if (in->at == began || leading_zero || behind == '.' || behind == 'e' || behind == 'E') {
    fail_at(in, QY_ERR_MALFORMED, began, problem);
    return 0;
  }
  return in->status == QY_OK ? value : 0;
}

/* ---- Objects and arrays ---- */

static void begin(qy_json_reader *in, qy_json_walk *walk, char opening, const char *problem)
{
  walk->begun = false;
  walk->seen = 0;
  walk->next = 0;
  walk->unknown_count = 0;
  skip_space(in);
  if (!take(in, opening)) {
    fail(in, problem);
  } else if (++in->depth > QY_MAX_JSON_DEPTH) {
    fail_at(in, QY_ERR_LIMIT, in->at - 1, "too many levels");
  }
}

void qy_json_begin_object(qy_json_reader *in, qy_json_walk *walk)
{
  begin(in, walk, '{', "an object is needed");
}

void qy_json_begin_array(qy_json_reader *in, qy_json_walk *walk)
{
  begin(in, walk, '[', "an array is needed");
}

/* Past the comma to what follows, or past the end. */
static bool goes_on(qy_json_reader *in, qy_json_walk *walk, char closing)
{
  skip_space(in);
  if (take(in, closing)) {
    in->depth--;
    return false;
  }
  if (walk->begun && !take(in, ',')) {
    fail(in, "a comma or the end is needed");
  }
  walk->begun = true;
  return in->status == QY_OK;
}

bool qy_json_next_element(qy_json_reader *in, qy_json_walk *walk)
{
  return goes_on(in, walk, ']');
}

static size_t find_name(const qy_json_walk *walk, qy_view name, const qy_json_name *names, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const size_t index = walk->next + i < count ? walk->next + i : walk->next + i - count;
    if (names[index].size == name.size && memcmp(names[index].text, name.bytes, name.size) == 0) {
      return index;
    }
  }
  return count;
}

static void note_unknown(qy_json_reader *in, qy_json_walk *walk, qy_view name, size_t at)
{
  for (size_t i = 0; i < walk->unknown_count; i++) {
    if (qy_view_equal(walk->unknown[i], name)) {
      fail_at(in, QY_ERR_MALFORMED, at, "a member that stands there twice");
      return;
    }
  }
  if (walk->unknown_count == QY_JSON_MAX_UNKNOWN) {
    fail_at(in, QY_ERR_LIMIT, at, "too many members that are not known");
    return;
  }
  walk->unknown[walk->unknown_count++] = name;
}

bool qy_json_next_member(qy_json_reader *in, qy_json_walk *walk, size_t *index, const qy_json_name *names, size_t count)
{
  while (goes_on(in, walk, '}')) {
    const size_t at = in->at;
    const qy_view name = read_text(in, false, "a member's name is needed");
    skip_space(in);
    if (!take(in, ':')) {
      fail(in, "a colon is needed");
      return false;
    }
    const size_t found = find_name(walk, name, names, count);
    if (found < count) {
      if ((walk->seen >> found & 1) != 0) {
        fail_at(in, QY_ERR_MALFORMED, at, "a member that stands there twice");
        return false;
      }
      walk->seen |= 1ull << found;
      walk->next = found + 1;
      *index = found;
      return true;
    }
    note_unknown(in, walk, name, at);
    (void)qy_json_skip(in);
  }
  return false;
}

static void skip_word(qy_json_reader *in, const char *word)
{
  for (; *word != '\0'; word++) {
    if (!take(in, *word)) {
      fail(in, "a value is needed");
    }
  }
}

/* Recursion is bounded by the depth. */
static void skip_object(qy_json_reader *in) /* NOLINT(misc-no-recursion) */
{
  qy_json_walk walk;
  size_t index = 0;
  qy_json_begin_object(in, &walk);
  (void)qy_json_next_member(in, &walk, &index, NULL, 0);
}

static void skip_array(qy_json_reader *in) /* NOLINT(misc-no-recursion) */
{
  qy_json_walk walk;
  qy_json_begin_array(in, &walk);
  while (qy_json_next_element(in, &walk)) {
    (void)qy_json_skip(in);
  }
}

qy_view qy_json_skip(qy_json_reader *in) /* NOLINT(misc-no-recursion) */
{
  skip_space(in);
  const size_t began = in->at;
  switch (peek(in)) {
  case '{':
    skip_object(in);
    break;
  case '[':
    skip_array(in);
    break;
  case '"':
    (void)read_quoted(in, true);
    break;
  case 't':
    skip_word(in, "true");
    break;
  case 'f':
    skip_word(in, "false");
    break;
  case 'n':
    skip_word(in, "null");
    break;
  default:
    skip_number(in);
    break;
  }
  return in->status == QY_OK ? qy_view_slice(in->text, began, in->at - began) : (qy_view){NULL, 0};
}

void qy_json_read_end(qy_json_reader *in)
{
  skip_space(in);
  if (in->status == QY_OK && in->at != in->text.size) {
    fail(in, "something behind the end");
  }
}

void qy_json_reject(qy_json_reader *in, const char *problem)
{
  fail(in, problem);
}

void qy_json_need_members(qy_json_reader *in, uint64_t seen, uint64_t needed, const qy_json_name *names)
{
  const uint64_t missing = needed & ~seen;
  if (missing != 0 && in->status == QY_OK) {
    in->missing = names[__builtin_ctzll(missing)].text;
    fail(in, "a member is missing");
  }
}

qy_status qy_json_read_status(const qy_json_reader *in, const char *what, qy_error *why)
{
  if (in->status == QY_OK) {
    return QY_OK;
  }
  if (in->missing != NULL) {
    return qy_fail(why, in->status, "%s: \"%s\" is missing from the object that ends at byte %zu", what, in->missing,
                   in->failed_at);
  }
  return qy_fail(why, in->status, "%s: %s at byte %zu", what, in->problem, in->failed_at);
}

bool qy_json_is_well_formed(qy_view text)
{
  qy_json_reader in = qy_json_reader_over(text);
  (void)qy_json_skip(&in);
  qy_json_read_end(&in);
  return in.status == QY_OK;
}
