/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <string.h>

#include <base/encoding.h>

static void hex(void **state)
{
  (void)state;
  qy_error why = {0};
  uint8_t all[256], back[256];
  char text[513];
  for (size_t i = 0; i < 256; i++) {
    all[i] = (uint8_t)i;
  }
  qy_hex_encode(text, QY_VIEW_OF(all));
  assert_int_equal(strlen(text), 512);
  assert_ok(qy_hex_decode(back, 256, qy_view_text(text), "it", &assert_why));
  assert_memory_equal(back, all, 256);
  QY_SCOPED_BUFFER(appended, 512);
  qy_hex_append(&appended, QY_VIEW_OF(all));
  assert_string_equal(qy_buffer_text(&appended), text);
  assert_ok(qy_hex_decode(back, 2, qy_view_text("aBFf"), "it", &assert_why));
  assert_memory_equal(back, "\xab\xff", 2);
  static const char *const bad[] = {"",     "a",    "abc",    "abcde", "abcdef", "abcg",
                                    "0xab", "ab d", "ab\ncd", "ab-d",  "a:bc"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(qy_hex_decode(back, 2, qy_view_text(bad[i]), "it", &why), QY_ERR_MALFORMED);
  }
  assert_int_equal(qy_hex_decode(back, 2, qy_view_text("abcG"), "key", &why), QY_ERR_MALFORMED);
  assert_string_equal(why.message, "key: no hex digit at character 3");
  static const char *const odd[] = {"a", "abc", "ag"};
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_BUFFER(out, 10);
    qy_hex_decode_append(&out, qy_view_text(odd[i]));
    assert_int_equal(out.status, QY_ERR_MALFORMED);
  }
  QY_SCOPED_BUFFER(out, 2);
  qy_hex_decode_append(&out, qy_view_text("abcd"));
  assert_int_equal(out.size, 2);
  qy_hex_decode_append(&out, qy_view_text("ef"));
  assert_int_equal(out.status, QY_ERR_LIMIT);
}

/* RFC 4648, section 10. */
static void base64(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {{"", ""},
                                         {"f", "Zg=="},
                                         {"fo", "Zm8="},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg=="},
                                         {"fooba", "Zm9vYmE="},
                                         {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
    QY_SCOPED_BUFFER(text, 64);
    QY_SCOPED_BUFFER(back, 64);
    qy_base64_append(&text, qy_view_text(pairs[i][0]));
    assert_string_equal(qy_buffer_text(&text), pairs[i][1]);
    qy_base64_decode_append(&back, qy_view_text(pairs[i][1]));
    assert_string_equal(qy_buffer_text(&back), pairs[i][0]);
  }
  static const char *const bad[] = {
      "A",    "AA",   "AAA",  "AAAAA", "AA==AAAA", "A===", "====",   "=AAA",     "A=AA",   "AA=A",
      "AB==", "AAB=", "AA A", "AAA\n", "AA-_",     "AAA*", "Zg==\n", "AAAA====", "AAA\xc3"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    QY_SCOPED_BUFFER(out, 64);
    qy_base64_decode_append(&out, qy_view_text(bad[i]));
    if (out.status != QY_ERR_MALFORMED) {
      fail_msg("accepted: %s", bad[i]);
    }
  }
  const uint8_t nul[4] = {'A', 'A', 'A', 0};
  QY_SCOPED_BUFFER(out, 64);
  qy_base64_decode_append(&out, QY_VIEW_OF(nul));
  assert_int_equal(out.status, QY_ERR_MALFORMED);
}

static void base64_of_everything(void **state)
{
  (void)state;
  test_random seed = {.state = 1};
  const qy_random random = test_random_source(&seed);
  for (size_t size = 0; size < 100; size++) {
    uint8_t bytes[100];
    QY_SCOPED_BUFFER(text, 200);
    QY_SCOPED_BUFFER(back, 100);
    assert_ok(random.fill(random.context, bytes, size, &assert_why));
    qy_base64_append(&text, (qy_view){bytes, size});
    qy_base64_decode_append(&back, qy_buffer_view(&text));
    assert_true(qy_view_equal(qy_buffer_view(&back), (qy_view){bytes, size}));
  }
}

static void times(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t time_s;
  } good[] = {{"1970-01-01T00:00:00Z", 0},
              {"2026-11-23T10:00:00Z", 1795428000},
              {"2026-11-23T10:00:00.999999Z", 1795428000},
              {"2026-11-23T11:30:00+01:30", 1795428000},
              {"2026-11-23T05:00:00-05:00", 1795428000},
              {"2026-11-23", 1795392000},
              {"2000-02-29", 951782400},
              {"2024-02-29T23:59:59Z", 1709251199},
              {"9999-12-31T23:59:59Z", 253402300799},
              {"1969-12-31T23:59:59Z", -1}};
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    int64_t time_s = 0;
    assert_ok(qy_time_parse(&time_s, qy_view_text(good[i].text), "it", &assert_why));
    assert_true(time_s == good[i].time_s);
  }
  static const char *const bad[] = {"",
                                    "2026",
                                    "2026-11",
                                    "2026-1-23",
                                    "2026-13-01",
                                    "2026-00-01",
                                    "2026-11-00",
                                    "2026-11-31",
                                    "2026-02-29",
                                    "1900-02-29",
                                    "2026-11-23T",
                                    "2026-11-23T10:00:00",
                                    "2026-11-23 10:00:00Z",
                                    "2026-11-23t10:00:00z",
                                    "2026-11-23T10:00Z",
                                    "2026-11-23T24:00:00Z",
                                    "2026-11-23T10:60:00Z",
                                    "2026-11-23T10:00:60Z",
                                    "2026-11-23T10:00:00.Z",
                                    "2026-11-23T10:00:00ZZ",
                                    "2026-11-23T10:00:00+1:00",
                                    "2026-11-23T10:00:00+24:00",
                                    "2026-11-23T10:00:00+01:60",
                                    "2026-11-23T10:00:00+0100",
                                    " 2026-11-23",
                                    "2026-11-23 ",
                                    "+026-11-23",
                                    "0000-01-01"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    int64_t time_s = 0;
    if (qy_time_parse(&time_s, qy_view_text(bad[i]), "it", NULL) != QY_ERR_MALFORMED) {
      fail_msg("accepted: %s", bad[i]);
    }
  }
}

static void time_texts(void **state)
{
  (void)state;
  char text[21];
  for (int64_t day = 0; day < 253402300800 / 86400; day++) { /* every day there is */
    int64_t again = 0;
    const int64_t time_s = day * 86400 + day % 86400;
    qy_time_format(text, time_s);
    if (qy_time_parse(&again, qy_view_text(text), "time", NULL) != QY_OK || again != time_s) {
      fail_msg("%s is not %lld", text, (long long)time_s);
    }
  }
  qy_time_format(text, INT64_MAX);
  assert_string_equal(text, "9999-12-31T23:59:59Z");
  qy_time_format(text, 253402300800);
  assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(hex), cmocka_unit_test(base64),
                                     cmocka_unit_test(base64_of_everything), cmocka_unit_test(times),
                                     cmocka_unit_test(time_texts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
