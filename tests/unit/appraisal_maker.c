/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal_maker.h"

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/random.h>
#include <crypto/x509.h>
#include <pairing/hash_to_g1.h>
#include <sgx/endorsements.h>

#define YEAR_S (365 * 86400)

void maker_certificate(qy_buffer *out, const char *name, bool is_ca, int64_t from_s, int64_t until_s,
                       const qy_rsa_private *key, const qy_buffer *issuer_pem, const qy_rsa_private *issuer_key)
{
  QY_SCOPED_CERTIFICATE(issuer);
  if (issuer_pem != NULL) {
    assert_ok(qy_certificate_from_pem(&issuer, qy_buffer_view(issuer_pem), NULL));
  }
  qy_rsa_public subject;
  qy_rsa_public_of(&subject, key);
  const qy_certificate_request request = {
      .common_name = name, .organization = "Test", .not_before_s = from_s, .not_after_s = until_s, .is_ca = is_ca};
  assert_ok(qy_certificate_make_rsa(out, &request, &subject, issuer, issuer_key, NULL));
}

maker *maker_new(int64_t now_s)
{
  maker *new = calloc(1, sizeof(*new));
  assert_non_null(new);
  assert_ok(qy_rsa_generate(&new->ca_key, 2048, 65537, NULL));
  assert_ok(qy_rsa_generate(&new->leaf_key, 2048, 65537, NULL));
  assert_ok(qy_rsa_generate(&new->other_key, 2048, 65537, NULL));
  qy_buffer_init(&new->ca_pem, 65536);
  qy_buffer_init(&new->leaf_pem, 65536);
  qy_buffer_init(&new->chain_pem, 65536);
  maker_certificate(&new->ca_pem, "Report CA", true, now_s - YEAR_S, now_s + 10ll * YEAR_S, new->ca_key, NULL,
                    new->ca_key);
  maker_certificate(&new->leaf_pem, "Report", false, now_s - YEAR_S, now_s + YEAR_S, new->leaf_key, &new->ca_pem,
                    new->ca_key);
  qy_buffer_append(&new->chain_pem, new->leaf_pem.bytes, new->leaf_pem.size);
  qy_buffer_append(&new->chain_pem, new->ca_pem.bytes, new->ca_pem.size);
  QY_SCOPED_CERTIFICATE(ca);
  assert_ok(qy_certificate_from_pem(&ca, qy_buffer_view(&new->ca_pem), NULL));
  qy_certificate_fingerprint(new->fingerprint, ca);
  assert_ok(qy_p256_generate(&new->info_key, &new->info_public, qy_random_system(), NULL));
  memset(new->spid, 0x5a, sizeof(new->spid));
  return new;
}

void maker_free(maker *old)
{
  qy_rsa_private_free(&old->ca_key);
  qy_rsa_private_free(&old->leaf_key);
  qy_rsa_private_free(&old->other_key);
  qy_buffer_clear(&old->ca_pem);
  qy_buffer_clear(&old->leaf_pem);
  qy_buffer_clear(&old->chain_pem);
  qy_secret_clear(&old->info_key);
  free(old);
}

void maker_report_init(maker_report *report, const maker *by)
{
  *report = (maker_report){.timestamp = "\"" MAKER_TIMESTAMP "\"",
                           .version = "4",
                           .status = "\"OK\"",
                           .nonce = "\"" MAKER_NONCE "\"",
                           .with_pseudonym = true};
  qy_quote_body *quote = &report->quote;
  quote->version = 2;
  quote->sign_type = QY_LINKABLE;
  quote->group_id = 0xb39;
  quote->qe_svn = 11;
  quote->pce_svn = 10;
  memcpy(quote->basename, by->spid, QY_SPID_SIZE);
  quote->report.attributes = (qy_attributes){.flags = QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT, .xfrm = 0x1f};
  memset(quote->report.mr_enclave, 0xe1, QY_MEASUREMENT_SIZE);
  memset(quote->report.mr_signer, 0x51, QY_MEASUREMENT_SIZE);
  quote->report.isv_prod_id = 7;
  quote->report.isv_svn = 5;
}

static void append_platform_info(qy_buffer *out, const maker *by, const maker_report *report)
{
  qy_platform_info info = {.epid_group_flags = QY_GROUP_OUT_OF_DATE, .group_id = report->quote.group_id};
  uint8_t bytes[QY_PLATFORM_INFO_TLV_SIZE];
  assert_ok(qy_platform_info_sign(&info, &by->info_key, NULL));
  qy_platform_info_encode_tlv(bytes, &info);
  qy_buffer_append_text(out, "\"platformInfoBlob\":\"");
  qy_hex_append(out, QY_VIEW_OF(bytes));
  qy_buffer_append_text(out, "\",");
}

static void append_pseudonym(qy_buffer *out, const maker_report *report)
{
  uint8_t pseudonym[QY_AVR_PSEUDONYM_SIZE];
  qy_g1_affine point;
  assert_ok(qy_hash_to_g1(&point, NULL, QY_SHA256, QY_VIEW_OF(report->quote.basename), NULL));
  qy_g1_affine_encode(pseudonym, &point);
  memset(pseudonym + 64, 0x4b, 64);
  qy_buffer_append_text(out, "\"epidPseudonym\":\"");
  qy_base64_append(out, QY_VIEW_OF(pseudonym));
  qy_buffer_append_text(out, "\",");
}

static void append_member(qy_buffer *out, const char *name, const char *value)
{
  if (value != NULL) {
    qy_buffer_appendf(out, "\"%s\":%s,", name, value);
  }
}

void maker_body(qy_buffer *out, const maker *by, const maker_report *report)
{
  uint8_t quote[QY_QUOTE_BODY_SIZE];
  qy_quote_body_encode(quote, &report->quote);
  qy_buffer_append_text(out, "{\"id\":\"160911562316142323\",");
  append_member(out, "nonce", report->nonce);
  append_member(out, "timestamp", report->timestamp);
  append_member(out, "version", report->version);
  append_member(out, "isvEnclaveQuoteStatus", report->status);
  if (report->with_platform_info) {
    append_platform_info(out, by, report);
  }
  if (report->with_pseudonym) {
    append_pseudonym(out, report);
  }
  if (report->extra != NULL) {
    qy_buffer_append_text(out, report->extra);
  }
  qy_buffer_append_text(out, "\"isvEnclaveQuoteBody\":\"");
  qy_base64_append(out, QY_VIEW_OF(quote));
  qy_buffer_append_text(out, "\"}");
}

void maker_sign(qy_buffer *out, const qy_rsa_private *key, qy_view body)
{
  qy_rsa_public public_key;
  uint8_t signature[QY_RSA_MAX_SIZE];
  qy_rsa_public_of(&public_key, key);
  assert_ok(qy_rsa_sign(signature, key, &body, 1, NULL));
  qy_base64_append(out, qy_view_over(signature, public_key.size));
}

void maker_policy(qy_policy *policy, const maker *by)
{
  qy_policy_built_in(policy);
  policy->built_in = false;
  policy->version = 3;
  policy->intel_root = false;
  policy->simulated_root_count = 1;
  memcpy(policy->simulated_roots[0].fingerprint, by->fingerprint, QY_FINGERPRINT_SIZE);
  policy->simulated_roots[0].has_platform_info_key = true;
  memcpy(policy->simulated_roots[0].platform_info_key, by->info_public.bytes, 64);
  policy->has_signer = true;
  memset(policy->mr_signer, 0x51, QY_MEASUREMENT_SIZE);
  policy->isv_prod_id = 7;
  policy->isv_svn_min = 5;
  policy->demands_quote = policy->demands_nonce = policy->demands_spid = true;
}

qy_status maker_appraise_body(qy_verdict *verdict, const maker *by, const maker_report *report, qy_view body,
                              const qy_policy *policy, int64_t now_s)
{
  QY_SCOPED_BUFFER(signature, 4096);
  maker_sign(&signature, by->leaf_key, body);
  uint8_t quote[QY_QUOTE_BODY_SIZE];
  qy_quote_body_encode(quote, &report->quote);
  const qy_avr_evidence evidence = {.body = body,
                                    .signature = qy_buffer_view(&signature),
                                    .chain = qy_buffer_view(&by->chain_pem),
                                    .quote = QY_VIEW_OF(quote),
                                    .nonce = qy_view_text(MAKER_NONCE),
                                    .spid = by->spid};
  return qy_avr_appraise(verdict, &evidence, policy, now_s, NULL);
}

qy_status maker_appraise(qy_verdict *verdict, const maker *by, const maker_report *report, const qy_policy *policy)
{
  QY_SCOPED_BUFFER(body, 1u << 20);
  maker_body(&body, by, report);
  return maker_appraise_body(verdict, by, report, qy_buffer_view(&body), policy, MAKER_NOW_S);
}

static void fail_with(const qy_verdict *verdict, const char *expected)
{
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  fail_msg("%s by %s (%s), not %s", qy_trust_name(verdict->trust),
           failed == NULL ? "nothing" : qy_check_name(failed->id), failed == NULL ? "" : failed->actual.chars,
           expected);
}

void expect_refused(const qy_verdict *verdict, qy_check_id id)
{
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  if (verdict->trust != QY_REFUSED || failed == NULL || failed->id != id) {
    fail_with(verdict, qy_check_name(id));
  }
}

void expect_report_trusted(const qy_verdict *verdict)
{
  if (verdict->trust != QY_TRUSTED || qy_trace_failed(&verdict->trace) != NULL) {
    fail_with(verdict, "trusted");
  }
}

void expect_undecided(const qy_verdict *verdict, qy_check_id id)
{
  const qy_check_record *record = qy_trace_find(&verdict->trace, id);
  if (verdict->trust != QY_UNDECIDED || record == NULL || record->outcome != QY_OUTCOME_UNDECIDED) {
    fail_with(verdict, qy_check_name(id));
  }
}
