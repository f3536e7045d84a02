/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quotes of every form, certification data and TD reports. */
#include "seeds.h"

#include <string.h>

#include <base/cursor.h>
#include <crypto/p256.h>
#include <sgx/dcap_make.h>

static void fill_voucher(qy_dcap_voucher *voucher, qy_secret *key)
{
  static const uint8_t chain[] = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
  const qy_random random = seed_random();
  qy_p256_public public_key;
  must(qy_p256_generate(key, &public_key, &random, NULL));
  memcpy(voucher->attestation_key, public_key.bytes, sizeof(voucher->attestation_key));
  voucher->qe_auth_data = QY_VIEW_OF(qy_dcap_qe_auth_data);
  voucher->certification = (qy_certification){QY_CERTIFICATION_PCK_CHAIN, QY_VIEW_OF(chain)};
  must(qy_dcap_qe_report_data(voucher->qe_report.report_data, voucher->attestation_key, voucher->qe_auth_data, NULL));
}

static void quotes(void)
{
  static const struct {
    uint16_t version;
    qy_dcap_body_type body_type;
  } forms[] = {{3, QY_DCAP_BODY_ENCLAVE},  {4, QY_DCAP_BODY_ENCLAVE}, {4, QY_DCAP_BODY_TD_1_0},
               {5, QY_DCAP_BODY_ENCLAVE},  {5, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},
               {5, QY_DCAP_BODY_TD_1_5_EX}};
  const qy_report_body report = {.isv_svn = 1};
  const qy_td_body td = {.td_attributes = QY_TD_SEPT_VE_DISABLE, .xfam = QY_XFAM_FIXED_1};
  QY_SCOPED_SECRET(key);
  qy_dcap_voucher voucher = {0};
  fill_voucher(&voucher, &key);
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    const qy_dcap_subject subject = {forms[i].version, forms[i].body_type, &report, &td};
    const qy_dcap_signer signer = {qy_dcap_sign_p256, &key};
    uint8_t bytes[2048];
    size_t size = 0;
    must(qy_dcap_quote_make(bytes, sizeof(bytes), &size, &subject, &voucher, &signer, NULL));
    seed("sgx_dcap_quote", qy_view_over(bytes, size));
    seed("describe", qy_view_over(bytes, size));
  }
}

static void certifications(void)
{
  static const uint8_t ppid[QY_PPID_RSA_3072_SIZE];
  static const size_t sizes[] = {QY_PPID_SIZE, QY_PPID_RSA_2048_SIZE, QY_PPID_RSA_3072_SIZE};
  for (uint8_t type = QY_CERTIFICATION_PPID_CLEAR; type <= QY_CERTIFICATION_PPID_RSA_3072; type++) {
    const qy_ppid_certification certification = {.ppid = qy_view_over(ppid, sizes[type - 1]), .pce_svn = 14};
    uint8_t bytes[512];
    size_t size = 0;
    must(qy_ppid_certification_encode(bytes, sizeof(bytes), &size, type, &certification, NULL));
    seed_choice("sgx_certification", type, qy_view_over(bytes, size));
  }
  seed_choice("sgx_certification", QY_CERTIFICATION_PCK_CHAIN, qy_view_text("-----BEGIN CERTIFICATE-----"));
}

static void td_reports(void)
{
  static const uint8_t versions[] = {0, 1, 3};
  static const uint8_t body[QY_TD_BODY_MAX_SIZE];
  for (size_t i = 0; i < sizeof(versions); i++) {
    qy_td_report report = {.type = QY_TD_REPORT_TYPE, .version = versions[i], .valid = QY_TD_REPORT_VALID_SVN2};
    uint8_t bytes[QY_TD_REPORT_SIZE];
    must(qy_td_report_bind(&report, NULL));
    qy_td_report_encode(bytes, &report);
    seed("sgx_td_report", QY_VIEW_OF(bytes));
    seed("describe", QY_VIEW_OF(bytes));
  }
  for (qy_dcap_body_type form = QY_DCAP_BODY_TD_1_0; form <= QY_DCAP_BODY_TD_1_5_EX; form++) {
    seed("sgx_td_report", qy_view_over(body, qy_dcap_body_size(form)));
  }
}

/* A header and one event. */
static void event_logs(void)
{
  static const uint8_t digest[48] = {0xd1};
  uint8_t bytes[256];
  qy_writer out = qy_writer_over(bytes, sizeof(bytes));
  qy_write_u32le(&out, 0);
  qy_write_u32le(&out, 3); /* EV_NO_ACTION */
  qy_write_zeros(&out, 20);
  qy_write_u32le(&out, 33);
  qy_write_bytes(&out, "Spec ID Event03", 16);
  qy_write_u32le(&out, 0);
  qy_write_u32le(&out, 0x02000200);
  qy_write_u32le(&out, 1);
  qy_write_u16le(&out, 0x000c); /* SHA-384 */
  qy_write_u16le(&out, sizeof(digest));
  qy_write_u8(&out, 0);
  qy_write_u32le(&out, 1); /* RTMR0 */
  qy_write_u32le(&out, 4); /* EV_SEPARATOR */
  qy_write_u32le(&out, 1);
  qy_write_u16le(&out, 0x000c);
  qy_write_bytes(&out, digest, sizeof(digest));
  qy_write_u32le(&out, 4);
  qy_write_zeros(&out, 4);
  seed("eventlog", qy_view_over(bytes, out.offset));
  seed("describe", qy_view_over(bytes, out.offset));
}

void seed_dcap(void)
{
  event_logs();
  quotes();
  certifications();
  td_reports();
}
