/* SPDX-License-Identifier: Apache-2.0 */
/* The order of an appraisal: who signed, then what is said, then what the policy makes of it. */
#include <appraisal/parts.h>

#include <stdio.h>
#include <string.h>

#define LAST_TIME_S 253402300799ll /* 9999-12-31T23:59:59Z */

void qy_appraisal_undecided(qy_appraisal *appraisal, qy_check_id id, qy_text expected, qy_text actual,
                            const char *remedy)
{
  const qy_check_facts facts = {.expected = expected, .actual = actual, .origin = "evidence", .remedy = remedy};
  qy_examine_undecided(&appraisal->examination, id, &facts);
}

void qy_appraisal_unconstrained(qy_appraisal *appraisal, qy_check_id id, qy_text actual)
{
  qy_examine_unconstrained(&appraisal->examination, id, appraisal->policy->built_in, actual);
}

/* Only signed bytes come here. What cannot be read strictly is refused: nobody may pick one of two readings. */
static qy_status read_body(qy_appraisal *appraisal, bool *held, qy_error *why)
{
  *held = false;
  qy_error cause = {0};
  QY_SCOPED_JSON(object);
  qy_status status = qy_json_parse(&object, appraisal->evidence->body, &cause);
  if (status == QY_ERR_MEMORY) {
    return qy_fail(why, status, "%s", cause.message);
  }
  if (!qy_appraisal_check(
          appraisal, QY_CHECK_AVR_JSON, status == QY_OK, .expected = qy_textf("one object, each member once, in UTF-8"),
          .actual = status == QY_OK ? qy_textf("so") : qy_textf("%s", cause.message), .origin = "RFC 8259") ||
      status != QY_OK) {
    return QY_OK;
  }
  qy_verdict *verdict = appraisal->verdict;
  status = qy_avr_from_json(&verdict->report, object, &cause);
  if (status == QY_ERR_MEMORY) {
    return qy_fail(why, status, "%s", cause.message);
  }
  *held = qy_appraisal_check(appraisal, QY_CHECK_AVR_MEMBERS, status == QY_OK,
                             .expected = qy_textf("id, timestamp, status and quote body; each member of its kind"),
                             .actual = status == QY_OK ? qy_textf("so") : qy_textf("%s", cause.message),
                             .origin = "Intel attestation service API") &&
          status == QY_OK;
  if (*held) {
    verdict->has_report = true;
    (void)snprintf(verdict->status, sizeof(verdict->status), "%s", verdict->report.status_text);
  }
  return QY_OK;
}

static qy_status appraise(qy_appraisal *appraisal, qy_error *why)
{
  bool readable = false;
  bool held = false;
  QY_TRY(qy_avr_check_origin(appraisal, &readable, &appraisal->verdict->authentic, why));
  if (!readable) {
    return QY_OK;
  }
  QY_TRY(read_body(appraisal, &held, why));
  if (!held) {
    return QY_OK;
  }
  QY_TRY(qy_avr_check_claims(appraisal, why));
  QY_TRY(qy_avr_check_status(appraisal, why));
  if (appraisal->verdict->has_quote) {
    qy_enclave_check(&appraisal->examination, appraisal->policy, &appraisal->verdict->quote.report);
  }
  return QY_OK;
}

qy_status qy_avr_appraise(qy_verdict *out, const qy_avr_evidence *evidence, const qy_policy *policy, int64_t now_s,
                          qy_error *why)
{
  memset(out, 0, sizeof(*out));
  out->at_s = now_s;
  if (!qy_given(evidence->body)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "appraisal: no report body was given");
  }
  if (now_s < 0 || now_s > LAST_TIME_S) {
    return qy_fail(why, QY_ERR_ARGUMENT, "appraisal: the time is not within the years 1970 to 9999");
  }
  out->policy_version = policy->version;
  qy_appraisal appraisal = {
      .verdict = out, .evidence = evidence, .policy = policy, .now_s = now_s, .examination = {.trace = &out->trace}};
  const qy_status status = appraise(&appraisal, why);
  if (status == QY_OK && appraisal.examination.refused) {
    out->trust = QY_REFUSED;
  } else if (status == QY_OK && !appraisal.examination.undecided && out->authentic && out->has_report &&
             out->has_quote) {
    out->trust = QY_TRUSTED;
  }
  return status;
}

const char *qy_avr_status_name(qy_avr_status status)
{
  switch (status) {
#define QY_AVR_STATUS_CASE(name, spelling, acceptable, has_platform_info, has_advisories) \
  case QY_AVR_##name:                                                                     \
    return spelling;
    QY_AVR_STATUSES(QY_AVR_STATUS_CASE)
#undef QY_AVR_STATUS_CASE
  case QY_AVR_UNKNOWN:
  case QY_AVR_STATUS_COUNT:
  default:
    return "UNKNOWN";
  }
}

qy_avr_status qy_avr_status_by_name(const char *name)
{
  for (int status = QY_AVR_UNKNOWN + 1; name != NULL && status < QY_AVR_STATUS_COUNT; status++) {
    if (strcmp(qy_avr_status_name((qy_avr_status)status), name) == 0) {
      return (qy_avr_status)status;
    }
  }
  return QY_AVR_UNKNOWN;
}
