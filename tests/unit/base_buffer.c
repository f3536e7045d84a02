/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <string.h>

#include <base/buffer.h>

static void grows(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(buffer, 1 << 20);
  for (int i = 0; i < 20000; i++) {
    const uint8_t pair[2] = {(uint8_t)i, (uint8_t)(i >> 8)};
    qy_buffer_append(&buffer, pair, 2);
  }
  assert_ok(qy_buffer_finish(&buffer, "it", &assert_why));
  assert_int_equal(buffer.size, 40000);
  for (int i = 0; i < 20000; i++) {
    assert_int_equal(buffer.bytes[2 * i] | buffer.bytes[2 * i + 1] << 8, i);
  }
}

static void limit(void **state)
{
  (void)state;
  qy_error why = {0};
  QY_SCOPED_BUFFER(buffer, 5);
  qy_buffer_append_text(&buffer, "hello");
  assert_ok(qy_buffer_finish(&buffer, "it", &assert_why));
  qy_buffer_append(&buffer, "", 0);
  assert_ok(qy_buffer_finish(&buffer, "it", &assert_why));
  qy_buffer_append_text(&buffer, "!");
  assert_int_equal(qy_buffer_finish(&buffer, "it", &why), QY_ERR_LIMIT);
  assert_non_null(strstr(why.message, "limit 5 bytes"));
  assert_int_equal(buffer.size, 5);
  assert_string_equal(qy_buffer_text(&buffer), ""); /* nobody takes half of it for the whole */
  qy_buffer_append(&buffer, "", 0);
  assert_null(qy_buffer_extend(&buffer, 0)); /* the failure stays */
  qy_buffer_clear(&buffer);
  assert_ok(qy_buffer_finish(&buffer, "it", &assert_why));
  qy_buffer_append_text(&buffer, "again");
  assert_string_equal(qy_buffer_text(&buffer), "again");
  QY_SCOPED_BUFFER(none, 0);
  qy_buffer_append_text(&none, "x");
  assert_int_equal(none.status, QY_ERR_LIMIT);
  QY_SCOPED_BUFFER(huge, 10);
  assert_null(qy_buffer_extend(&huge, SIZE_MAX));
  assert_int_equal(huge.status, QY_ERR_LIMIT);
}

static void texts(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(buffer, 300);
  assert_string_equal(qy_buffer_text(&buffer), "");
  qy_buffer_appendf(&buffer, "%d-%s", 17, "x");
  assert_string_equal(qy_buffer_text(&buffer), "17-x");
  qy_buffer_appendf(&buffer, "%0250d", 0); /* beyond the first capacity */
  assert_int_equal(buffer.size, 254);
  assert_int_equal(strlen(qy_buffer_text(&buffer)), 254);
  qy_buffer_appendf(&buffer, "%0250d", 0);
  assert_int_equal(buffer.status, QY_ERR_LIMIT);
  assert_int_equal(buffer.size, 254);
  assert_int_equal(qy_buffer_view(&buffer).size, 254);
}

static void reserved_room_is_used(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(buffer, 1000);
  qy_buffer_reserve(&buffer, 900);
  const uint8_t *bytes = buffer.bytes;
  for (int i = 0; i < 90; i++) {
    qy_buffer_append(&buffer, "0123456789", 10);
  }
  assert_int_equal(buffer.status, QY_OK);
  assert_int_equal(buffer.size, 900);
  assert_ptr_equal(buffer.bytes, bytes);
  qy_buffer_reserve(&buffer, 101); /* beyond the limit */
  assert_int_equal(buffer.status, QY_ERR_LIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(reserved_room_is_used), cmocka_unit_test(grows),
                                     cmocka_unit_test(limit), cmocka_unit_test(texts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
