/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 server: TLS 1.3, or plain text on loopback for protocols that protect their own messages. One thread
 * moves bytes; handlers run on a few threads of their own, so that one may wait for another service without holding
 * up anybody else. Bodies come with Content-Length only. Everything a client sends is bounded before it is kept. */
#ifndef QY_NET_HTTP_SERVER_H
#define QY_NET_HTTP_SERVER_H

#include <base/buffer.h>
#include <quotary/status.h>

/* ---- What a handler gets. All of it is valid until the handler returns. ---- */

typedef struct qy_http_head qy_http_head; /* the parsed header section */

typedef struct qy_http_request {
  const char *method; /* of the route: "GET" also for HEAD, whose body the server drops */
  const char *path;   /* percent-decoded; no "." or ".." segment, no empty segment, no control character */
  const char *query;  /* as sent, without the question mark; "" when there is none */
  const char *peer;   /* "127.0.0.1:40112", for logs */
  qy_view body;
  const qy_http_head *head;
  const char *route; /* the pattern that matched */
} qy_http_request;

/* Value of a header, name in any case; NULL when it is absent, or given more than once with nothing to tell which one
 * is meant. */
const char *qy_http_request_header(const qy_http_request *request, const char *name);
/* Percent-decoded value of a query parameter; "+" stays "+". QY_ERR_NOT_FOUND when absent; QY_ERR_MALFORMED when given
 * twice or badly encoded or with a control character; QY_ERR_LIMIT when `out` is too small. "" in `out` on failure. */
qy_status qy_http_request_query(char *out, size_t size, const qy_http_request *request, const char *name,
                                qy_error *why) QY_MUST_CHECK;
/* The segment that the pattern's `index`-th "*" stands for (0 is the first). QY_ERR_LIMIT when `out` is too small,
 * QY_ERR_ARGUMENT when the pattern has fewer. */
qy_status qy_http_request_segment(char *out, size_t size, const qy_http_request *request, size_t index,
                                  qy_error *why) QY_MUST_CHECK;

/* ---- What a handler fills in. ---- */

typedef struct qy_http_response {
  unsigned status;          /* a handler that leaves it 0 has failed: 500 */
  const char *content_type; /* static text; NULL sends none */
  qy_buffer body;           /* wiped after sending */
  qy_buffer fields;         /* through qy_http_response_header() */
} qy_http_response;

/* Adds a header. A name or value that would break the message fails the whole response (500). */
void qy_http_response_header(qy_http_response *response, const char *name, const char *value);
/* Status and body as problem+json (RFC 9457), in place of whatever was there: title and "code" from `cause`, detail
 * unless NULL. */
void qy_http_response_problem(qy_http_response *response, unsigned status, qy_status cause, const char *detail);
/* The same with the HTTP status that fits the cause. The message of `why` (may be NULL) becomes the detail only where
 * the client is at fault (4xx); faults of the server keep theirs to its log. */
void qy_http_response_fail(qy_http_response *response, qy_status cause, const qy_error *why);
/* 400 malformed, 404 not-found, 403 refused, 409 sequence, 413 limit, 502 peer, 503 busy, 504 timeout, 500 ... */
unsigned qy_http_status_of(qy_status cause);

/* Runs on a handler thread; several run at once. */
typedef void qy_http_handler(void *context, const qy_http_request *request, qy_http_response *response);

typedef struct qy_http_route {
  const char *method;   /* "GET" answers HEAD too */
  const char *path;     /* "/ra/v1/sessions/" followed by "*", which stands for one segment, whole */
  size_t max_body_size; /* bytes; 0 takes no body. A larger one is refused before it is read (413). */
  qy_http_handler *handler;
} qy_http_route;

/* ---- The server. ---- */

typedef struct qy_http_server_config {
  const char *component;       /* begins its log lines */
  const char *address;         /* numeric, IPv4 or IPv6; NULL is 127.0.0.1 */
  uint16_t port;               /* 0: any free one */
  bool tls;                    /* may be false on loopback addresses only */
  qy_view certificates_pem;    /* the server's own first, then its issuers */
  qy_view private_key_pem;     /* may be wiped after the start */
  const qy_http_route *routes; /* kept by pointer */
  size_t route_count;
  void *context;               /* for the handlers */
  unsigned handler_threads;    /* 0 is 4 */
  unsigned max_connections;    /* more are closed at once; 0 is 512 */
  unsigned request_timeout_ms; /* from accepting, or from a request's first byte, to its last; 0 is 20 000 */
  unsigned idle_timeout_ms;    /* between requests of a connection; 0 is 30 000 */
  unsigned send_timeout_ms;    /* for a client that does not read; 0 is 20 000 */
} qy_http_server_config;

typedef struct qy_http_server qy_http_server;

/* Binds and serves; returns at once. QY_ERR_BUSY when the port is taken, QY_ERR_MALFORMED for a bad certificate or
 * key, QY_ERR_ARGUMENT for a bad configuration. The configuration's texts are copied, its routes and context not. */
qy_status qy_http_server_start(qy_http_server **out, const qy_http_server_config *config, qy_error *why) QY_MUST_CHECK;
uint16_t qy_http_server_port(const qy_http_server *server);
const char *qy_http_server_url(const qy_http_server *server); /* "https://127.0.0.1:4431", no slash behind it */
/* Asks it to stop: takes no more requests, finishes those at hand. Async-signal-safe. */
void qy_http_server_stop(qy_http_server *server);
/* Waits until it has stopped. One caller only. */
void qy_http_server_wait(qy_http_server *server);
/* Stops, waits, frees. */
void qy_http_server_free(qy_http_server **server);
#define QY_SCOPED_HTTP_SERVER(name) __attribute__((cleanup(qy_http_server_free))) qy_http_server *name = NULL

#endif
