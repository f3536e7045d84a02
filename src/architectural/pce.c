/* SPDX-License-Identifier: Apache-2.0 */
/* The certifying enclave: encrypts the PPID to a provisioning server, and signs reports of enclaves that may provision
 * (Intel SGX PSW, PCE). */
#include <architectural/handlers.h>

#include <string.h>

#include <architectural/calls.h>
#include <architectural/common.h>
#include <provisioning/keys.h>

#define PCE_ID 0
#define SCHEME_ECDSA_P256_SHA256 0

/* Both operations: a report of this processor, by an enclave that may ask for PROVISION keys itself. */
static qy_status check_caller(const qy_report *report, qy_trace *trace, qy_error *why)
{
  QY_TRY(qy_ae_verify_report(report, trace, why));
  const bool may = (report->body.attributes.flags & QY_ATTRIBUTE_PROVISION_KEY) != 0;
  if (!qy_check(trace, QY_CHECK_PCE_CALLER, may, .expected = qy_textf("attribute PROVISION_KEY"),
                .actual = qy_textf("attributes %#llx", (unsigned long long)report->body.attributes.flags),
                .origin = "report")) {
    return qy_fail(why, QY_ERR_REFUSED, "PCE: the caller has no PROVISION_KEY attribute");
  }
  return QY_OK;
}

static qy_status check_key(const qy_report *report, const qy_rsa_public *key, qy_trace *trace, qy_error *why)
{
  uint8_t expected[QY_REPORT_DATA_SIZE];
  QY_TRY(qy_pce_info_report_data(expected, key, why));
  const bool same = memcmp(report->body.report_data, expected, sizeof(expected)) == 0;
  if (!qy_check(trace, QY_CHECK_PCE_REPORT_DATA, same, .expected = qy_text_hex(QY_VIEW_OF(expected)),
                .actual = qy_text_hex(QY_VIEW_OF(report->body.report_data)), .origin = "call")) {
    return qy_fail(why, QY_ERR_REFUSED, "PCE: the report vouches for another key");
  }
  return QY_OK;
}

/* In: report 432, n 384, e 4 (big-endian). Out: encrypted PPID 384, PCE ISVSVN 2, PCE id 2, signature scheme 1. */
static qy_status get_info(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(provision);
  qy_reader reader = qy_reader_over(in);
  qy_report report;
  qy_rsa_public key = {.size = QY_PEK_RSA_SIZE};
  qy_report_body self;
  const qy_psvn zero = {0};
  uint8_t ppid[QY_PPID_SIZE], answer[QY_PEK_RSA_SIZE + 5];
  qy_ae_read_report(&report, &reader);
  qy_read_bytes(&reader, key.modulus, QY_PEK_RSA_SIZE, "n");
  key.exponent = qy_read_u32be(&reader, "e");
  QY_TRY(qy_read_finish(&reader, "PCE get_info", why));
  QY_TRY(check_caller(&report, trace, why));
  QY_TRY(check_key(&report, &key, trace, why));
  QY_TRY(qy_enclave_self(&self, why));
  QY_TRY(qy_ae_keys(&provision, NULL, &zero, why));
  QY_TRY(qy_provisioning_ppid(ppid, &provision, why));
  const qy_status encrypted = qy_rsa_oaep_encrypt(answer, &key, QY_VIEW_OF(ppid), why);
  qy_wipe(ppid, sizeof(ppid));
  QY_TRY(encrypted);
  qy_writer writer = qy_writer_over(answer + QY_PEK_RSA_SIZE, 5);
  qy_write_u16le(&writer, self.isv_svn);
  qy_write_u16le(&writer, PCE_ID);
  qy_write_u8(&writer, SCHEME_ECDSA_P256_SHA256);
  qy_buffer_append(out, answer, sizeof(answer));
  return qy_buffer_finish(out, "PCE get_info", why);
}

/* In: report 432, PSVN 18. Out: signature 64. */
static qy_status certify(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(signing_key);
  qy_reader reader = qy_reader_over(in);
  qy_report report;
  qy_psvn psvn;
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  qy_ae_read_report(&report, &reader);
  const qy_view level = qy_read_view(&reader, QY_PSVN_SIZE, "PSVN");
  QY_TRY(qy_read_finish(&reader, "PCE certify", why));
  QY_TRY(qy_psvn_decode(&psvn, level, why));
  QY_TRY(check_caller(&report, trace, why));
  QY_TRY(qy_ae_keys(&provision, NULL, &psvn, why));
  QY_TRY(qy_pce_signing_key(&signing_key, &provision, why));
  const qy_view body = qy_view_slice(in, 0, QY_REPORT_BODY_SIZE);
  QY_TRY(qy_p256_sign(signature, &signing_key, &body, 1, why));
  qy_buffer_append(out, signature, sizeof(signature));
  return qy_buffer_finish(out, "PCE certify", why);
}

qy_status qy_pce_handle(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  const size_t begin = out->size;
  (void)context;
  switch (operation) {
  case QY_AE_TARGET_INFO:
    return qy_ae_settle(out, begin, qy_ae_answer_target_info(in, out, why));
  case QY_PCE_GET_INFO:
    return qy_ae_settle(out, begin, get_info(in, out, trace, why));
  case QY_PCE_CERTIFY:
    return qy_ae_settle(out, begin, certify(in, out, trace, why));
  default:
    return qy_ae_unknown("PCE", operation, why);
  }
}
