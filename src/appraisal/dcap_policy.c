/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy makes of a platform's standing, and of what runs on it. */
#include <appraisal/dcap_parts.h>

#include <string.h>

#include <appraisal/dcap_tcb.h>
#include <appraisal/parts.h>
#include <crypto/hash.h>

/* ---- The root ---- */

static bool names_root(const qy_policy *policy, const qy_dcap_root *root)
{
  uint8_t fingerprint[QY_SHA256_SIZE];
  if (qy_view_equal(QY_VIEW_OF(root->key), QY_VIEW_OF(qy_intel_sgx_root_key))) {
    return policy->intel_root;
  }
  if (policy->built_in) {
    return root->given; /* whoever looks named it */
  }
  if (!root->readable || qy_sha256(fingerprint, root->list.certificates[0].der, NULL) != QY_OK) {
    return false;
  }
  for (size_t i = 0; i < policy->simulated_root_count; i++) {
    if (memcmp(policy->simulated_roots[i].fingerprint, fingerprint, sizeof(fingerprint)) == 0) {
      return true;
    }
  }
  return false;
}

static void examine_root(qy_dcap_appraisal *appraisal)
{
  const qy_policy *policy = appraisal->policy;
  const qy_dcap_root *root = &appraisal->set->root;
  (void)qy_examine(&appraisal->examination, QY_CHECK_DCAP_ROOT, names_root(policy, root),
                   .expected =
                       policy->simulated_root_count == 0
                           ? qy_textf("Intel's")
                           : qy_textf("%s%zu that the policy names", policy->intel_root ? "Intel's, or one of " : "",
                                      policy->simulated_root_count),
                   .actual = qy_textf("%s, key %s", appraisal->verdict->simulated ? "simulated" : "Intel's",
                                      qy_text_hex(qy_view_over(root->key, 32)).chars),
                   .origin = qy_policy_origin(policy));
}

/* ---- Grace ---- */

/* A standing under the policy's grace: what a TCB recovery outdated passes for up to date for a while. */
typedef struct grace {
  bool platform; /* these parts are within it */
  bool quoting_enclave;
  bool module;
  qy_tcb_status status; /* with those parts up to date */
} grace;

static bool within(const qy_dcap_appraisal *appraisal, bool known, int64_t since_s)
{
  return known && appraisal->policy->tcb_grace_s > 0 && appraisal->now_s - since_s <= appraisal->policy->tcb_grace_s;
}

static qy_tcb_status up_to_date(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_OUT_OF_DATE                        ? QY_TCB_STATUS_UP_TO_DATE
         : status == QY_TCB_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED ? QY_TCB_STATUS_CONFIGURATION_NEEDED
                                                                    : status;
}

static grace grace_of(const qy_dcap_appraisal *appraisal, const qy_dcap_levels *levels,
                      const qy_dcap_standing *standing)
{
  const qy_tcb_info *info = appraisal->set->tcb_info;
  const qy_enclave_identity *identity = appraisal->set->identity;
  int64_t since_s = 0;
  grace out = {0};
  if (qy_dcap_is_out_of_date(standing->platform)) {
    const bool known = qy_dcap_outdated_since(&since_s, info, levels->platform);
    out.platform = within(appraisal, known, since_s);
  }
  if (levels->quoting_enclave != NULL && standing->quoting_enclave == QY_TCB_STATUS_OUT_OF_DATE) {
    const bool known = qy_dcap_svn_outdated_since(&since_s, identity->levels, levels->quoting_enclave);
    out.quoting_enclave = within(appraisal, known, since_s);
  }
  if (levels->module != NULL && standing->module == QY_TCB_STATUS_OUT_OF_DATE) {
    const bool known = qy_dcap_svn_outdated_since(&since_s, info->module_levels + levels->module_identity->first_level,
                                                  levels->module);
    out.module = within(appraisal, known, since_s);
  }
  out.status = qy_dcap_converge(out.platform ? up_to_date(standing->platform) : standing->platform,
                                out.quoting_enclave ? QY_TCB_STATUS_UP_TO_DATE : standing->quoting_enclave,
                                out.module ? QY_TCB_STATUS_UP_TO_DATE : standing->module);
  return out;
}

/* ---- Status ---- */

static qy_text listed_statuses(uint32_t accepted)
{
  qy_text text = qy_textf("one that the policy lists:");
  for (int status = QY_TCB_STATUS_UNKNOWN + 1; status < QY_TCB_STATUS_COUNT; status++) {
    if ((accepted & 1u << status) != 0) {
      text = qy_textf("%s %s", text.chars, qy_tcb_status_name((qy_tcb_status)status));
    }
  }
  return text;
}

static void examine_status(qy_dcap_appraisal *appraisal, qy_check_id id, qy_tcb_status status, const grace *under)
{
  const uint32_t accepted = appraisal->policy->tcb_statuses;
  const bool listed = (accepted & 1u << status) != 0;
  const bool graced = !listed && (accepted & 1u << under->status) != 0;
  (void)qy_examine(&appraisal->examination, id, listed || graced, .expected = listed_statuses(accepted),
                   .actual = graced ? qy_textf("%s, but %s within the grace after a TCB recovery",
                                               qy_tcb_status_name(status), qy_tcb_status_name(under->status))
                                    : qy_textf("%s", qy_tcb_status_name(status)),
                   .origin = qy_policy_origin(appraisal->policy));
}

static bool is_waived(const qy_policy *policy, qy_view advisory)
{
  for (size_t i = 0; i < policy->waived_count; i++) {
    if (qy_view_equal(qy_view_text(policy->waived[i]), advisory)) {
      return true;
    }
  }
  return false;
}

#define LISTED_TEXT 120 /* characters of names; the others are counted */

/* Those that nothing waives. */
typedef struct unwaived {
  size_t count;
  size_t listed;
  qy_text names;
} unwaived;

static void look_at_advisories(unwaived *out, const qy_policy *policy, const qy_view *names, qy_advisories advisories)
{
  for (size_t i = 0; i < advisories.count; i++) {
    const qy_view name = names[advisories.first + i];
    const qy_text text = qy_view_as_text(name);
    if (is_waived(policy, name) || (out->listed > 0 && strstr(out->names.chars, text.chars) != NULL)) {
      continue;
    }
    out->count++;
    if (out->listed == 0 || strlen(out->names.chars) + name.size < LISTED_TEXT) {
      out->names =
          qy_textf("%s%s%s", out->listed == 0 ? "" : out->names.chars, out->listed == 0 ? "" : ", ", text.chars);
      out->listed++;
    }
  }
}

/* Of the parts that are not within the grace: there an advisory is what the recovery is about. */
static void look_at_levels(unwaived *out, const qy_dcap_appraisal *appraisal, const qy_dcap_levels *levels,
                           const grace *under)
{
  const qy_policy *policy = appraisal->policy;
  const qy_tcb_info *info = appraisal->set->tcb_info;
  if (!under->platform && levels->platform != NULL) {
    look_at_advisories(out, policy, info->advisories, levels->platform->advisories);
  }
  if (!under->quoting_enclave && levels->quoting_enclave != NULL) {
    look_at_advisories(out, policy, appraisal->set->identity->advisories, levels->quoting_enclave->advisories);
  }
  if (!under->module && levels->module != NULL) {
    look_at_advisories(out, policy, info->advisories, levels->module->advisories);
  }
}

static void examine_standing(qy_dcap_appraisal *appraisal)
{
  const qy_dcap_verdict *verdict = appraisal->verdict;
  const grace launch = grace_of(appraisal, &appraisal->launch, &verdict->standing);
  unwaived advisories = {0};
  examine_status(appraisal, QY_CHECK_DCAP_STATUS, verdict->tcb_status, &launch);
  look_at_levels(&advisories, appraisal, &appraisal->launch, &launch);
  if (appraisal->current.platform != NULL) {
    const grace current = grace_of(appraisal, &appraisal->current, &verdict->current);
    examine_status(appraisal, QY_CHECK_DCAP_CURRENT_STATUS, verdict->current.status, &current);
    look_at_levels(&advisories, appraisal, &appraisal->current, &current);
  }
  (void)qy_examine(
      &appraisal->examination, QY_CHECK_DCAP_ADVISORIES_WAIVED, advisories.count == 0,
      .expected = qy_textf("every advisory waived by name (the policy waives %zu)", appraisal->policy->waived_count),
      .actual = advisories.count == 0 ? qy_textf("so")
                : advisories.count > advisories.listed
                    ? qy_textf("%s and %zu more", advisories.names.chars, advisories.count - advisories.listed)
                    : advisories.names,
      .origin = qy_policy_origin(appraisal->policy));
}

/* ---- What was asked for ---- */

static void examine_evaluation_number(qy_dcap_appraisal *appraisal)
{
  const uint32_t least = appraisal->policy->tcb_evaluation_min;
  const uint32_t found = appraisal->verdict->evaluation_number;
  if (least == 0) {
    qy_examine_unconstrained(&appraisal->examination, QY_CHECK_DCAP_EVALUATION_NUMBER, appraisal->policy->built_in,
                             qy_textf("%u", found));
    return;
  }
  (void)qy_examine(&appraisal->examination, QY_CHECK_DCAP_EVALUATION_NUMBER, found >= least,
                   .expected = qy_textf("tcbEvaluationDataNumber %u or more", least), .actual = qy_textf("%u", found),
                   .origin = qy_policy_origin(appraisal->policy));
}

static void examine_report_data(qy_dcap_appraisal *appraisal, qy_view expected)
{
  const qy_dcap_verdict *verdict = appraisal->verdict;
  const uint8_t *found = verdict->header.tee == QY_TEE_TDX ? verdict->td.report_data : verdict->report.report_data;
  const qy_text actual = qy_text_hex(qy_view_over(found, QY_REPORT_DATA_SIZE));
  if (expected.bytes != NULL) {
    (void)qy_examine(&appraisal->examination, QY_CHECK_DCAP_REPORT_DATA,
                     qy_view_equal(expected, qy_view_over(found, QY_REPORT_DATA_SIZE)),
                     .expected = qy_text_hex(expected), .actual = actual, .origin = "request");
  } else if (appraisal->policy->demands_report_data) {
    const qy_check_facts facts = {
        .expected = qy_textf("the report data that was asked for, which the policy demands and nobody gave"),
        .actual = actual,
        .origin = qy_policy_origin(appraisal->policy),
        .remedy = "give what the quote was asked for; a policy for archived quotes can leave "
                  "it out of \"demands\""};
    qy_examine_undecided(&appraisal->examination, QY_CHECK_DCAP_REPORT_DATA, &facts);
  } else {
    qy_examine_unconstrained(&appraisal->examination, QY_CHECK_DCAP_REPORT_DATA, appraisal->policy->built_in, actual);
  }
}

void qy_dcap_examine_policy(qy_dcap_appraisal *appraisal, qy_view report_data)
{
  const qy_dcap_verdict *verdict = appraisal->verdict;
  examine_root(appraisal);
  if (verdict->has_standing) {
    examine_standing(appraisal);
  }
  if (verdict->has_collateral_numbers) {
    examine_evaluation_number(appraisal);
  }
  if (!verdict->has_quote) {
    return;
  }
  examine_report_data(appraisal, report_data);
  if (verdict->header.tee == QY_TEE_TDX) {
    qy_td_check(&appraisal->examination, appraisal->policy, &verdict->td);
  } else {
    qy_enclave_check(&appraisal->examination, appraisal->policy, &verdict->report);
  }
}
