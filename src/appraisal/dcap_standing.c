/* SPDX-License-Identifier: Apache-2.0 */
/* How the platform stands: the levels that it, its TDX module and its quoting enclave are at. */
#include <appraisal/dcap_parts.h>

#include <stdio.h>
#include <string.h>

#include <appraisal/dcap_tcb.h>

/* One look at the levels: of a trust domain there are two, by the TDX module at its launch and by the one that runs. */
typedef struct look {
  const uint8_t *tee_tcb_svn; /* NULL for SGX */
  const char *origin;
  qy_dcap_standing *out;
  qy_dcap_levels *levels;
} look;

/* In its place among the others, unless it is there. False when there is no room. */
static bool add_advisory(qy_dcap_standing *out, qy_view name)
{
  char text[QY_ADVISORY_SIZE];
  (void)snprintf(text, sizeof(text), "%.*s", (int)name.size, (const char *)name.bytes);
  size_t at = 0;
  while (at < out->advisory_count && strcmp(out->advisories[at], text) < 0) {
    at++;
  }
  if (at < out->advisory_count && strcmp(out->advisories[at], text) == 0) {
    return true;
  }
  if (out->advisory_count == QY_DCAP_MAX_ADVISORIES) {
    return false;
  }
  memmove(out->advisories[at + 1], out->advisories[at], (out->advisory_count - at) * sizeof(out->advisories[0]));
  memcpy(out->advisories[at], text, sizeof(text));
  out->advisory_count++;
  return true;
}

/* What a level adds: its date, its advisories. */
static bool add_level(qy_dcap_standing *out, int64_t date_s, const qy_view *names, qy_advisories advisories)
{
  out->date_s = date_s < out->date_s ? date_s : out->date_s;
  for (size_t i = 0; i < advisories.count; i++) {
    if (!add_advisory(out, names[advisories.first + i])) {
      return false;
    }
  }
  return true;
}

static qy_text found_text(bool found, qy_tcb_status status, int64_t date_s)
{
  return !found ? qy_textf("below all levels")
                : qy_textf("%s, level of %.10s", qy_tcb_status_name(status), qy_time_text(date_s).chars);
}

static bool look_at_platform(qy_dcap_appraisal *appraisal, const look *at)
{
  const qy_tcb_info *info = appraisal->set->tcb_info;
  const qy_tcb_level *level = qy_dcap_platform_level(info, &appraisal->verdict->platform, at->tee_tcb_svn);
  const bool found = level != NULL && add_level(at->out, level->date_s, info->advisories, level->advisories);
  at->out->platform = level == NULL ? QY_TCB_STATUS_UNKNOWN : level->status;
  at->levels->platform = level;
  return qy_examine(&appraisal->examination, QY_CHECK_DCAP_PLATFORM_LEVEL, found,
                    .expected = qy_textf("at or above one of %zu levels", info->level_count),
                    .actual = found_text(level != NULL, at->out->platform, level == NULL ? 0 : level->date_s),
                    .origin = at->origin) &&
         level != NULL;
}

static bool look_at_module(qy_dcap_appraisal *appraisal, const look *at)
{
  if (at->tee_tcb_svn == NULL || at->tee_tcb_svn[1] == 0) {
    return true; /* before version 1 the platform's levels say what there is to say */
  }
  const qy_tcb_info *info = appraisal->set->tcb_info;
  const qy_tdx_module_identity *identity = qy_dcap_module_identity(info, at->tee_tcb_svn[1]);
  const qy_svn_level *level = identity == NULL ? NULL
                                               : qy_dcap_svn_level(info->module_levels + identity->first_level,
                                                                   identity->level_count, at->tee_tcb_svn[0]);
  const bool found = level != NULL && level->status != QY_TCB_STATUS_UNKNOWN &&
                     add_level(at->out, level->date_s, info->advisories, level->advisories);
  at->out->module = level == NULL ? QY_TCB_STATUS_UNKNOWN : level->status;
  at->levels->module_identity = identity;
  at->levels->module = level;
  return qy_examine(&appraisal->examination, QY_CHECK_DCAP_MODULE_LEVEL, found,
                    .expected = qy_textf("TDX module %u at a level that is known", at->tee_tcb_svn[1]),
                    .actual = identity == NULL
                                  ? qy_textf("a module that is not known")
                                  : found_text(level != NULL, at->out->module, level == NULL ? 0 : level->date_s),
                    .origin = at->origin) &&
         level != NULL;
}

static bool look_at_quoting_enclave(qy_dcap_appraisal *appraisal, const look *at)
{
  const qy_enclave_identity *identity = appraisal->set->identity;
  if (identity == NULL) {
    return true;
  }
  const uint16_t isv_svn = appraisal->quote.qe_report.isv_svn;
  const qy_svn_level *level = qy_dcap_svn_level(identity->levels, identity->level_count, isv_svn);
  const bool found = level != NULL && add_level(at->out, level->date_s, identity->advisories, level->advisories);
  at->out->quoting_enclave = level == NULL ? QY_TCB_STATUS_UNKNOWN : level->status;
  at->levels->quoting_enclave = level;
  return qy_examine(&appraisal->examination, QY_CHECK_DCAP_QE_LEVEL, found,
                    .expected = qy_textf("ISVSVN %u at or above one of %zu levels", isv_svn, identity->level_count),
                    .actual = found_text(level != NULL, at->out->quoting_enclave, level == NULL ? 0 : level->date_s),
                    .origin = "enclave identity") &&
         level != NULL;
}

static bool look_once(qy_dcap_appraisal *appraisal, const look *at)
{
  at->out->date_s = INT64_MAX;
  at->out->advisory_count = 0;
  at->out->module = QY_TCB_STATUS_UNKNOWN;
  at->out->quoting_enclave = QY_TCB_STATUS_UNKNOWN;
  if (!look_at_platform(appraisal, at) || !look_at_quoting_enclave(appraisal, at) || !look_at_module(appraisal, at)) {
    return false;
  }
  at->out->status = qy_dcap_converge(at->out->platform, at->out->quoting_enclave, at->out->module);
  return true;
}

qy_qvl_status qy_dcap_examine_standing(qy_dcap_appraisal *appraisal)
{
  qy_dcap_verdict *verdict = appraisal->verdict;
  const qy_td_body *td = &appraisal->quote.td;
  const bool is_tdx = appraisal->quote.header.tee == QY_TEE_TDX;
  const look launch = {is_tdx ? td->tee_tcb_svn : NULL, is_tdx ? "TCB info, by the TDX module at launch" : "TCB info",
                       &verdict->standing, &appraisal->launch};
  const look current = {td->tee_tcb_svn2, "TCB info, by the TDX module that runs now", &verdict->current,
                        &appraisal->current};
  if (!look_once(appraisal, &launch)) {
    return QY_QVL_TCB_NOT_SUPPORTED;
  }
  verdict->tcb_status = verdict->standing.status;
  if (appraisal->quote.body_type >= QY_DCAP_BODY_TD_1_5) {
    if (!look_once(appraisal, &current)) {
      return QY_QVL_TCB_NOT_SUPPORTED;
    }
    verdict->tcb_status = qy_dcap_relaunch(verdict->standing.status, verdict->current.status);
  } else {
    verdict->current = verdict->standing;
  }
  verdict->has_standing = true;
  return qy_dcap_qvl_of(verdict->tcb_status);
}
