/* SPDX-License-Identifier: Apache-2.0 */
/* The quote itself: its platform, its quoting enclave, its signatures. The order is that of Intel's library, which ends
 * at the first that fails, and so does this: what follows builds on it. */
#include <appraisal/dcap_parts.h>

#include <string.h>

#include <appraisal/dcap_tcb.h>

static bool is_tdx(const qy_dcap_appraisal *appraisal)
{
  return appraisal->quote.header.tee == QY_TEE_TDX;
}

static const char *tee_name(bool tdx)
{
  return tdx ? "TDX" : "SGX";
}

/* One step: QY_QVL_OK goes on. */
typedef qy_status (*quote_step)(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why);

/* ---- The platform ---- */

static qy_status examine_pck(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  qy_dcap_verdict *verdict = appraisal->verdict;
  const qy_dcap_chain *chain = appraisal->pck_chain;
  if (!chain->readable) {
    *out = chain->given ? QY_QVL_UNSUPPORTED_PCK_CERT_FORMAT : QY_QVL_MISSING_PARAMETERS;
    return QY_OK; /* the chain's own check has said so */
  }
  qy_error cause = {0};
  const qy_sgx_certificate *first = &chain->list.certificates[0];
  const bool named = first == chain->leaf;
  const qy_status status =
      named ? qy_pck_extension_decode(&verdict->platform, first->sgx_extension, &cause) : QY_ERR_MALFORMED;
  const bool held =
      qy_examine(&appraisal->examination, QY_CHECK_DCAP_PCK, named && status == QY_OK,
                 .expected = qy_textf("a PCK certificate with its SGX extension"),
                 .actual = named ? qy_examined_text(status, &cause) : qy_view_as_text(first->subject.common_name),
                 .origin = "first certificate of the PCK chain");
  verdict->has_platform = status == QY_OK;
  if (!held || status != QY_OK) {
    const bool unreadable = named && status == QY_ERR_MALFORMED && first->sgx_extension.size > 0;
    *out = unreadable ? QY_QVL_UNSUPPORTED_PCK_CERT_FORMAT : QY_QVL_INVALID_PCK_CERT;
  }
  (void)why;
  return QY_OK;
}

/* The list is the PCK's issuer's, and does not hold it. The checks of the chain say both; here they count as Intel's
 * library counts them when it is asked for the quote alone, whatever the rest of the chain is. */
static qy_status examine_pck_crl(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  (void)why;
  const qy_dcap_chain *chain = appraisal->pck_chain;
  const qy_sgx_certificate *leaf = &chain->list.certificates[0];
  const qy_sgx_crl *list = &appraisal->set->pck_crl.list;
  if (!qy_sgx_same_name(&list->issuer, &leaf->issuer)) {
    *out = QY_QVL_INVALID_PCK_CRL;
  } else if (chain->whole && chain->leaf == leaf ? chain->leaf_revoked : qy_sgx_crl_revokes(list, leaf->serial)) {
    *out = QY_QVL_PCK_REVOKED;
  }
  return QY_OK;
}

static qy_status examine_match(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  (void)why;
  qy_examination *examination = &appraisal->examination;
  const qy_tcb_info *info = appraisal->set->tcb_info;
  const qy_pck_extension *platform = &appraisal->verdict->platform;
  if (!qy_examine(examination, QY_CHECK_DCAP_TCB_INFO_TEE, info->is_tdx == is_tdx(appraisal),
                  .expected = qy_textf("%s", tee_name(is_tdx(appraisal))),
                  .actual = qy_textf("%s", tee_name(info->is_tdx)), .origin = "TCB info") ||
      !qy_examine(examination, QY_CHECK_DCAP_FMSPC, memcmp(info->fmspc, platform->fmspc, sizeof(info->fmspc)) == 0,
                  .expected = qy_text_hex(QY_VIEW_OF(platform->fmspc)), .actual = qy_text_hex(QY_VIEW_OF(info->fmspc)),
                  .origin = "PCK certificate") ||
      !qy_examine(examination, QY_CHECK_DCAP_PCE_ID, memcmp(info->pce_id, platform->pce_id, sizeof(info->pce_id)) == 0,
                  .expected = qy_text_hex(QY_VIEW_OF(platform->pce_id)),
                  .actual = qy_text_hex(QY_VIEW_OF(info->pce_id)), .origin = "PCK certificate")) {
    *out = QY_QVL_TCB_INFO_MISMATCH;
  }
  return QY_OK;
}

static qy_text known_modules(const qy_tcb_info *info)
{
  qy_text text = qy_textf(info->module_count == 0 ? "a TDX module that it names, and it names none" : "one of");
  for (size_t i = 0; i < info->module_count; i++) {
    text = qy_textf("%s %s", text.chars, qy_view_as_text(info->modules[i].id).chars);
  }
  return text;
}

/* The module that launched the trust domain. From version 1 on it has an identity of its own. */
static qy_status examine_module(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  (void)why;
  if (!is_tdx(appraisal)) {
    return QY_OK;
  }
  qy_examination *examination = &appraisal->examination;
  const qy_tcb_info *info = appraisal->set->tcb_info;
  const qy_td_body *td = &appraisal->quote.td;
  const uint8_t version = td->tee_tcb_svn[1];
  const qy_tdx_module *expected = &info->module;
  if (version > 0) {
    const qy_tdx_module_identity *identity = qy_dcap_module_identity(info, version);
    if (!qy_examine(examination, QY_CHECK_DCAP_MODULE_KNOWN, identity != NULL, .expected = known_modules(info),
                    .actual = qy_textf("TDX_%02X", version), .origin = "TCB info") ||
        identity == NULL) {
      *out = QY_QVL_TDX_MODULE_MISMATCH;
      return QY_OK;
    }
    expected = &identity->module;
  }
  const bool zero = qy_view_is_zero(QY_VIEW_OF(td->seam_attributes)) &&
                    memcmp(td->seam_attributes, expected->attributes, sizeof(expected->attributes)) == 0;
  if (!qy_examine(examination, QY_CHECK_DCAP_MODULE_SIGNER,
                  memcmp(td->mr_signer_seam, expected->mr_signer, sizeof(expected->mr_signer)) == 0,
                  .expected = qy_text_hex(QY_VIEW_OF(expected->mr_signer)),
                  .actual = qy_text_hex(QY_VIEW_OF(td->mr_signer_seam)), .origin = "TCB info") ||
      !qy_examine(examination, QY_CHECK_DCAP_MODULE_ATTRIBUTES, zero,
                  .expected = qy_text_hex(QY_VIEW_OF(expected->attributes)),
                  .actual = qy_text_hex(QY_VIEW_OF(td->seam_attributes)), .origin = "TCB info")) {
    *out = QY_QVL_TDX_MODULE_MISMATCH;
  }
  return QY_OK;
}

/* ---- The quoting enclave ---- */

static qy_status examine_qe_signature(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  const qy_dcap_quote *quote = &appraisal->quote;
  bool valid = false;
  const qy_status status =
      qy_known_verify(&appraisal->set->known, &valid, appraisal->pck_chain->list.certificates[0].public_key,
                      quote->qe_report_bytes, quote->qe_report_signature.bytes, why);
  if (status == QY_ERR_MALFORMED) {
    *out = QY_QVL_INVALID_PCK_CERT; /* its key is no point of the curve */
  } else if (status != QY_OK) {
    return status;
  }
  if (!qy_examine(&appraisal->examination, QY_CHECK_DCAP_QE_REPORT_SIGNATURE, valid,
                  .expected = qy_textf("signed by the key of the PCK certificate"),
                  .actual = qy_textf(valid ? "so" : "not by that key"), .origin = "quote") &&
      *out == QY_QVL_OK) {
    *out = QY_QVL_INVALID_QE_REPORT_SIGNATURE;
  }
  return QY_OK;
}

static qy_status examine_qe_data(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  qy_examination *examination = &appraisal->examination;
  const qy_dcap_quote *quote = &appraisal->quote;
  const uint8_t *data = quote->qe_report.report_data;
  uint8_t expected[QY_REPORT_DATA_SIZE];
  QY_TRY(qy_dcap_qe_report_data(expected, quote->attestation_key.bytes, quote->qe_auth_data, why));
  const bool zero = qy_view_is_zero(qy_view_over(data + 32, 32));
  if (!qy_examine(examination, QY_CHECK_DCAP_QE_REPORT_DATA, memcmp(data, expected, 32) == 0,
                  .expected = qy_text_hex(qy_view_over(expected, 32)), .actual = qy_text_hex(qy_view_over(data, 32)),
                  .origin = "hash of the attestation key and its data")) {
    *out = QY_QVL_INVALID_QE_REPORT_DATA;
  }
  (void)qy_examine(examination, QY_CHECK_DCAP_QE_REPORT_TAIL, zero, .expected = qy_textf("zeros"),
                   .actual = qy_text_hex(qy_view_over(data + 32, 32)), .origin = "DCAP quoting enclave");
  return QY_OK;
}

static qy_status examine_qe_identity(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  (void)why;
  qy_examination *examination = &appraisal->examination;
  const qy_report_body *report = &appraisal->quote.qe_report;
  const qy_enclave_identity *identity = appraisal->set->identity;
  const qy_identity_id id = is_tdx(appraisal) ? QY_IDENTITY_TD_QE : QY_IDENTITY_QE;
  if (identity == NULL) {
    return QY_OK; /* Intel's library goes on without one; here the verdict is undecided already */
  }
  const uint32_t misc = report->misc_select & identity->misc_select_mask;
  const uint64_t flags = report->attributes.flags & identity->attributes_mask.flags;
  const uint64_t xfrm = report->attributes.xfrm & identity->attributes_mask.xfrm;
  static const char origin[] = "enclave identity";
  const bool debug = (report->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0;
  (void)qy_examine(examination, QY_CHECK_DCAP_QE_DEBUG, !debug, .expected = qy_textf("DEBUG clear"),
                   .actual = qy_textf(debug ? "DEBUG set" : "DEBUG clear"), .origin = "built-in rule");
  if (!qy_examine(examination, QY_CHECK_DCAP_IDENTITY_TEE, identity->id == id,
                  .expected = qy_textf("%s", qy_identity_id_name(id)),
                  .actual = qy_textf("%s", qy_identity_id_name(identity->id)), .origin = origin) ||
      !qy_examine(examination, QY_CHECK_DCAP_QE_MISC_SELECT, misc == identity->misc_select,
                  .expected = qy_textf("0x%08x under mask 0x%08x", identity->misc_select, identity->misc_select_mask),
                  .actual = qy_textf("0x%08x", report->misc_select), .origin = origin) ||
      !qy_examine(examination, QY_CHECK_DCAP_QE_ATTRIBUTES,
                  flags == identity->attributes.flags && xfrm == identity->attributes.xfrm,
                  .expected = qy_textf("flags 0x%016llx, XFRM 0x%016llx under masks 0x%016llx, 0x%016llx",
                                       (unsigned long long)identity->attributes.flags,
                                       (unsigned long long)identity->attributes.xfrm,
                                       (unsigned long long)identity->attributes_mask.flags,
                                       (unsigned long long)identity->attributes_mask.xfrm),
                  .actual = qy_textf("flags 0x%016llx, XFRM 0x%016llx", (unsigned long long)report->attributes.flags,
                                     (unsigned long long)report->attributes.xfrm),
                  .origin = origin) ||
      !qy_examine(examination, QY_CHECK_DCAP_QE_SIGNER,
                  memcmp(report->mr_signer, identity->mr_signer, sizeof(report->mr_signer)) == 0,
                  .expected = qy_text_hex(QY_VIEW_OF(identity->mr_signer)),
                  .actual = qy_text_hex(QY_VIEW_OF(report->mr_signer)), .origin = origin) ||
      !qy_examine(examination, QY_CHECK_DCAP_QE_PRODUCT, report->isv_prod_id == identity->isv_prod_id,
                  .expected = qy_textf("%u", identity->isv_prod_id), .actual = qy_textf("%u", report->isv_prod_id),
                  .origin = origin)) {
    *out = QY_QVL_QE_IDENTITY_MISMATCH;
  }
  return QY_OK;
}

/* ---- The quote ---- */

static qy_status examine_signature(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  qy_examination *examination = &appraisal->examination;
  const qy_dcap_quote *quote = &appraisal->quote;
  bool valid = false;
  const qy_status status = qy_known_key_verify(&appraisal->set->keys, &valid, quote->attestation_key.bytes,
                                               quote->signed_part, quote->signature.bytes, why);
  if (status != QY_OK && status != QY_ERR_MALFORMED) {
    return status;
  }
  if (!qy_examine(examination, QY_CHECK_DCAP_ATTESTATION_KEY, status == QY_OK, .expected = qy_textf("a point of P-256"),
                  .actual = qy_textf(status == QY_OK ? "so" : "not on the curve"), .origin = "quote")) {
    *out = QY_QVL_UNSUPPORTED_QUOTE_FORMAT;
    return QY_OK;
  }
  if (!qy_examine(examination, QY_CHECK_DCAP_QUOTE_SIGNATURE, valid,
                  .expected = qy_textf("signed by the attestation key, over %zu bytes", quote->signed_part.size),
                  .actual = qy_textf(valid ? "so" : "not by that key"), .origin = "quote")) {
    *out = QY_QVL_INVALID_QUOTE_SIGNATURE;
  }
  return QY_OK;
}

static qy_status examine_levels(qy_dcap_appraisal *appraisal, qy_qvl_status *out, qy_error *why)
{
  (void)why;
  *out = qy_dcap_examine_standing(appraisal);
  return QY_OK;
}

/* What the quote is looked at under, as Intel's library asks for it. */
static qy_qvl_status what_is_missing(const qy_dcap_appraisal *appraisal)
{
  const qy_dcap_collateral *set = appraisal->set;
  return !appraisal->pck_chain->given || !set->pck_crl.given || !set->tcb_info_document.given
             ? QY_QVL_MISSING_PARAMETERS
         : !appraisal->verdict->has_quote                                   ? QY_QVL_UNSUPPORTED_QUOTE_FORMAT
         : !set->pck_crl.readable                                           ? QY_QVL_UNSUPPORTED_PCK_RL_FORMAT
         : !set->tcb_info_document.readable                                 ? QY_QVL_UNSUPPORTED_TCB_INFO_FORMAT
         : set->identity_document.given && !set->identity_document.readable ? QY_QVL_UNSUPPORTED_QE_IDENTITY_FORMAT
                                                                            : QY_QVL_OK;
}

qy_status qy_dcap_examine_quote(qy_dcap_appraisal *appraisal, qy_error *why)
{
  static const quote_step steps[] = {examine_pck,         examine_pck_crl,      examine_match,
                                     examine_module,      examine_qe_signature, examine_qe_data,
                                     examine_qe_identity, examine_signature,    examine_levels};
  qy_qvl_status status = what_is_missing(appraisal);
  for (size_t i = 0; status == QY_QVL_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
    QY_TRY(steps[i](appraisal, &status, why));
  }
  appraisal->verdict->qvl.quote = status;
  return QY_OK;
}
