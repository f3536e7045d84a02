/* SPDX-License-Identifier: Apache-2.0 */
#include <net/http_head.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <base/limits.h>
#include <base/secret.h>

#define MAX_METHOD 16
#define MAX_LENGTH_DIGITS 12

void qy_http_head_clear(qy_http_head *head)
{
  qy_wipe(head->storage, head->storage_size);
  free(head->storage);
  *head = (qy_http_head){0};
}

static qy_status refuse(unsigned *status, unsigned with, qy_error *why, const char *what)
{
  *status = with;
  return qy_fail(why, QY_ERR_MALFORMED, "HTTP request: %s", what);
}

/* RFC 9110, 5.6.2. */
static bool is_token(const char *text)
{
  const size_t size = strspn(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return size > 0 && text[size] == '\0';
}

static int hex_digit(char c)
{
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

bool qy_http_next_byte(unsigned char *out, size_t *at, const char *text, size_t size)
{
  *out = (unsigned char)text[(*at)++];
  if (*out != '%') {
    return true;
  }
  const int high = *at + 1 < size ? hex_digit(text[*at]) : -1;
  const int low = *at + 1 < size ? hex_digit(text[*at + 1]) : -1;
  *out = (unsigned char)((high & 15) << 4 | (low & 15));
  *at += 2;
  return high >= 0 && low >= 0;
}

bool qy_http_percent_decode(char *out, size_t *out_size, const char *text, size_t size)
{
  size_t used = 0;
  for (size_t at = 0; at < size;) {
    unsigned char c = 0;
    if (!qy_http_next_byte(&c, &at, text, size) || c < 0x20 || c == 0x7f) {
      return false;
    }
    out[used++] = (char)c;
  }
  out[used] = '\0';
  *out_size = used;
  return true;
}

/* A slash that was encoded would change where segments end, and "." and ".." have no meaning here. */
static bool decode_path(char *path)
{
  size_t size = 0;
  for (const char *at = strchr(path, '%'); at != NULL; at = strchr(at + 1, '%')) {
    if (strncasecmp(at, "%2f", 3) == 0) {
      return false;
    }
  }
  if (!qy_http_percent_decode(path, &size, path, strlen(path))) {
    return false;
  }
  for (const char *segment = path; segment != NULL; segment = strchr(segment, '/')) {
    segment++;
    const size_t length = strcspn(segment, "/");
    if ((length == 0 && *segment == '/') || (length == 1 && segment[0] == '.') ||
        (length == 2 && segment[0] == '.' && segment[1] == '.')) {
      return false;
    }
  }
  return true;
}

static qy_status parse_target(qy_http_head *head, char *target, unsigned *status, qy_error *why)
{
  if (strlen(target) > QY_HTTP_MAX_TARGET) {
    return refuse(status, 414, why, "the target is too long");
  }
  for (const char *at = target; *at != '\0'; at++) {
    if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f || *at == '#') {
      return refuse(status, 400, why, "a character that no target may hold");
    }
  }
  char *question = strchr(target, '?');
  head->query = "";
  if (question != NULL) {
    *question = '\0';
    head->query = question + 1;
  }
  head->path = target;
  return target[0] == '/' && decode_path(target) ? QY_OK : refuse(status, 400, why, "the target is no plain path");
}

static qy_status parse_request_line(qy_http_head *head, bool *is_1_0, char *line, unsigned *status, qy_error *why)
{
  char *target = strchr(line, ' ');
  char *version = target == NULL ? NULL : strchr(target + 1, ' ');
  if (version == NULL) {
    return refuse(status, 400, why, "the first line is no request line");
  }
  *target++ = '\0';
  *version++ = '\0';
  if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) {
    const bool other = strncmp(version, "HTTP/", 5) == 0 && strlen(version) == 8;
    return refuse(status, other ? 505 : 400, why, "another version than HTTP/1.1 or HTTP/1.0");
  }
  if (!is_token(line) || strlen(line) > MAX_METHOD) {
    return refuse(status, 400, why, "the method is no word");
  }
  *is_1_0 = version[7] == '0';
  head->method = line;
  return parse_target(head, target, status, why);
}

static qy_status parse_line(qy_http_line *out, char *line, unsigned *status, qy_error *why)
{
  char *colon = strchr(line, ':');
  if (colon == NULL) {
    return refuse(status, 400, why, "a header line without a colon");
  }
  *colon = '\0';
  if (!is_token(line)) { /* also a folded line and white space before the colon */
    return refuse(status, 400, why, "a header name that is no word");
  }
  char *value = colon + 1 + strspn(colon + 1, " \t");
  size_t size = strlen(value);
  while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t')) {
    value[--size] = '\0';
  }
  for (const char *at = value; *at != '\0'; at++) {
    const unsigned char c = (unsigned char)*at;
    if ((c < 0x20 && c != '\t') || c == 0x7f) {
      return refuse(status, 400, why, "a control character in a header");
    }
  }
  *out = (qy_http_line){.name = line, .value = value};
  return QY_OK;
}

const char *qy_http_head_find(const qy_http_head *head, const char *name, size_t *count)
{
  const char *value = NULL;
  size_t found = 0;
  for (size_t i = 0; i < head->line_count; i++) {
    if (strcasecmp(head->lines[i].name, name) == 0) {
      value = head->lines[i].value;
      found++;
    }
  }
  if (count != NULL) {
    *count = found;
  }
  return found == 1 ? value : NULL;
}

/* Whether a comma-separated list holds the word, in any case. */
static bool lists(const char *list, const char *word)
{
  const size_t size = strlen(word);
  while (list != NULL && *list != '\0') {
    list += strspn(list, " \t,");
    const size_t length = strcspn(list, " \t,");
    if (length == size && strncasecmp(list, word, size) == 0) {
      return true;
    }
    list += length;
  }
  return false;
}

static bool connection_says(const qy_http_head *head, const char *word)
{
  bool says = false;
  for (size_t i = 0; i < head->line_count; i++) {
    says = says || (strcasecmp(head->lines[i].name, "Connection") == 0 && lists(head->lines[i].value, word));
  }
  return says;
}

/* RFC 9112, 6: where two ways to tell a body's end could disagree, none is believed. */
static qy_status parse_framing(qy_http_head *head, unsigned *status, qy_error *why)
{
  size_t lengths = 0, encodings = 0;
  const char *length = qy_http_head_find(head, "Content-Length", &lengths);
  (void)qy_http_head_find(head, "Transfer-Encoding", &encodings);
  if (lengths > 1 || (lengths > 0 && encodings > 0)) {
    return refuse(status, 400, why, "more than one length");
  }
  if (encodings > 0) {
    return refuse(status, 411, why, "a body without Content-Length");
  }
  if (lengths == 0) {
    return QY_OK;
  }
  const size_t digits = strspn(length, "0123456789");
  if (digits == 0 || length[digits] != '\0' || digits > MAX_LENGTH_DIGITS) {
    return refuse(status, 400, why, "a Content-Length that is no length");
  }
  for (size_t i = 0; i < digits; i++) {
    head->content_length = head->content_length * 10 + (size_t)(length[i] - '0');
  }
  return QY_OK;
}

static qy_status interpret(qy_http_head *head, bool is_1_0, unsigned *status, qy_error *why)
{
  size_t hosts = 0, expectations = 0;
  (void)qy_http_head_find(head, "Host", &hosts);
  if (hosts > 1 || (hosts == 0 && !is_1_0)) {
    return refuse(status, 400, why, "no Host header, or more than one");
  }
  const char *expectation = qy_http_head_find(head, "Expect", &expectations);
  if (expectations > 0 && (expectation == NULL || strcasecmp(expectation, "100-continue") != 0)) {
    return refuse(status, 417, why, "an expectation that is not known");
  }
  head->expects_continue = expectations > 0 && !is_1_0;
  head->keep_alive = !connection_says(head, "close") && (!is_1_0 || connection_says(head, "keep-alive"));
  return parse_framing(head, status, why);
}

/* Cuts the next line off at its CR LF; NULL when a CR, LF or NUL stands anywhere else. */
static char *next_line(char **at)
{
  char *line = *at;
  const size_t length = strcspn(line, "\r\n");
  if (line[length] != '\r' || line[length + 1] != '\n') {
    return NULL;
  }
  line[length] = '\0';
  *at = line + length + 2;
  return line;
}

static qy_status parse_storage(qy_http_head *head, unsigned *status, qy_error *why)
{
  char *at = head->storage;
  bool is_1_0 = false;
  char *line = next_line(&at);
  if (line == NULL) {
    return refuse(status, 400, why, "a line does not end in CR LF");
  }
  QY_TRY(parse_request_line(head, &is_1_0, line, status, why));
  for (line = next_line(&at); line != NULL && *line != '\0'; line = next_line(&at)) {
    if (head->line_count == QY_HTTP_MAX_FIELDS) {
      return refuse(status, 431, why, "too many headers");
    }
    QY_TRY(parse_line(&head->lines[head->line_count], line, status, why));
    head->line_count++;
  }
  if (line == NULL || at != head->storage + head->storage_size - 1) {
    return refuse(status, 400, why, "a line does not end in CR LF, or there is a NUL");
  }
  return interpret(head, is_1_0, status, why);
}

qy_status qy_http_head_parse(qy_http_head *out, unsigned *status, qy_view text, qy_error *why)
{
  *out = (qy_http_head){0};
  *status = 200;
  if (text.size > QY_MAX_HTTP_HEADERS) {
    return refuse(status, 431, why, "the headers are too large");
  }
  out->storage = malloc(text.size + 1);
  if (out->storage == NULL) {
    *status = 503;
    return qy_fail(why, QY_ERR_MEMORY, "HTTP request");
  }
  if (text.size > 0) {
    memcpy(out->storage, text.bytes, text.size);
  }
  out->storage[text.size] = '\0';
  out->storage_size = text.size + 1;
  const qy_status parsed = parse_storage(out, status, why);
  if (parsed != QY_OK) {
    qy_http_head_clear(out);
  }
  return parsed;
}

bool qy_http_path_fits(const char *pattern, const char *path)
{
  while (*pattern != '\0') {
    if (*pattern == '*') {
      const size_t length = strcspn(path, "/");
      if (length == 0) {
        return false;
      }
      path += length;
      pattern++;
    } else if (*pattern++ != *path++) {
      return false;
    }
  }
  return *path == '\0';
}
