/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/pem.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>

static bool is_space(uint8_t c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t qy_pem_skip_space(qy_view text, size_t at)
{
  while (at < text.size && is_space(text.bytes[at])) {
    at++;
  }
  return at;
}

static bool take_line(qy_view text, size_t *at, const char *kind, const char *label, qy_error *why)
{
  char line[64];
  const int size = snprintf(line, sizeof(line), "-----%s %s-----", kind, label);
  if (size < 0 || (size_t)size >= sizeof(line) ||
      !qy_view_equal(qy_view_slice(text, *at, (size_t)size), qy_view_text(line))) {
    (void)qy_fail(why, QY_ERR_MALFORMED, "PEM: no \"%s\" at byte %zu", line, *at);
    return false;
  }
  *at += (size_t)size;
  return true;
}

/* Line by line, up to the dash of the last one. */
static size_t append_lines(qy_buffer *base64, qy_view text, size_t at)
{
  uint8_t *where = qy_buffer_extend(base64, text.size - at); /* at once; what is too much is given back below */
  if (where == NULL) {
    return at;
  }
  while (at < text.size && text.bytes[at] != '-') {
    const size_t began = at;
    while (at < text.size && text.bytes[at] != '-' && !is_space(text.bytes[at])) {
      at++;
    }
    memcpy(where, text.bytes + began, at - began);
    where += at - began;
    at = qy_pem_skip_space(text, at);
  }
  base64->size = (size_t)(where - base64->bytes);
  return at;
}

qy_status qy_pem_next(qy_buffer *der, qy_view text, size_t *at, const char *label, qy_error *why)
{
  const size_t began = *at;
  QY_SCOPED_BUFFER(base64, text.size);
  if (!take_line(text, at, "BEGIN", label, why)) {
    return QY_ERR_MALFORMED;
  }
  *at = append_lines(&base64, text, *at);
  QY_TRY(qy_buffer_finish(&base64, "PEM", why));
  if (!take_line(text, at, "END", label, why)) {
    return QY_ERR_MALFORMED;
  }
  if (base64.size == 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "PEM: the block that begins at byte %zu is empty", began);
  }
  qy_base64_decode_append(der, qy_buffer_view(&base64));
  if (der->status == QY_ERR_MALFORMED) {
    return qy_fail(why, QY_ERR_MALFORMED, "PEM: bad base64 in the block that begins at byte %zu", began);
  }
  return qy_buffer_finish(der, "PEM", why);
}
