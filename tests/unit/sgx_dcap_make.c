/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes that are made: each form decodes and verifies, and what real quoting enclaves made comes out byte for byte when
 * their keys' answers are given. */
#include "sgx_dcap_support.h"

#include <stdio.h>

#include <crypto/p256.h>
#include <sgx/dcap_make.h>

typedef struct maker {
  qy_secret attestation_key;
  qy_secret pck_key;
  qy_p256_public pck;
  qy_dcap_voucher voucher;
  qy_dcap_signer signer;
  uint8_t chain[777];
} maker;

static void sign_qe_report(maker *m)
{
  uint8_t report[QY_REPORT_BODY_SIZE];
  const qy_view message = QY_VIEW_OF(report);
  assert_ok(qy_dcap_qe_report_data(m->voucher.qe_report.report_data, m->voucher.attestation_key,
                                   m->voucher.qe_auth_data, NULL));
  qy_report_body_encode(report, &m->voucher.qe_report);
  assert_ok(qy_p256_sign(m->voucher.qe_report_signature, &m->pck_key, &message, 1, NULL));
}

static void make_maker(maker *m)
{
  test_random random_state = {41};
  const qy_random random = test_random_source(&random_state);
  qy_p256_public key;
  memset(m, 0, sizeof(*m));
  assert_ok(qy_p256_generate(&m->attestation_key, &key, &random, NULL));
  assert_ok(qy_p256_generate(&m->pck_key, &m->pck, &random, NULL));
  memcpy(m->voucher.attestation_key, key.bytes, sizeof(key.bytes));
  m->voucher.qe_report.isv_svn = 9;
  m->voucher.qe_report.isv_prod_id = 1;
  m->voucher.qe_auth_data = QY_VIEW_OF(qy_dcap_qe_auth_data);
  m->voucher.pce_svn = 14;
  fill_random(m->voucher.qe_id, sizeof(m->voucher.qe_id), 42);
  fill_random(m->chain, sizeof(m->chain), 43);
  m->voucher.certification = (qy_certification){QY_CERTIFICATION_PCK_CHAIN, QY_VIEW_OF(m->chain)};
  m->signer = (qy_dcap_signer){qy_dcap_sign_p256, &m->attestation_key};
  sign_qe_report(m);
}

static bool verifies(const uint8_t key[64], qy_view message, qy_view signature)
{
  bool valid = false;
  qy_p256_public public_key;
  memcpy(public_key.bytes, key, 64);
  assert_ok(qy_p256_verify(&valid, &public_key, &message, 1, signature.bytes, NULL));
  return valid;
}

static const struct {
  uint16_t version;
  qy_dcap_body_type body_type;
} every_form[] = {{3, QY_DCAP_BODY_ENCLAVE},  {4, QY_DCAP_BODY_ENCLAVE}, {4, QY_DCAP_BODY_TD_1_0},
                  {5, QY_DCAP_BODY_ENCLAVE},  {5, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},
                  {5, QY_DCAP_BODY_TD_1_5_EX}};

/* A quote of each form is taken by the decoder and the second reading, and everything in it that is signed verifies. */
static void every_form_verifies(void **state)
{
  (void)state;
  maker m;
  qy_report_body report;
  qy_td_body td;
  uint8_t noise[QY_TD_BODY_MAX_SIZE];
  make_maker(&m);
  fill_random(noise, sizeof(noise), 44);
  assert_ok(qy_report_body_decode(&report, qy_view_over(noise, QY_REPORT_BODY_SIZE), NULL));
  assert_ok(qy_td_body_decode(&td, QY_DCAP_BODY_TD_1_5_EX, QY_VIEW_OF(noise), NULL));
  for (size_t i = 0; i < sizeof(every_form) / sizeof(every_form[0]); i++) {
    const qy_dcap_subject subject = {every_form[i].version, every_form[i].body_type, &report, &td};
    uint8_t bytes[4096];
    size_t size = 0;
    qy_dcap_quote quote;
    uint8_t binding[QY_REPORT_DATA_SIZE];
    const size_t needed = qy_dcap_quote_size(subject.version, subject.body_type, 32, sizeof(m.chain));
    assert_ok(qy_dcap_quote_make(bytes, needed, &size, &subject, &m.voucher, &m.signer, &assert_why));
    assert_int_equal(size, needed);
    assert_true(second_reading(bytes, size));
    assert_ok(qy_dcap_quote_decode(&quote, qy_view_over(bytes, size), &assert_why));
    assert_int_equal(quote.header.version, subject.version);
    assert_int_equal(quote.body_type, subject.body_type);
    assert_int_equal(quote.header.qe_svn, subject.version == 3 ? 9 : 0);
    assert_int_equal(quote.header.pce_svn, subject.version == 3 ? 14 : 0);
    assert_memory_equal(quote.header.user_data, m.voucher.qe_id, 16);
    assert_true(qy_view_is_zero(qy_view_over(quote.header.user_data + 16, 4)));
    assert_memory_equal(bytes + quote.signed_part.size - qy_dcap_body_size(subject.body_type), noise,
                        qy_dcap_body_size(subject.body_type));
    assert_true(verifies(quote.attestation_key.bytes, quote.signed_part, quote.signature));
    assert_true(verifies(m.pck.bytes, quote.qe_report_bytes, quote.qe_report_signature));
    assert_ok(qy_dcap_qe_report_data(binding, quote.attestation_key.bytes, quote.qe_auth_data, NULL));
    assert_memory_equal(binding, quote.qe_report.report_data, 64);
    assert_true(qy_view_equal(quote.certification.data, QY_VIEW_OF(m.chain)));
    assert_int_equal(qy_dcap_quote_make(bytes, needed - 1, &size, &subject, &m.voucher, &m.signer, NULL), QY_ERR_SPACE);
  }
}

static qy_status unwilling(void *context, uint8_t signature[64], qy_view message, qy_error *why)
{
  (void)context;
  memset(signature, 0xff, 64);
  return qy_fail(why, QY_ERR_DENIED, "nothing is signed here, not even %zu bytes", message.size);
}

static void what_no_quoting_enclave_makes_is_refused(void **state)
{
  (void)state;
  static const uint16_t types[] = {0, QY_CERTIFICATION_PPID_CLEAR, QY_CERTIFICATION_QE_REPORT,
                                   QY_CERTIFICATION_PLATFORM_MANIFEST};
  maker m;
  const qy_report_body report = {0};
  const qy_td_body td = {0};
  uint8_t bytes[4096];
  size_t size = 0;
  const qy_dcap_subject good = {3, QY_DCAP_BODY_ENCLAVE, &report, &td};
  make_maker(&m);
  for (uint16_t version = 0; version < 8; version++) {
    for (uint32_t body = 0; body < 7; body++) {
      const qy_dcap_subject subject = {version, (qy_dcap_body_type)body, &report, &td};
      const bool exists = (version == 3 && body == 1) || (version == 4 && (body == 1 || body == 2)) ||
                          (version == 5 && body >= 1 && body <= 4);
      assert_int_equal(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &subject, &m.voucher, &m.signer, NULL),
                       exists ? QY_OK : QY_ERR_ARGUMENT);
      assert_int_equal(size > 0, exists);
    }
  }
  const qy_dcap_subject bodyless[] = {{3, QY_DCAP_BODY_ENCLAVE, NULL, &td}, {4, QY_DCAP_BODY_TD_1_0, &report, NULL}};
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &bodyless[i], &m.voucher, &m.signer, NULL),
                     QY_ERR_ARGUMENT);
  }
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    m.voucher.certification.type = types[i];
    assert_int_equal(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &good, &m.voucher, &m.signer, NULL),
                     QY_ERR_ARGUMENT);
  }
  m.voucher.certification.type = QY_CERTIFICATION_PCK_CHAIN;
  m.voucher.qe_report.report_data[63] ^= 1;
  assert_int_equal(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &good, &m.voucher, &m.signer, NULL),
                   QY_ERR_ARGUMENT);
  m.voucher.qe_report.report_data[63] ^= 1;
  m.signer.sign = unwilling;
  assert_int_equal(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &good, &m.voucher, &m.signer, NULL), QY_ERR_DENIED);
  assert_int_equal(size, 0);
}

/* Certification data goes in and out without the attestation key. */
static void certification_can_be_replaced(void **state)
{
  (void)state;
  static uint8_t ppid[404];
  maker m;
  const qy_td_body td = {.td_attributes = QY_TD_SEPT_VE_DISABLE};
  const qy_dcap_subject subject = {5, QY_DCAP_BODY_TD_1_5, NULL, &td};
  uint8_t bytes[4096];
  uint8_t other[4096];
  uint8_t back[4096];
  size_t size = 0;
  size_t other_size = 0;
  size_t back_size = 0;
  qy_dcap_quote quote;
  make_maker(&m);
  assert_ok(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &subject, &m.voucher, &m.signer, NULL));
  memset(bytes + size, 0, 100);
  const qy_certification by_ppid = {QY_CERTIFICATION_PPID_RSA_3072, QY_VIEW_OF(ppid)};
  assert_ok(
      qy_dcap_quote_recertify(other, sizeof(other), &other_size, qy_view_over(bytes, size + 100), &by_ppid, NULL));
  assert_int_equal(other_size, size - sizeof(m.chain) + sizeof(ppid));
  assert_ok(qy_dcap_quote_decode(&quote, qy_view_over(other, other_size), NULL));
  assert_int_equal(quote.certification.type, QY_CERTIFICATION_PPID_RSA_3072);
  assert_true(verifies(quote.attestation_key.bytes, quote.signed_part, quote.signature));
  assert_ok(qy_dcap_quote_recertify(back, sizeof(back), &back_size, qy_view_over(other, other_size),
                                    &m.voucher.certification, NULL));
  assert_int_equal(back_size, size);
  assert_memory_equal(back, bytes, size);
  assert_int_equal(qy_dcap_quote_recertify(back, size - 1, &back_size, qy_view_over(other, other_size),
                                           &m.voucher.certification, NULL),
                   QY_ERR_SPACE);
  assert_int_equal(qy_dcap_quote_recertify(back, sizeof(back), &back_size, qy_view_over(other, other_size - 1),
                                           &m.voucher.certification, NULL),
                   QY_ERR_TRUNCATED);
  const qy_certification nested = {QY_CERTIFICATION_QE_REPORT, QY_VIEW_OF(ppid)};
  assert_int_equal(
      qy_dcap_quote_recertify(back, sizeof(back), &back_size, qy_view_over(other, other_size), &nested, NULL),
      QY_ERR_ARGUMENT);
}

/* ---- Real quotes, made again ---- */

static qy_status recorded(void *context, uint8_t signature[64], qy_view message, qy_error *why)
{
  const qy_dcap_quote *quote = context;
  (void)why;
  assert_true(qy_view_equal(message, quote->signed_part));
  memcpy(signature, quote->signature.bytes, 64);
  return QY_OK;
}

static void real_quotes_are_made_again(void **state)
{
  (void)state;
  vectors_need();
  static const char *const names[] = {"sgx3-automata-plat",
                                      "sgx3-dcapqvl",
                                      "sgx3-fortanix-2020b",
                                      "sgx3-fortanix-tcbv2-2020",
                                      "sgx3-occlum-debug",
                                      "sgx3-oe-evidence",
                                      "sgx3-secret",
                                      "tdx4-automata",
                                      "tdx4-dcapqvl",
                                      "tdx4-gotdx-spr",
                                      "tdx4-oe",
                                      "tdx4-trustee-tdx20",
                                      "tdx5-dcapqvl-outdated",
                                      "tdx5-gotdx",
                                      "tdx5-oe-relaunch"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 1u << 20);
    char path[256];
    qy_dcap_quote quote;
    (void)snprintf(path, sizeof(path), "dcap/real/%s/quote.bin", names[i]);
    vectors_read(&bytes, path);
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL));
    qy_dcap_voucher voucher = {.qe_report = quote.qe_report,
                               .qe_auth_data = quote.qe_auth_data,
                               .certification = quote.certification,
                               .pce_svn = quote.header.pce_svn};
    memcpy(voucher.attestation_key, quote.attestation_key.bytes, 64);
    memcpy(voucher.qe_report_signature, quote.qe_report_signature.bytes, 64);
    memcpy(voucher.qe_id, quote.header.user_data, 16);
    const qy_dcap_subject subject = {quote.header.version, quote.body_type, &quote.report, &quote.td};
    const qy_dcap_signer signer = {recorded, &quote};
    const size_t expected = bytes.size - quote.trailing.size;
    uint8_t *again = malloc(expected);
    size_t size = 0;
    assert_non_null(again);
    assert_ok(qy_dcap_quote_make(again, expected, &size, &subject, &voucher, &signer, &assert_why));
    assert_int_equal(size, expected);
    assert_memory_equal(again, bytes.bytes, size);
    free(again);
  }
}

/* ---- TD reports ---- */

static qy_td_report a_td_report(uint8_t version)
{
  qy_td_report report = {.type = QY_TD_REPORT_TYPE,
                         .version = version,
                         .valid = QY_TD_REPORT_VALID,
                         .td_attributes = QY_TD_SEPT_VE_DISABLE | QY_TD_PKS,
                         .xfam = 0xe7};
  fill_random(report.tee_tcb_svn, 16, 51);
  fill_random(report.mr_seam, 48, 52);
  fill_random(report.mr_signer_seam, 48, 53);
  fill_random(report.seam_attributes, 8, 54);
  fill_random(report.mr_td, 48, 55);
  fill_random(report.mr_config_id, 48, 56);
  fill_random(report.mr_owner, 48, 57);
  fill_random(report.mr_owner_config, 48, 58);
  fill_random(report.rtmr[0], sizeof(report.rtmr), 59);
  fill_random(report.report_data, 64, 60);
  return report;
}

static void assert_subject(const qy_td_report *report, uint16_t version, qy_dcap_body_type body_type)
{
  qy_dcap_subject subject;
  qy_td_body td;
  qy_error why = {0};
  if (qy_dcap_subject_of_td_report(&subject, &td, report, &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
  assert_int_equal(subject.version, version);
  assert_int_equal(subject.body_type, body_type);
  assert_ptr_equal(subject.td, &td);
  assert_memory_equal(td.tee_tcb_svn, report->tee_tcb_svn, 16);
  assert_memory_equal(td.mr_seam, report->mr_seam, 48);
  assert_memory_equal(td.mr_signer_seam, report->mr_signer_seam, 48);
  assert_memory_equal(td.seam_attributes, report->seam_attributes, 8);
  assert_true(td.td_attributes == report->td_attributes && td.xfam == report->xfam);
  assert_memory_equal(td.mr_td, report->mr_td, 48);
  assert_memory_equal(td.mr_config_id, report->mr_config_id, 48);
  assert_memory_equal(td.mr_owner, report->mr_owner, 48);
  assert_memory_equal(td.mr_owner_config, report->mr_owner_config, 48);
  assert_memory_equal(td.rtmr, report->rtmr, 192);
  assert_memory_equal(td.report_data, report->report_data, 64);
  const bool has_svn2 = body_type >= QY_DCAP_BODY_TD_1_5;
  const bool svn2_valid = report->valid == QY_TD_REPORT_VALID_SVN2;
  assert_memory_equal(td.mr_service_td, report->mr_service_td, 48);
  assert_int_equal(qy_view_is_zero(QY_VIEW_OF(td.tee_tcb_svn2)), !has_svn2);
  if (has_svn2) {
    assert_memory_equal(td.tee_tcb_svn2, svn2_valid ? report->tee_tcb_svn2 : report->tee_tcb_svn, 16);
  }
  assert_memory_equal(td.td_id, report->td_id, 32);
  assert_int_equal(td.vmid, report->vmid);
  assert_true(qy_view_is_zero(QY_VIEW_OF(td.service_td_hash)));
}

static void forms_of_td_reports(void **state)
{
  (void)state;
  qy_td_report report = a_td_report(0);
  assert_subject(&report, 4, QY_DCAP_BODY_TD_1_0);
  report.tee_tcb_svn2[0] = 7; /* not valid */
  assert_subject(&report, 4, QY_DCAP_BODY_TD_1_0);
  report.valid = QY_TD_REPORT_VALID_SVN2; /* the module was updated under the trust domain */
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5);
  memcpy(report.tee_tcb_svn2, report.tee_tcb_svn, 16);
  assert_subject(&report, 4, QY_DCAP_BODY_TD_1_0);

  report = a_td_report(1);
  fill_random(report.mr_service_td, 48, 61);
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5);
  fill_random(report.tee_tcb_svn2, 16, 62);
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5);
  report.valid = QY_TD_REPORT_VALID_SVN2;
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5);

  report.version = 3;
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5);
  report.vmid = 1;
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5_EX);
  fill_random(report.td_id, 32, 63);
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5_EX);
  report.vmid = 0;
  assert_subject(&report, 5, QY_DCAP_BODY_TD_1_5_EX);
}

static void bad_td_reports_are_not_quoted(void **state)
{
  (void)state;
  qy_dcap_subject subject;
  qy_td_body td;
  qy_td_report report = a_td_report(0);
  report.version = 2;
  assert_int_equal(qy_dcap_subject_of_td_report(&subject, &td, &report, NULL), QY_ERR_UNSUPPORTED);
  assert_null(subject.td);
  report.version = 1;
  report.reserved5[0] = 1;
  assert_int_equal(qy_dcap_subject_of_td_report(&subject, &td, &report, NULL), QY_ERR_MALFORMED);
  assert_true(qy_view_is_zero(qy_view_over(&td, sizeof(td))));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_verifies),           cmocka_unit_test(what_no_quoting_enclave_makes_is_refused),
      cmocka_unit_test(certification_can_be_replaced), cmocka_unit_test(real_quotes_are_made_again),
      cmocka_unit_test(forms_of_td_reports),           cmocka_unit_test(bad_td_reports_are_not_quoted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
