/* SPDX-License-Identifier: Apache-2.0 */
/* The ECDSA quoting enclave: from no key to quotes that verify; and what it refuses. */
#include "architectural_double.h"

#include <stdlib.h>
#include <string.h>

#include <architectural/ecdsa_calls.h>
#include <crypto/p256.h>
#include <provisioning/keys.h>

static world w;
static qy_trace trace;
static qy_secs qe_secs, isv;
static double_enclave qe, pce;
static qy_ae qe_ae, pce_ae;
static qy_ecdsa_key key;
static qy_ecdsa_voucher voucher;
static const char CHAIN[] = "-----BEGIN CERTIFICATE-----";

/* A key, certified by the PCE of a machine. */
static void make_key(qy_ecdsa_key *out, qy_ecdsa_voucher *vouching)
{
  qy_target_info target;
  uint8_t encoded[QY_REPORT_SIZE];
  const qy_psvn psvn = qy_platform_level_pce(&w.machine.level);
  assert_ok(qy_ae_target_info(&pce_ae, &target, &assert_why));
  assert_ok(qy_ecdsa_make_key(&qe_ae, out, QY_VIEW_OF(w.endorser.signed_pek), &target, &trace, &assert_why));
  assert_ok(qy_pce_certify(&pce_ae, vouching->qe_report_signature, &out->certify, &psvn, &trace, &assert_why));
  qy_report_encode(encoded, &out->certify);
  memcpy(vouching->qe_report, encoded, sizeof vouching->qe_report);
  vouching->pce_svn = psvn.isv_svn;
  vouching->certification = (qy_certification){.type = QY_CERTIFICATION_PCK_CHAIN, .data = qy_view_text(CHAIN)};
}

static int setup(void **state)
{
  (void)state;
  world_make(&w);
  qe_secs = w.machine.pce; /* its signer, and the PROVISION_KEY attribute */
  qe_secs.isv_prod_id = 3;
  memset(qe_secs.mr_enclave, 0x33, sizeof qe_secs.mr_enclave);
  isv = w.machine.qe;
  memset(isv.mr_enclave, 0x11, sizeof isv.mr_enclave);
  qe = (double_enclave){&w.machine, &qe_secs, QY_VIEW_OF(w.endorser.xegb_bytes), qy_ecdsa_qe_handle, NULL};
  pce = (double_enclave){&w.machine, &w.machine.pce, QY_VIEW_OF(w.endorser.xegb_bytes), qy_pce_handle, NULL};
  qe_ae = double_ae(&qe);
  pce_ae = double_ae(&pce);
  make_key(&key, &voucher);
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

static void report_for(qy_report *out, const qy_ae *enclave)
{
  uint8_t data[QY_REPORT_DATA_SIZE] = {0x99};
  qy_target_info target;
  assert_ok(qy_ae_target_info(enclave, &target, &assert_why));
  assert_ok(qy_sgx_report_make(out, &w.machine.fuses, w.machine.cpu_svn, &isv, &target, data, &assert_why));
}

static qy_status quote_with(qy_buffer *out, uint16_t version, const qy_ecdsa_voucher *vouching, qy_view blob)
{
  qy_report report;
  report_for(&report, &qe_ae);
  const qy_ecdsa_request request = {.version = version, .report = &report};
  return qy_ecdsa_quote(&qe_ae, out, NULL, &request, vouching, blob, &trace, NULL);
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
  uint8_t ids[3][QY_DCAP_QE_ID_SIZE];
  qy_p256_public pck;
  (void)state;
  assert_ok(qy_pce_public_key_of_root(&pck, &w.machine.fuses.base_keys[QY_KEY_PROVISION],
                                      &w.machine.enrolled.architectural, &w.machine.level, &assert_why));
  for (uint16_t version = 3; version <= 5; version++) {
    qy_dcap_quote quote;
    QY_SCOPED_BUFFER(bytes, 1u << 16);
    assert_ok(quote_with(&bytes, version, &voucher, qy_view_over(key.blob, key.blob_size)));
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(quote.header.version, version);
    assert_int_equal(quote.report.report_data[0], 0x99);
    assert_memory_equal(quote.report.mr_enclave, isv.mr_enclave, sizeof isv.mr_enclave);
    assert_int_equal(quote.qe_report.isv_prod_id, 3);
    assert_int_equal(quote.header.pce_svn, version == 3 ? voucher.pce_svn : 0);
    assert_true(qy_view_equal(qy_certification_pem(&quote.certification), qy_view_text(CHAIN)));
    assert_true(verifies(quote.attestation_key, quote.signed_part, quote.signature));
    assert_true(verifies(QY_VIEW_OF(pck.bytes), quote.qe_report_bytes, quote.qe_report_signature));
    memcpy(ids[version - 3], quote.header.user_data, QY_DCAP_QE_ID_SIZE);
  }
  assert_memory_equal(ids[0], ids[1], sizeof ids[0]);
  assert_memory_equal(ids[0], ids[2], sizeof ids[0]);
  assert_false(qy_view_is_zero(QY_VIEW_OF(ids[0])));
}

/* The QE says to the enclave, and to no other, that the quote answers the nonce. */
static void the_enclave_is_told_of_its_quote(void **state)
{
  static const uint8_t nonce[QY_QUOTE_NONCE_SIZE] = {0x4e, 1, 2, 3};
  uint8_t expected[QY_REPORT_DATA_SIZE];
  qy_report report, witness = {0};
  qy_target_info self;
  (void)state;
  QY_SCOPED_BUFFER(bytes, 1u << 16);
  report_for(&report, &qe_ae);
  qy_ecdsa_request request = {.version = 4, .report = &report, .nonce = nonce};
  const qy_view blob = qy_view_over(key.blob, key.blob_size);
  assert_int_equal(qy_ecdsa_quote(&qe_ae, &bytes, NULL, &request, &voucher, blob, NULL, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_ecdsa_quote(&qe_ae, &bytes, &witness, &request, &voucher, blob, NULL, &assert_why));
  assert_ok(qy_quote_qe_report_data(expected, nonce, qy_buffer_view(&bytes), &assert_why));
  assert_memory_equal(witness.body.report_data, expected, sizeof expected);
  assert_memory_equal(witness.body.mr_enclave, qe_secs.mr_enclave, sizeof qe_secs.mr_enclave);
  qy_target_info_of_reporter(&self, &report.body);
  assert_memory_equal(self.mr_enclave, isv.mr_enclave, sizeof isv.mr_enclave);
  qy_report again;
  assert_ok(qy_sgx_report_make(&again, &w.machine.fuses, w.machine.cpu_svn, &qe_secs, &self, expected, &assert_why));
  assert_memory_equal(witness.mac, again.mac, sizeof again.mac);
}

/* What a cache knows the machine by does not change with its microcode, as the key does not open elsewhere. */
static void another_machine_is_another(void **state)
{
  world_machine other;
  double_enclave there = qe;
  qy_dcap_quote quote, moved;
  qy_ecdsa_key second;
  qy_ecdsa_voucher vouching;
  (void)state;
  QY_SCOPED_BUFFER(here_bytes, 1u << 16);
  QY_SCOPED_BUFFER(there_bytes, 1u << 16);
  world_burn(&other, 0x91);
  there.machine = &other;
  const qy_ae there_ae = double_ae(&there);
  qy_report report;
  qy_target_info target;
  uint8_t data[QY_REPORT_DATA_SIZE] = {0}, encoded[QY_REPORT_SIZE];
  assert_ok(qy_ae_target_info(&there_ae, &target, &assert_why));
  assert_ok(qy_sgx_report_make(&report, &other.fuses, other.cpu_svn, &isv, &target, data, &assert_why));
  const qy_ecdsa_request request = {.version = 4, .report = &report};
  assert_int_equal(qy_ecdsa_quote(&there_ae, &there_bytes, NULL, &request, &voucher,
                                  qy_view_over(key.blob, key.blob_size), &trace, NULL),
                   QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(&trace)->id, QY_CHECK_SEALED_BLOB_TAG);
  assert_ok(qy_ecdsa_make_key(&there_ae, &second, QY_VIEW_OF(w.endorser.signed_pek), &target, NULL, &assert_why));
  vouching = voucher;
  qy_report_encode(encoded, &second.certify);
  memcpy(vouching.qe_report, encoded, sizeof vouching.qe_report);
  assert_ok(qy_ecdsa_quote(&there_ae, &there_bytes, NULL, &request, &vouching,
                           qy_view_over(second.blob, second.blob_size), NULL, &assert_why));
  assert_ok(quote_with(&here_bytes, 4, &voucher, qy_view_over(key.blob, key.blob_size)));
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&here_bytes), &assert_why));
  assert_ok(qy_dcap_quote_decode(&moved, qy_buffer_view(&there_bytes), &assert_why));
  assert_memory_not_equal(quote.header.user_data, moved.header.user_data, QY_DCAP_QE_ID_SIZE);
}

static void expect_refused(qy_status status, qy_check_id id)
{
  assert_int_equal(status, QY_ERR_REFUSED);
  assert_non_null(qy_trace_failed(&trace));
  assert_int_equal(qy_trace_failed(&trace)->id, id);
}

static void foreign_encryption_keys_are_refused(void **state)
{
  uint8_t pek[QY_SIGNED_PEK_SIZE];
  qy_target_info target;
  qy_ecdsa_key made;
  (void)state;
  memcpy(pek, w.endorser.signed_pek, sizeof pek);
  pek[7] ^= 1;
  assert_ok(qy_ae_target_info(&pce_ae, &target, &assert_why));
  expect_refused(qy_ecdsa_make_key(&qe_ae, &made, QY_VIEW_OF(pek), &target, &trace, NULL), QY_CHECK_PEK_SIGNATURE);
  assert_int_equal(made.blob_size, 0);
}

/* The report by which the PPID is asked for serves the PCE for no other key, and the key's own for no certificate of one. */
static void reports_serve_one_purpose(void **state)
{
  qy_pce_info info;
  (void)state;
  assert_ok(qy_pce_get_info(&pce_ae, &info, &key.encrypt, &key.pek, NULL, &assert_why));
  expect_refused(qy_pce_get_info(&pce_ae, &info, &key.certify, &key.pek, &trace, NULL), QY_CHECK_PCE_REPORT_DATA);
}

static void damaged_keys_are_refused(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(out, 1u << 16);
  for (size_t at = 0; at < key.blob_size; at += 7) {
    uint8_t blob[QY_ECDSA_BLOB_MAX_SIZE];
    memcpy(blob, key.blob, key.blob_size);
    blob[at] ^= 0x10;
    assert_int_not_equal(quote_with(&out, 4, &voucher, qy_view_over(blob, key.blob_size)), QY_OK);
    assert_int_equal(out.size, 0);
  }
  assert_int_not_equal(quote_with(&out, 4, &voucher, (qy_view){0}), QY_OK);
}

static void vouchers_of_other_keys_are_refused(void **state)
{
  qy_ecdsa_key second;
  qy_ecdsa_voucher vouching = {0}, plain = voucher;
  (void)state;
  QY_SCOPED_BUFFER(out, 1u << 16);
  make_key(&second, &vouching);
  assert_int_equal(quote_with(&out, 4, &vouching, qy_view_over(key.blob, key.blob_size)), QY_ERR_ARGUMENT);
  plain.certification = (qy_certification){.type = QY_CERTIFICATION_PPID_CLEAR, .data = qy_view_text(CHAIN)};
  assert_int_equal(quote_with(&out, 4, &plain, qy_view_over(key.blob, key.blob_size)), QY_ERR_ARGUMENT);
  assert_int_equal(quote_with(&out, 2, &voucher, qy_view_over(key.blob, key.blob_size)), QY_ERR_ARGUMENT);
  assert_int_equal(quote_with(&out, 6, &voucher, qy_view_over(key.blob, key.blob_size)), QY_ERR_ARGUMENT);
  assert_int_equal(out.size, 0);
}

static void foreign_reports_are_refused(void **state)
{
  qy_report report;
  (void)state;
  QY_SCOPED_BUFFER(out, 1u << 16);
  report_for(&report, &pce_ae);
  const qy_ecdsa_request request = {.version = 4, .report = &report};
  expect_refused(
      qy_ecdsa_quote(&qe_ae, &out, NULL, &request, &voucher, qy_view_over(key.blob, key.blob_size), &trace, NULL),
      QY_CHECK_REPORT_MAC);
}

/* Each call cut short anywhere. */
static void truncated_calls_are_refused(void **state)
{
  uint8_t call[1617] = {3, 0};
  (void)state;
  for (size_t size = 0; size < sizeof call; size += size < 1100 ? 1 : 50) {
    QY_SCOPED_BUFFER(out, 1u << 16);
    assert_int_not_equal(double_call(&qe, QY_ECDSA_QUOTE, qy_view_over(call, size), &out, NULL, NULL), QY_OK);
    assert_int_not_equal(double_call(&qe, QY_ECDSA_MAKE_KEY, qy_view_over(call, size), &out, NULL, NULL), QY_OK);
    assert_int_equal(out.size, 0);
  }
  QY_SCOPED_BUFFER(out, 1u << 16);
  assert_int_equal(double_call(&qe, QY_QE_GET_QUOTE, (qy_view){0}, &out, NULL, NULL), QY_ERR_UNSUPPORTED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(quotes_verify, fresh_trace),
      cmocka_unit_test_setup(the_enclave_is_told_of_its_quote, fresh_trace),
      cmocka_unit_test_setup(another_machine_is_another, fresh_trace),
      cmocka_unit_test_setup(foreign_encryption_keys_are_refused, fresh_trace),
      cmocka_unit_test_setup(reports_serve_one_purpose, fresh_trace),
      cmocka_unit_test_setup(damaged_keys_are_refused, fresh_trace),
      cmocka_unit_test_setup(vouchers_of_other_keys_are_refused, fresh_trace),
      cmocka_unit_test_setup(foreign_reports_are_refused, fresh_trace),
      cmocka_unit_test_setup(truncated_calls_are_refused, fresh_trace),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
