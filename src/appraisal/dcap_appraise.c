/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a DCAP appraisal: what the quote is, who vouches for its platform, when, and what that makes of it. */
#include <appraisal/dcap_parts.h>

#include <stddef.h>
#include <string.h>

#define LAST_TIME_S 253402300799ll /* 9999-12-31T23:59:59Z */

static void read_quote(qy_dcap_appraisal *appraisal, qy_view bytes)
{
  qy_dcap_verdict *verdict = appraisal->verdict;
  qy_dcap_quote *quote = &appraisal->quote;
  if (bytes.bytes == NULL) {
    qy_examine_missing(&appraisal->examination, QY_CHECK_DCAP_QUOTE_FORM, "a quote", "evidence");
    return;
  }
  qy_error cause = {0};
  const qy_status status = qy_dcap_quote_decode(quote, bytes, &cause);
  verdict->has_quote = qy_examine(&appraisal->examination, QY_CHECK_DCAP_QUOTE_FORM, status == QY_OK,
                                  .expected = qy_textf("a quote of version 3, 4 or 5"),
                                  .actual = qy_examined_text(status, &cause), .origin = "evidence") &&
                       status == QY_OK;
  if (verdict->has_quote) {
    verdict->header = quote->header;
    verdict->body_type = quote->body_type;
    verdict->report = quote->report;
    verdict->td = quote->td;
    verdict->qe_report = quote->qe_report;
  }
}

/* What was found out when the set was read. */
static void tell_of_set(qy_dcap_appraisal *appraisal)
{
  const qy_dcap_collateral *set = appraisal->set;
  qy_trace_append(&appraisal->verdict->trace, set->records, set->record_count);
  appraisal->verdict->trace.dropped += set->dropped_records;
  appraisal->examination.refused |= set->refused;
  appraisal->examination.undecided |= set->undecided;
  if (set->tcb_info_document.readable && set->identity_document.readable) {
    const uint32_t info = set->tcb_info->evaluation_number;
    const uint32_t identity = set->identity->evaluation_number;
    appraisal->verdict->has_collateral_numbers = true;
    appraisal->verdict->evaluation_number = info < identity ? info : identity;
  }
}

/* The chain that was given, or the one that the quote carries. */
static qy_view pck_chain_of(const qy_dcap_appraisal *appraisal, const qy_dcap_evidence *evidence)
{
  if (evidence->pck_chain.bytes != NULL) {
    return evidence->pck_chain;
  }
  const bool carried =
      appraisal->verdict->has_quote && appraisal->quote.certification.type == QY_CERTIFICATION_PCK_CHAIN;
  return carried ? qy_certification_pem(&appraisal->quote.certification) : (qy_view){NULL, 0};
}

static qy_status appraise(qy_dcap_appraisal *appraisal, const qy_dcap_evidence *evidence, qy_error *why)
{
  qy_dcap_verdict *verdict = appraisal->verdict;
  qy_dcap_times times;
  read_quote(appraisal, evidence->quote);
  tell_of_set(appraisal);
  QY_TRY(qy_dcap_platform_take(&appraisal->platform, &appraisal->examination, appraisal->set,
                               pck_chain_of(appraisal, evidence), why));
  appraisal->pck_chain = &appraisal->platform->chain;
  verdict->simulated = !qy_view_equal(QY_VIEW_OF(appraisal->set->root.key), QY_VIEW_OF(qy_intel_sgx_root_key));
  qy_dcap_examine_times(appraisal, &times);
  QY_TRY(qy_dcap_examine_quote(appraisal, why));
  verdict->qvl.pck_chain = qy_dcap_qvl_pck_chain(appraisal, &times);
  verdict->qvl.tcb_info = qy_dcap_qvl_tcb_info(appraisal->set, &times);
  verdict->qvl.identity = qy_dcap_qvl_identity(appraisal->set, &times);
  verdict->authentic = !appraisal->examination.refused && !appraisal->examination.undecided && verdict->has_standing &&
                       verdict->qvl.pck_chain == QY_QVL_OK && verdict->qvl.tcb_info == QY_QVL_OK &&
                       verdict->qvl.identity == QY_QVL_OK;
  verdict->refuted = appraisal->examination.refused;
  qy_dcap_examine_policy(appraisal, evidence->report_data);
  return qy_dcap_examine_event_log(appraisal, evidence->event_log, why);
}

qy_status qy_dcap_appraise(qy_dcap_verdict *out, const qy_dcap_evidence *evidence, qy_dcap_collateral *collateral,
                           const qy_policy *policy, int64_t now_s, qy_error *why)
{
  memset(out, 0, offsetof(qy_dcap_verdict, trace));
  out->trace.count = 0;
  out->trace.dropped = 0;
  out->at_s = now_s;
  if (now_s < 0 || now_s > LAST_TIME_S) {
    return qy_fail(why, QY_ERR_ARGUMENT, "appraisal: the time is not within the years 1970 to 9999");
  }
  out->policy_version = policy->version;
  qy_dcap_appraisal appraisal = {
      .verdict = out, .examination = {.trace = &out->trace}, .set = collateral, .policy = policy, .now_s = now_s};
  const qy_status status = appraise(&appraisal, evidence, why);
  qy_dcap_platform_let_go(&collateral->platforms, &appraisal.platform);
  if (status == QY_OK && appraisal.examination.refused) {
    out->trust = QY_REFUSED;
  } else if (status == QY_OK && !appraisal.examination.undecided && out->authentic) {
    out->trust = QY_TRUSTED;
  }
  return status;
}
