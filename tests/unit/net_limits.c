/* SPDX-License-Identifier: Apache-2.0 */
/* A server and clients that do not behave. */
#include "net_server.h"

#include <base/limits.h>

static const char hello[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

/* The status of the first answer to `text`, 0 when the server closes without one, 1 when it says nothing. */
static unsigned answer_to(const qy_http_server *server, const void *text, size_t size)
{
  QY_SCOPED_BUFFER(got, 1 << 20);
  unsigned status = 0;
  const int fd = raw_connect(server, 0);
  raw_send(fd, text, size);
  (void)shutdown(fd, SHUT_WR);
  const bool ended = raw_read_to_end(&got, fd, 3000);
  (void)close(fd);
  if (!ended) {
    return 1;
  }
  return sscanf(qy_buffer_text(&got), "HTTP/1.1 %3u ", &status) == 1 ? status : 0;
}

static void malformed_requests(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    unsigned status;
  } cases[] = {
      {"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 200},
      {"GET /hello HTTP/1.0\r\n\r\n", 200},
      {"GET /hello HTTP/1.1\r\n\r\n", 400}, /* no Host */
      {"GET /hello HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n", 400},
      {"GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"GET /hello HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
      {"GET /hello\r\nHost: x\r\n\r\n", 400},
      {"GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"G\tT /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /hello#a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /h\xc3\xa9llo HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /../hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /./hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET //hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /hello%2 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nA : c\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nA: b\nB: c\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", 200},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551618\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\nab", 413},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 413},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\nx", 417},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab", 0}, /* ends inside the body */
      {"GET /hello HTTP/1.1\r\nHost: x\r\n", 0},
      {"", 0},
  };
  QY_SCOPED_HTTP_SERVER(server);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const unsigned status = answer_to(server, cases[i].text, strlen(cases[i].text));
    if (status != cases[i].status) {
      fail_msg("%u, not %u, for: %s", status, cases[i].status, cases[i].text);
    }
  }
  const char nul[] = "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n";
  assert_int_equal(answer_to(server, nul, sizeof(nul) - 1), 400);
}

static unsigned with_headers(const qy_http_server *server, size_t count, size_t value_size, size_t target_size)
{
  QY_SCOPED_BUFFER(text, 1 << 20);
  qy_buffer_append_text(&text, "GET /hello");
  for (size_t i = 0; i < target_size; i++) {
    qy_buffer_append_text(&text, i == 0 ? "?" : "q");
  }
  qy_buffer_append_text(&text, " HTTP/1.1\r\nHost: x\r\n");
  for (size_t i = 0; i < count; i++) {
    qy_buffer_appendf(&text, "X-%zu: ", i);
    memset(qy_buffer_extend(&text, value_size), 'v', value_size);
    qy_buffer_append_text(&text, "\r\n");
  }
  qy_buffer_append_text(&text, "\r\n");
  return answer_to(server, text.bytes, text.size);
}

static void oversize_headers(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_SERVER(server);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  assert_int_equal(with_headers(server, 63, 400, 0), 200);
  assert_int_equal(with_headers(server, 64, 1, 0), 431);
  assert_int_equal(with_headers(server, 1, QY_MAX_HTTP_HEADERS - 100, 0), 200);
  assert_int_equal(with_headers(server, 1, QY_MAX_HTTP_HEADERS, 0), 431);
  assert_int_equal(with_headers(server, 1, 10 * QY_MAX_HTTP_HEADERS, 0), 431);
  assert_int_equal(with_headers(server, 0, 0, 4000), 200);
  assert_int_equal(with_headers(server, 0, 0, 5000), 414);
}

/* A refusal reaches a client that is still writing. */
static void refusal_while_the_body_comes(void **state)
{
  (void)state;
  char head[128];
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_BUFFER(text, 8 << 20);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  (void)snprintf(head, sizeof(head), "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 4 << 20);
  qy_buffer_append_text(&text, head);
  memset(qy_buffer_extend(&text, 4 << 20), 'x', 4 << 20);
  assert_int_equal(answer_to(server, text.bytes, text.size), 413);
}

static int64_t elapsed_ms(int64_t since_ms)
{
  return qy_clock_steady_ms() - since_ms;
}

static void slow_clients(void **state)
{
  (void)state;
  certificates made;
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_HTTP_SERVER(tls_server);
  certificates_make(&made, true, 3600);
  qy_http_server_config config = plain_config();
  config.request_timeout_ms = 200;
  config.idle_timeout_ms = 100;
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  qy_http_server_config secured = tls_config(&made);
  secured.request_timeout_ms = 200;
  assert_ok(qy_http_server_start(&tls_server, &secured, &assert_why));
  static const struct {
    const char *text;
    const char *answer;
  } cases[] = {{"", "HTTP/1.1 408 "},
               {"GET /hello HT", "HTTP/1.1 408 "},
               {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 408 "},
               {hello, "HTTP/1.1 200 "}}; /* then idles */
  for (size_t i = 0; i < 4; i++) {
    QY_SCOPED_BUFFER(got, 4096);
    const int64_t began_ms = qy_clock_steady_ms();
    const int fd = raw_connect(server, 0);
    raw_send(fd, cases[i].text, strlen(cases[i].text));
    assert_true(raw_read_to_end(&got, fd, 1500));
    assert_true(elapsed_ms(began_ms) >= 90 && elapsed_ms(began_ms) < 1400);
    assert_memory_equal(qy_buffer_text(&got), cases[i].answer, strlen(cases[i].answer));
    (void)close(fd);
  }
  /* One byte now and then does not put the end off. */
  const int64_t began_ms = qy_clock_steady_ms();
  const int fd = raw_connect(server, 0);
  QY_SCOPED_BUFFER(got, 4096);
  for (size_t i = 0; i < sizeof(hello) - 1 && elapsed_ms(began_ms) < 400; i++) {
    raw_send(fd, hello + i, 1);
    (void)usleep(20000);
  }
  assert_true(raw_read_to_end(&got, fd, 1500));
  assert_memory_equal(qy_buffer_text(&got), "HTTP/1.1 408 ", 13);
  (void)close(fd);
  /* Nor does a TLS handshake that never comes. */
  const int silent = raw_connect(tls_server, 0);
  QY_SCOPED_BUFFER(nothing, 4096);
  assert_true(raw_read_to_end(&nothing, silent, 1500));
  assert_int_equal(nothing.size, 0);
  (void)close(silent);
  certificates_clear(&made);
}

static void client_that_does_not_read(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_BUFFER(got, 32 << 20);
  qy_http_server_config config = plain_config();
  config.send_timeout_ms = 200;
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  const int fd = raw_connect(server, 4096);
  raw_send(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n", 32);
  (void)usleep(600000);
  assert_true(raw_read_to_end(&got, fd, 2000));
  assert_true(got.size < 24 << 20);
  (void)close(fd);
}

static void too_many_connections(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_SERVER(server);
  qy_http_server_config config = plain_config();
  config.max_connections = 2;
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  int fds[3];
  for (size_t i = 0; i < 2; i++) {
    char block[4096];
    fds[i] = raw_connect(server, 0);
    raw_send(fds[i], hello, sizeof(hello) - 1);
    assert_true(recv(fds[i], block, sizeof(block), 0) > 0);
  }
  QY_SCOPED_BUFFER(got, 4096);
  fds[2] = raw_connect(server, 0);
  assert_true(raw_read_to_end(&got, fds[2], 2000));
  assert_int_equal(got.size, 0);
  (void)close(fds[0]);
  (void)close(fds[2]);
  unsigned status = 0;
  for (int tries = 0; tries < 50 && status != 200; tries++) {
    (void)usleep(10000); /* until the server has seen the close */
    status = answer_to(server, hello, sizeof(hello) - 1);
  }
  assert_int_equal(status, 200);
  (void)close(fds[1]);
}

static size_t count_of(const char *text, const char *what)
{
  size_t count = 0;
  for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
    count++;
  }
  return count;
}

static void many_requests_in_one_go(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_BUFFER(text, 1 << 20);
  QY_SCOPED_BUFFER(got, 1 << 20);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  for (int i = 0; i < 50; i++) {
    qy_buffer_appendf(&text, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n<%02d>", i);
  }
  qy_buffer_append_text(&text, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n");
  qy_buffer_append_text(&text, hello); /* is not answered any more */
  const int fd = raw_connect(server, 0);
  raw_send(fd, text.bytes, text.size);
  assert_true(raw_read_to_end(&got, fd, 3000));
  (void)close(fd);
  const char *answers = qy_buffer_text(&got);
  assert_int_equal(count_of(answers, "HTTP/1.1 200 OK\r\n"), 51);
  assert_int_equal(count_of(answers, "Connection: close\r\n"), 1);
  const char *at = answers;
  for (int i = 0; i < 50; i++) {
    char expected[16];
    (void)snprintf(expected, sizeof(expected), "<%02d>", i);
    at = strstr(at, expected);
    assert_non_null(at); /* in order */
  }
}

static void one_byte_at_a_time(void **state)
{
  (void)state;
  static const char request[] = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_BUFFER(got, 4096);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  const int fd = raw_connect(server, 0);
  for (size_t i = 0; i < sizeof(request) - 1; i++) {
    raw_send(fd, request + i, 1);
    (void)usleep(500);
  }
  assert_true(raw_read_to_end(&got, fd, 3000));
  (void)close(fd);
  assert_int_equal(count_of(qy_buffer_text(&got), "HTTP/1.1 200 OK\r\n"), 1);
  assert_non_null(strstr(qy_buffer_text(&got), "\r\n\r\nabc"));
}

static void waits_to_be_asked(void **state)
{
  (void)state;
  char block[256] = "";
  QY_SCOPED_HTTP_SERVER(server);
  QY_SCOPED_BUFFER(got, 4096);
  const qy_http_server_config config = plain_config();
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  const int fd = raw_connect(server, 0);
  const char head[] = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nConnection: close\r\n"
                      "Content-Length: 3\r\n\r\n";
  raw_send(fd, head, sizeof(head) - 1);
  assert_int_equal(recv(fd, block, sizeof(block) - 1, 0), 25);
  assert_string_equal(block, "HTTP/1.1 100 Continue\r\n\r\n");
  raw_send(fd, "abc", 3);
  assert_true(raw_read_to_end(&got, fd, 3000));
  assert_memory_equal(qy_buffer_text(&got), "HTTP/1.1 200 OK\r\n", 17);
  (void)close(fd);
}

/* Clients that go away while a handler works for them. */
static void clients_that_leave(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_SERVER(server);
  qy_http_server_config config = plain_config();
  config.handler_threads = 8;
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  for (int i = 0; i < 8; i++) {
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    const int fd = raw_connect(server, 0);
    raw_send(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", 31);
    (void)usleep(5000);
    if (i % 2 == 0) {
      (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)); /* a reset */
    }
    (void)close(fd);
  }
  assert_int_equal(answer_to(server, hello, sizeof(hello) - 1), 200);
  (void)usleep(400000);
  assert_int_equal(answer_to(server, hello, sizeof(hello) - 1), 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(malformed_requests),
      cmocka_unit_test(oversize_headers),
      cmocka_unit_test(refusal_while_the_body_comes),
      cmocka_unit_test(slow_clients),
      cmocka_unit_test(client_that_does_not_read),
      cmocka_unit_test(too_many_connections),
      cmocka_unit_test(many_requests_in_one_go),
      cmocka_unit_test(one_byte_at_a_time),
      cmocka_unit_test(waits_to_be_asked),
      cmocka_unit_test(clients_that_leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
