/* SPDX-License-Identifier: Apache-2.0 */
#include <registry/dcap.h>

#include <string.h>

#include <base/encoding.h>
#include <sgx/trust_domain.h>

#define DAY_S 86400

/* ---- Names ---- */

const char *qy_dcap_ca_name(qy_dcap_ca ca)
{
  static const char *const NAMES[] = {"root", "processor", "platform"};
  return NAMES[(unsigned)ca < QY_DCAP_CA_COUNT ? ca : QY_DCAP_ROOT];
}

/* "QSIM", and a number: no processor that was ever sold has these. */
const qy_dcap_kind qy_dcap_kinds[QY_DCAP_KIND_COUNT] = {
    {.name = "client",
     .platform = "client",
     .fmspc = {'Q', 'S', 'I', 'M', 0, 1},
     .ca = QY_DCAP_PROCESSOR,
     .sgx_type = QY_SGX_STANDARD},
    {.name = "server",
     .platform = "E5",
     .fmspc = {'Q', 'S', 'I', 'M', 0, 2},
     .ca = QY_DCAP_PLATFORM,
     .sgx_type = QY_SGX_SCALABLE,
     .has_tdx = true},
};

const qy_dcap_kind *qy_dcap_kind_by_name(const char *name)
{
  for (size_t i = 0; i < QY_DCAP_KIND_COUNT; i++) {
    if (strcmp(qy_dcap_kinds[i].name, name) == 0) {
      return &qy_dcap_kinds[i];
    }
  }
  return NULL;
}

const qy_dcap_kind *qy_dcap_kind_by_fmspc(const uint8_t fmspc[QY_FMSPC_SIZE])
{
  for (size_t i = 0; i < QY_DCAP_KIND_COUNT; i++) {
    if (memcmp(qy_dcap_kinds[i].fmspc, fmspc, QY_FMSPC_SIZE) == 0) {
      return &qy_dcap_kinds[i];
    }
  }
  return NULL;
}

static const char *const LAPSES[] = {"tcb-info", "identity", "pck-crl", "root-crl", "pck", "tcb-signing"};

uint32_t qy_dcap_lapse_by_name(const char *name)
{
  for (size_t i = 0; i < sizeof LAPSES / sizeof LAPSES[0]; i++) {
    if (strcmp(LAPSES[i], name) == 0) {
      return 1u << i;
    }
  }
  return 0;
}

const char *qy_dcap_lapse_name(uint32_t lapse)
{
  for (size_t i = 0; i < sizeof LAPSES / sizeof LAPSES[0]; i++) {
    if (lapse == 1u << i) {
      return LAPSES[i];
    }
  }
  return NULL;
}

/* ---- A world ---- */

static int64_t midnight(int64_t time_s)
{
  return time_s - time_s % DAY_S;
}

void qy_dcap_world_default(qy_dcap_world *out, const qy_tcb_levels *levels, int64_t now_s)
{
  const int64_t today_s = midnight(now_s);
  const unsigned newest = (unsigned)levels->count;
  const qy_dcap_evaluation older = {.number = 16,
                                    .event_s = today_s - 400 * DAY_S,
                                    .tcb_date_s = today_s - 400 * DAY_S,
                                    .standard_s = today_s - 35 * DAY_S,
                                    .cpu_level = newest > 2 ? newest - 2 : 1,
                                    .pce_svn = 1,
                                    .qe_svn = 1,
                                    .td_qe_svn = 1,
                                    .qve_svn = 1,
                                    .tdx_module_svn = 1,
                                    .status = QY_TCB_STATUS_UP_TO_DATE,
                                    .advisories = {.count = 1, .ids = {"QUOTARY-SIM-0016"}}};
  memset(out, 0, sizeof *out);
  out->issued_s = now_s;
  out->issue = 1;
  out->evaluation_count = 2;
  out->evaluations[0] = older;
  out->evaluations[1] = older;
  out->evaluations[1].number = 17;
  out->evaluations[1].event_s = today_s - 60 * DAY_S;
  out->evaluations[1].tcb_date_s = today_s - 60 * DAY_S;
  out->evaluations[1].standard_s = today_s + 305 * DAY_S;
  out->evaluations[1].cpu_level = newest > 1 ? newest - 1 : 1;
  out->evaluations[1].advisories = (qy_tcb_advisories){.count = 1, .ids = {"QUOTARY-SIM-0017"}};
}

qy_status qy_dcap_evaluation_by_number(size_t *out, const qy_dcap_world *world, uint64_t number, qy_error *why)
{
  *out = 0;
  if (number < world->evaluations[0].number) {
    return qy_fail(why, QY_ERR_DENIED, "TCB evaluation %llu was retired", (unsigned long long)number);
  }
  for (size_t i = 0; i < world->evaluation_count; i++) {
    if (world->evaluations[i].number == number) {
      *out = i;
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_NOT_FOUND, "there is no TCB evaluation %llu", (unsigned long long)number);
}

size_t qy_dcap_evaluation_early(const qy_dcap_world *world)
{
  return world->evaluation_count - 1;
}

size_t qy_dcap_evaluation_standard(const qy_dcap_world *world, int64_t now_s)
{
  size_t found = 0;
  for (size_t i = 0; i < world->evaluation_count; i++) {
    found = world->evaluations[i].standard_s <= now_s ? i : found;
  }
  return found;
}

/* ---- What follows from it ---- */

static void add_advisories(qy_tcb_advisories *out, const qy_tcb_advisories *more)
{
  for (size_t i = 0; i < more->count && out->count < QY_TCB_MAX_ADVISORIES; i++) {
    bool known = false;
    for (size_t j = 0; j < out->count; j++) {
      known = known || strcmp(out->ids[j], more->ids[i]) == 0;
    }
    if (!known) {
      memcpy(out->ids[out->count++], more->ids[i], QY_TCB_ADVISORY_SIZE);
    }
  }
}

static bool platform_meets(const qy_dcap_evaluation *evaluation, unsigned cpu_level, uint16_t pce_svn)
{
  return cpu_level >= evaluation->cpu_level && pce_svn >= evaluation->pce_svn;
}

/* What a TCB is called depends on the last evaluation that is looked at; since when, and by which advisories, on all. */
static void judge_platform(qy_dcap_level *out, const qy_dcap_world *world, size_t last, unsigned cpu_level)
{
  const qy_dcap_evaluation *asked = &world->evaluations[last];
  const bool current = platform_meets(asked, cpu_level, out->pce_svn);
  out->status = current ? asked->status : QY_TCB_STATUS_OUT_OF_DATE;
  out->date_s = world->evaluations[0].tcb_date_s - 365 * (int64_t)DAY_S; /* of what was never enough */
  for (size_t i = 0; i <= last; i++) {
    if (platform_meets(&world->evaluations[i], cpu_level, out->pce_svn)) {
      out->date_s = world->evaluations[i].tcb_date_s;
    } else {
      add_advisories(&out->advisories, &world->evaluations[i].advisories);
    }
  }
  if (current && asked->status != QY_TCB_STATUS_UP_TO_DATE) {
    add_advisories(&out->advisories, &asked->advisories);
  }
}

void qy_dcap_tee_tcb_svn(uint8_t out[QY_TEE_TCB_SVN_SIZE], const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                         uint16_t tdx_module_svn)
{
  qy_simulated_tee_tcb_svn(out, QY_DCAP_TDX_MODULE_VERSION, (uint8_t)tdx_module_svn, cpu_svn);
}

/* Which processor and PCE, and how they fare. */
static void put_level(qy_dcap_level *out, const qy_dcap_world *world, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                      unsigned cpu_level, uint16_t pce_svn, size_t evaluation)
{
  memset(out, 0, sizeof *out);
  memcpy(out->sgx, cpu_svn, sizeof out->sgx);
  qy_dcap_tee_tcb_svn(out->tdx, cpu_svn, world->evaluations[evaluation].tdx_module_svn);
  out->pce_svn = pce_svn;
  judge_platform(out, world, evaluation, cpu_level);
}

size_t qy_dcap_levels(qy_dcap_level *out, const qy_dcap_world *world, const qy_tcb_levels *levels, size_t evaluation)
{
  const qy_dcap_evaluation *asked = &world->evaluations[evaluation];
  size_t count = 0;
  for (unsigned level = (unsigned)levels->count; level > 0; level--) {
    const uint8_t *cpu_svn = levels->cpu_svns[level - 1];
    const bool current = level >= asked->cpu_level;
    if (current) {
      put_level(&out[count++], world, cpu_svn, level, asked->pce_svn, evaluation);
    }
    if (!current || asked->pce_svn > 1) { /* any PCE: the first that there was */
      put_level(&out[count++], world, cpu_svn, level, 1, evaluation);
    }
  }
  return count;
}

uint16_t qy_dcap_required_svn(const qy_dcap_evaluation *evaluation, qy_dcap_part part)
{
  switch (part) {
  case QY_DCAP_QE:
    return evaluation->qe_svn;
  case QY_DCAP_TD_QE:
    return evaluation->td_qe_svn;
  case QY_DCAP_QVE:
    return evaluation->qve_svn;
  case QY_DCAP_TDX_MODULE:
  default:
    return evaluation->tdx_module_svn;
  }
}

/* Requirements never fall: each step in the list of evaluations, read from its end, is a level. */
size_t qy_dcap_part_levels(qy_dcap_part_level *out, const qy_dcap_world *world, qy_dcap_part part, size_t evaluation)
{
  const uint16_t asked = qy_dcap_required_svn(&world->evaluations[evaluation], part);
  qy_tcb_advisories advisories = {0};
  size_t count = 0;
  for (size_t i = evaluation + 1; i-- > 0;) {
    const qy_dcap_evaluation *at = &world->evaluations[i];
    const uint16_t svn = qy_dcap_required_svn(at, part);
    if (count == 0 || svn != out[count - 1].isv_svn) {
      out[count++] = (qy_dcap_part_level){.isv_svn = svn,
                                          .status = svn == asked ? QY_TCB_STATUS_UP_TO_DATE : QY_TCB_STATUS_OUT_OF_DATE,
                                          .advisories = advisories};
    }
    out[count - 1].date_s = at->tcb_date_s; /* the first evaluation that asked for it */
    if (i > 0 && qy_dcap_required_svn(&world->evaluations[i - 1], part) != svn) {
      add_advisories(&advisories, &at->advisories);
    }
  }
  return count;
}
