/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <net/http_client.h>
#include <net/http_head.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(qy_buffer *out, const qy_http_head *head)
{
  qy_buffer_appendf(out, "%s ", head->method);
  for (const char *at = head->path; *at != '\0'; at++) {
    if (*at == '/') {
      qy_buffer_append(out, at, 1);
    } else {
      qy_http_encode_append(out, (qy_view){(const uint8_t *)at, 1});
    }
  }
  qy_buffer_appendf(out, "%s%s HTTP/1.1\r\n", head->query[0] == '\0' ? "" : "?", head->query);
  for (size_t i = 0; i < head->line_count; i++) {
    qy_buffer_appendf(out, "%s: %s\r\n", head->lines[i].name, head->lines[i].value);
  }
  qy_buffer_append_text(out, "\r\n");
}

static bool same(const qy_http_head *a, const qy_http_head *b)
{
  bool all = strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0 && strcmp(a->query, b->query) == 0 &&
             a->line_count == b->line_count && a->content_length == b->content_length;
  for (size_t i = 0; all && i < a->line_count; i++) {
    all = strcmp(a->lines[i].name, b->lines[i].name) == 0 && strcmp(a->lines[i].value, b->lines[i].value) == 0;
  }
  return all;
}

/* Percent-encoding: what is encoded decodes to itself. */
static void encode_and_back(qy_view in)
{
  QY_SCOPED_BUFFER(text, 1 << 20);
  QY_SCOPED_BUFFER(back, 1 << 20);
  QY_SCOPED_BUFFER(decoded, 1 << 20);
  qy_http_decode_append(&decoded, in);
  if (decoded.size > in.size) {
    abort();
  }
  qy_http_encode_append(&text, in);
  qy_http_decode_append(&back, qy_buffer_view(&text));
  if (back.status == QY_OK && !qy_view_equal(qy_buffer_view(&back), in)) {
    abort();
  }
}

/* A head that is taken, written out plainly, is taken again and says the same. HTTP/1.0 may lack a host, which 1.1
 * may not, and encoding a path may make it too long: those are let off. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  unsigned status = 0;
  char value[64];
  qy_error why = {0};
  qy_http_head head, again;
  QY_SCOPED_BUFFER(text, 1 << 20);
  encode_and_back((qy_view){data, size});
  if (qy_http_head_parse(&head, &status, (qy_view){data, size}, &why) != QY_OK) {
    if (status < 400 || status > 599 || why.message[0] == '\0') {
      abort();
    }
    return 0;
  }
  const qy_http_request request = {.path = head.path, .query = head.query, .head = &head, .route = "/*/*"};
  (void)!qy_http_request_query(value, sizeof(value), &request, "q", &why);
  (void)!qy_http_request_segment(value, sizeof(value), &request, 1, &why);
  size_t hosts = 0;
  (void)qy_http_head_find(&head, "Host", &hosts);
  write_again(&text, &head);
  if (text.status == QY_OK && text.size <= 4000 && hosts == 1) {
    if (qy_http_head_parse(&again, &status, qy_buffer_view(&text), &why) != QY_OK || !same(&head, &again)) {
      abort();
    }
    qy_http_head_clear(&again);
  }
  qy_http_head_clear(&head);
  return 0;
}
