/* SPDX-License-Identifier: Apache-2.0 */
/* The TD quoting enclave: quotes of both forms that verify, and the reports that it refuses. */
#include "architectural_double.h"

#include <string.h>

#include <architectural/ecdsa_calls.h>
#include <crypto/p256.h>
#include <provisioning/keys.h>
#include <sgx/trust_domain.h>

static world w;
static qy_trace trace;
static qy_secs qe_secs;
static double_enclave qe, pce;
static qy_ae qe_ae, pce_ae;
static qy_ecdsa_key key;
static qy_ecdsa_voucher voucher;
static const char CHAIN[] = "-----BEGIN CERTIFICATE-----";

static int setup(void **state)
{
  (void)state;
  qy_target_info target;
  uint8_t encoded[QY_REPORT_SIZE];
  world_make(&w);
  qe_secs = w.machine.pce; /* its signer, and the PROVISION_KEY attribute */
  qe_secs.isv_prod_id = 4;
  memset(qe_secs.mr_enclave, 0x44, sizeof qe_secs.mr_enclave);
  qe = (double_enclave){&w.machine, &qe_secs, QY_VIEW_OF(w.endorser.xegb_bytes), qy_td_qe_handle, NULL};
  pce = (double_enclave){&w.machine, &w.machine.pce, QY_VIEW_OF(w.endorser.xegb_bytes), qy_pce_handle, NULL};
  qe_ae = double_ae(&qe);
  pce_ae = double_ae(&pce);
  const qy_psvn psvn = qy_platform_level_pce(&w.machine.level);
  assert_ok(qy_ae_target_info(&pce_ae, &target, &assert_why));
  assert_ok(qy_ecdsa_make_key(&qe_ae, &key, QY_VIEW_OF(w.endorser.signed_pek), &target, &trace, &assert_why));
  assert_ok(qy_pce_certify(&pce_ae, voucher.qe_report_signature, &key.certify, &psvn, &trace, &assert_why));
  qy_report_encode(encoded, &key.certify);
  memcpy(voucher.qe_report, encoded, sizeof voucher.qe_report);
  voucher.pce_svn = psvn.isv_svn;
  voucher.certification = (qy_certification){.type = QY_CERTIFICATION_PCK_CHAIN, .data = qy_view_text(CHAIN)};
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  world_clear(&w);
  return 0;
}

static int fresh_trace(void **state)
{
  (void)state;
  memset(&trace, 0, sizeof trace);
  return 0;
}

/* Complete but for what the processor adds. */
static qy_td_report unsealed(uint8_t version)
{
  qy_td_report report = {.version = version,
                         .valid = version == 0 ? QY_TD_REPORT_VALID : QY_TD_REPORT_VALID_SVN2,
                         .tee_tcb_svn = {3, 1, 2},
                         .td_attributes = QY_TD_SEPT_VE_DISABLE,
                         .xfam = 0xe7};
  if (version > 0) {
    memcpy(report.tee_tcb_svn2, report.tee_tcb_svn, sizeof report.tee_tcb_svn2);
  }
  memset(report.mr_seam, 0x11, sizeof report.mr_seam);
  memset(report.mr_td, 0x22, sizeof report.mr_td);
  memset(report.mr_config_id, 0x33, sizeof report.mr_config_id);
  memset(report.rtmr[3], 0x44, sizeof report.rtmr[3]);
  memset(report.report_data, 0x55, sizeof report.report_data);
  return report;
}

static void seal(uint8_t bytes[QY_TD_REPORT_SIZE], qy_td_report report, const world_machine *machine)
{
  assert_ok(qy_td_report_seal(&report, &machine->fuses.td_report_key, machine->cpu_svn, &assert_why));
  qy_td_report_encode(bytes, &report);
}

static qy_status quote_of(qy_buffer *out, const uint8_t bytes[QY_TD_REPORT_SIZE])
{
  return qy_ecdsa_quote_td(&qe_ae, out, bytes, &voucher, qy_view_over(key.blob, key.blob_size), &trace, NULL);
}

static bool verifies(qy_view public_key, qy_view message, qy_view signature)
{
  bool valid = false;
  qy_p256_public point;
  memcpy(point.bytes, public_key.bytes, sizeof point.bytes);
  assert_ok(qy_p256_verify(&valid, &point, &message, 1, signature.bytes, &assert_why));
  return valid;
}

static void quotes_verify(void **state)
{
  qy_p256_public pck;
  (void)state;
  assert_ok(qy_pce_public_key_of_root(&pck, &w.machine.fuses.base_keys[QY_KEY_PROVISION],
                                      &w.machine.enrolled.architectural, &w.machine.level, &assert_why));
  for (uint8_t version = 0; version <= 1; version++) {
    uint8_t bytes[QY_TD_REPORT_SIZE];
    qy_dcap_quote quote;
    QY_SCOPED_BUFFER(out, 1u << 16);
    const qy_td_report report = unsealed(version);
    seal(bytes, report, &w.machine);
    assert_ok(quote_of(&out, bytes));
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&out), &assert_why));
    assert_int_equal(quote.header.version, version == 0 ? 4 : 5);
    assert_int_equal(quote.header.tee, QY_TEE_TDX);
    assert_int_equal(quote.body_type, version == 0 ? QY_DCAP_BODY_TD_1_0 : QY_DCAP_BODY_TD_1_5);
    assert_int_equal(quote.qe_report.isv_prod_id, 4);
    assert_memory_equal(quote.td.mr_td, report.mr_td, sizeof report.mr_td);
    assert_memory_equal(quote.td.mr_seam, report.mr_seam, sizeof report.mr_seam);
    assert_memory_equal(quote.td.mr_config_id, report.mr_config_id, sizeof report.mr_config_id);
    assert_memory_equal(quote.td.rtmr, report.rtmr, sizeof report.rtmr);
    assert_memory_equal(quote.td.report_data, report.report_data, sizeof report.report_data);
    assert_memory_equal(quote.td.tee_tcb_svn, report.tee_tcb_svn, sizeof report.tee_tcb_svn);
    assert_true(quote.td.td_attributes == report.td_attributes && quote.td.xfam == report.xfam);
    assert_true(verifies(quote.attestation_key, quote.signed_part, quote.signature));
    assert_true(verifies(QY_VIEW_OF(pck.bytes), quote.qe_report_bytes, quote.qe_report_signature));
  }
}

/* A bit of each byte of the report, one at a time: those under the MAC, those under the hashes, and the padding, for which
 * only the form speaks. */
static void altered_reports_are_refused(void **state)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  (void)state;
  seal(bytes, unsealed(1), &w.machine);
  for (size_t at = 0; at < sizeof bytes; at++) {
    QY_SCOPED_BUFFER(out, 1u << 16);
    memset(&trace, 0, sizeof trace);
    bytes[at] ^= (uint8_t)(1u << (at % 8));
    const qy_status status = quote_of(&out, bytes);
    bytes[at] ^= (uint8_t)(1u << (at % 8));
    assert_int_equal(out.size, 0);
    if (at == 0) {
      assert_int_equal(status, QY_ERR_UNSUPPORTED); /* no TD report */
    } else if (at >= 495 && at < 512) {
      assert_int_equal(status, QY_ERR_MALFORMED);
    } else {
      assert_int_equal(status, QY_ERR_REFUSED);
      assert_int_equal(qy_trace_failed(&trace)->id, at < 256   ? QY_CHECK_TD_REPORT_MAC
                                                    : at < 495 ? QY_CHECK_TD_REPORT_TCB_INFO
                                                               : QY_CHECK_TD_REPORT_TD_INFO);
    }
  }
}

static void reports_of_other_machines_are_refused(void **state)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  world_machine other;
  (void)state;
  QY_SCOPED_BUFFER(out, 1u << 16);
  world_burn(&other, 0x91);
  seal(bytes, unsealed(0), &other);
  assert_int_equal(quote_of(&out, bytes), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_TD_REPORT_MAC);
}

/* Genuine, but not such as this enclave quotes. */
static void other_forms_are_not_quoted(void **state)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  (void)state;
  QY_SCOPED_BUFFER(out, 1u << 16);
  qy_td_report report = unsealed(2);
  seal(bytes, report, &w.machine);
  assert_int_equal(quote_of(&out, bytes), QY_ERR_UNSUPPORTED);
  report = unsealed(0);
  report.mr_service_td[0] = 1; /* version 0 has no service TDs */
  seal(bytes, report, &w.machine);
  assert_int_equal(quote_of(&out, bytes), QY_ERR_MALFORMED);
  assert_int_equal(out.size, 0);
}

/* Each of the two quoting enclaves has its own operation, and keys of one do not open in the other. */
static void the_two_quoting_enclaves_are_apart(void **state)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  double_enclave enclaves_qe = qe;
  qy_secs other = qe_secs;
  (void)state;
  QY_SCOPED_BUFFER(out, 1u << 16);
  seal(bytes, unsealed(0), &w.machine);
  enclaves_qe.handler = qy_ecdsa_qe_handle;
  qy_ae ae = double_ae(&enclaves_qe);
  const qy_view blob = qy_view_over(key.blob, key.blob_size);
  assert_int_equal(qy_ecdsa_quote_td(&ae, &out, bytes, &voucher, blob, &trace, NULL), QY_ERR_UNSUPPORTED);
  qy_report report = {0};
  const qy_ecdsa_request request = {.version = 4, .report = &report};
  assert_int_equal(qy_ecdsa_quote(&qe_ae, &out, NULL, &request, &voucher, blob, &trace, NULL), QY_ERR_UNSUPPORTED);
  other.isv_prod_id = 3;
  double_enclave product_3 = qe;
  product_3.secs = &other;
  ae = double_ae(&product_3);
  assert_int_equal(qy_ecdsa_quote_td(&ae, &out, bytes, &voucher, blob, &trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_SEALED_BLOB_TAG);
  assert_int_equal(out.size, 0);
}

static void truncated_calls_are_refused(void **state)
{
  uint8_t call[1600] = {0};
  (void)state;
  seal(call, unsealed(0), &w.machine);
  for (size_t size = 0; size < sizeof call; size++) {
    QY_SCOPED_BUFFER(out, 1u << 16);
    assert_int_not_equal(double_call(&qe, QY_ECDSA_QUOTE_TD, qy_view_over(call, size), &out, NULL, NULL), QY_OK);
    assert_int_equal(out.size, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(quotes_verify, fresh_trace),
      cmocka_unit_test_setup(altered_reports_are_refused, fresh_trace),
      cmocka_unit_test_setup(reports_of_other_machines_are_refused, fresh_trace),
      cmocka_unit_test_setup(other_forms_are_not_quoted, fresh_trace),
      cmocka_unit_test_setup(the_two_quoting_enclaves_are_apart, fresh_trace),
      cmocka_unit_test_setup(truncated_calls_are_refused, fresh_trace),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
