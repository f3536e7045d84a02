/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/answer.h>

#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <reports/body.h>
#include <reports/examine.h>
#include <reports/request.h>
#include <sgx/endorsements.h>

void qy_reports_answer_init(qy_reports_answer *answer)
{
  memset(answer, 0, sizeof *answer);
  qy_buffer_init(&answer->body, 65536);
  qy_buffer_init(&answer->signature, 4096);
  qy_buffer_init(&answer->advisory_ids, 4096);
}

void qy_reports_answer_clear(qy_reports_answer *answer)
{
  qy_buffer_clear(&answer->body);
  qy_buffer_clear(&answer->signature);
  qy_buffer_clear(&answer->advisory_ids);
  qy_reports_answer_init(answer);
}

/* What the service answers 400 to, and gives no reason for. */
static qy_status check_caller(const qy_quote *quote, const qy_subscription *caller, qy_trace *trace, qy_error *why)
{
  const qy_quote_body *body = &quote->body;
  if (!qy_check(trace, QY_CHECK_REPORTS_SIGN_TYPE, (body->sign_type == QY_LINKABLE) == caller->linkable,
                .expected = qy_textf("%s", caller->linkable ? "linkable" : "unlinkable"),
                .actual = qy_textf("%s", body->sign_type == QY_LINKABLE ? "linkable" : "unlinkable"),
                .origin = "subscription")) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: its type is not that of the SPID");
  }
  if (!qy_check(trace, QY_CHECK_REPORTS_SPID, qy_quote_basename_fits(body, caller->spid),
                .expected = qy_text_hex(QY_VIEW_OF(caller->spid)), .actual = qy_text_hex(QY_VIEW_OF(body->basename)),
                .origin = "subscription")) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: made for another SPID");
  }
  if (!qy_check(trace, QY_CHECK_REPORTS_EXTENDED_GROUP, body->xeid == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%u", body->xeid), .origin = "this service")) {
    return qy_fail(why, QY_ERR_REFUSED, "quote: of another extended group");
  }
  return QY_OK;
}

typedef struct findings {
  qy_examination examination;
  qy_group_tcb group_tcb;
  unsigned revocation_reason;
} findings;

static qy_status examine(findings *out, const qy_reports_context *context, const qy_quote *quote, qy_trace *trace,
                         qy_error *why)
{
  qy_held_group held;
  qy_status status = qy_reports_cache_hold(&held, context->cache, quote->body.group_id, why);
  if (status == QY_ERR_NOT_FOUND || status == QY_ERR_BUSY) {
    return status;
  }
  if (status != QY_OK) { /* damaged files are not the client's fault */
    return qy_fail_in(why, QY_ERR_INTERNAL, "state");
  }
  out->group_tcb = held.group->tcb;
  out->revocation_reason = held.revocation_reason;
  status = qy_reports_examine(&out->examination, NULL, quote, context->keys->quote_key, held.verifier, held.has_sigrl,
                              trace, why);
  qy_reports_cache_release(context->cache, &held);
  return status == QY_OK ? QY_OK : qy_fail_in(why, QY_ERR_INTERNAL, "EPID verification");
}

static qy_status sign(qy_reports_answer *out, const qy_reports_keys *keys, qy_error *why)
{
  qy_rsa_public key;
  uint8_t signature[QY_RSA_MAX_SIZE];
  qy_rsa_public_of(&key, keys->report_key);
  const qy_view body = qy_buffer_view(&out->body);
  QY_TRY(qy_rsa_sign(signature, keys->report_key, &body, 1, why));
  qy_base64_append(&out->signature, qy_view_over(signature, key.size));
  return qy_buffer_finish(&out->signature, "report signature", why);
}

static qy_status write_report(qy_reports_answer *out, const qy_reports_context *context,
                              const qy_report_request *request, const qy_reports_body *known, qy_judgement *judgement,
                              qy_error *why)
{
  uint8_t manifest_hash[QY_SHA256_SIZE];
  qy_reports_body facts = *known; /* it borrows from here, so it ends here */
  if (judgement->has_platform_info) {
    QY_TRY(qy_platform_info_sign(&judgement->platform_info, &context->keys->platform_info_key, why));
  }
  QY_TRY(qy_random_fill(qy_random_system(), facts.id, sizeof facts.id, why));
  if (request->has_manifest) {
    QY_TRY(qy_sha256(manifest_hash, QY_VIEW_OF(request->manifest), why));
    facts.manifest_hash = manifest_hash;
  }
  facts.nonce = request->has_nonce ? request->nonce : NULL;
  facts.judgement = judgement;
  QY_TRY(qy_reports_body_encode(&out->body, &facts, why));
  return sign(out, context->keys, why);
}

static qy_status answer(qy_reports_answer *out, const qy_reports_context *context, unsigned api_version,
                        const qy_report_request *request, const qy_subscription *caller, int64_t now_us,
                        qy_trace *trace, qy_error *why)
{
  qy_quote quote;
  findings found = {0};
  qy_judgement judgement;
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  QY_TRY(qy_quote_decode(&quote, qy_buffer_view(&request->quote), why));
  QY_TRY(check_caller(&quote, caller, trace, why));
  if (qy_reports_cache_policy(&levels, &policy, context->cache, why) != QY_OK) {
    return qy_fail_in(why, QY_ERR_INTERNAL, "state");
  }
  QY_TRY(examine(&found, context, &quote, trace, why));
  const qy_judge_input input = {.api_version = api_version,
                                .quote = &quote.body,
                                .epid = found.examination.result,
                                .revocation_reason = found.revocation_reason,
                                .group = &found.group_tcb,
                                .levels = &levels,
                                .policy = &policy,
                                .has_manifest = request->has_manifest,
                                .pse_status = context->pse_status};
  QY_TRY(qy_reports_judge(&judgement, &input, trace, why));
  qy_reports_body facts = {.api_version = api_version,
                           .time_us = now_us,
                           .quote_body = quote.signed_part,
                           .advisory_url = policy.advisory_url};
  if (caller->linkable && found.examination.has_pseudonym) {
    facts.pseudonym = QY_VIEW_OF(found.examination.pseudonym);
  }
  QY_TRY(write_report(out, context, request, &facts, &judgement, why));
  if (api_version < 4 && judgement.advisories != NULL) {
    qy_advisories_append(&out->advisory_ids, judgement.advisories);
    memcpy(out->advisory_url, policy.advisory_url, sizeof out->advisory_url);
  }
  out->status = judgement.status;
  return QY_OK;
}

qy_status qy_reports_answer_make(qy_reports_answer *out, const qy_reports_context *context, unsigned api_version,
                                 const qy_subscription *caller, qy_view request, int64_t now_us, qy_trace *trace,
                                 qy_error *why)
{
  __attribute__((cleanup(qy_report_request_clear))) qy_report_request decoded;
  qy_report_request_init(&decoded);
  qy_reports_answer_clear(out);
  QY_TRY(qy_report_request_decode(&decoded, request, why));
  const qy_status status = answer(out, context, api_version, &decoded, caller, now_us, trace, why);
  if (status != QY_OK) {
    qy_reports_answer_clear(out);
  }
  return status;
}

/* The list that is served must be signed, of this group, and hold what verification goes by. */
static qy_status check_forms(const qy_group *group, const qy_p256_public *isk, qy_trace *trace, qy_error *why)
{
  qy_sigrl sgx;
  qy_error cause = {0};
  const qy_epid_sigrl *list = &group->sigrl;
  const qy_status status = qy_sigrl_decode_nonempty(&sgx, qy_buffer_view(&group->sigrl_sgx), &cause);
  const bool same = status == QY_OK && sgx.group_id == group->gid && sgx.version == list->version &&
                    qy_view_equal(sgx.entries, list->entries);
  if (!qy_check(trace, QY_CHECK_REPORTS_LIST_FORMS, same,
                .expected = qy_textf("version %u, %u entries", list->version, list->count),
                .actual = qy_textf("version %u, %u entries", sgx.version, sgx.count),
                .origin = "EPID form of the list")) {
    return qy_fail(why, QY_ERR_BUSY, "group %08x: the two forms of its SigRL differ", group->gid);
  }
  return qy_sigrl_verify(trace, &sgx, isk, why);
}

qy_status qy_reports_sigrl_make(qy_buffer *out, const qy_reports_context *context, uint32_t gid, qy_trace *trace,
                                qy_error *why)
{
  qy_held_group held;
  QY_TRY(qy_reports_cache_hold(&held, context->cache, gid, why));
  qy_status status = QY_OK;
  if (held.has_sigrl) {
    status = check_forms(held.group, &context->keys->isk, trace, why);
    if (status == QY_OK) {
      qy_base64_append(out, qy_buffer_view(&held.group->sigrl_sgx));
      status = qy_buffer_finish(out, "SigRL", why);
    }
  }
  qy_reports_cache_release(context->cache, &held);
  return status;
}
