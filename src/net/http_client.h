/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests over libcurl. TLS 1.2 or later, the host name verified, against the given roots and no others. No
 * redirect is followed, no environment variable or file of the user is read. One client belongs to one thread at a
 * time and keeps its connections open between calls. */
#ifndef QY_NET_HTTP_CLIENT_H
#define QY_NET_HTTP_CLIENT_H

#include <base/buffer.h>
#include <quotary/status.h>

typedef struct qy_http_client qy_http_client;

typedef struct qy_http_client_config {
  qy_view ca_pem;    /* the only trusted roots; copied */
  bool system_roots; /* trust the system's store instead; then `ca_pem` must be empty */
  bool allow_plain;  /* take http:// too */
  const char *proxy; /* "http://proxy.example:3128"; NULL is none, whatever the environment says. Not for http:// */
  unsigned connect_timeout_ms; /* 0 is 10 000 */
  unsigned timeout_ms;         /* for the whole exchange; 0 is 60 000 */
  size_t max_response_size;    /* bytes of body; 0 is 1 MiB */
} qy_http_client_config;

qy_status qy_http_client_new(qy_http_client **out, const qy_http_client_config *config, qy_error *why) QY_MUST_CHECK;
void qy_http_client_free(qy_http_client **client);
#define QY_SCOPED_HTTP_CLIENT(name) __attribute__((cleanup(qy_http_client_free))) qy_http_client *name = NULL

/* A header. Values may be secret: they are not logged, and our copies are wiped. */
typedef struct qy_http_field {
  const char *name;
  const char *value;
} qy_http_field;

typedef struct qy_http_call {
  const char *method; /* NULL is GET without a body, POST with one */
  const char *url;
  const char *content_type; /* NULL sends none */
  qy_view body;
  const qy_http_field *fields;
  size_t field_count;
} qy_http_call;

typedef struct qy_http_answer {
  unsigned status;
  qy_buffer body;
  qy_buffer fields; /* through qy_http_answer_header() */
} qy_http_answer;

void qy_http_answer_init(qy_http_answer *answer);
void qy_http_answer_clear(qy_http_answer *answer);
#define QY_SCOPED_HTTP_ANSWER(name)                                   \
  __attribute__((cleanup(qy_http_answer_clear))) qy_http_answer name; \
  qy_http_answer_init(&name)

/* QY_OK when there is an answer, whatever its status (3xx, 4xx and 5xx too). Otherwise the message says what failed:
 * QY_ERR_IO no connection, or it broke; QY_ERR_CRYPTO the TLS handshake or the certificate; QY_ERR_TIMEOUT;
 * QY_ERR_LIMIT the answer is too large; QY_ERR_MALFORMED the answer is no HTTP; QY_ERR_ARGUMENT a bad URL or header, or
 * http:// without allow_plain. `answer` is cleared first, and empty on failure. */
qy_status qy_http_exchange(qy_http_answer *answer, qy_http_client *client, const qy_http_call *call,
                           qy_error *why) QY_MUST_CHECK;
/* Value of a header, name in any case; NULL when absent or given more than once. Borrowed. */
const char *qy_http_answer_header(const qy_http_answer *answer, const char *name);
/* QY_OK for a 2xx status. Otherwise QY_ERR_PEER (QY_ERR_NOT_FOUND for 404, QY_ERR_DENIED for 401 and 403, QY_ERR_BUSY
 * for 429 and 503) with the problem's detail, if the answer is problem+json, in the message. */
qy_status qy_http_answer_need_success(const qy_http_answer *answer, const char *what, qy_error *why) QY_MUST_CHECK;

/* Appends `text` for use in a path segment or a query value: all but A-Z a-z 0-9 - . _ ~ become %XX. */
void qy_http_encode_append(qy_buffer *out, qy_view text);
/* The inverse, for header values that carry a certificate chain; latches MALFORMED in `out`. "+" stays "+". */
void qy_http_decode_append(qy_buffer *out, qy_view text);

#endif
