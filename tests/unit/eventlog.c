/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and replaying event logs. */
#include "event_log_support.h"

#include <stdlib.h>

#include <quotary/event_log.h>

static void put_start(qy_buffer *out)
{
  put_log_header(out, sha384_alone, 1);
  put_event(out, 1, 0x80000001, "SecureBoot");
  put_event(out, 2, EV_EFI_ACTION, "Calling EFI Application from Boot Option");
  put_event(out, 0, EV_NO_ACTION, "StartupLocality");
  put_event(out, 3, 0x0d, "linux /vmlinuz");
  put_event(out, 2, EV_EFI_ACTION, "Exit Boot Services Invocation");
}

static void a_log_is_read_and_replayed(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 1 << 16);
  qy_event_log log;
  qy_event event;
  size_t offset = 0;
  uint8_t registers[4][48];
  uint8_t expected[4][48] = {{0}};
  static const uint32_t indices[] = {1, 2, 0, 3, 2};
  put_start(&bytes);
  assert_ok(qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL));
  assert_int_equal(log.count, 5);
  for (size_t i = 0; i < 5; i++) {
    assert_true(qy_event_log_next(&event, &log, &offset));
    assert_int_equal(event.index, indices[i]);
    assert_int_equal(qy_event_is_measured(&event), i != 2);
  }
  assert_false(qy_event_log_next(&event, &log, &offset));
  assert_true(qy_view_equal(event.data, qy_view_text("Exit Boot Services Invocation")));
  /* as the firmware of real machines logs this text */
  static const uint8_t known[] = {0x21, 0x4b, 0x0b, 0xef, 0x13, 0x79, 0x75, 0x60};
  assert_memory_equal(event.digest, known, sizeof(known));
  extend(expected[0], "SecureBoot");
  extend(expected[1], "Calling EFI Application from Boot Option");
  extend(expected[1], "Exit Boot Services Invocation");
  extend(expected[2], "linux /vmlinuz");
  assert_ok(qy_event_log_replay(registers, &log, NULL));
  assert_memory_equal(registers, expected, sizeof(registers));
}

static void memory_behind_the_log_is_passed_over(void **state)
{
  (void)state;
  static const uint8_t fillings[] = {0, 0xff};
  for (size_t i = 0; i < 2; i++) {
    QY_SCOPED_BUFFER(bytes, 1 << 17);
    uint8_t filling[700];
    qy_event_log log;
    qy_error why = {0};
    memset(filling, fillings[i], sizeof(filling));
    put_start(&bytes);
    const size_t end = bytes.size;
    qy_buffer_append(&bytes, filling, sizeof(filling));
    assert_ok(qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL));
    assert_int_equal(log.count, 5);
    bytes.bytes[bytes.size - 1] = 7; /* then it is no padding, and no event either */
    assert_int_not_equal(qy_event_log_decode(&log, qy_buffer_view(&bytes), &why), QY_OK);
    assert_int_equal(log.count, 0);
    bytes.bytes[end] = 1;
    assert_int_not_equal(qy_event_log_decode(&log, qy_buffer_view(&bytes), &why), QY_OK);
  }
}

/* Cut at any byte: refused, or, at the end of an event, a shorter log that replays to something else. */
static void every_truncation_is_noticed(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 1 << 16);
  uint8_t whole[4][48];
  uint8_t registers[4][48];
  qy_event_log log;
  size_t shorter = 0;
  put_start(&bytes);
  assert_ok(qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL));
  assert_ok(qy_event_log_replay(whole, &log, NULL));
  for (size_t size = 0; size < bytes.size; size++) {
    uint8_t *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes.bytes, size);
    const qy_status status = qy_event_log_decode(&log, qy_view_over(copy, size), NULL);
    if (status == QY_OK) {
      assert_ok(qy_event_log_replay(registers, &log, NULL));
      assert_memory_not_equal(registers, whole, sizeof(whole));
      shorter++;
    } else {
      assert_int_equal(status, QY_ERR_TRUNCATED);
    }
    free(copy);
  }
  /* behind the header, behind each event but the last, and in the zeros with which the third begins: padding */
  assert_int_equal(shorter, 1 + 4 + 4);
}

/* One thing wrong each: what is said, and where. */
static void forms_are_kept(void **state)
{
  (void)state;
  enum { FIRST = 32 + 33 };
  static const struct {
    size_t at;
    uint8_t value;
    const char *says;
  } rows[] = {{4, 4, "type of the header"},
              {8, 1, "digest of the header"},
              {28, 36, "size of the header"},
              {28, 38, "size of the header"},
              {32, 's', "signature of the header"},
              {46, '2', "signature of the header"},
              {56, 0, "number of algorithms"},
              {56, 9, "number of algorithms"},
              {60, 0x0b, "SHA-384"},
              {62, 32, "digest size"},
              {62, 0, "digest size"},
              {64, 1, "size of the header"},
              {FIRST, 5, "register (MRTD: 0"},
              {FIRST, 0, "register (MRTD, which no event extends)"},
              {FIRST + 3, 1, "register (MRTD: 0"},
              {FIRST + 8, 0, "number of digests"},
              {FIRST + 8, 2, "number of digests"},
              {FIRST + 12, 0x0b, "algorithm of a digest"},
              {FIRST + 65, 0xff, "event"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 1 << 16);
    qy_event_log log;
    qy_error why = {0};
    put_start(&bytes);
    bytes.bytes[rows[i].at] = rows[i].value;
    if (qy_event_log_decode(&log, qy_buffer_view(&bytes), &why) == QY_OK || strstr(why.message, rows[i].says) == NULL) {
      fail_msg("byte %zu: %s, expected: %s", rows[i].at, why.message, rows[i].says);
    }
    assert_non_null(strstr(why.message, "event log"));
    assert_int_equal(log.count, 0);
  }
}

static void several_algorithms_stand_side_by_side(void **state)
{
  (void)state;
  static const uint16_t both[][2] = {{0x000b, 32}, {0x000c, 48}};
  static const uint16_t twice[][2] = {{0x000c, 48}, {0x000c, 48}};
  static const uint16_t one_each[] = {0x000c, 0x000b};
  static const uint16_t doubled[] = {0x000c, 0x000c};
  static const uint16_t *const orders[] = {one_each, doubled};
  uint8_t digest[48];
  qy_event_log log;
  qy_event event;
  memset(digest, 0x5a, sizeof(digest));
  for (size_t row = 0; row < 2; row++) {
    QY_SCOPED_BUFFER(bytes, 1 << 16);
    size_t offset = 0;
    put_log_header(&bytes, both, 2);
    put_u32(&bytes, 4);
    put_u32(&bytes, EV_SEPARATOR);
    put_u32(&bytes, 2);
    for (size_t i = 0; i < 2; i++) {
      put_u16(&bytes, orders[row][i]);
      qy_buffer_append(&bytes, digest, orders[row][i] == 0x000c ? 48 : 32);
    }
    put_u32(&bytes, 0);
    const qy_status status = qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL);
    assert_int_equal(status, row == 0 ? QY_OK : QY_ERR_MALFORMED);
    if (status == QY_OK) {
      assert_true(qy_event_log_next(&event, &log, &offset));
      assert_memory_equal(event.digest, digest, sizeof(digest));
      assert_int_equal(event.data.size, 0);
    }
  }
  QY_SCOPED_BUFFER(bytes, 1 << 16);
  put_log_header(&bytes, twice, 2);
  assert_int_equal(qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL), QY_ERR_MALFORMED);
}

static void a_log_has_a_size(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 4u << 20);
  qy_event_log log;
  static uint8_t filling[1 << 20];
  put_start(&bytes);
  qy_buffer_append(&bytes, filling, sizeof(filling) - bytes.size);
  assert_ok(qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL));
  qy_buffer_append(&bytes, filling, 1);
  assert_int_equal(qy_event_log_decode(&log, qy_buffer_view(&bytes), NULL), QY_ERR_LIMIT);
}

static void types_have_names(void **state)
{
  (void)state;
  assert_string_equal(qy_event_type_name(EV_SEPARATOR), "EV_SEPARATOR");
  assert_string_equal(qy_event_type_name(EV_EFI_ACTION), "EV_EFI_ACTION");
  assert_null(qy_event_type_name(0x12345678));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_log_is_read_and_replayed),
                                     cmocka_unit_test(memory_behind_the_log_is_passed_over),
                                     cmocka_unit_test(every_truncation_is_noticed),
                                     cmocka_unit_test(forms_are_kept),
                                     cmocka_unit_test(several_algorithms_stand_side_by_side),
                                     cmocka_unit_test(a_log_has_a_size),
                                     cmocka_unit_test(types_have_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
