/* SPDX-License-Identifier: Apache-2.0 */
/* What the report says of the platform, and what the policy makes of it. */
#include <appraisal/parts.h>

#include <stdio.h>
#include <string.h>

#include <crypto/hash.h>
#include <sgx/endorsements.h>
#include <sgx/intel_keys.h>

static const char api_origin[] = "Intel attestation service API";

static bool owes_platform_info(const qy_avr *report)
{
  switch (report->status) {
#define QY_AVR_STATUS_CASE(name, spelling, acceptable, has_platform_info, has_advisories) \
  case QY_AVR_##name:                                                                     \
    return has_platform_info;
    QY_AVR_STATUSES(QY_AVR_STATUS_CASE)
#undef QY_AVR_STATUS_CASE
  case QY_AVR_UNKNOWN:
  case QY_AVR_STATUS_COUNT:
  default:
    return false;
  }
}

static bool owes_advisories(qy_avr_status status)
{
  switch (status) {
#define QY_AVR_STATUS_CASE(name, spelling, acceptable, has_platform_info, has_advisories) \
  case QY_AVR_##name:                                                                     \
    return has_advisories;
    QY_AVR_STATUSES(QY_AVR_STATUS_CASE)
#undef QY_AVR_STATUS_CASE
  case QY_AVR_UNKNOWN:
  case QY_AVR_STATUS_COUNT:
  default:
    return false;
  }
}

static void check_status(qy_appraisal *appraisal)
{
  const qy_avr *report = &appraisal->verdict->report;
  const qy_text actual = qy_textf("%s", report->status_text);
  if (!qy_appraisal_check(appraisal, QY_CHECK_AVR_STATUS_KNOWN, report->status != QY_AVR_UNKNOWN,
                          .expected = qy_textf("a status of the API"), .actual = actual, .origin = api_origin)) {
    return;
  }
  qy_text expected = qy_textf("one that the policy lists:");
  for (int status = QY_AVR_UNKNOWN + 1; status < QY_AVR_STATUS_COUNT; status++) {
    if ((appraisal->policy->statuses & 1u << status) != 0) {
      expected = qy_textf("%s %s", expected.chars, qy_avr_status_name((qy_avr_status)status));
    }
  }
  qy_appraisal_check(appraisal, QY_CHECK_AVR_STATUS, (appraisal->policy->statuses & 1u << report->status) != 0,
                     .expected = expected, .actual = actual, .origin = "policy");
}

static bool waived(const qy_policy *policy, const char *advisory)
{
  for (size_t i = 0; i < policy->waived_count; i++) {
    if (strcmp(policy->waived[i], advisory) == 0) {
      return true;
    }
  }
  return false;
}

static void check_advisories(qy_appraisal *appraisal)
{
  const qy_avr *report = &appraisal->verdict->report;
  const bool due = owes_advisories(report->status);
  const bool excused = appraisal->policy->advisories_unnamed && (!report->names_version || report->version == 3);
  qy_appraisal_check(appraisal, QY_CHECK_AVR_ADVISORIES_NAMED, !due || report->advisory_count > 0 || excused,
                     .expected = qy_textf(due && !excused ? "at least one advisory" : "any number"),
                     .actual = qy_textf("%zu", report->advisory_count), .origin = excused ? "policy" : api_origin);
  qy_text missing = qy_textf("%s", report->advisory_count == 0 ? "none to waive" : "all waived");
  size_t not_waived = 0;
  for (size_t i = 0; i < report->advisory_count; i++) {
    if (!waived(appraisal->policy, report->advisories[i])) {
      missing = not_waived++ == 0 ? qy_textf("not waived: %s", report->advisories[i])
                                  : qy_textf("%s, %s", missing.chars, report->advisories[i]);
    }
  }
  qy_appraisal_check(
      appraisal, QY_CHECK_AVR_ADVISORIES_WAIVED, not_waived == 0,
      .expected = qy_textf("every advisory waived by name (the policy waives %zu)", appraisal->policy->waived_count),
      .actual = missing, .origin = "policy");
}

/* The key that signs platform info blobs: Intel's, or that of the simulated root the chain ends at. */
static bool platform_info_key(const qy_appraisal *appraisal, qy_p256_public *out)
{
  const qy_simulated_root *root = appraisal->simulated_root;
  if (root == NULL) {
    *out = qy_intel_platform_info_key;
    return true;
  }
  if (root->has_platform_info_key) {
    memcpy(out->bytes, root->platform_info_key, sizeof(out->bytes));
  }
  return root->has_platform_info_key;
}

static qy_status verify_platform_info(qy_appraisal *appraisal, qy_error *why)
{
  qy_verdict *verdict = appraisal->verdict;
  qy_p256_public key = {0};
  if (!platform_info_key(appraisal, &key)) {
    qy_appraisal_undecided(appraisal, QY_CHECK_PLATFORM_INFO_SIGNATURE, qy_textf("signed by the service's key"),
                           qy_textf("the policy names no key for this simulated root"),
                           "give the root a \"platform_info_key\" in the policy");
    return QY_OK;
  }
  const qy_status status = qy_platform_info_verify(&verdict->trace, &verdict->platform_info, &key, why);
  if (status != QY_OK && status != QY_ERR_REFUSED) {
    return status;
  }
  appraisal->examination.refused |= status == QY_ERR_REFUSED;
  if (verdict->has_quote) {
    qy_appraisal_check(
        appraisal, QY_CHECK_AVR_PLATFORM_INFO_GROUP,
        verdict->platform_info.group_id == verdict->quote.group_id &&
            verdict->platform_info.xeid == verdict->quote.xeid,
        .expected = qy_textf("group 0x%08x, extended %u", verdict->quote.group_id, verdict->quote.xeid),
        .actual = qy_textf("group 0x%08x, extended %u", verdict->platform_info.group_id, verdict->platform_info.xeid),
        .origin = "quote body");
  }
  return QY_OK;
}

static qy_status check_platform_info(qy_appraisal *appraisal, qy_error *why)
{
  qy_verdict *verdict = appraisal->verdict;
  const qy_avr *report = &verdict->report;
  const bool for_pse = report->has_pse_status &&
                       (strcmp(report->pse_status, "OUT_OF_DATE") == 0 || strcmp(report->pse_status, "REVOKED") == 0 ||
                        strcmp(report->pse_status, "RL_VERSION_MISMATCH") == 0);
  const bool due = owes_platform_info(report) || for_pse;
  qy_error cause = {0};
  bool readable = false;
  if (report->has_platform_info) {
    readable =
        qy_platform_info_decode_hex(&verdict->platform_info, qy_view_text(report->platform_info), &cause) == QY_OK;
  }
  const bool sound = report->has_platform_info == due && readable == due;
  if (!qy_appraisal_check(appraisal, QY_CHECK_AVR_PLATFORM_INFO, sound,
                          .expected = qy_textf("%s", due ? "a platform info blob" : "none"),
                          .actual = !report->has_platform_info ? qy_textf("none")
                                    : readable                 ? qy_textf("a platform info blob")
                                                               : qy_textf("%s", cause.message),
                          .origin = api_origin) ||
      !readable) {
    return QY_OK;
  }
  verdict->has_platform_info = true;
  return verify_platform_info(appraisal, why);
}

/* RFC 5280, CRLReason: 0 to 10, without 7. */
static void check_revocation_reason(qy_appraisal *appraisal)
{
  const qy_avr *report = &appraisal->verdict->report;
  const bool due = report->status == QY_AVR_GROUP_REVOKED;
  const int64_t reason = report->revocation_reason;
  const bool in_range = !report->has_revocation_reason || (reason >= 0 && reason <= 10 && reason != 7);
  qy_appraisal_check(appraisal, QY_CHECK_AVR_REVOCATION_REASON, report->has_revocation_reason == due && in_range,
                     .expected = qy_textf("%s", due ? "a CRLReason" : "none"),
                     .actual = report->has_revocation_reason ? qy_textf("%lld", (long long)reason) : qy_textf("none"),
                     .origin = api_origin);
}

static qy_status check_pse(qy_appraisal *appraisal, qy_error *why)
{
  const qy_avr *report = &appraisal->verdict->report;
  const qy_view manifest = appraisal->evidence->pse_manifest;
  const qy_text actual = qy_textf("status %s, hash %s", report->has_pse_status ? report->pse_status : "none",
                                  report->has_pse_hash ? qy_text_hex(QY_VIEW_OF(report->pse_hash)).chars : "none");
  if (appraisal->policy->pse_manifest == QY_PSE_ANY) {
    qy_appraisal_unconstrained(appraisal, QY_CHECK_AVR_PSE_MANIFEST, actual);
    return QY_OK;
  }
  if (appraisal->policy->pse_manifest == QY_PSE_ABSENT) {
    qy_appraisal_check(appraisal, QY_CHECK_AVR_PSE_MANIFEST,
                       !report->has_pse_status && !report->has_pse_hash && !qy_given(manifest),
                       .expected = qy_textf("no manifest"), .actual = actual, .origin = "policy");
    return QY_OK;
  }
  const bool ok = report->has_pse_status && strcmp(report->pse_status, "OK") == 0 && report->has_pse_hash;
  if (ok && !qy_given(manifest)) {
    qy_appraisal_undecided(appraisal, QY_CHECK_AVR_PSE_MANIFEST, qy_textf("the hash of the manifest that was sent"),
                           actual, "give the manifest that was sent with the quote");
    return QY_OK;
  }
  uint8_t hash[QY_SHA256_SIZE];
  QY_TRY(qy_sha256(hash, manifest, why));
  qy_appraisal_check(appraisal, QY_CHECK_AVR_PSE_MANIFEST, ok && memcmp(hash, report->pse_hash, sizeof(hash)) == 0,
                     .expected = qy_textf("status OK, hash %s", qy_text_hex(QY_VIEW_OF(hash)).chars), .actual = actual,
                     .origin = "policy");
  return QY_OK;
}

qy_status qy_avr_check_status(qy_appraisal *appraisal, qy_error *why)
{
  check_status(appraisal);
  check_advisories(appraisal);
  QY_TRY(check_platform_info(appraisal, why));
  check_revocation_reason(appraisal);
  return check_pse(appraisal, why);
}
