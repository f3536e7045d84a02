/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <string.h>

#include <base/cursor.h>

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};

static void numbers(void **state)
{
  (void)state;
  qy_reader in = qy_reader_over(QY_VIEW_OF(bytes));
  assert_int_equal(qy_read_u8(&in, "a"), 1);
  assert_int_equal(qy_read_u16le(&in, "b"), 0x0302);
  assert_int_equal(qy_read_u16be(&in, "c"), 0x0405);
  assert_int_equal(qy_read_u32le(&in, "d"), 0x09080706);
  assert_int_equal(qy_read_u32be(&in, "e"), 0x0a0b0c0d);
  assert_true(qy_read_u64le(&in, "f") == 0x1514131211100f0eu);
  assert_int_equal(qy_read_left(&in), 1);
  assert_int_equal(qy_read_finish(&in, "it", NULL), QY_ERR_MALFORMED);
  assert_ok(qy_read_so_far(&in, "it", &assert_why));
  const qy_view rest = qy_read_rest(&in);
  assert_int_equal(rest.size, 1);
  assert_int_equal(rest.bytes[0], 22);
  assert_ok(qy_read_finish(&in, "it", &assert_why));
  assert_int_equal(qy_read_rest(&in).size, 0); /* an empty rest is no failure */
  assert_ok(qy_read_finish(&in, "it", &assert_why));
}

static void every_truncation(void **state)
{
  (void)state;
  for (size_t size = 0; size <= sizeof(bytes); size++) {
    qy_error why = {0};
    qy_reader in = qy_reader_over((qy_view){bytes, size});
    uint8_t copy[7];
    (void)qy_read_u32le(&in, "number");
    qy_read_bytes(&in, copy, sizeof(copy), "copy");
    const qy_view view = qy_read_view(&in, 5, "view");
    qy_read_skip(&in, 6, "skipped");
    const qy_status status = qy_read_finish(&in, "it", &why);
    assert_int_equal(status, size == 22 ? QY_OK : QY_ERR_TRUNCATED);
    assert_int_equal(view.size, size >= 16 ? 5 : 0);
    assert_int_equal(copy[6], size >= 11 ? 11 : 0);
    if (size == 12) {
      assert_string_equal(why.message, "it: input of 12 bytes ends inside view, which begins at byte 11");
    }
  }
}

static void first_failure_stays(void **state)
{
  (void)state;
  qy_error why = {0};
  qy_reader in = qy_reader_over((qy_view){bytes, 3});
  assert_int_equal(qy_read_u32le(&in, "number"), 0);
  assert_int_equal(qy_read_u8(&in, "later"), 0); /* though a byte would be there */
  assert_int_equal(qy_read_left(&in), 0);
  assert_int_equal(qy_read_rest(&in).size, 0);
  qy_read_reject(&in, QY_ERR_UNSUPPORTED, "version", 0);
  assert_int_equal(qy_read_finish(&in, "it", &why), QY_ERR_TRUNCATED);
  assert_non_null(strstr(why.message, "number"));
  in = qy_reader_over(QY_VIEW_OF(bytes));
  (void)qy_read_u8(&in, "version");
  qy_read_reject(&in, QY_ERR_UNSUPPORTED, "version", 0);
  assert_int_equal(qy_read_finish(&in, "it", &why), QY_ERR_UNSUPPORTED);
  assert_int_equal(qy_read_so_far(&in, "it", NULL), QY_ERR_UNSUPPORTED);
  /* A size near the top of the range does not wrap. */
  in = qy_reader_over(QY_VIEW_OF(bytes));
  (void)qy_read_u8(&in, "one");
  assert_int_equal(qy_read_view(&in, SIZE_MAX, "huge").size, 0);
  assert_int_equal(in.status, QY_ERR_TRUNCATED);
}

static void zeros(void **state)
{
  (void)state;
  uint8_t text[8] = {0};
  for (size_t set = 0; set <= sizeof(text); set++) {
    memset(text, 0, sizeof(text));
    if (set < sizeof(text)) {
      text[set] = 0x80;
    }
    qy_reader in = qy_reader_over(QY_VIEW_OF(text));
    qy_read_zeros(&in, sizeof(text), "reserved");
    assert_int_equal(qy_read_finish(&in, "it", NULL), set < sizeof(text) ? QY_ERR_MALFORMED : QY_OK);
  }
  qy_reader empty = qy_reader_over((qy_view){NULL, 0});
  qy_read_zeros(&empty, 0, "none");
  qy_read_bytes(&empty, NULL, 0, "none");
  assert_ok(qy_read_finish(&empty, "it", &assert_why));
}

static void write_all(qy_writer *out)
{
  qy_write_u8(out, 1);
  qy_write_u16le(out, 0x0302);
  qy_write_u16be(out, 0x0405);
  qy_write_u32le(out, 0x09080706);
  qy_write_u32be(out, 0x0a0b0c0d);
  qy_write_u64le(out, 0x1514131211100f0eu);
  qy_write_bytes(out, "\x16", 1);
  qy_write_view(out, (qy_view){NULL, 0});
}

static void writing(void **state)
{
  (void)state;
  uint8_t text[sizeof(bytes)];
  size_t size = 0;
  qy_writer counting = qy_writer_counting();
  write_all(&counting);
  assert_ok(qy_write_finish(&counting, &size, "it", &assert_why));
  assert_int_equal(size, sizeof(bytes));
  for (size_t capacity = 0; capacity <= sizeof(text); capacity++) {
    memset(text, 0xee, sizeof(text));
    qy_writer out = qy_writer_over(text, capacity);
    write_all(&out);
    const qy_status status = qy_write_finish(&out, &size, "it", NULL);
    assert_int_equal(status, capacity == sizeof(text) ? QY_OK : QY_ERR_SPACE);
    for (size_t i = size; i < sizeof(text); i++) {
      assert_int_equal(text[i], 0xee); /* nothing beyond what it says */
    }
    assert_memory_equal(text, bytes, size);
  }
}

static void many_zeros(void **state)
{
  (void)state;
  uint8_t text[200];
  size_t size = 0;
  memset(text, 1, sizeof(text));
  qy_writer out = qy_writer_over(text, sizeof(text));
  qy_write_zeros(&out, 199);
  assert_ok(qy_write_finish(&out, &size, "it", &assert_why));
  assert_int_equal(size, 199);
  assert_true(qy_view_is_zero((qy_view){text, 199}));
  assert_int_equal(text[199], 1);
  qy_write_zeros(&out, 2);
  assert_int_equal(qy_write_finish(&out, NULL, "it", NULL), QY_ERR_SPACE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers), cmocka_unit_test(every_truncation), cmocka_unit_test(first_failure_stays),
      cmocka_unit_test(zeros),   cmocka_unit_test(writing),          cmocka_unit_test(many_zeros)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
