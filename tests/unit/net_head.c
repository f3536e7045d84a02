/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of request heads by itself. */
#include "vectors.h"

#include <string.h>

#include <base/limits.h>
#include <net/http_client.h>
#include <net/http_head.h>

static const char full[] = "POST /ra/v1/sessions/a%20b/msg3?x=%41&y HTTP/1.1\r\nHost: example.test\r\nX-Key: k \t\r\n"
                           "Content-Length: 17\r\nConnection: Upgrade, close\r\nAccept: a\r\nACCEPT: b\r\n\r\n";

static void what_it_says(void **state)
{
  (void)state;
  unsigned status = 0;
  size_t count = 0;
  qy_http_head head;
  assert_ok(qy_http_head_parse(&head, &status, qy_view_text(full), &assert_why));
  assert_string_equal(head.method, "POST");
  assert_string_equal(head.path, "/ra/v1/sessions/a b/msg3");
  assert_string_equal(head.query, "x=%41&y");
  assert_int_equal(head.line_count, 6);
  assert_int_equal(head.content_length, 17);
  assert_false(head.keep_alive);
  assert_false(head.expects_continue);
  assert_string_equal(qy_http_head_find(&head, "x-key", NULL), "k");
  assert_null(qy_http_head_find(&head, "Accept", &count)); /* which of the two? */
  assert_int_equal(count, 2);
  assert_null(qy_http_head_find(&head, "None", &count));
  assert_int_equal(count, 0);
  qy_http_head_clear(&head);
  assert_null(head.storage);
  qy_http_head_clear(&head);
}

static void every_truncation_and_one_more(void **state)
{
  (void)state;
  unsigned status = 0;
  qy_http_head head;
  QY_SCOPED_BUFFER(text, 1024);
  for (size_t size = 0; size < sizeof(full) - 1; size++) {
    assert_int_equal(qy_http_head_parse(&head, &status, (qy_view){(const uint8_t *)full, size}, NULL),
                     QY_ERR_MALFORMED);
    assert_int_equal(status, 400);
    assert_null(head.storage);
  }
  qy_buffer_append_text(&text, full);
  qy_buffer_append_text(&text, "x");
  assert_int_equal(qy_http_head_parse(&head, &status, qy_buffer_view(&text), NULL), QY_ERR_MALFORMED);
  QY_SCOPED_BUFFER(huge, 2 * QY_MAX_HTTP_HEADERS);
  memset(qy_buffer_extend(&huge, QY_MAX_HTTP_HEADERS + 1), 'x', QY_MAX_HTTP_HEADERS + 1);
  assert_int_equal(qy_http_head_parse(&head, &status, qy_buffer_view(&huge), NULL), QY_ERR_MALFORMED);
  assert_int_equal(status, 431);
}

static void keeping_alive(void **state)
{
  (void)state;
  static const struct {
    const char *version;
    const char *connection;
    bool keep_alive;
  } cases[] = {{"1.1", "", true},
               {"1.1", "Connection: close\r\n", false},
               {"1.1", "connection: a,CLOSE\r\n", false},
               {"1.0", "", false},
               {"1.0", "Connection: keep-alive\r\n", true},
               {"1.1", "Connection: closed\r\n", true},
               {"1.1", "Connection: a\r\nConnection: close\r\n", false}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    unsigned status = 0;
    qy_http_head head;
    QY_SCOPED_BUFFER(text, 1024);
    qy_buffer_appendf(&text, "GET / HTTP/%s\r\nHost: x\r\n%s\r\n", cases[i].version, cases[i].connection);
    assert_ok(qy_http_head_parse(&head, &status, qy_buffer_view(&text), &assert_why));
    assert_int_equal(head.keep_alive, cases[i].keep_alive);
    qy_http_head_clear(&head);
  }
}

static void patterns(void **state)
{
  (void)state;
  static const struct {
    const char *pattern;
    const char *path;
    bool fits;
  } cases[] = {{"/", "/", true},           {"/a", "/a", true},         {"/a", "/a/", false},
               {"/a", "/ab", false},       {"/a", "/", false},         {"/a/*", "/a/b", true},
               {"/a/*", "/a/", false},     {"/a/*", "/a", false},      {"/a/*", "/a/b/c", false},
               {"/a/*/c", "/a/b/c", true}, {"/a/*/c", "/a//c", false}, {"/*/*", "/x/y", true},
               {"/a/*", "/a/*", true},     {"/a/b", "/a/*", false}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    if (qy_http_path_fits(cases[i].pattern, cases[i].path) != cases[i].fits) {
      fail_msg("%s %s", cases[i].pattern, cases[i].path);
    }
  }
}

static void expect_success(unsigned status, const char *type, const char *body, qy_status expected, const char *message)
{
  qy_error why = {0};
  QY_SCOPED_HTTP_ANSWER(answer);
  qy_buffer_init(&answer.body, 1024);
  answer.status = status;
  qy_buffer_append_text(&answer.body, body);
  qy_buffer_append(&answer.fields, "Content-Type", 13);
  qy_buffer_append(&answer.fields, type, strlen(type) + 1);
  assert_int_equal(qy_http_answer_need_success(&answer, "it", &why), expected);
  assert_string_equal(why.message, message);
}

static void success_or_why(void **state)
{
  (void)state;
  static const char problem[] = "application/problem+json; charset=utf-8";
  expect_success(200, "text/plain", "", QY_OK, "");
  expect_success(204, "text/plain", "", QY_OK, "");
  expect_success(302, "text/plain", "", QY_ERR_PEER, "it: answered 302");
  expect_success(401, problem, "{\"detail\":\"no key\"}", QY_ERR_DENIED, "it: answered 401: no key");
  expect_success(403, problem, "{\"title\":\"no\"}", QY_ERR_DENIED, "it: answered 403: no");
  expect_success(404, problem, "{\"detail\":7}", QY_ERR_NOT_FOUND, "it: answered 404");
  expect_success(429, problem, "[]", QY_ERR_BUSY, "it: answered 429");
  expect_success(503, problem, "no JSON", QY_ERR_BUSY, "it: answered 503");
  expect_success(500, "text/html", "{\"detail\":\"not shown\"}", QY_ERR_PEER, "it: answered 500");
  expect_success(400, problem, "{\"detail\":\"a\\u001b[31m\"}", QY_ERR_PEER, "it: answered 400: a\\x1b[31m");
}

static void statuses(void **state)
{
  (void)state;
  for (unsigned i = 1; i < QY_STATUS_COUNT; i++) {
    const unsigned status = qy_http_status_of((qy_status)i);
    assert_true(status >= 400 && status < 600);
  }
  assert_int_equal(qy_http_status_of(QY_OK), 200);
  assert_int_equal(qy_http_status_of(QY_ERR_REFUSED), 403);
  assert_int_equal(qy_http_status_of(QY_ERR_INTERNAL), 500);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_it_says),   cmocka_unit_test(every_truncation_and_one_more),
                                     cmocka_unit_test(keeping_alive),  cmocka_unit_test(patterns),
                                     cmocka_unit_test(success_or_why), cmocka_unit_test(statuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
