/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/dcap_make.h>

#include <string.h>

#include <crypto/p256.h>

const uint8_t qy_dcap_qe_auth_data[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                          16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

qy_status qy_dcap_sign_p256(void *context, uint8_t signature[QY_DCAP_SIGNATURE_SIZE], qy_view message, qy_error *why)
{
  return qy_p256_sign(signature, context, &message, 1, why);
}

static void fill_header(qy_dcap_header *out, const qy_dcap_subject *subject, const qy_dcap_voucher *voucher)
{
  out->version = subject->version;
  out->key_type = QY_DCAP_KEY_TYPE_ECDSA_P256;
  out->tee = subject->body_type == QY_DCAP_BODY_ENCLAVE ? QY_TEE_SGX : QY_TEE_TDX;
  if (subject->version == 3) {
    out->qe_svn = voucher->qe_report.isv_svn;
    out->pce_svn = voucher->pce_svn;
  }
  memcpy(out->vendor_id, qy_dcap_intel_vendor_id, sizeof(out->vendor_id));
  memcpy(out->user_data, voucher->qe_id, sizeof(voucher->qe_id));
}

static qy_status check_voucher(const qy_dcap_voucher *voucher, qy_error *why)
{
  uint8_t binding[QY_REPORT_DATA_SIZE];
  if (voucher->certification.type == QY_CERTIFICATION_PPID_CLEAR) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: the PPID is not sent in the clear");
  }
  QY_TRY(qy_dcap_qe_report_data(binding, voucher->attestation_key, voucher->qe_auth_data, why));
  if (!qy_view_equal(QY_VIEW_OF(binding), QY_VIEW_OF(voucher->qe_report.report_data))) {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: the QE report does not bind the attestation key");
  }
  return QY_OK;
}

/* Signs what was written with room for a signature. */
static qy_status sign_in_place(uint8_t *out, const qy_dcap_quote *quote, const qy_dcap_signer *signer, qy_error *why)
{
  uint8_t signature[QY_DCAP_SIGNATURE_SIZE];
  const size_t signed_size = qy_dcap_signed_size(quote->header.version, quote->body_type);
  QY_TRY(signer->sign(signer->context, signature, qy_view_over(out, signed_size), why));
  memcpy(out + signed_size + sizeof(uint32_t), signature, sizeof(signature));
  return QY_OK;
}

qy_status qy_dcap_quote_make(uint8_t *out, size_t capacity, size_t *size, const qy_dcap_subject *subject,
                             const qy_dcap_voucher *voucher, const qy_dcap_signer *signer, qy_error *why)
{
  static const uint8_t unsigned_yet[QY_DCAP_SIGNATURE_SIZE];
  qy_dcap_quote quote = {.body_type = subject->body_type,
                         .signature = QY_VIEW_OF(unsigned_yet),
                         .attestation_key = QY_VIEW_OF(voucher->attestation_key),
                         .qe_report = voucher->qe_report,
                         .qe_report_signature = QY_VIEW_OF(voucher->qe_report_signature),
                         .qe_auth_data = voucher->qe_auth_data,
                         .certification = voucher->certification};
  *size = 0;
  QY_TRY(check_voucher(voucher, why));
  fill_header(&quote.header, subject, voucher);
  if (subject->body_type == QY_DCAP_BODY_ENCLAVE && subject->report != NULL) {
    quote.report = *subject->report;
  } else if (subject->body_type != QY_DCAP_BODY_ENCLAVE && subject->td != NULL) {
    quote.td = *subject->td;
  } else {
    return qy_fail(why, QY_ERR_ARGUMENT, "DCAP quote: there is no body of type %u", subject->body_type);
  }
  QY_TRY(qy_dcap_quote_encode(out, capacity, size, &quote, why));
  const qy_status status = sign_in_place(out, &quote, signer, why);
  *size = status == QY_OK ? *size : 0;
  return status;
}

qy_status qy_dcap_quote_recertify(uint8_t *out, size_t capacity, size_t *size, qy_view quote,
                                  const qy_certification *certification, qy_error *why)
{
  qy_dcap_quote decoded;
  *size = 0;
  QY_TRY(qy_dcap_quote_decode(&decoded, quote, why));
  decoded.certification = *certification;
  decoded.unclaimed = decoded.trailing = (qy_view){NULL, 0};
  return qy_dcap_quote_encode(out, capacity, size, &decoded, why);
}

/* ---- TD reports ---- */

/* The SVNs of the TDX module that runs now. */
static const uint8_t *running_svn(const qy_td_report *report)
{
  return report->valid == QY_TD_REPORT_VALID_SVN2 ? report->tee_tcb_svn2 : report->tee_tcb_svn;
}

static void body_of(qy_td_body *out, const qy_td_report *report, qy_dcap_body_type form)
{
  *out = (qy_td_body){.td_attributes = report->td_attributes, .xfam = report->xfam};
  memcpy(out->tee_tcb_svn, report->tee_tcb_svn, sizeof(out->tee_tcb_svn));
  memcpy(out->mr_seam, report->mr_seam, sizeof(out->mr_seam));
  memcpy(out->mr_signer_seam, report->mr_signer_seam, sizeof(out->mr_signer_seam));
  memcpy(out->seam_attributes, report->seam_attributes, sizeof(out->seam_attributes));
  memcpy(out->mr_td, report->mr_td, sizeof(out->mr_td));
  memcpy(out->mr_config_id, report->mr_config_id, sizeof(out->mr_config_id));
  memcpy(out->mr_owner, report->mr_owner, sizeof(out->mr_owner));
  memcpy(out->mr_owner_config, report->mr_owner_config, sizeof(out->mr_owner_config));
  memcpy(out->rtmr, report->rtmr, sizeof(out->rtmr));
  memcpy(out->report_data, report->report_data, sizeof(out->report_data));
  if (form >= QY_DCAP_BODY_TD_1_5) {
    memcpy(out->tee_tcb_svn2, running_svn(report), sizeof(out->tee_tcb_svn2));
    memcpy(out->mr_service_td, report->mr_service_td, sizeof(out->mr_service_td));
  }
  if (form >= QY_DCAP_BODY_TD_1_5_EX) {
    out->vmid = report->vmid;
    memcpy(out->td_id, report->td_id, sizeof(out->td_id));
  }
}

/* The smallest form that loses nothing of the report. */
static qy_dcap_body_type form_of(const qy_td_report *report)
{
  const bool updated = memcmp(running_svn(report), report->tee_tcb_svn, QY_TEE_TCB_SVN_SIZE) != 0;
  const bool named = report->vmid != 0 || !qy_view_is_zero(QY_VIEW_OF(report->td_id));
  if (report->version == 0 && !updated) {
    return QY_DCAP_BODY_TD_1_0;
  }
  return report->version == 3 && named ? QY_DCAP_BODY_TD_1_5_EX : QY_DCAP_BODY_TD_1_5;
}

qy_status qy_dcap_subject_of_td_report(qy_dcap_subject *subject, qy_td_body *td, const qy_td_report *report,
                                       qy_error *why)
{
  *subject = (qy_dcap_subject){0};
  memset(td, 0, sizeof(*td));
  QY_TRY(qy_td_report_check_form(report, why));
  subject->body_type = form_of(report);
  subject->version = subject->body_type == QY_DCAP_BODY_TD_1_0 ? 4 : 5;
  subject->td = td;
  body_of(td, report, subject->body_type);
  return QY_OK;
}
