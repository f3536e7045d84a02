/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding (RFC 3986, 2.1). */
#include <net/http_client.h>

#include <string.h>

#include <net/http_head.h>

void qy_http_encode_append(qy_buffer *out, qy_view text)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (size_t i = 0; i < text.size; i++) {
    if (text.bytes[i] != 0 && strchr(plain, text.bytes[i]) != NULL) {
      qy_buffer_append(out, text.bytes + i, 1);
    } else {
      qy_buffer_appendf(out, "%%%02X", text.bytes[i]);
    }
  }
}

void qy_http_decode_append(qy_buffer *out, qy_view text)
{
  for (size_t at = 0; at < text.size && out->status == QY_OK;) {
    unsigned char c = 0;
    if (!qy_http_next_byte(&c, &at, (const char *)text.bytes, text.size)) {
      out->status = QY_ERR_MALFORMED;
      return;
    }
    qy_buffer_append(out, &c, 1);
  }
}
