/* SPDX-License-Identifier: Apache-2.0 */
/* Reports, target infos and key requests: where each field lies, and that nothing is lost. */
#include "sgx_support.h"

static qy_status recode_body(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_report_body body;
  QY_TRY(qy_report_body_decode(&body, bytes, why));
  qy_report_body_encode(qy_buffer_extend(again, QY_REPORT_BODY_SIZE), &body);
  return QY_OK;
}

static qy_status recode_report(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_report report;
  QY_TRY(qy_report_decode(&report, bytes, why));
  qy_report_encode(qy_buffer_extend(again, QY_REPORT_SIZE), &report);
  return QY_OK;
}

static qy_status recode_target(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_target_info target;
  QY_TRY(qy_target_info_decode(&target, bytes, why));
  qy_target_info_encode(qy_buffer_extend(again, QY_TARGET_INFO_SIZE), &target);
  return QY_OK;
}

static qy_status recode_request(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_key_request request;
  QY_TRY(qy_key_request_decode(&request, bytes, why));
  qy_key_request_encode(qy_buffer_extend(again, QY_KEY_REQUEST_SIZE), &request);
  return QY_OK;
}

static void decoders_pay_their_debts(void **state)
{
  (void)state;
  uint8_t bytes[QY_KEY_REQUEST_SIZE];
  fill_random(bytes, sizeof(bytes), 1);
  check_decoder(recode_body, qy_view_over(bytes, QY_REPORT_BODY_SIZE));
  check_decoder(recode_report, qy_view_over(bytes, QY_REPORT_SIZE));
  check_decoder(recode_target, qy_view_over(bytes, QY_TARGET_INFO_SIZE));
  check_decoder(recode_request, qy_view_over(bytes, QY_KEY_REQUEST_SIZE));
}

static void failure_leaves_zeros(void **state)
{
  (void)state;
  uint8_t bytes[QY_REPORT_SIZE - 1];
  qy_report report;
  memset(bytes, 0xff, sizeof(bytes));
  memset(&report, 0xff, sizeof(report));
  assert_int_equal(qy_report_decode(&report, QY_VIEW_OF(bytes), NULL), QY_ERR_TRUNCATED);
  assert_true(qy_view_is_zero(qy_view_over(&report, sizeof(report))));
}

/* Offsets of the SDM's table, told by a body that is zero but for one field. */
static void report_fields_lie_where_they_should(void **state)
{
  (void)state;
  uint8_t bytes[QY_REPORT_SIZE];
  for (size_t i = 0; i < sizeof(bytes); i++) {
    bytes[i] = (uint8_t)(i * 7 + (i >> 8));
  }
  qy_report report;
  assert_ok(qy_report_decode(&report, QY_VIEW_OF(bytes), &assert_why));
  assert_memory_equal(report.body.cpu_svn, bytes, 16);
  assert_int_equal(report.body.misc_select, little_endian(bytes + 16, 4));
  assert_memory_equal(report.body.isv_ext_prod_id, bytes + 32, 16);
  assert_int_equal(report.body.attributes.flags, little_endian(bytes + 48, 8));
  assert_int_equal(report.body.attributes.xfrm, little_endian(bytes + 56, 8));
  assert_memory_equal(report.body.mr_enclave, bytes + 64, 32);
  assert_memory_equal(report.body.mr_signer, bytes + 128, 32);
  assert_memory_equal(report.body.config_id, bytes + 192, 64);
  assert_int_equal(report.body.isv_prod_id, little_endian(bytes + 256, 2));
  assert_int_equal(report.body.isv_svn, little_endian(bytes + 258, 2));
  assert_int_equal(report.body.config_svn, little_endian(bytes + 260, 2));
  assert_memory_equal(report.body.isv_family_id, bytes + 304, 16);
  assert_memory_equal(report.body.report_data, bytes + 320, 64);
  assert_memory_equal(report.key_id, bytes + 384, 32);
  assert_memory_equal(report.mac, bytes + 416, 16);
}

static void strict_reading_refuses_reserved_bytes(void **state)
{
  (void)state;
  static const size_t body_reserved[] = {20, 31, 96, 127, 160, 191, 262, 303};
  static const size_t target_reserved[] = {48, 49, 56, 63, 128, 511};
  static const size_t request_reserved[] = {6, 7, 78, 511};
  uint8_t bytes[QY_KEY_REQUEST_SIZE] = {0};
  qy_report_body body;
  qy_target_info target;
  qy_key_request request;
  for (size_t i = 0; i < sizeof(body_reserved) / sizeof(body_reserved[0]); i++) {
    memset(bytes, 0, sizeof(bytes));
    assert_ok(qy_report_body_decode(&body, qy_view_over(bytes, QY_REPORT_BODY_SIZE), &assert_why));
    assert_ok(qy_report_body_check_reserved(&body, &assert_why));
    bytes[body_reserved[i]] = 1;
    assert_ok(qy_report_body_decode(&body, qy_view_over(bytes, QY_REPORT_BODY_SIZE), &assert_why));
    assert_int_equal(qy_report_body_check_reserved(&body, NULL), QY_ERR_MALFORMED);
  }
  for (size_t i = 0; i < sizeof(target_reserved) / sizeof(target_reserved[0]); i++) {
    memset(bytes, 0, sizeof(bytes));
    bytes[target_reserved[i]] = 1;
    assert_ok(qy_target_info_decode(&target, QY_VIEW_OF(bytes), &assert_why));
    assert_int_equal(qy_target_info_check_reserved(&target, NULL), QY_ERR_MALFORMED);
  }
  for (size_t i = 0; i < sizeof(request_reserved) / sizeof(request_reserved[0]); i++) {
    memset(bytes, 0, sizeof(bytes));
    bytes[request_reserved[i]] = 1;
    assert_ok(qy_key_request_decode(&request, QY_VIEW_OF(bytes), &assert_why));
    assert_int_equal(qy_key_request_check_reserved(&request, NULL), QY_ERR_MALFORMED);
  }
}

/* The reports of Intel's simulator carry the fields of the enclave that made them. */
static void simulated_reports_decode(void **state)
{
  (void)state;
  vectors_need();
  json_t *cases = vectors_json("sgx/sim-ereport.json");
  size_t index = 0;
  json_t *one = NULL;
  assert_int_equal(json_array_size(cases), 24);
  json_array_foreach(cases, index, one)
  {
    uint8_t bytes[QY_REPORT_SIZE];
    uint8_t target_bytes[QY_TARGET_INFO_SIZE];
    uint8_t again[QY_TARGET_INFO_SIZE];
    qy_report report;
    qy_secs secs;
    qy_target_info target;
    member_bytes(bytes, sizeof(bytes), one, "report");
    assert_ok(qy_report_decode(&report, QY_VIEW_OF(bytes), &assert_why));
    assert_ok(qy_report_body_check_reserved(&report.body, &assert_why));
    read_secs(&secs, json_object_get(one, "secs"));
    assert_memory_equal(report.body.mr_enclave, secs.mr_enclave, 32);
    assert_memory_equal(report.body.mr_signer, secs.mr_signer, 32);
    assert_int_equal(report.body.attributes.flags, secs.attributes.flags);
    assert_int_equal(report.body.isv_svn, secs.isv_svn);
    read_secs(&secs, json_object_get(one, "target_secs"));
    qy_target_info_of(&target, &secs);
    qy_target_info_encode(again, &target);
    member_bytes(target_bytes, sizeof(target_bytes), one, "target_info");
    assert_memory_equal(again, target_bytes, sizeof(again));
  }
  json_decref(cases);
}

static void a_reporter_is_answered_by_three_fields(void **state)
{
  (void)state;
  qy_report_body body;
  qy_target_info target;
  memset(&body, 0x5a, sizeof(body));
  qy_target_info_of_reporter(&target, &body);
  assert_memory_equal(target.mr_enclave, body.mr_enclave, 32);
  assert_int_equal(target.attributes.flags, body.attributes.flags);
  assert_int_equal(target.misc_select, body.misc_select);
  assert_int_equal(target.config_svn, 0);
  assert_true(qy_view_is_zero(QY_VIEW_OF(target.config_id)));
  assert_ok(qy_target_info_check_reserved(&target, &assert_why));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoders_pay_their_debts),
      cmocka_unit_test(failure_leaves_zeros),
      cmocka_unit_test(report_fields_lie_where_they_should),
      cmocka_unit_test(strict_reading_refuses_reserved_bytes),
      cmocka_unit_test(simulated_reports_decode),
      cmocka_unit_test(a_reporter_is_answered_by_three_fields),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
