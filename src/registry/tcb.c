/* SPDX-License-Identifier: Apache-2.0 */
#include <registry/tcb.h>

#include <string.h>

void qy_tcb_levels_default(qy_tcb_levels *out)
{
  /* Shaped like the CPUSVNs of real platforms: a few counters move with each recovery, most stand still. */
  static const uint8_t SVNS[5][QY_CPU_SVN_SIZE] = {
      {2, 2, 2, 4, 1, 0x80},      {6, 6, 2, 4, 1, 0x80},       {8, 9, 2, 4, 1, 0x80, 2},
      {15, 15, 2, 4, 1, 0x80, 7}, {17, 17, 2, 4, 1, 0x80, 14},
  };
  memset(out, 0, sizeof *out);
  out->count = sizeof SVNS / sizeof SVNS[0];
  memcpy(out->cpu_svns, SVNS, sizeof SVNS);
}

static bool is_as_new_as(const uint8_t *svn, const uint8_t *other)
{
  for (size_t i = 0; i < QY_CPU_SVN_SIZE; i++) {
    if (svn[i] < other[i]) {
      return false;
    }
  }
  return true;
}

unsigned qy_tcb_level_of(const qy_tcb_levels *levels, const uint8_t cpu_svn[QY_CPU_SVN_SIZE])
{
  for (size_t level = levels->count; level > 0; level--) {
    if (is_as_new_as(cpu_svn, levels->cpu_svns[level - 1])) {
      return (unsigned)level;
    }
  }
  return 0;
}

qy_status qy_tcb_levels_check(const qy_tcb_levels *levels, qy_error *why)
{
  if (levels->count == 0 || levels->count > QY_TCB_MAX_LEVELS) {
    return qy_fail(why, QY_ERR_MALFORMED, "TCB levels: %zu of them", levels->count);
  }
  for (size_t i = 1; i < levels->count; i++) {
    const uint8_t *older = levels->cpu_svns[i - 1];
    const uint8_t *newer = levels->cpu_svns[i];
    if (!is_as_new_as(newer, older) || memcmp(newer, older, QY_CPU_SVN_SIZE) == 0) {
      return qy_fail(why, QY_ERR_MALFORMED, "TCB levels: level %zu is not newer than level %zu", i + 1, i);
    }
  }
  return QY_OK;
}

static const char *const STATE_NAMES[] = {
    [QY_TCB_UNKNOWN] = "UNKNOWN",
    [QY_TCB_OK] = "OK",
    [QY_TCB_NEEDS_CONFIGURATION] = "CONFIGURATION_NEEDED",
    [QY_TCB_NEEDS_SW_HARDENING] = "SW_HARDENING_NEEDED",
    [QY_TCB_NEEDS_BOTH] = "CONFIGURATION_AND_SW_HARDENING_NEEDED",
};

const char *qy_tcb_state_name(qy_tcb_state state)
{
  return STATE_NAMES[(unsigned)state <= QY_TCB_NEEDS_BOTH ? state : QY_TCB_UNKNOWN];
}

qy_tcb_state qy_tcb_state_by_name(const char *name)
{
  for (unsigned i = QY_TCB_OK; i <= QY_TCB_NEEDS_BOTH; i++) {
    if (strcmp(name, STATE_NAMES[i]) == 0) {
      return (qy_tcb_state)i;
    }
  }
  return QY_TCB_UNKNOWN;
}

void qy_tcb_policy_default(qy_tcb_policy *out, const qy_tcb_levels *levels)
{
  memset(out, 0, sizeof *out);
  out->cpu_svn_level = levels->count > 1 ? (unsigned)levels->count - 1 : 1;
  out->qe_svn = 1;
  out->pce_svn = 1;
  out->pve_svn = 1;
  for (size_t i = 0; i < levels->count; i++) {
    out->states[i] = QY_TCB_OK;
  }
}
