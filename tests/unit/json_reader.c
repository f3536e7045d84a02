/* SPDX-License-Identifier: Apache-2.0 */
/* The reader takes what the tree parser takes, but for escapes in names, and gives the bytes that stand there. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <base/limits.h>
#include <json/json.h>
#include <json/reader.h>

static qy_view text_of(const char *text)
{
  return qy_view_text(text);
}

static void agrees_with_the_tree_parser(void **state)
{
  (void)state;
  static const char *const texts[] = {"{}",
                                      "[]",
                                      " {\"a\": [1, 2.5, null, true, false, \"\\u00e9\"]} \n",
                                      "[\"}}}}]]]\\\"[[\"]",
                                      "[0, -0, -1, 1e5, 1E-5, 1.25e+2, 10]",
                                      "[\"\\ud83d\\ude00\", \"\xf0\x9f\x98\x80\", \"\xe2\x82\xac\", \"\xc3\xa9\"]",
                                      "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
                                      "",
                                      " ",
                                      "{",
                                      "}",
                                      "[",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\" 1}",
                                      "{a:1}",
                                      "{'a':1}",
                                      "[1] 2",
                                      "[1][2]",
                                      "{} x",
                                      "[NaN]",
                                      "[Infinity]",
                                      "[01]",
                                      "[-]",
                                      "[-01]",
                                      "[+1]",
                                      "[1.]",
                                      "[.5]",
                                      "[1e]",
                                      "[1e+]",
                                      "[tru]",
                                      "[truex]",
                                      "[nul",
                                      "[\"a]",
                                      "[\"\\x\"]",
                                      "[\"\\u12\"]",
                                      "[\"\\u12g4\"]",
                                      "[\"\x01\"]",
                                      "[\"\xff\"]",
                                      "[\"\xc0\xaf\"]",
                                      "[\"\xc3\"]",
                                      "[\"\xe0\x80\x80\"]",
                                      "[\"\xf4\x90\x80\x80\"]",
                                      "[\"\\ud800\"]",
                                      "[\"\\udc00\"]",
                                      "[\"\\ud800\\u0041\"]",
                                      "[\"\xed\xa0\x80\"]",
                                      "[1] // note",
                                      "\xef\xbb\xbf{}",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1,\"b\":{},\"a\":2}",
                                      "[[{\"b\":{\"a\":1,\"a\":1}}]]"};
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    QY_SCOPED_JSON(tree);
    const bool expected = qy_json_parse(&tree, text_of(texts[i]), NULL) == QY_OK;
    if (qy_json_is_well_formed(text_of(texts[i])) != expected) {
      fail_msg("%s: the tree parser %s it", texts[i], expected ? "takes" : "refuses");
    }
  }
  assert_true(qy_json_is_well_formed(text_of("7"))); /* a value alone is JSON, though nothing here sends one */
  const uint8_t nul[] = {'[', ']', 0};
  assert_false(qy_json_is_well_formed(QY_VIEW_OF(nul)));
  assert_false(qy_json_is_well_formed(text_of("{\"\\u0061\":1}")));
}

static void depth_is_bounded(void **state)
{
  (void)state;
  for (size_t levels = QY_MAX_JSON_DEPTH - 1; levels <= QY_MAX_JSON_DEPTH + 1; levels++) {
    QY_SCOPED_BUFFER(text, 1024);
    for (size_t i = 0; i < levels; i++) {
      qy_buffer_append_text(&text, i % 2 == 0 ? "[" : "{\"a\":");
    }
    qy_buffer_append_text(&text, "1");
    for (size_t i = levels; i > 0; i--) {
      qy_buffer_append_text(&text, i % 2 == 1 ? "]" : "}");
    }
    assert_int_equal(qy_json_is_well_formed(qy_buffer_view(&text)), levels <= QY_MAX_JSON_DEPTH);
  }
  QY_SCOPED_BUFFER(deep, 1 << 20);
  for (size_t i = 0; i < 100000; i++) {
    qy_buffer_append_text(&deep, "[");
  }
  qy_json_reader in = qy_json_reader_over(qy_buffer_view(&deep));
  (void)qy_json_skip(&in);
  assert_int_equal(in.status, QY_ERR_LIMIT);
}

enum { NUMBER, HEX, TIME, TEXT, LIST, OBJECT, NAMES };
static const qy_json_name names[NAMES] = {QY_JSON_NAME("number"), QY_JSON_NAME("hex"),  QY_JSON_NAME("time"),
                                          QY_JSON_NAME("text"),   QY_JSON_NAME("list"), QY_JSON_NAME("object")};

typedef struct everything {
  uint64_t number;
  uint8_t hex[2];
  int64_t time_s;
  qy_view text;
  uint64_t sum;
  qy_view object;
  uint64_t seen;
} everything;

static void read_everything(qy_json_reader *in, everything *out)
{
  qy_json_walk walk;
  qy_json_walk list;
  size_t index = 0;
  *out = (everything){0};
  qy_json_begin_object(in, &walk);
  while (qy_json_next_member(in, &walk, &index, names, NAMES)) {
    switch (index) {
    case NUMBER:
      out->number = qy_json_read_unsigned(in, 300);
      break;
    case HEX:
      qy_json_read_hex(in, out->hex, sizeof(out->hex));
      break;
    case TIME:
      out->time_s = qy_json_read_time(in);
      break;
    case TEXT:
      out->text = qy_json_read_text(in);
      break;
    case LIST:
      qy_json_begin_array(in, &list);
      while (qy_json_next_element(in, &list)) {
        out->sum += qy_json_read_unsigned(in, UINT64_MAX);
      }
      break;
    default:
      out->object = qy_json_skip(in);
      break;
    }
  }
  qy_json_read_end(in);
  out->seen = walk.seen;
}

static void gives_the_bytes_that_stand_there(void **state)
{
  (void)state;
  static const char text[] =
      " {\"time\":\"2026-11-23T10:00:00Z\" , \"what\":[1,{\"x\":\"\\n\"}],\"hex\":\"aBcD\","
      "\"list\":[ ],\"object\":{\"b\" : [ 1 ]}, \"text\":\"UpToDate\",\"number\":300,\"who\":1}\n";
  qy_json_reader in = qy_json_reader_over(text_of(text));
  everything read;
  read_everything(&in, &read);
  assert_int_equal(in.status, QY_OK);
  assert_ok(qy_json_read_status(&in, "it", NULL));
  assert_int_equal(read.seen, (1u << NAMES) - 1);
  assert_int_equal(read.number, 300);
  assert_int_equal(read.hex[0] << 8 | read.hex[1], 0xabcd);
  assert_int_equal(read.time_s, 1795428000);
  assert_true(qy_view_equal(read.text, text_of("UpToDate")));
  assert_true(qy_view_equal(read.object, text_of("{\"b\" : [ 1 ]}")));
  assert_ptr_equal(read.object.bytes, strstr(text, "{\"b\""));
}

static void lists_end_where_they_end(void **state)
{
  (void)state;
  qy_json_reader in = qy_json_reader_over(text_of("{\"list\":[1,18446744073709551615]}"));
  everything read;
  read_everything(&in, &read);
  assert_int_equal(in.status, QY_OK);
  assert_true(read.sum == 0); /* modulo 2^64 */
  assert_int_equal(read.seen, 1u << LIST);
}

static void refuses_what_is_not_meant(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t at;
  } rows[] = {{"{\"number\":301}", 10},
              {"{\"number\":-1}", 10},
              {"{\"number\":1.0}", 10},
              {"{\"number\":1e1}", 10},
              {"{\"number\":007}", 10},
              {"{\"number\":\"7\"}", 10},
              {"{\"number\":18446744073709551616}", 10},
              {"{\"list\":[18446744073709551616]}", 9},
              {"{\"hex\":\"abc\"}", 12},
              {"{\"hex\":\"abcde0\"}", 15},
              {"{\"hex\":\"abcg\"}", 13},
              {"{\"hex\":[]}", 7},
              {"{\"time\":\"2026-11-23\"}", 20},
              {"{\"time\":\"2026-11-23T10:00:00.5Z\"}", 32},
              {"{\"time\":\"2026-02-29T10:00:00Z\"}", 30},
              {"{\"time\":\"2026-11-23T10:00:60Z\"}", 30},
              {"{\"time\":\"2026-11-23T10:00+0:00\"}", 31},
              {"{\"text\":\"a\\u0062\"}", 10},
              {"{\"text\":7}", 8},
              {"{\"te\\u0078t\":\"a\"}", 4},
              {"{\"text\":\"a\",\"number\":1,\"text\":\"a\"}", 23},
              {"{\"new\":1,\"new\":1}", 9},
              {"{\"list\":{}}", 8},
              {"{\"list\":[1 2]}", 11},
              {"[]", 0},
              {"{} {}", 3}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    qy_json_reader in = qy_json_reader_over(text_of(rows[i].text));
    everything read;
    qy_error why = {0};
    read_everything(&in, &read);
    assert_int_equal(qy_json_read_status(&in, "it", &why), QY_ERR_MALFORMED);
    if (in.failed_at != rows[i].at) {
      fail_msg("%s: %s", rows[i].text, why.message);
    }
  }
}

static void unknown_members_are_bounded(void **state)
{
  (void)state;
  for (unsigned count = QY_JSON_MAX_UNKNOWN; count <= QY_JSON_MAX_UNKNOWN + 1; count++) {
    QY_SCOPED_BUFFER(text, 4096);
    for (unsigned i = 0; i < count; i++) {
      qy_buffer_appendf(&text, "%s\"m%u\":0", i == 0 ? "{" : ",", i);
    }
    qy_buffer_append_text(&text, "}");
    qy_json_reader in = qy_json_reader_over(qy_buffer_view(&text));
    (void)qy_json_skip(&in);
    assert_int_equal(in.status, count <= QY_JSON_MAX_UNKNOWN ? QY_OK : QY_ERR_LIMIT);
  }
}

static void every_truncation_is_refused(void **state)
{
  (void)state;
  static const char text[] =
      "{\"time\":\"2026-11-23T10:00:00Z\",\"hex\":\"aBcD\",\"list\":[1,2],\"object\":{\"b\":null},"
      "\"text\":\"x\",\"number\":30,\"who\":-1.5e-3}";
  for (size_t size = 0; size < sizeof(text) - 1; size++) {
    char *cut = malloc(size == 0 ? 1 : size); /* so that a sanitizer sees a read behind it */
    assert_non_null(cut);
    memcpy(cut, text, size);
    qy_json_reader in = qy_json_reader_over(qy_view_over(cut, size));
    everything read;
    read_everything(&in, &read);
    assert_int_equal(in.status, QY_ERR_MALFORMED);
    free(cut);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_the_tree_parser),      cmocka_unit_test(depth_is_bounded),
      cmocka_unit_test(gives_the_bytes_that_stand_there), cmocka_unit_test(lists_end_where_they_end),
      cmocka_unit_test(refuses_what_is_not_meant),        cmocka_unit_test(unknown_members_are_bounded),
      cmocka_unit_test(every_truncation_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
