/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <base/limits.h>
#include <json/json.h>
#include <json/reader.h>

static qy_status parse(const char *text)
{
  QY_SCOPED_JSON(value);
  qy_error why = {0};
  const qy_status status = qy_json_parse(&value, qy_view_text(text), &why);
  assert_true((status == QY_OK) == (value != NULL));
  assert_true((status == QY_OK) == (why.message[0] == '\0'));
  return status;
}

static void texts(void **state)
{
  (void)state;
  static const char *const good[] = {"{}", "[]", " {\"a\": [1, 2.5, null, true, \"\\u00e9\"]} \n",
                                     "[\"}}}}]]]\\\"[[\"]"};
  static const char *const bad[] = {"",
                                    " ",
                                    "1",
                                    "\"a\"",
                                    "null",
                                    "{",
                                    "}",
                                    "[1,]",
                                    "{\"a\":1,}",
                                    "{a:1}",
                                    "{'a':1}",
                                    "[1] 2",
                                    "[1][2]",
                                    "{} x",
                                    "[NaN]",
                                    "[Infinity]",
                                    "[01]",
                                    "[+1]",
                                    "[1.]",
                                    "[.5]",
                                    "[\"\\u0000\"]",
                                    "[\"\x01\"]",
                                    "[\"\xff\"]",
                                    "[\"\xc0\xaf\"]",
                                    "[\"\\ud800\"]",
                                    "[99999999999999999999]",
                                    "[1e999]",
                                    "[1] // note",
                                    "\xef\xbb\xbf{}",
                                    "[\"\xed\xa0\x80\"]",
                                    "{\"a\":1,\"a\":2}",
                                    "{\"a\":1,\"\\u0061\":2}",
                                    "[[{\"b\":{\"a\":1,\"a\":1}}]]"};
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    assert_int_equal(parse(good[i]), QY_OK);
  }
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(parse(bad[i]), QY_ERR_MALFORMED);
  }
}

static void no_nul_anywhere(void **state)
{
  (void)state;
  static const char text[] = "[12, true, null, 1.5, \"a\", {}]";
  for (size_t at = 0; at <= strlen(text); at++) {
    uint8_t with[sizeof(text)];
    QY_SCOPED_JSON(value);
    qy_error why = {0};
    memcpy(with, text, at);
    with[at] = 0;
    memcpy(with + at + 1, text + at, strlen(text) - at);
    assert_int_equal(qy_json_parse(&value, QY_VIEW_OF(with), &why), QY_ERR_MALFORMED);
    assert_non_null(strstr(why.message, "NUL at byte"));
    assert_false(qy_json_is_well_formed(QY_VIEW_OF(with)));
  }
}

static void depth(void **state)
{
  (void)state;
  for (size_t levels = QY_MAX_JSON_DEPTH - 1; levels <= QY_MAX_JSON_DEPTH + 1; levels++) {
    QY_SCOPED_BUFFER(text, 1024);
    for (size_t i = 0; i < levels; i++) {
      qy_buffer_append_text(&text, i + 1 == levels ? "[" : "[\"[[[[\",");
    }
    for (size_t i = 0; i < levels; i++) {
      qy_buffer_append_text(&text, "]");
    }
    assert_int_equal(parse(qy_buffer_text(&text)), levels <= QY_MAX_JSON_DEPTH ? QY_OK : QY_ERR_LIMIT);
  }
  QY_SCOPED_BUFFER(wide, 4096); /* many, but never deep */
  qy_buffer_append_text(&wide, "[");
  for (int i = 0; i < 200; i++) {
    qy_buffer_append_text(&wide, "[{}],");
  }
  qy_buffer_append_text(&wide, "{}]");
  assert_int_equal(parse(qy_buffer_text(&wide)), QY_OK);
}

static void size(void **state)
{
  (void)state;
  QY_SCOPED_JSON(value);
  const size_t beyond = (size_t)QY_MAX_JSON_SIZE + 1;
  uint8_t *text = malloc(beyond);
  assert_non_null(text);
  memset(text, ' ', beyond);
  memcpy(text, "[]", 2);
  assert_int_equal(qy_json_parse(&value, (qy_view){text, beyond}, NULL), QY_ERR_LIMIT);
  assert_int_equal(qy_json_parse(&value, (qy_view){text, beyond - 1}, NULL), QY_OK);
  free(text);
}

static const char sample[] =
    "{\"name\": \"x\", \"isv_svn\": 7, \"big\": 65536, \"real\": 7.0, \"yes\": true, \"no\": false,"
    "\"nothing\": null, \"inner\": {\"a\": 1}, \"list\": [1, 2, 3], \"hex\": \"00fF\","
    "\"odd\": \"00f\", \"base64\": \"AAEC\", \"bad64\": \"AAE\", \"time\": \"2026-11-23T10:00:00Z\","
    "\"word\": \"linkable\"}";

static json_t *sample_json(void)
{
  json_t *value = NULL;
  assert_ok(qy_json_parse(&value, qy_view_text(sample), &assert_why));
  return value;
}

static void scalars(void **state)
{
  (void)state;
  qy_error why = {0};
  const char *text = NULL;
  int64_t number = 0;
  bool flag = false;
  QY_SCOPED_JSON(json);
  json = sample_json();
  assert_ok(qy_json_text(&text, json, "name", "policy", &assert_why));
  assert_string_equal(text, "x");
  assert_int_equal(qy_json_text(&text, json, "absent", "policy", &why), QY_ERR_MALFORMED);
  assert_null(text);
  assert_string_equal(why.message, "policy: member \"absent\": a text is needed");
  assert_int_equal(qy_json_text(&text, json, "nothing", "policy", &why), QY_ERR_MALFORMED);
  assert_int_equal(qy_json_text(&text, json, "isv_svn", "policy", &why), QY_ERR_MALFORMED);
  assert_int_equal(qy_json_text(&text, NULL, "name", "policy", &why), QY_ERR_MALFORMED);
  assert_ok(qy_json_integer(&number, json, "isv_svn", 0, 7, "policy", &assert_why));
  assert_int_equal(number, 7);
  static const char *const bad[] = {"big", "real", "yes", "name", "nothing", "absent", "list"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(qy_json_integer(&number, json, bad[i], 0, 65535, "policy", &why), QY_ERR_MALFORMED);
    assert_int_equal(number, 0);
  }
  assert_int_equal(qy_json_integer(&number, json, "isv_svn", 8, 65535, "policy", &why), QY_ERR_MALFORMED);
  assert_string_equal(why.message, "policy: member \"isv_svn\": an integer from 8 to 65535 is needed");
  assert_ok(qy_json_boolean(&flag, json, "yes", "policy", &assert_why));
  assert_true(flag);
  assert_ok(qy_json_boolean(&flag, json, "no", "policy", &assert_why));
  assert_false(flag);
  assert_int_equal(qy_json_boolean(&flag, json, "isv_svn", "policy", &why), QY_ERR_MALFORMED);
  assert_int_equal(qy_json_time(&number, json, "name", "policy", &why), QY_ERR_MALFORMED);
  assert_ok(qy_json_time(&number, json, "time", "policy", &assert_why));
  assert_int_equal(number, 1795428000);
}

static void collections(void **state)
{
  (void)state;
  qy_error why = {0};
  const json_t *inner = NULL;
  size_t chosen = 9;
  QY_SCOPED_JSON(json);
  json = sample_json();
  assert_ok(qy_json_object(&inner, json, "inner", "policy", &assert_why));
  assert_true(qy_json_has(inner, "a"));
  assert_false(qy_json_has(inner, "b"));
  assert_true(qy_json_has(json, "nothing"));
  assert_false(qy_json_has(NULL, "a"));
  assert_int_equal(qy_json_object(&inner, json, "list", "policy", &why), QY_ERR_MALFORMED);
  assert_null(inner);
  assert_ok(qy_json_array(&inner, json, "list", 3, "policy", &assert_why));
  assert_int_equal(qy_json_array(&inner, json, "list", 2, "policy", &why), QY_ERR_LIMIT);
  assert_null(inner);
  assert_int_equal(qy_json_array(&inner, json, "inner", 2, "policy", &why), QY_ERR_MALFORMED);
  static const char *const words[] = {"unlinkable", "linkable"};
  assert_ok(qy_json_choice(&chosen, json, "word", words, 2, "policy", &assert_why));
  assert_int_equal(chosen, 1);
  assert_int_equal(qy_json_choice(&chosen, json, "name", words, 2, "policy", &why), QY_ERR_MALFORMED);
  assert_string_equal(why.message, "policy: member \"name\": one of \"unlinkable\", \"linkable\" is needed");
  assert_ok(qy_json_only(json, "policy", &assert_why, "name", "isv_svn", "big", "real", "yes", "no", "nothing", "inner",
                         "list", "hex", "odd", "base64", "bad64", "time", "word", "more"));
  assert_int_equal(qy_json_only(json, "policy", &why, "name"), QY_ERR_MALFORMED);
  assert_string_equal(why.message, "policy: member \"isv_svn\" is not known here");
  assert_int_equal(qy_json_only(inner, "policy", &why, "name"), QY_ERR_MALFORMED);
}

static void bytes(void **state)
{
  (void)state;
  uint8_t two[2];
  qy_error why = {0};
  QY_SCOPED_JSON(json);
  json = sample_json();
  assert_ok(qy_json_hex(two, 2, json, "hex", "policy", &assert_why));
  assert_int_equal(two[1], 0xff);
  static const char *const bad[] = {"odd", "name", "absent", "isv_svn"};
  for (size_t i = 0; i < 4; i++) {
    memset(two, 1, 2);
    assert_int_equal(qy_json_hex(two, 2, json, bad[i], "policy", &why), QY_ERR_MALFORMED);
    assert_int_equal(two[0] | two[1], 0);
    QY_SCOPED_BUFFER(out, 16);
    assert_int_equal(qy_json_hex_buffer(&out, json, bad[i], "policy", &why), QY_ERR_MALFORMED);
  }
  assert_string_equal(why.message, "policy: member \"isv_svn\": hex text is needed");
  QY_SCOPED_BUFFER(out, 3);
  assert_ok(qy_json_base64(&out, json, "base64", "policy", &assert_why));
  assert_memory_equal(out.bytes, "\0\1\2", 3);
  QY_SCOPED_BUFFER(small, 2);
  assert_int_equal(qy_json_base64(&small, json, "base64", "policy", &why), QY_ERR_LIMIT);
  QY_SCOPED_BUFFER(none, 16);
  assert_int_equal(qy_json_base64(&none, json, "bad64", "policy", &why), QY_ERR_MALFORMED);
}

static void printing(void **state)
{
  (void)state;
  const uint8_t two[] = {0, 255};
  QY_SCOPED_JSON(value);
  QY_SCOPED_BUFFER(line, 4096);
  QY_SCOPED_BUFFER(lines, 4096);
  QY_SCOPED_BUFFER(small, 10);
  value =
      json_pack("{s:o, s:o, s:o, s:o}", "z", qy_json_new_hex(QY_VIEW_OF(two)), "a", qy_json_new_base64(QY_VIEW_OF(two)),
                "t", qy_json_new_time(0), "p", qy_json_new_text("a\xff\xc3\xa9"));
  assert_ok(qy_json_print(&line, value, false, &assert_why));
  assert_string_equal(qy_buffer_text(&line),
                      "{\"z\":\"00ff\",\"a\":\"AP8=\",\"t\":\"1970-01-01T00:00:00Z\",\"p\":\"a???\"}");
  assert_ok(qy_json_print(&lines, value, true, &assert_why));
  assert_string_equal(qy_buffer_text(&lines), "{\n  \"z\": \"00ff\",\n  \"a\": \"AP8=\",\n"
                                              "  \"t\": \"1970-01-01T00:00:00Z\",\n  \"p\": \"a???\"\n}\n");
  assert_int_equal(qy_json_print(&small, value, false, NULL), QY_ERR_LIMIT);
  assert_int_equal(qy_json_print(&lines, NULL, false, NULL), QY_ERR_MEMORY);
  QY_SCOPED_JSON(good);
  good = qy_json_new_text("\xc3\xa9");
  assert_string_equal(json_string_value(good), "\xc3\xa9");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(texts),   cmocka_unit_test(no_nul_anywhere),
                                     cmocka_unit_test(depth),   cmocka_unit_test(size),
                                     cmocka_unit_test(scalars), cmocka_unit_test(collections),
                                     cmocka_unit_test(bytes),   cmocka_unit_test(printing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
