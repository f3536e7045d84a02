/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the request line and header section of an HTTP/1.1 request (RFC 9112), strictly. Pure. */
#ifndef QY_NET_HTTP_HEAD_H
#define QY_NET_HTTP_HEAD_H

#include <base/buffer.h>
#include <net/http_server.h>
#include <quotary/status.h>

#define QY_HTTP_MAX_FIELDS 64
#define QY_HTTP_MAX_TARGET 4096 /* characters */

typedef struct qy_http_line {
  const char *name;
  const char *value;
} qy_http_line;

struct qy_http_head {
  char *storage; /* owned; everything below points into it */
  size_t storage_size;
  const char *method;
  char *path;        /* decoded */
  const char *query; /* raw, "" if none */
  size_t line_count;
  qy_http_line lines[QY_HTTP_MAX_FIELDS];
  size_t content_length;
  bool keep_alive;
  bool expects_continue;
};

/* Zero-initialise; clear wipes, as headers carry keys. */
void qy_http_head_clear(qy_http_head *head);
/* `text` ends with the empty line. On failure `*status` is the HTTP status to answer with. */
qy_status qy_http_head_parse(qy_http_head *out, unsigned *status, qy_view text, qy_error *why) QY_MUST_CHECK;
/* NULL when absent or given more than once; `*count` (may be NULL) says which. */
const char *qy_http_head_find(const qy_http_head *head, const char *name, size_t *count);

/* Whether `path` fits the pattern of a route; "*" stands for one segment that is not empty. */
bool qy_http_path_fits(const char *pattern, const char *path);
/* One byte of percent-encoded text at `*at`, which moves on; false for a bad escape. `*at` must be below `size`. */
bool qy_http_next_byte(unsigned char *out, size_t *at, const char *text, size_t size);
/* Percent-decodes `size` characters to `out` (which may be `text`), adds a NUL. False for a bad or a zero escape and
 * for control characters. */
bool qy_http_percent_decode(char *out, size_t *out_size, const char *text, size_t size);

#endif
