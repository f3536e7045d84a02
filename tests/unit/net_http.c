/* SPDX-License-Identifier: Apache-2.0 */
/* Server and client together, over real sockets. */
#include "net_server.h"

#include <pthread.h>
#include <signal.h>

#include <openssl/ssl.h>

static qy_status fetch(qy_http_answer *answer, qy_http_client *client, const qy_http_server *server, const char *method,
                       const char *path, qy_view body, qy_error *why)
{
  char url[256];
  (void)snprintf(url, sizeof(url), "%s%s", qy_http_server_url(server), path);
  const qy_http_call call = {.method = method, .url = url, .body = body};
  return qy_http_exchange(answer, client, &call, why);
}

static qy_status get(qy_http_answer *answer, qy_http_client *client, const qy_http_server *server, const char *path,
                     qy_error *why)
{
  return fetch(answer, client, server, NULL, path, (qy_view){NULL, 0}, why);
}

static void new_client(qy_http_client **out, const certificates *made)
{
  const qy_http_client_config config = {.ca_pem = made == NULL ? (qy_view){NULL, 0} : qy_buffer_view(&made->ca),
                                        .allow_plain = made == NULL};
  assert_ok(qy_http_client_new(out, &config, &assert_why));
}

static void over_tls(void **state)
{
  (void)state;
  certificates made;
  char first[64];
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  certificates_make(&made, true, 3600);
  const qy_http_server_config config = tls_config(&made);
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  new_client(&client, &made);
  assert_ok(get(&answer, client, server, "/hello", &assert_why));
  assert_int_equal(answer.status, 200);
  assert_string_equal(qy_buffer_text(&answer.body), "hello");
  assert_string_equal(qy_http_answer_header(&answer, "content-TYPE"), "text/plain");
  assert_string_equal(qy_http_answer_header(&answer, "Content-Length"), "5");
  assert_null(qy_http_answer_header(&answer, "Connection"));
  assert_non_null(qy_http_answer_header(&answer, "Date"));
  /* One connection for many calls. */
  assert_ok(get(&answer, client, server, "/peer", &assert_why));
  (void)snprintf(first, sizeof(first), "%s", qy_buffer_text(&answer.body));
  assert_memory_equal(first, "127.0.0.1:", 10);
  for (int i = 0; i < 5; i++) {
    assert_ok(get(&answer, client, server, "/peer", &assert_why));
    assert_string_equal(qy_buffer_text(&answer.body), first);
  }
  /* By the other names. */
  char url[64];
  (void)snprintf(url, sizeof(url), "https://localhost:%u/hello", qy_http_server_port(server));
  assert_ok(qy_http_exchange(&answer, client, &(qy_http_call){.url = url}, &assert_why));
  assert_int_equal(answer.status, 200);
  certificates_clear(&made);
}

static void expect_tls_failure(const certificates *server_has, qy_view client_trusts, const char *message)
{
  qy_error why = {0};
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_http_server_config config = tls_config(server_has);
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  const qy_http_client_config client_config = {.ca_pem = client_trusts, .system_roots = client_trusts.size == 0};
  assert_ok(qy_http_client_new(&client, &client_config, &assert_why));
  assert_int_equal(get(&answer, client, server, "/hello", &why), QY_ERR_CRYPTO);
  assert_non_null(strstr(why.message, message));
  assert_int_equal(answer.status, 0);
  assert_int_equal(answer.body.size, 0);
}

static void tls_failures(void **state)
{
  (void)state;
  certificates made, other, nameless, expired;
  certificates_make(&made, true, 3600);
  certificates_make(&other, true, 3600);
  certificates_make(&nameless, false, 3600);
  certificates_make(&expired, true, -3600);
  expect_tls_failure(&made, qy_buffer_view(&other.ca), "not trusted");
  expect_tls_failure(&made, (qy_view){NULL, 0}, "not trusted"); /* the system's roots */
  expect_tls_failure(&nameless, qy_buffer_view(&nameless.ca), "not trusted");
  expect_tls_failure(&expired, qy_buffer_view(&expired.ca), "expired");
  expect_tls_failure(&made, qy_view_text("no certificate"), "TLS");
  certificates_clear(&made);
  certificates_clear(&other);
  certificates_clear(&nameless);
  certificates_clear(&expired);
}

static bool handshakes(const qy_http_server *server, int version)
{
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  (void)SSL_CTX_set_min_proto_version(context, version);
  (void)SSL_CTX_set_max_proto_version(context, version);
  SSL *tls = SSL_new(context);
  int fd = raw_connect(server, 0);
  (void)SSL_set_fd(tls, fd);
  const bool done = SSL_connect(tls) == 1;
  SSL_free(tls);
  SSL_CTX_free(context);
  (void)close(fd);
  return done;
}

static void only_tls_1_3(void **state)
{
  (void)state;
  certificates made;
  QY_SCOPED_HTTP_SERVER(server);
  certificates_make(&made, true, 3600);
  const qy_http_server_config config = tls_config(&made);
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  assert_true(handshakes(server, TLS1_3_VERSION));
  assert_false(handshakes(server, TLS1_2_VERSION));
  int fd = raw_connect(server, 0); /* plain text to a TLS port */
  QY_SCOPED_BUFFER(got, 4096);
  raw_send(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 33);
  assert_true(raw_read_to_end(&got, fd, 3000));
  assert_null(strstr(qy_buffer_text(&got), "hello"));
  (void)close(fd);
  certificates_clear(&made);
}

static void plain_only_where_allowed(void **state)
{
  (void)state;
  certificates made;
  qy_error why = {0};
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_SERVER(second);
  QY_SCOPED_HTTP_CLIENT(strict);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  certificates_make(&made, true, 3600);
  qy_http_server_config config = plain_config();
  config.context = (void *)(uintptr_t) "from the context";
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  assert_memory_equal(qy_http_server_url(server), "http://127.0.0.1:", 17);
  new_client(&client, NULL);
  new_client(&strict, &made);
  assert_ok(get(&answer, client, server, "/hello", &assert_why));
  assert_string_equal(qy_buffer_text(&answer.body), "from the context");
  assert_int_equal(get(&answer, strict, server, "/hello", &why), QY_ERR_ARGUMENT);
  const qy_http_call https = {.url = "https://127.0.0.1:1/"}; /* and no roots to trust */
  assert_int_equal(qy_http_exchange(&answer, client, &https, &why), QY_ERR_ARGUMENT);
  const qy_http_call file = {.url = "file:///etc/passwd"};
  assert_int_equal(qy_http_exchange(&answer, client, &file, &why), QY_ERR_ARGUMENT);
  config.port = qy_http_server_port(server);
  assert_int_equal(qy_http_server_start(&second, &config, &why), QY_ERR_BUSY);
  static const char *const open[] = {"0.0.0.0", "::", "192.0.2.1", "localhost", ""};
  for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
    config.address = open[i];
    config.port = 0;
    assert_int_equal(qy_http_server_start(&second, &config, &why), QY_ERR_ARGUMENT);
  }
  config.address = "::1";
  if (qy_http_server_start(&second, &config, &why) == QY_OK) { /* not every machine has IPv6 */
    assert_memory_equal(qy_http_server_url(second), "http://[::1]:", 13);
    assert_ok(get(&answer, client, second, "/peer", &assert_why));
    assert_memory_equal(qy_buffer_text(&answer.body), "[::1]:", 6);
  }
  certificates_clear(&made);
}

static void bad_configurations(void **state)
{
  (void)state;
  certificates made, other;
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  certificates_make(&made, true, 3600);
  certificates_make(&other, true, 3600);
  qy_http_server_config config = tls_config(&made);
  config.private_key_pem = qy_buffer_view(&other.key);
  assert_int_equal(qy_http_server_start(&server, &config, NULL), QY_ERR_MALFORMED);
  config.private_key_pem = (qy_view){NULL, 0};
  assert_int_equal(qy_http_server_start(&server, &config, NULL), QY_ERR_MALFORMED);
  config = tls_config(&made);
  config.certificates_pem = qy_view_text("x");
  assert_int_equal(qy_http_server_start(&server, &config, NULL), QY_ERR_MALFORMED);
  config = tls_config(&made);
  config.routes = NULL;
  assert_int_equal(qy_http_server_start(&server, &config, NULL), QY_ERR_ARGUMENT);
  assert_null(server);
  const qy_http_client_config both = {.ca_pem = qy_buffer_view(&made.ca), .system_roots = true};
  assert_int_equal(qy_http_client_new(&client, &both, NULL), QY_ERR_ARGUMENT);
  certificates_clear(&made);
  certificates_clear(&other);
}

static void bodies_and_headers(void **state)
{
  (void)state;
  qy_error why = {0};
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(body, ECHO_LIMIT + 1);
  const qy_http_server_config config = plain_config();
  const qy_http_client_config client_config = {.allow_plain = true, .max_response_size = ECHO_LIMIT};
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  assert_ok(qy_http_client_new(&client, &client_config, &assert_why));
  static const size_t sizes[] = {0, 1, 1000, 65537, ECHO_LIMIT};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    qy_buffer_clear(&body);
    uint8_t *bytes = qy_buffer_extend(&body, sizes[i]);
    for (size_t j = 0; j < sizes[i]; j++) {
      bytes[j] = (uint8_t)(j * 7 >> 2);
    }
    assert_ok(fetch(&answer, client, server, "POST", "/echo", qy_buffer_view(&body), &assert_why));
    assert_int_equal(answer.status, 200);
    assert_true(qy_view_equal(qy_buffer_view(&answer.body), qy_buffer_view(&body)));
    assert_string_equal(qy_http_answer_header(&answer, "X-Type"), "none");
  }
  qy_buffer_append(&body, "x", 1);
  assert_ok(fetch(&answer, client, server, "POST", "/echo", qy_buffer_view(&body), &assert_why));
  assert_int_equal(answer.status, 413);
  assert_int_equal(qy_http_answer_need_success(&answer, "echo", &why), QY_ERR_PEER);
  assert_string_equal(why.message, "echo: answered 413: a body of 3000001 bytes, at most 3000000");
  assert_ok(fetch(&answer, client, server, "PUT", "/echo", (qy_view){body.bytes, 11}, &assert_why));
  assert_int_equal(answer.status, 413);
  assert_ok(fetch(&answer, client, server, "PUT", "/echo", (qy_view){body.bytes, 10}, &assert_why));
  assert_int_equal(answer.status, 200);
  assert_int_equal(get(&answer, client, server, "/large", &why), QY_ERR_LIMIT);
  assert_non_null(strstr(why.message, "too large: more than 3000000 bytes"));
  assert_ok(get(&answer, client, server, "/hello", &assert_why)); /* the client is still of use */
  char url[128];
  (void)snprintf(url, sizeof(url), "%s/echo", qy_http_server_url(server));
  const qy_http_field fields[] = {{"X-Key", "s3cret"}, {"X-Empty", ""}};
  const qy_http_call call = {.url = url,
                             .method = "POST",
                             .content_type = "application/json",
                             .body = qy_view_text("{}"),
                             .fields = fields,
                             .field_count = 2};
  assert_ok(qy_http_exchange(&answer, client, &call, &assert_why));
  assert_string_equal(qy_http_answer_header(&answer, "X-Type"), "application/json");
  assert_string_equal(qy_http_answer_header(&answer, "X-Key"), "s3cret");
  const qy_http_field bad[] = {{"X-Key", "a\r\nX-Evil: 1"}, {"X Key", "a"}, {"", "a"}, {"X-Key:", "a"}, {"X\n", "a"}};
  for (size_t i = 0; i < 5; i++) {
    const qy_http_call injected = {.url = url, .fields = &bad[i], .field_count = 1};
    assert_int_equal(qy_http_exchange(&answer, client, &injected, &why), QY_ERR_ARGUMENT);
  }
}

static void expect(qy_http_client *client, const qy_http_server *server, const char *method, const char *path,
                   unsigned status, const char *text)
{
  QY_SCOPED_HTTP_ANSWER(answer);
  assert_ok(fetch(&answer, client, server, method, path, (qy_view){NULL, 0}, &assert_why));
  if (answer.status != status || (text != NULL && strcmp(qy_buffer_text(&answer.body), text) != 0)) {
    fail_msg("%s %s: %u %s", method, path, answer.status, qy_buffer_text(&answer.body));
  }
}

static void routes(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  new_client(&client, NULL);
  expect(client, server, "GET", "/items/a/parts/b", 200, "a|b|");
  expect(client, server, "GET", "/items/a%20b/parts/%c3%a9?q=1%2B2+3", 200, "a b|\xc3\xa9|1+2+3");
  expect(client, server, "GET", "/items/a/parts/b?x=1&q=&qq=2", 200, "a|b|");
  expect(client, server, "GET", "/items/a/parts/b?q", 200, "a|b|");
  expect(client, server, "GET", "/items/a/parts/b?q=1&q=1", 400, NULL);
  expect(client, server, "GET", "/items/a/parts/b?q=%0a", 400, NULL);
  expect(client, server, "GET", "/items/a/parts/b?q=%zz", 400, NULL);
  expect(client, server, "GET", "/items/a/parts/b?q=1234567890123456", 413, NULL);
  expect(client, server, "GET", "/items/1234567890123456/parts/b", 413, NULL);
  expect(client, server, "GET", "/items/a/parts", 404, NULL);
  expect(client, server, "GET", "/items//parts/b", 400, NULL);
  expect(client, server, "GET", "/items/a/parts/b/", 404, NULL);
  expect(client, server, "GET", "/items/a%2fx/parts/b", 400, NULL);
  expect(client, server, "GET", "/items/%2e%2e/parts/b", 400, NULL);
  expect(client, server, "GET", "/hello%00", 400, NULL);
  expect(client, server, "GET", "/Hello", 404, NULL);
  expect(client, server, "HEAD", "/hello", 200, "");
  expect(client, server, "HEAD", "/echo", 405, "");
  expect(client, server, "DELETE", "/empty", 204, "");
  expect(client, server, "GET", "/redirect", 302, "");
  expect(client, server, "GET", "/nothing", 500,
         "{\"type\":\"about:blank\",\"title\":\"a fault of this program\",\"status\":500,\"code\":\"internal\"}");
  expect(client, server, "GET", "/inject", 500, NULL);
  expect(client, server, "GET", "/refuse?inside", 500,
         "{\"type\":\"about:blank\",\"title\":\"a fault of this program\",\"status\":500,\"code\":\"internal\"}");
  expect(client, server, "GET", "/refuse", 403,
         "{\"type\":\"about:blank\",\"title\":\"a check refused; the trace says which\",\"status\":403,"
         "\"code\":\"refused\",\"detail\":\"because \\\"of\\\" this\"}");
  assert_ok(fetch(&answer, client, server, "DELETE", "/echo", (qy_view){NULL, 0}, &assert_why));
  assert_int_equal(answer.status, 405);
  assert_string_equal(qy_http_answer_header(&answer, "Allow"), "POST, PUT");
  assert_ok(fetch(&answer, client, server, "POST", "/hello", (qy_view){NULL, 0}, &assert_why));
  assert_string_equal(qy_http_answer_header(&answer, "Allow"), "GET, HEAD");
}

/* Nothing that the environment says may weaken a connection. */
static void environment_is_not_read(void **state)
{
  (void)state;
  certificates made;
  char path[] = "/tmp/quotary-keys-XXXXXX";
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(keys, 1 << 16);
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  (void)close(fd);
  (void)setenv("SSLKEYLOGFILE", path, 1); /* read when libcurl is initialised: this test runs first */
  (void)setenv("https_proxy", "http://127.0.0.1:1", 1);
  (void)setenv("all_proxy", "http://127.0.0.1:1", 1);
  certificates_make(&made, true, 3600);
  const qy_http_server_config config = tls_config(&made);
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  new_client(&client, &made);
  assert_ok(get(&answer, client, server, "/hello", &assert_why));
  assert_int_equal(answer.status, 200);
  qy_http_client_free(&client);
  assert_ok(qy_file_read(&keys, path, &assert_why));
  assert_int_equal(keys.size, 0);
  (void)unlink(path);
  (void)unsetenv("SSLKEYLOGFILE");
  (void)unsetenv("https_proxy");
  (void)unsetenv("all_proxy");
  certificates_clear(&made);
}

typedef struct caller {
  pthread_t thread;
  const qy_http_server *server;
  const certificates *made;
  const char *path;
  qy_status status;
  unsigned http_status;
} caller;

static void *call_once(void *context)
{
  caller *self = context;
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_http_client_config config = {.ca_pem =
                                            self->made == NULL ? (qy_view){NULL, 0} : qy_buffer_view(&self->made->ca),
                                        .allow_plain = self->made == NULL};
  self->status = qy_http_client_new(&client, &config, NULL);
  if (self->status == QY_OK) {
    self->status = get(&answer, client, self->server, self->path, NULL);
    self->http_status = answer.status;
  }
  return NULL;
}

#define PARALLEL 200

static void two_hundred_at_once(void **state)
{
  (void)state;
  static caller callers[PARALLEL];
  certificates made;
  QY_SCOPED_HTTP_SERVER(server);
  certificates_make(&made, true, 3600);
  qy_http_server_config config = tls_config(&made);
  config.handler_threads = 3;
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  for (size_t i = 0; i < PARALLEL; i++) {
    callers[i] = (caller){.server = server, .made = &made, .path = "/hello"};
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call_once, &callers[i]), 0);
  }
  for (size_t i = 0; i < PARALLEL; i++) {
    (void)pthread_join(callers[i].thread, NULL);
    assert_int_equal(callers[i].status, QY_OK);
    assert_int_equal(callers[i].http_status, 200);
  }
  certificates_clear(&made);
}

static void slow_handlers_hold_up_nobody(void **state)
{
  (void)state;
  caller slow[3];
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  new_client(&client, NULL);
  for (size_t i = 0; i < 3; i++) {
    slow[i] = (caller){.server = server, .path = "/slow"};
    assert_int_equal(pthread_create(&slow[i].thread, NULL, call_once, &slow[i]), 0);
  }
  (void)usleep(100000);
  const int64_t began_ms = qy_clock_steady_ms();
  assert_ok(get(&answer, client, server, "/hello", &assert_why));
  assert_true(qy_clock_steady_ms() - began_ms < 150);
  for (size_t i = 0; i < 3; i++) {
    (void)pthread_join(slow[i].thread, NULL);
    assert_int_equal(slow[i].http_status, 200);
  }
}

static qy_http_server *signalled;

static void on_signal(int number)
{
  (void)number;
  qy_http_server_stop(signalled);
}

/* A request that is being handled is answered; nothing new is taken. */
static void stop_while_busy(void **state)
{
  (void)state;
  caller slow;
  char url[64];
  qy_error why = {0};
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_http_server_config config = plain_config();
  const struct sigaction action = {.sa_handler = on_signal};
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  new_client(&client, NULL);
  assert_ok(get(&answer, client, server, "/hello", &assert_why)); /* an idle connection */
  signalled = server;
  (void)sigaction(SIGUSR1, &action, NULL);
  slow = (caller){.server = server, .path = "/slow"};
  assert_int_equal(pthread_create(&slow.thread, NULL, call_once, &slow), 0);
  (void)usleep(100000);
  (void)snprintf(url, sizeof(url), "%s/hello", qy_http_server_url(server));
  (void)raise(SIGUSR1);
  qy_http_server_wait(server);
  (void)pthread_join(slow.thread, NULL);
  assert_int_equal(slow.status, QY_OK);
  assert_int_equal(slow.http_status, 200);
  assert_int_equal(qy_http_exchange(&answer, client, &(qy_http_call){.url = url}, &why), QY_ERR_IO);
  assert_non_null(strstr(why.message, "cannot connect"));
}

static void client_times_out(void **state)
{
  (void)state;
  qy_error why = {0};
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  const qy_http_server_config config = plain_config();
  const qy_http_client_config client_config = {.allow_plain = true, .timeout_ms = 50};
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  assert_ok(qy_http_client_new(&client, &client_config, &assert_why));
  assert_int_equal(get(&answer, client, server, "/slow?key=s3cret", &why), QY_ERR_TIMEOUT);
  assert_non_null(strstr(why.message, "/slow: time-out"));
  assert_null(strstr(why.message, "s3cret"));
}

static void percent_encoding(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(text, 100);
  QY_SCOPED_BUFFER(back, 100);
  const uint8_t bytes[] = {'a', '-', '.', '_', '~', '/', '+', ' ', '%', 0, 0xff, '\n'};
  qy_http_encode_append(&text, QY_VIEW_OF(bytes));
  assert_string_equal(qy_buffer_text(&text), "a-._~%2F%2B%20%25%00%FF%0A");
  qy_http_decode_append(&back, qy_buffer_view(&text));
  assert_true(qy_view_equal(qy_buffer_view(&back), QY_VIEW_OF(bytes)));
  static const char *const bad[] = {"%", "%4", "%g0", "%0g", "a%"};
  for (size_t i = 0; i < 5; i++) {
    QY_SCOPED_BUFFER(out, 100);
    qy_http_decode_append(&out, qy_view_text(bad[i]));
    assert_int_equal(out.status, QY_ERR_MALFORMED);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(environment_is_not_read),
      cmocka_unit_test(over_tls),
      cmocka_unit_test(tls_failures),
      cmocka_unit_test(only_tls_1_3),
      cmocka_unit_test(plain_only_where_allowed),
      cmocka_unit_test(bad_configurations),
      cmocka_unit_test(bodies_and_headers),
      cmocka_unit_test(routes),
      cmocka_unit_test(two_hundred_at_once),
      cmocka_unit_test(slow_handlers_hold_up_nobody),
      cmocka_unit_test(stop_while_busy),
      cmocka_unit_test(client_times_out),
      cmocka_unit_test(percent_encoding),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
