/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/judge.h>

#include <string.h>

const char *qy_reports_status_name(qy_reports_status status)
{
  switch (status) {
#define STATUS_CASE(name) \
  case QY_REPORTS_##name: \
    return #name;
    QY_REPORTS_STATUSES(STATUS_CASE)
#undef STATUS_CASE
  case QY_REPORTS_UNDECIDED:
    break;
  }
  return "UNDECIDED";
}

static const char *const PSE_NAMES[QY_PSE_STATUS_COUNT] = {
#define PSE_NAME(name) #name,
    QY_PSE_STATUSES(PSE_NAME)
#undef PSE_NAME
};

const char *qy_pse_status_name(qy_pse_status status)
{
  return (unsigned)status < QY_PSE_STATUS_COUNT ? PSE_NAMES[status] : PSE_NAMES[QY_PSE_UNKNOWN];
}

bool qy_pse_status_by_name(qy_pse_status *out, const char *name)
{
  for (unsigned i = 0; i < QY_PSE_STATUS_COUNT; i++) {
    if (strcmp(name, PSE_NAMES[i]) == 0) {
      *out = (qy_pse_status)i;
      return true;
    }
  }
  return false;
}

/* What EPID verification alone decides; UNDECIDED when the TCB has the word. */
static qy_status judge_signature(qy_reports_status *out, qy_epid_result result, qy_error *why)
{
  switch (result) {
  case QY_EPID_VALID:
    *out = QY_REPORTS_UNDECIDED;
    return QY_OK;
  case QY_EPID_INVALID:
  case QY_EPID_BAD_SIGNATURE:
    *out = QY_REPORTS_SIGNATURE_INVALID;
    return QY_OK;
  case QY_EPID_REVOKED_GROUP:
    *out = QY_REPORTS_GROUP_REVOKED;
    return QY_OK;
  case QY_EPID_REVOKED_KEY:
    *out = QY_REPORTS_KEY_REVOKED;
    return QY_OK;
  case QY_EPID_REVOKED_SIGNATURE:
    *out = QY_REPORTS_SIGNATURE_REVOKED;
    return QY_OK;
  case QY_EPID_SIGRL_MISMATCH:
    *out = QY_REPORTS_SIGRL_VERSION_MISMATCH;
    return QY_OK;
  default: /* no answer, or one of a list that this service does not keep */
    return qy_fail(why, QY_ERR_INTERNAL, "report: EPID verification ended %s", qy_epid_result_name(result));
  }
}

static bool check_at_least(qy_trace *trace, qy_check_id id, unsigned wanted, unsigned found)
{
  return qy_check(trace, id, found >= wanted, .expected = qy_textf("at least %u", wanted),
                  .actual = qy_textf("%u", found), .origin = "TCB policy of the endorser");
}

/* Every comparison is made, so that the platform learns at once all that it has to bring up to date. */
static bool judge_age(uint16_t *flags, const qy_judge_input *input, unsigned level, qy_trace *trace)
{
  const qy_tcb_policy *policy = input->policy;
  const qy_group_tcb *group = input->group;
  *flags = 0;
  if (!check_at_least(trace, QY_CHECK_REPORTS_CPU_SVN, policy->cpu_svn_level, level)) {
    *flags |= QY_TCB_CPU_SVN_OUT_OF_DATE;
  }
  if (!check_at_least(trace, QY_CHECK_REPORTS_QE_SVN, policy->qe_svn, input->quote->qe_svn)) {
    *flags |= QY_TCB_QE_SVN_OUT_OF_DATE;
  }
  if (!check_at_least(trace, QY_CHECK_REPORTS_PCE_SVN, policy->pce_svn, input->quote->pce_svn)) {
    *flags |= QY_TCB_PCE_SVN_OUT_OF_DATE;
  }
  /* A key that was issued to an older TCB stays suspect after the update: the platform must join anew. */
  const bool group_current = group->cpu_svn_level >= policy->cpu_svn_level && group->pve_svn >= policy->pve_svn &&
                             group->pce_svn >= policy->pce_svn;
  const bool group_held = qy_check(
      trace, QY_CHECK_REPORTS_GROUP_TCB, group_current,
      .expected = qy_textf("level %u, PvE SVN %u, PCE SVN %u", policy->cpu_svn_level, policy->pve_svn, policy->pce_svn),
      .actual = qy_textf("level %u, PvE SVN %u, PCE SVN %u", group->cpu_svn_level, group->pve_svn, group->pce_svn),
      .origin = "TCB policy of the endorser");
  return *flags == 0 && group_held;
}

static qy_reports_status state_status(qy_tcb_state state, unsigned api_version)
{
  switch (state) {
  case QY_TCB_NEEDS_CONFIGURATION:
    return QY_REPORTS_CONFIGURATION_NEEDED;
  case QY_TCB_NEEDS_SW_HARDENING:
    return api_version >= 4 ? QY_REPORTS_SW_HARDENING_NEEDED : QY_REPORTS_CONFIGURATION_NEEDED;
  default:
    return api_version >= 4 ? QY_REPORTS_CONFIGURATION_AND_SW_HARDENING_NEEDED : QY_REPORTS_CONFIGURATION_NEEDED;
  }
}

static bool needs_configuration(qy_tcb_state state)
{
  return state == QY_TCB_NEEDS_CONFIGURATION || state == QY_TCB_NEEDS_BOTH;
}

/* The status of a good signature, the TCB flags that go with it, and the advisories that tell why. */
static void judge_tcb(qy_judgement *out, const qy_judge_input *input, qy_trace *trace)
{
  const qy_tcb_policy *policy = input->policy;
  const unsigned level = qy_tcb_level_of(input->levels, input->quote->report.cpu_svn);
  const qy_tcb_state state = level > 0 ? policy->states[level - 1] : QY_TCB_UNKNOWN;
  uint16_t *flags = &out->platform_info.tcb_flags;
  if (!judge_age(flags, input, level, trace)) {
    out->status = QY_REPORTS_GROUP_OUT_OF_DATE;
    out->platform_info.epid_group_flags |= QY_GROUP_OUT_OF_DATE;
    *flags |= needs_configuration(state) ? QY_TCB_CONFIGURATION_NEEDED : 0;
    out->advisories = &policy->out_of_date;
    return;
  }
  if (qy_check(trace, QY_CHECK_REPORTS_PLATFORM_STATE, state == QY_TCB_OK, .expected = qy_textf("OK"),
               .actual = qy_textf("%s", qy_tcb_state_name(state)), .origin = "TCB policy of the endorser")) {
    out->status = QY_REPORTS_OK;
    return;
  }
  out->status = state_status(state, input->api_version);
  *flags |= out->status == QY_REPORTS_SW_HARDENING_NEEDED ? 0 : QY_TCB_CONFIGURATION_NEEDED;
  out->advisories = level > 0 ? &policy->advisories[level - 1] : NULL;
}

/* The manifest is judged only where the quote has something to stand on. */
static void judge_manifest(qy_judgement *out, const qy_judge_input *input)
{
  switch (out->status) {
  case QY_REPORTS_OK:
  case QY_REPORTS_GROUP_OUT_OF_DATE:
  case QY_REPORTS_CONFIGURATION_NEEDED:
  case QY_REPORTS_SW_HARDENING_NEEDED:
  case QY_REPORTS_CONFIGURATION_AND_SW_HARDENING_NEEDED:
    out->has_pse_status = input->has_manifest;
    break;
  default:
    return;
  }
  if (!out->has_pse_status) {
    return;
  }
  out->pse_status = input->pse_status;
  uint16_t *flags = &out->platform_info.pse_flags;
  if (input->pse_status == QY_PSE_OUT_OF_DATE) {
    *flags = 0x1; /* PSE ISVSVN */
  } else if (input->pse_status == QY_PSE_REVOKED) {
    *flags = 0x2; /* EPID group of the PSE */
  } else if (input->pse_status == QY_PSE_RL_VERSION_MISMATCH) {
    *flags = 0x8; /* SigRL version */
  }
}

static bool wants_platform_info(const qy_judgement *judgement)
{
  switch (judgement->status) {
  case QY_REPORTS_GROUP_REVOKED:
  case QY_REPORTS_GROUP_OUT_OF_DATE:
  case QY_REPORTS_CONFIGURATION_NEEDED:
  case QY_REPORTS_CONFIGURATION_AND_SW_HARDENING_NEEDED:
    return true;
  default:
    return judgement->platform_info.pse_flags != 0;
  }
}

qy_status qy_reports_judge(qy_judgement *out, const qy_judge_input *input, qy_trace *trace, qy_error *why)
{
  memset(out, 0, sizeof *out);
  const unsigned required = input->policy->cpu_svn_level;
  if (required == 0 || required > input->levels->count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "report: the TCB policy asks for level %u of %zu", required,
                   input->levels->count);
  }
  qy_judgement judgement = {0};
  QY_TRY(judge_signature(&judgement.status, input->epid, why));
  qy_platform_info *info = &judgement.platform_info;
  memcpy(info->latest_cpu_svn, input->levels->cpu_svns[required - 1], sizeof info->latest_cpu_svn);
  info->latest_qe_svn = input->policy->qe_svn;
  info->xeid = input->quote->xeid;
  info->group_id = input->quote->group_id;
  if (judgement.status == QY_REPORTS_UNDECIDED) {
    judge_tcb(&judgement, input, trace);
  } else if (judgement.status == QY_REPORTS_GROUP_REVOKED) {
    info->epid_group_flags |= QY_GROUP_REVOKED;
    judgement.has_revocation_reason = true;
    judgement.revocation_reason = input->revocation_reason;
  }
  judge_manifest(&judgement, input);
  judgement.has_platform_info = wants_platform_info(&judgement);
  *out = judgement;
  return QY_OK;
}
