/* SPDX-License-Identifier: Apache-2.0 */
/* A server to test against: its certificates, its routes, and a bare socket to speak to it badly. */
#ifndef QY_TEST_NET_SERVER_H
#define QY_TEST_NET_SERVER_H

#include "vectors.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <base/file.h>
#include <crypto/random.h>
#include <crypto/x509.h>
#include <net/http_client.h>
#include <net/http_server.h>

typedef struct certificates {
  qy_buffer ca;
  qy_buffer server;
  qy_buffer key;
} certificates;

static inline void certificates_clear(certificates *made)
{
  qy_buffer_clear(&made->ca);
  qy_buffer_clear(&made->server);
  qy_buffer_clear(&made->key);
}

/* A root and what it signed for this machine; `lives_s` from now, negative is in the past. */
static inline void certificates_make(certificates *out, bool for_tls_server, int64_t lives_s)
{
  qy_p256_public ca_public, public_key;
  QY_SCOPED_SECRET(ca_key);
  QY_SCOPED_SECRET(key);
  QY_SCOPED_CERTIFICATE(ca);
  qy_certificate_request request = {.common_name = "Test CA",
                                    .not_before_s = qy_clock_now_s() - 86400,
                                    .not_after_s = qy_clock_now_s() + 86400,
                                    .is_ca = true};
  qy_buffer_init(&out->ca, 1 << 14);
  qy_buffer_init(&out->server, 1 << 14);
  qy_buffer_init(&out->key, 1 << 14);
  assert_ok(qy_p256_generate(&ca_key, &ca_public, qy_random_system(), &assert_why));
  assert_ok(qy_p256_generate(&key, &public_key, qy_random_system(), &assert_why));
  assert_ok(qy_certificate_make_p256(&out->ca, &request, &ca_public, NULL, &ca_key, &assert_why));
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&out->ca), &assert_why));
  request.common_name = "Test server";
  request.is_ca = false;
  request.for_tls_server = for_tls_server;
  request.not_after_s = qy_clock_now_s() + lives_s;
  assert_ok(qy_certificate_make_p256(&out->server, &request, &public_key, ca, &ca_key, &assert_why));
  assert_ok(qy_p256_private_to_pem(&out->key, &key, &assert_why));
}

/* ---- Handlers ---- */

static inline void say(qy_http_response *response, const char *text)
{
  response->status = 200;
  response->content_type = "text/plain";
  qy_buffer_append_text(&response->body, text);
}

static inline void handle_hello(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)request;
  say(response, context == NULL ? "hello" : context);
}

static inline void handle_echo(void *context, const qy_http_request *request, qy_http_response *response)
{
  const char *type = qy_http_request_header(request, "content-type");
  const char *key = qy_http_request_header(request, "X-Key");
  (void)context;
  response->status = 200;
  response->content_type = "application/octet-stream";
  qy_buffer_append(&response->body, request->body.bytes, request->body.size);
  qy_http_response_header(response, "X-Type", type == NULL ? "none" : type);
  qy_http_response_header(response, "X-Key", key == NULL ? "none" : key);
}

static inline void handle_parts(void *context, const qy_http_request *request, qy_http_response *response)
{
  char first[16], second[16], query[16];
  qy_error why = {0};
  (void)context;
  const qy_status status = qy_http_request_query(query, sizeof(query), request, "q", &why);
  if (status != QY_OK && status != QY_ERR_NOT_FOUND) {
    qy_http_response_fail(response, status, &why);
    return;
  }
  if (qy_http_request_segment(first, sizeof(first), request, 0, &why) != QY_OK ||
      qy_http_request_segment(second, sizeof(second), request, 1, &why) != QY_OK) {
    qy_http_response_fail(response, why.status, &why);
    return;
  }
  char third[16];
  say(response, qy_http_request_segment(third, sizeof(third), request, 2, NULL) == QY_ERR_ARGUMENT ? "" : "a third!");
  qy_buffer_appendf(&response->body, "%s|%s|%s", first, second, query);
}

static inline void handle_slow(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  (void)usleep(300000);
  say(response, "slow");
}

static inline void handle_nothing(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  qy_buffer_append_text(&response->body, "secret of the server");
}

static inline void handle_inject(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  say(response, "x");
  qy_http_response_header(response, "X-A", "b\r\nX-Evil: 1");
}

static inline void handle_refuse(void *context, const qy_http_request *request, qy_http_response *response)
{
  qy_error why = {0};
  const bool inside = strcmp(request->query, "inside") == 0;
  (void)context;
  const qy_status status = qy_fail(&why, inside ? QY_ERR_INTERNAL : QY_ERR_REFUSED, "because \"of\" this");
  qy_http_response_fail(response, status, &why);
}

static inline void handle_large(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  response->status = 200;
  uint8_t *bytes = qy_buffer_extend(&response->body, 24 << 20);
  if (bytes != NULL) {
    memset(bytes, 'x', 24 << 20);
  }
}

static inline void handle_peer(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  say(response, request->peer);
}

static inline void handle_redirect(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  response->status = 302;
  qy_http_response_header(response, "Location", "/hello");
}

static inline void handle_empty(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  response->status = 204;
}

#define ECHO_LIMIT 3000000

static const qy_http_route test_routes[] = {
    {"GET", "/hello", 0, handle_hello},       {"POST", "/echo", ECHO_LIMIT, handle_echo},
    {"PUT", "/echo", 10, handle_echo},        {"GET", "/items/*/parts/*", 0, handle_parts},
    {"GET", "/slow", 0, handle_slow},         {"GET", "/nothing", 0, handle_nothing},
    {"GET", "/inject", 0, handle_inject},     {"GET", "/refuse", 0, handle_refuse},
    {"GET", "/large", 0, handle_large},       {"GET", "/peer", 0, handle_peer},
    {"GET", "/redirect", 0, handle_redirect}, {"DELETE", "/empty", 0, handle_empty}};

static inline qy_http_server_config plain_config(void)
{
  return (qy_http_server_config){
      .component = "test", .routes = test_routes, .route_count = sizeof(test_routes) / sizeof(test_routes[0])};
}

static inline qy_http_server_config tls_config(const certificates *made)
{
  qy_http_server_config config = plain_config();
  config.tls = true;
  config.certificates_pem = qy_buffer_view(&made->server);
  config.private_key_pem = qy_buffer_view(&made->key);
  return config;
}

/* ---- A bare socket ---- */

static inline int raw_connect(const qy_http_server *server, int receive_size)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(qy_http_server_port(server))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  if (receive_size > 0) {
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof(receive_size)), 0);
  }
  assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0);
  return fd;
}

static inline void raw_send(int fd, const void *bytes, size_t size)
{
  for (size_t done = 0; done < size;) {
    const ssize_t put = send(fd, (const uint8_t *)bytes + done, size - done, MSG_NOSIGNAL);
    if (put <= 0) {
      return; /* the server may have said no already */
    }
    done += (size_t)put;
  }
}

/* All until the server closes, or `timeout_ms` without a byte (then false). */
static inline bool raw_read_to_end(qy_buffer *out, int fd, int timeout_ms)
{
  for (;;) {
    uint8_t block[65536];
    struct pollfd one = {.fd = fd, .events = POLLIN};
    if (poll(&one, 1, timeout_ms) != 1) {
      return false;
    }
    const ssize_t got = recv(fd, block, sizeof(block), 0);
    if (got <= 0) {
      return true;
    }
    qy_buffer_append(out, block, (size_t)got);
  }
}

#endif
