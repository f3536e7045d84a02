/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does to the DCAP world: recoveries, revocations, and letting things lapse. */
#include <endorser/dcap.h>

#include <string.h>

/* The world under the lock, whole and up to date. */
static qy_status open_world(qy_issuer *issuer, qy_dcap_world *world, qy_tcb_levels *levels, const char *folder,
                            qy_error *why)
{
  QY_TRY(qy_issuer_open(issuer, folder, why));
  QY_TRY(qy_dcap_mend(folder, qy_clock_now_s(), why));
  QY_TRY(qy_tcb_levels_load(levels, folder, why));
  return qy_dcap_world_load(world, folder, levels, why);
}

/* ---- Recovery ---- */

static void raise_svn(uint16_t *svn, uint16_t wanted)
{
  *svn = wanted == 0 ? *svn : wanted;
}

static bool is_lowered(const qy_dcap_evaluation *next, const qy_dcap_evaluation *last)
{
  return next->cpu_level < last->cpu_level || next->pce_svn < last->pce_svn || next->qe_svn < last->qe_svn ||
         next->td_qe_svn < last->td_qe_svn || next->qve_svn < last->qve_svn ||
         next->tdx_module_svn < last->tdx_module_svn;
}

static bool is_same(const qy_dcap_evaluation *next, const qy_dcap_evaluation *last)
{
  return next->cpu_level == last->cpu_level && next->pce_svn == last->pce_svn && next->qe_svn == last->qe_svn &&
         next->td_qe_svn == last->td_qe_svn && next->qve_svn == last->qve_svn &&
         next->tdx_module_svn == last->tdx_module_svn && next->status == last->status;
}

static qy_status next_evaluation(qy_dcap_evaluation *next, const qy_dcap_evaluation *last,
                                 const qy_dcap_recovery *recovery, const qy_tcb_levels *levels, int64_t now_s,
                                 qy_error *why)
{
  *next = *last;
  next->number++;
  next->event_s = next->tcb_date_s = now_s - now_s % 86400;
  next->standard_s = next->event_s + (int64_t)recovery->standard_after_days * 86400;
  next->cpu_level = recovery->cpu_level == 0 ? last->cpu_level : recovery->cpu_level;
  raise_svn(&next->pce_svn, recovery->pce_svn);
  raise_svn(&next->qe_svn, recovery->qe_svn);
  raise_svn(&next->td_qe_svn, recovery->td_qe_svn);
  raise_svn(&next->qve_svn, recovery->qve_svn);
  raise_svn(&next->tdx_module_svn, recovery->tdx_module_svn);
  next->status = recovery->status == QY_TCB_STATUS_UNKNOWN ? last->status : recovery->status;
  next->advisories = recovery->advisories;
  if (next->cpu_level > levels->count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "TCB recovery: there is no CPUSVN level %u", next->cpu_level);
  }
  if (is_lowered(next, last)) {
    return qy_fail(why, QY_ERR_DENIED, "TCB recovery: what is asked for can be raised, not lowered");
  }
  return is_same(next, last) ? qy_fail(why, QY_ERR_ARGUMENT, "TCB recovery: nothing is raised, nothing changes")
                             : QY_OK;
}

/* Room for one more: the oldest is retired. */
static void make_room(qy_dcap_world *world)
{
  if (world->evaluation_count == QY_DCAP_MAX_EVALUATIONS) {
    memmove(&world->evaluations[0], &world->evaluations[1],
            (QY_DCAP_MAX_EVALUATIONS - 1) * sizeof world->evaluations[0]);
    world->evaluation_count--;
  }
}

qy_status qy_endorser_tcb_recovery(uint32_t *number, const char *folder, const qy_dcap_recovery *recovery,
                                   qy_error *why)
{
  const int64_t now_s = qy_clock_now_s();
  qy_dcap_world world;
  qy_tcb_levels levels;
  qy_dcap_evaluation next;
  QY_SCOPED_ISSUER(issuer);
  *number = 0;
  QY_TRY(open_world(&issuer, &world, &levels, folder, why));
  QY_TRY(next_evaluation(&next, &world.evaluations[world.evaluation_count - 1], recovery, &levels, now_s, why));
  make_room(&world);
  world.evaluations[world.evaluation_count++] = next;
  QY_TRY(qy_dcap_issue(folder, &world, now_s, why));
  *number = next.number;
  return QY_OK;
}

/* ---- Revocation ---- */

/* The same again is fine. */
static qy_status add_revoked(size_t *added, qy_dcap_world *world, qy_dcap_ca ca, const uint8_t *serial, int64_t now_s,
                             qy_error *why)
{
  for (size_t i = 0; i < world->revoked_count; i++) {
    if (world->revoked[i].ca == ca && memcmp(world->revoked[i].serial, serial, QY_DCAP_SERIAL_SIZE) == 0) {
      return QY_OK;
    }
  }
  if (world->revoked_count == QY_DCAP_MAX_REVOKED) {
    return qy_fail(why, QY_ERR_LIMIT, "revocation: %d certificates are revoked already", QY_DCAP_MAX_REVOKED);
  }
  qy_dcap_revoked *entry = &world->revoked[world->revoked_count++];
  *entry = (qy_dcap_revoked){.ca = ca, .revoked_s = now_s};
  memcpy(entry->serial, serial, QY_DCAP_SERIAL_SIZE);
  (*added)++;
  return QY_OK;
}

/* Every PCK certificate that the machine has, or can ask for. */
static qy_status add_machine(size_t *added, qy_dcap_world *world, const char *folder, const qy_machine_record *machine,
                             const qy_tcb_levels *levels, int64_t now_s, qy_error *why)
{
  qy_signed_enclaves enclaves;
  QY_TRY(qy_signed_enclaves_load(&enclaves, folder, why));
  for (size_t level = 0; level < levels->count; level++) {
    for (uint16_t pce_svn = 1; pce_svn <= enclaves.pce_svn; pce_svn++) {
      uint8_t serial[QY_DCAP_SERIAL_SIZE];
      qy_dcap_tcbm tcbm = {.isv_svn = pce_svn};
      memcpy(tcbm.cpu_svn, levels->cpu_svns[level], sizeof tcbm.cpu_svn);
      QY_TRY(qy_dcap_pck_serial(serial, folder, machine, &tcbm, why));
      QY_TRY(add_revoked(added, world, machine->kind->ca, serial, now_s, why));
    }
  }
  return QY_OK;
}

static qy_status issue_revoked(const char *folder, qy_dcap_world *world, size_t added, int64_t now_s, qy_error *why)
{
  return added == 0 ? qy_fail(why, QY_ERR_EXISTS, "revocation: it is revoked already")
                    : qy_dcap_issue(folder, world, now_s, why);
}

qy_status qy_endorser_revoke_pck(const char *folder, const uint8_t ppid[QY_PPID_SIZE], qy_error *why)
{
  const int64_t now_s = qy_clock_now_s();
  qy_dcap_world world;
  qy_tcb_levels levels;
  size_t added = 0;
  QY_SCOPED_MACHINE_RECORD(machine);
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(open_world(&issuer, &world, &levels, folder, why));
  QY_TRY(qy_machine_record_load(&machine, folder, ppid, why));
  QY_TRY(add_machine(&added, &world, folder, &machine, &levels, now_s, why));
  return issue_revoked(folder, &world, added, now_s, why);
}

qy_status qy_endorser_revoke_authority(const char *folder, qy_dcap_authority_name name, qy_error *why)
{
  const int64_t now_s = qy_clock_now_s();
  qy_dcap_world world;
  qy_tcb_levels levels;
  size_t added = 0;
  uint8_t serial[QY_DCAP_SERIAL_SIZE];
  QY_SCOPED_AUTHORITIES(authorities);
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(open_world(&issuer, &world, &levels, folder, why));
  QY_TRY(qy_dcap_authorities_load(&authorities, folder, why));
  const qy_dcap_authority *const authority[] = {[QY_DCAP_NAME_PROCESSOR_CA] = &authorities.cas[QY_DCAP_PROCESSOR],
                                                [QY_DCAP_NAME_PLATFORM_CA] = &authorities.cas[QY_DCAP_PLATFORM],
                                                [QY_DCAP_NAME_TCB_SIGNING] = &authorities.signing};
  QY_TRY(qy_dcap_serial(serial, &authority[name]->public_key, why));
  QY_TRY(add_revoked(&added, &world, QY_DCAP_ROOT, serial, now_s, why));
  return issue_revoked(folder, &world, added, now_s, why);
}

/* ---- Time ---- */

qy_status qy_endorser_expire(const char *folder, uint32_t lapses, bool lapsed, qy_error *why)
{
  qy_dcap_world world;
  qy_tcb_levels levels;
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(open_world(&issuer, &world, &levels, folder, why));
  world.lapsed = lapsed ? world.lapsed | lapses : world.lapsed & ~lapses;
  return qy_dcap_issue(folder, &world, qy_clock_now_s(), why);
}
