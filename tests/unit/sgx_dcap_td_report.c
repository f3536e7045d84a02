/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a trust domain: the bodies of quotes, the names of bits, and the TDREPORT. */
#include "sgx_dcap_support.h"

#include <crypto/hash.h>

/* ---- Bodies ---- */

static qy_dcap_body_type form;

static qy_status recode_body(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_td_body body;
  QY_TRY(qy_td_body_decode(&body, form, bytes, why));
  qy_td_body_encode(qy_buffer_extend(again, qy_dcap_body_size(form)), form, &body);
  return QY_OK;
}

static void bodies_pay_their_debts(void **state)
{
  (void)state;
  uint8_t bytes[QY_TD_BODY_MAX_SIZE];
  fill_random(bytes, sizeof(bytes), 20);
  for (form = QY_DCAP_BODY_TD_1_0; form <= QY_DCAP_BODY_TD_1_5_EX; form++) {
    check_decoder(recode_body, qy_view_over(bytes, qy_dcap_body_size(form)));
  }
}

static void other_forms_are_refused(void **state)
{
  (void)state;
  static const uint32_t others[] = {0, QY_DCAP_BODY_ENCLAVE, 5, UINT32_MAX};
  uint8_t bytes[QY_TD_BODY_MAX_SIZE] = {0};
  qy_td_body body;
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(qy_td_body_decode(&body, (qy_dcap_body_type)others[i], QY_VIEW_OF(bytes), NULL), QY_ERR_ARGUMENT);
  }
}

static void body_fields_lie_where_they_should(void **state)
{
  (void)state;
  uint8_t b[QY_TD_BODY_MAX_SIZE];
  qy_td_body body;
  fill_random(b, sizeof(b), 21);
  assert_ok(qy_td_body_decode(&body, QY_DCAP_BODY_TD_1_5_EX, QY_VIEW_OF(b), &assert_why));
  assert_memory_equal(body.tee_tcb_svn, b, 16);
  assert_memory_equal(body.mr_seam, b + 16, 48);
  assert_memory_equal(body.mr_signer_seam, b + 64, 48);
  assert_memory_equal(body.seam_attributes, b + 112, 8);
  assert_true(body.td_attributes == little_endian(b + 120, 8));
  assert_true(body.xfam == little_endian(b + 128, 8));
  assert_memory_equal(body.mr_td, b + 136, 48);
  assert_memory_equal(body.mr_config_id, b + 184, 48);
  assert_memory_equal(body.mr_owner, b + 232, 48);
  assert_memory_equal(body.mr_owner_config, b + 280, 48);
  for (size_t i = 0; i < 4; i++) {
    assert_memory_equal(body.rtmr[i], b + 328 + 48 * i, 48);
  }
  assert_memory_equal(body.report_data, b + 520, 64);
  assert_memory_equal(body.tee_tcb_svn2, b + 584, 16);
  assert_memory_equal(body.mr_service_td, b + 600, 48);
  assert_int_equal(body.vmid, b[648]);
  assert_memory_equal(body.td_id, b + 649, 32);
  assert_memory_equal(body.device_info, b + 681, 48);
  assert_memory_equal(body.initial_service_td_hash, b + 729, 48);
  assert_true(body.initial_service_td_attributes == little_endian(b + 777, 8));
  assert_memory_equal(body.initial_cpu_svn, b + 785, 16);
  assert_memory_equal(body.initial_tee_tcb_svn, b + 801, 16);
  assert_memory_equal(body.initial_fmspc, b + 817, 12);
  assert_memory_equal(body.service_td_hash, b + 829, 48);
  assert_true(body.service_td_attributes == little_endian(b + 877, 8));
}

/* What a form has not is zero, whatever was there before. */
static void shorter_forms_leave_zeros(void **state)
{
  (void)state;
  uint8_t b[QY_TD_BODY_1_5_SIZE];
  qy_td_body body;
  fill_random(b, sizeof(b), 22);
  memset(&body, 0xff, sizeof(body));
  assert_ok(qy_td_body_decode(&body, QY_DCAP_BODY_TD_1_5, QY_VIEW_OF(b), &assert_why));
  assert_false(qy_view_is_zero(QY_VIEW_OF(body.mr_service_td)));
  assert_true(qy_view_is_zero(QY_VIEW_OF(body.td_id)));
  assert_true(qy_view_is_zero(QY_VIEW_OF(body.service_td_hash)));
  memset(&body, 0xff, sizeof(body));
  assert_ok(qy_td_body_decode(&body, QY_DCAP_BODY_TD_1_0, qy_view_over(b, QY_TD_BODY_1_0_SIZE), &assert_why));
  assert_true(qy_view_is_zero(QY_VIEW_OF(body.tee_tcb_svn2)));
  assert_true(qy_view_is_zero(QY_VIEW_OF(body.mr_service_td)));
}

static void bits_have_names(void **state)
{
  (void)state;
  unsigned attributes = 0;
  unsigned features = 0;
  assert_string_equal(qy_td_attribute_name(0), "DEBUG");
  assert_string_equal(qy_td_attribute_name(28), "SEPT_VE_DISABLE");
  assert_string_equal(qy_td_attribute_name(63), "PERFMON");
  assert_null(qy_td_attribute_name(1));
  assert_null(qy_td_attribute_name(64));
  assert_string_equal(qy_xfam_name(0), "X87");
  assert_string_equal(qy_xfam_name(18), "TILEDATA");
  assert_null(qy_xfam_name(20));
  assert_null(qy_xfam_name(UINT32_MAX));
  for (unsigned bit = 0; bit < 64; bit++) {
    attributes += qy_td_attribute_name(bit) != NULL;
    features += qy_xfam_name(bit) != NULL;
    assert_true((QY_XFAM_ALLOWED >> bit & 1) == 0 || qy_xfam_name(bit) != NULL);
  }
  assert_int_equal(attributes, 13);
  assert_int_equal(features, 20);
  assert_true((QY_XFAM_FIXED_1 & ~QY_XFAM_ALLOWED) == 0);
}

/* ---- TDREPORT ---- */

static qy_status recode_report(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_td_report report;
  QY_TRY(qy_td_report_decode(&report, bytes, why));
  qy_td_report_encode(qy_buffer_extend(again, QY_TD_REPORT_SIZE), &report);
  return QY_OK;
}

static void reports_pay_their_debts(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(again, 4096);
  uint8_t b[QY_TD_REPORT_SIZE];
  fill_random(b, sizeof(b), 23);
  b[0] = 0x81;
  check_decoder(recode_report, QY_VIEW_OF(b));
  for (unsigned type = 0; type < 256; type++) {
    b[0] = (uint8_t)type;
    assert_int_equal(recode_exact(recode_report, &again, b, sizeof(b)), type == 0x81 ? QY_OK : QY_ERR_UNSUPPORTED);
  }
}

static void report_fields_lie_where_they_should(void **state)
{
  (void)state;
  uint8_t b[QY_TD_REPORT_SIZE];
  qy_td_report report;
  fill_random(b, sizeof(b), 24);
  b[0] = 0x81;
  assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(b), &assert_why));
  assert_int_equal(report.subtype, b[1]);
  assert_int_equal(report.version, b[2]);
  assert_memory_equal(report.cpu_svn, b + 16, 16);
  assert_memory_equal(report.tcb_info_hash, b + 32, 48);
  assert_memory_equal(report.td_info_hash, b + 80, 48);
  assert_memory_equal(report.report_data, b + 128, 64);
  assert_memory_equal(report.mac, b + 224, 32);
  assert_true(report.valid == little_endian(b + 256, 8));
  assert_memory_equal(report.tee_tcb_svn, b + 264, 16);
  assert_memory_equal(report.mr_seam, b + 280, 48);
  assert_memory_equal(report.mr_signer_seam, b + 328, 48);
  assert_memory_equal(report.seam_attributes, b + 376, 8);
  assert_memory_equal(report.tee_tcb_svn2, b + 384, 16);
  assert_memory_equal(report.reserved4, b + 495, 17);
  assert_true(report.td_attributes == little_endian(b + 512, 8));
  assert_true(report.xfam == little_endian(b + 520, 8));
  assert_memory_equal(report.mr_td, b + 528, 48);
  assert_memory_equal(report.mr_config_id, b + 576, 48);
  assert_memory_equal(report.mr_owner, b + 624, 48);
  assert_memory_equal(report.mr_owner_config, b + 672, 48);
  assert_memory_equal(report.rtmr, b + 720, 192);
  assert_memory_equal(report.mr_service_td, b + 912, 48);
  assert_memory_equal(report.td_id, b + 960, 32);
  assert_int_equal(report.vmid, b[1016]);
  assert_int_equal(report.td_info_valid, little_endian(b + 1020, 4));
}

static qy_status form_of(const qy_td_report *report)
{
  qy_error why = {0};
  const qy_status status = qy_td_report_check_form(report, &why);
  assert_int_equal(why.status, status);
  return status;
}

static void forms(void **state)
{
  (void)state;
  for (unsigned version = 0; version < 256; version++) {
    const qy_td_report report = {.type = 0x81, .version = (uint8_t)version, .valid = QY_TD_REPORT_VALID};
    assert_int_equal(form_of(&report), version == 0 || version == 1 || version == 3 ? QY_OK : QY_ERR_UNSUPPORTED);
  }
  for (unsigned subtype = 0; subtype < 256; subtype++) {
    const qy_td_report report = {.type = 0x81, .subtype = (uint8_t)subtype, .valid = QY_TD_REPORT_VALID};
    assert_int_equal(form_of(&report), subtype < 2 ? QY_OK : QY_ERR_UNSUPPORTED);
  }
  for (unsigned bit = 0; bit < 64; bit++) {
    const qy_td_report report = {.type = 0x81, .valid = QY_TD_REPORT_VALID ^ (1ull << bit)};
    assert_int_equal(form_of(&report), QY_ERR_UNSUPPORTED);
  }
  const qy_td_report both = {.type = 0x81, .valid = 0x301ff};
  assert_int_equal(form_of(&both), QY_OK);
}

/* Each byte that a version has no meaning for, one at a time. */
static void reserved_bytes_are_zero(void **state)
{
  (void)state;
  static const uint8_t versions[] = {0, 1, 3};
  for (size_t i = 0; i < 3; i++) {
    unsigned refused = 0;
    for (size_t at = 3; at < QY_TD_REPORT_SIZE; at++) {
      qy_td_report report = {.type = 0x81, .version = versions[i], .valid = QY_TD_REPORT_VALID};
      uint8_t b[QY_TD_REPORT_SIZE];
      qy_td_report_encode(b, &report);
      b[at] ^= 1;
      assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(b), &assert_why));
      refused += form_of(&report) == QY_ERR_MALFORMED;
    }
    static const unsigned expected[] = {13 + 32 + 95 + 17 + 112, 13 + 32 + 95 + 17 + 64, 13 + 32 + 95 + 17 + 27};
    assert_int_equal(refused, expected[i]);
  }
}

/* The hashes are taken over the bytes at their offsets, and every byte of the two parts counts. */
static void parts_are_bound_by_hashes(void **state)
{
  (void)state;
  uint8_t b[QY_TD_REPORT_SIZE];
  uint8_t hash[48];
  qy_td_report report;
  fill_random(b, sizeof(b), 25);
  b[0] = 0x81;
  const qy_view tcb_info = qy_view_over(b + 256, 239);
  const qy_view td_info = qy_view_over(b + 512, 512);
  assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(b), &assert_why));
  assert_ok(qy_td_report_bind(&report, &assert_why));
  assert_ok(qy_hash_parts(hash, QY_SHA384, &tcb_info, 1, NULL));
  assert_memory_equal(hash, report.tcb_info_hash, 48);
  assert_ok(qy_hash_parts(hash, QY_SHA384, &td_info, 1, NULL));
  assert_memory_equal(hash, report.td_info_hash, 48);
  assert_ok(qy_td_report_check_bound(&report, NULL, &assert_why));
  qy_td_report_encode(b, &report);
  for (size_t at = 256; at < QY_TD_REPORT_SIZE; at++) {
    qy_trace trace = {0};
    qy_error why = {0};
    b[at] ^= 0x80;
    assert_ok(qy_td_report_decode(&report, QY_VIEW_OF(b), &assert_why));
    const qy_status status = qy_td_report_check_bound(&report, &trace, &why);
    if (at >= 495 && at < 512) { /* between the two, under neither hash: the form has zeros there */
      assert_int_equal(status, QY_OK);
    } else {
      assert_int_equal(status, QY_ERR_REFUSED);
      assert_int_equal(refused_by(&trace), at < 512 ? QY_CHECK_TD_REPORT_TCB_INFO : QY_CHECK_TD_REPORT_TD_INFO);
    }
    b[at] ^= 0x80;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bodies_pay_their_debts),
      cmocka_unit_test(other_forms_are_refused),
      cmocka_unit_test(body_fields_lie_where_they_should),
      cmocka_unit_test(shorter_forms_leave_zeros),
      cmocka_unit_test(bits_have_names),
      cmocka_unit_test(reports_pay_their_debts),
      cmocka_unit_test(report_fields_lie_where_they_should),
      cmocka_unit_test(forms),
      cmocka_unit_test(reserved_bytes_are_zero),
      cmocka_unit_test(parts_are_bound_by_hashes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
