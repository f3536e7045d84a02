/* SPDX-License-Identifier: Apache-2.0 */
/* What would mend a platform's status: where it falls short of the best levels that its collateral has. */
#include <quotary/dcap_explain.h>

#include <string.h>

#include <appraisal/dcap_tcb.h>

const char *qy_dcap_part_name(qy_dcap_part part)
{
  static const char *const names[QY_DCAP_PART_COUNT] = {"sgx-component", "tdx-component", "pce", "quoting-enclave",
                                                        "tdx-module"};
  return (unsigned)part < QY_DCAP_PART_COUNT ? names[part] : "unknown";
}

/* The better, the lower; statuses of levels only. */
static unsigned rank_of(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_UNKNOWN ? QY_TCB_STATUS_COUNT : (unsigned)status;
}

/* The platform as it is compared with levels. */
typedef struct platform {
  const qy_pck_extension *pck;
  const uint8_t *tee_tcb_svn; /* NULL for SGX */
  size_t first_tdx;           /* the components before it are left to the TDX module's own levels */
} platform;

/* The levels that would be reached; NULL where there is none, or none is looked at. */
typedef struct goals {
  const qy_tcb_level *level;
  const qy_svn_level *quoting_enclave;
  const qy_svn_level *module;
} goals;

static size_t distance(const platform *from, const qy_tcb_level *to)
{
  size_t below = from->pck->pce_svn < to->pce_svn ? 1 : 0;
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    below += from->pck->components[i] < to->sgx[i] ? 1 : 0;
    below += from->tee_tcb_svn != NULL && i >= from->first_tdx && from->tee_tcb_svn[i] < to->tdx[i] ? 1 : 0;
  }
  return below;
}

static const qy_tcb_level *best_level(const qy_tcb_info *info, const platform *from)
{
  const qy_tcb_level *best = NULL;
  for (size_t i = 0; i < info->level_count; i++) {
    const qy_tcb_level *level = &info->levels[i];
    const bool better = best == NULL || rank_of(level->status) < rank_of(best->status) ||
                        (level->status == best->status && distance(from, level) <= distance(from, best));
    best = better ? level : best;
  }
  return best;
}

/* They stand highest first: the last of the best needs the least. */
static const qy_svn_level *best_svn_level(const qy_svn_level *levels, size_t count)
{
  const qy_svn_level *best = NULL;
  for (size_t i = 0; i < count; i++) {
    best = best == NULL || rank_of(levels[i].status) <= rank_of(best->status) ? &levels[i] : best;
  }
  return best;
}

/* ---- Gaps ---- */

static void add_gap(qy_dcap_mending *out, const qy_dcap_gap *gap)
{
  if (gap->found < gap->needed && out->gap_count < QY_DCAP_MAX_GAPS) {
    out->gaps[out->gap_count++] = *gap;
  }
}

static void add_platform_gaps(qy_dcap_mending *out, const platform *from, const qy_tcb_info *info,
                              const qy_tcb_level *to)
{
  for (unsigned i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    const qy_tcb_component_kind *kind = &info->sgx_kinds[i];
    const qy_dcap_gap gap = {QY_DCAP_SGX_COMPONENT, i + 1,     from->pck->components[i], to->sgx[i], to->date_s,
                             kind->category,        kind->type};
    add_gap(out, &gap);
  }
  for (unsigned i = (unsigned)from->first_tdx; from->tee_tcb_svn != NULL && i < QY_TCB_COMPONENT_COUNT; i++) {
    const qy_tcb_component_kind *kind = &info->tdx_kinds[i];
    const qy_dcap_gap gap = {QY_DCAP_TDX_COMPONENT, i + 1,     from->tee_tcb_svn[i], to->tdx[i], to->date_s,
                             kind->category,        kind->type};
    add_gap(out, &gap);
  }
  add_gap(out, &(qy_dcap_gap){
                   .part = QY_DCAP_PCE, .found = from->pck->pce_svn, .needed = to->pce_svn, .since_s = to->date_s});
}

static void add_gaps(qy_dcap_mending *out, const platform *from, const qy_dcap_verdict *verdict,
                     const qy_tcb_info *info, const goals *to)
{
  if (to->level != NULL) {
    add_platform_gaps(out, from, info, to->level);
  }
  if (to->quoting_enclave != NULL) {
    add_gap(out, &(qy_dcap_gap){.part = QY_DCAP_QUOTING_ENCLAVE,
                                .found = verdict->qe_report.isv_svn,
                                .needed = to->quoting_enclave->isv_svn,
                                .since_s = to->quoting_enclave->date_s});
  }
  if (to->module != NULL) {
    add_gap(out, &(qy_dcap_gap){.part = QY_DCAP_TDX_MODULE,
                                .found = from->tee_tcb_svn[0],
                                .needed = to->module->isv_svn,
                                .since_s = to->module->date_s});
  }
}

/* ---- Advisories ---- */

static bool is_among(const char *name, const qy_view *names, qy_advisories among)
{
  for (size_t i = 0; i < among.count; i++) {
    if (qy_view_equal(qy_view_text(name), names[among.first + i])) {
      return true;
    }
  }
  return false;
}

static void add_advisories(qy_dcap_mending *out, const qy_dcap_standing *now, const qy_tcb_info *info,
                           const qy_enclave_identity *identity, const goals *to)
{
  for (size_t i = 0; i < now->advisory_count; i++) {
    const char *name = now->advisories[i];
    const bool stays =
        (to->level != NULL && is_among(name, info->advisories, to->level->advisories)) ||
        (to->module != NULL && is_among(name, info->advisories, to->module->advisories)) ||
        (to->quoting_enclave != NULL && is_among(name, identity->advisories, to->quoting_enclave->advisories));
    if (!stays) {
      memcpy(out->advisories[out->advisory_count++], name, QY_ADVISORY_SIZE);
    }
  }
}

/* Collateral of another platform says nothing of this one. */
static bool belong_together(const qy_dcap_verdict *verdict, const qy_tcb_info *info,
                            const qy_enclave_identity *identity)
{
  return verdict->has_quote && verdict->has_platform && info != NULL && identity != NULL &&
         (verdict->has_standing || verdict->qvl.quote == QY_QVL_TCB_NOT_SUPPORTED);
}

void qy_dcap_mending_of(qy_dcap_mending *out, const qy_dcap_verdict *verdict, const qy_dcap_collateral *collateral)
{
  const qy_tcb_info *info = qy_dcap_collateral_tcb_info(collateral);
  const qy_enclave_identity *identity = qy_dcap_collateral_identity(collateral);
  memset(out, 0, sizeof(*out));
  out->known = belong_together(verdict, info, identity);
  if (!out->known) {
    return;
  }
  out->relaunch =
      verdict->has_standing && (verdict->tcb_status == QY_TCB_STATUS_TD_RELAUNCH_ADVISED ||
                                verdict->tcb_status == QY_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
  const bool is_tdx = verdict->header.tee == QY_TEE_TDX;
  /* The module that runs is what the operator can change; the launched one changes with a relaunch. */
  const uint8_t *svn = !is_tdx ? NULL : out->relaunch ? verdict->td.tee_tcb_svn2 : verdict->td.tee_tcb_svn;
  const platform from = {&verdict->platform, svn, is_tdx && svn[1] > 0 ? 2 : 0};
  const qy_tdx_module_identity *module = is_tdx && svn[1] > 0 ? qy_dcap_module_identity(info, svn[1]) : NULL;
  const goals to = {best_level(info, &from), best_svn_level(identity->levels, identity->level_count),
                    module == NULL ? NULL
                                   : best_svn_level(info->module_levels + module->first_level, module->level_count)};
  add_gaps(out, &from, verdict, info, &to);
  out->best = qy_dcap_converge(to.level == NULL ? QY_TCB_STATUS_UNKNOWN : to.level->status,
                               to.quoting_enclave == NULL ? QY_TCB_STATUS_UNKNOWN : to.quoting_enclave->status,
                               to.module == NULL ? QY_TCB_STATUS_UNKNOWN : to.module->status);
  if (verdict->has_standing) {
    add_advisories(out, &verdict->standing, info, identity, &to);
  }
}

/* ---- By TCB info alone ---- */

static void list_advisories(qy_dcap_outlook *out, const qy_tcb_info *info, qy_advisories advisories)
{
  for (size_t i = 0; i < advisories.count; i++) {
    const qy_view name = info->advisories[advisories.first + i];
    bool known = name.size >= QY_ADVISORY_SIZE || out->advisory_count == QY_DCAP_MAX_ADVISORIES;
    for (size_t j = 0; !known && j < out->advisory_count; j++) {
      known = qy_view_equal(qy_view_text(out->advisories[j]), name);
    }
    if (!known) {
      memcpy(out->advisories[out->advisory_count++], name.bytes, name.size);
    }
  }
}

static void list_mended(qy_dcap_outlook *out, const qy_tcb_info *info, const goals *to)
{
  qy_dcap_mending *mending = &out->mending;
  for (size_t i = 0; i < out->advisory_count; i++) {
    const char *advisory = out->advisories[i];
    const bool stays = (to->level != NULL && is_among(advisory, info->advisories, to->level->advisories)) ||
                       (to->module != NULL && is_among(advisory, info->advisories, to->module->advisories));
    if (!stays) {
      memcpy(mending->advisories[mending->advisory_count++], advisory, QY_ADVISORY_SIZE);
    }
  }
}

void qy_dcap_outlook_of(qy_dcap_outlook *out, const qy_tcb_info *info, const qy_pck_extension *pck,
                        const uint8_t *tee_tcb_svn)
{
  memset(out, 0, sizeof(*out));
  out->of_platform = info->is_tdx == (tee_tcb_svn != NULL) &&
                     qy_view_equal(QY_VIEW_OF(info->fmspc), QY_VIEW_OF(pck->fmspc)) &&
                     qy_view_equal(QY_VIEW_OF(info->pce_id), QY_VIEW_OF(pck->pce_id));
  if (!out->of_platform) {
    return;
  }
  const bool has_module = tee_tcb_svn != NULL && tee_tcb_svn[1] > 0;
  const platform from = {pck, tee_tcb_svn, has_module ? 2 : 0};
  const qy_tdx_module_identity *identity = has_module ? qy_dcap_module_identity(info, tee_tcb_svn[1]) : NULL;
  const qy_svn_level *levels = identity == NULL ? NULL : info->module_levels + identity->first_level;
  const qy_tcb_level *level = qy_dcap_platform_level(info, pck, tee_tcb_svn);
  const qy_svn_level *module =
      identity == NULL ? NULL : qy_dcap_svn_level(levels, identity->level_count, tee_tcb_svn[0]);
  if (level != NULL && (!has_module || module != NULL)) {
    out->status = qy_dcap_converge(level->status, QY_TCB_STATUS_UP_TO_DATE,
                                   module == NULL ? QY_TCB_STATUS_UNKNOWN : module->status);
    out->date_s = module != NULL && module->date_s < level->date_s ? module->date_s : level->date_s;
    list_advisories(out, info, level->advisories);
    list_advisories(out, info, module == NULL ? (qy_advisories){0, 0} : module->advisories);
  }
  const goals to = {best_level(info, &from), NULL,
                    identity == NULL ? NULL : best_svn_level(levels, identity->level_count)};
  out->mending.known = true;
  add_gaps(&out->mending, &from, NULL, info, &to);
  out->mending.best =
      qy_dcap_converge(to.level == NULL ? QY_TCB_STATUS_UNKNOWN : to.level->status, QY_TCB_STATUS_UP_TO_DATE,
                       to.module == NULL ? QY_TCB_STATUS_UNKNOWN : to.module->status);
  list_mended(out, info, &to);
}
