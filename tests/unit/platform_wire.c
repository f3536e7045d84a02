/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/wire.h>

#include <string.h>

#include "vectors.h"

#define HEAD 467u /* 432 + 2 + 16 + 1 + 16 */

static void requests_round_trip(void **state)
{
  uint8_t bytes[HEAD + 3];
  qy_quoted quoted;
  (void)state;
  for (size_t at = 0; at < sizeof(bytes); at++) {
    bytes[at] = (uint8_t)(at * 3 + 1);
  }
  for (uint8_t flag = 0; flag < 2; flag++) {
    QY_SCOPED_BUFFER(again, 1024);
    bytes[450] = flag;
    if (flag == 0) {
      memset(bytes + 451, 0, 16);
    }
    for (size_t size = 0; size < HEAD; size++) {
      assert_int_equal(qy_wire_quote_decode(&quoted, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
    }
    assert_ok(qy_wire_quote_decode(&quoted, QY_VIEW_OF(bytes), &assert_why));
    assert_int_equal(quoted.request.nonce != NULL, flag == 1);
    assert_int_equal(quoted.request.sigrl.size, 3);
    assert_ok(qy_wire_quote_encode(&again, &quoted.request, &assert_why));
    assert_true(qy_view_equal(qy_buffer_view(&again), QY_VIEW_OF(bytes)));
  }
  bytes[450] = 2;
  assert_int_equal(qy_wire_quote_decode(&quoted, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
}

static void dcap_requests_round_trip(void **state)
{
  uint8_t bytes[QY_PLATFORM_DCAP_REQUEST_SIZE + 1];
  const qy_view whole = qy_view_over(bytes, sizeof(bytes) - 1);
  qy_dcap_asked asked;
  (void)state;
  for (size_t at = 0; at < sizeof(bytes); at++) {
    bytes[at] = (uint8_t)(at * 5 + 3);
  }
  for (uint8_t flag = 0; flag < 2; flag++) {
    QY_SCOPED_BUFFER(again, 1024);
    bytes[434] = flag;
    if (flag == 0) {
      memset(bytes + 435, 0, 16);
    }
    for (size_t size = 0; size < whole.size; size++) {
      assert_int_equal(qy_wire_dcap_decode(&asked, qy_view_over(bytes, size), NULL), QY_ERR_TRUNCATED);
    }
    assert_ok(qy_wire_dcap_decode(&asked, whole, &assert_why));
    assert_int_equal(asked.request.version, 0x0803);
    assert_int_equal(asked.request.nonce != NULL, flag == 1);
    assert_ok(qy_wire_dcap_encode(&again, &asked.request, &assert_why));
    assert_true(qy_view_equal(qy_buffer_view(&again), whole));
    assert_int_equal(qy_wire_dcap_decode(&asked, QY_VIEW_OF(bytes), NULL), QY_ERR_MALFORMED);
    for (size_t at = 435; at < whole.size; at++) {
      bytes[at] = 7;
    }
  }
  bytes[434] = 2;
  assert_int_equal(qy_wire_dcap_decode(&asked, whole, NULL), QY_ERR_MALFORMED);
}

static void answers_round_trip(void **state)
{
  qy_report report = {.key_id = {9}};
  qy_report back;
  qy_view quote;
  bool has_report = false;
  QY_SCOPED_BUFFER(with, 1024);
  QY_SCOPED_BUFFER(without, 1024);
  (void)state;
  assert_ok(qy_wire_quote_answer_encode(&with, &report, qy_view_text("quote"), &assert_why));
  assert_ok(qy_wire_quote_answer_encode(&without, NULL, qy_view_text("quote"), &assert_why));
  for (size_t size = 0; size < 433; size++) {
    assert_int_equal(qy_wire_quote_answer_decode(&has_report, &back, &quote, qy_view_over(with.bytes, size), NULL),
                     QY_ERR_TRUNCATED);
  }
  assert_ok(qy_wire_quote_answer_decode(&has_report, &back, &quote, qy_buffer_view(&with), &assert_why));
  assert_true(has_report);
  assert_int_equal(back.key_id[0], 9);
  assert_true(qy_view_equal(quote, qy_view_text("quote")));
  assert_ok(qy_wire_quote_answer_decode(&has_report, &back, &quote, qy_buffer_view(&without), &assert_why));
  assert_false(has_report);
  with.bytes[0] = 2;
  assert_int_equal(qy_wire_quote_answer_decode(&has_report, &back, &quote, qy_buffer_view(&with), NULL),
                   QY_ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests_round_trip),
      cmocka_unit_test(dcap_requests_round_trip),
      cmocka_unit_test(answers_round_trip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
