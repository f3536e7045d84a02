/* SPDX-License-Identifier: Apache-2.0 */
/* TCB levels, and what the endorser asks for. A CPUSVN is sixteen counters, not a number: one is as new as another
 * only if none of its components is older. Levels are numbered from 1, oldest first, each as new as the one before. */
#ifndef QY_REGISTRY_TCB_H
#define QY_REGISTRY_TCB_H

#include <base/buffer.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

#define QY_TCB_MAX_LEVELS 16
#define QY_TCB_MAX_ADVISORIES 16
#define QY_TCB_ADVISORY_SIZE 32 /* "INTEL-SA-00334" and its NUL */
#define QY_TCB_URL_SIZE 128

typedef struct qy_tcb_levels {
  size_t count;
  uint8_t cpu_svns[QY_TCB_MAX_LEVELS][QY_CPU_SVN_SIZE]; /* [level - 1] */
} qy_tcb_levels;

/* Five levels: what a simulated factory knows. */
void qy_tcb_levels_default(qy_tcb_levels *out);
/* The highest level that the CPUSVN is as new as; 0 when it is older than all. */
unsigned qy_tcb_level_of(const qy_tcb_levels *levels, const uint8_t cpu_svn[QY_CPU_SVN_SIZE]);
/* QY_ERR_MALFORMED unless there are some and each is newer than the one before. */
qy_status qy_tcb_levels_check(const qy_tcb_levels *levels, qy_error *why) QY_MUST_CHECK;
/* [{"level":1,"cpu_svn":"32 hex digits"},...]: QY_ERR_MALFORMED unless they ascend. On failure *out is 0. */
qy_status qy_tcb_levels_decode(qy_tcb_levels *out, qy_view json, qy_error *why) QY_MUST_CHECK;
qy_status qy_tcb_levels_encode(qy_buffer *out, const qy_tcb_levels *levels, qy_error *why) QY_MUST_CHECK;

/* What else may be said of a platform whose TCB is current. */
typedef enum qy_tcb_state {
  QY_TCB_UNKNOWN = 0, /* never valid */
  QY_TCB_OK,
  QY_TCB_NEEDS_CONFIGURATION,
  QY_TCB_NEEDS_SW_HARDENING,
  QY_TCB_NEEDS_BOTH
} qy_tcb_state;

/* As attestation reports spell it: "OK", "CONFIGURATION_NEEDED", "SW_HARDENING_NEEDED", ... */
const char *qy_tcb_state_name(qy_tcb_state state);
qy_tcb_state qy_tcb_state_by_name(const char *name); /* QY_TCB_UNKNOWN for another */

typedef struct qy_tcb_advisories {
  size_t count;
  char ids[QY_TCB_MAX_ADVISORIES][QY_TCB_ADVISORY_SIZE]; /* [A-Z0-9-] */
} qy_tcb_advisories;

/* What platforms must have to be up to date, and what is said of each level. File public/tcb.json. */
typedef struct qy_tcb_policy {
  unsigned cpu_svn_level; /* at least 1 */
  uint16_t qe_svn;
  uint16_t pce_svn;
  uint16_t pve_svn;
  char advisory_url[QY_TCB_URL_SIZE];
  qy_tcb_advisories out_of_date;                   /* for GROUP_OUT_OF_DATE */
  qy_tcb_state states[QY_TCB_MAX_LEVELS];          /* [level - 1] */
  qy_tcb_advisories advisories[QY_TCB_MAX_LEVELS]; /* for a level whose state is not OK */
} qy_tcb_policy;

/* SVNs 1, the level below the newest, every level OK, no advisory. */
void qy_tcb_policy_default(qy_tcb_policy *out, const qy_tcb_levels *levels);
/* Unknown members, levels that there are not, and a level without a state are QY_ERR_MALFORMED: nothing is allowed
 * because it was not said. On failure *out is zero. */
qy_status qy_tcb_policy_decode(qy_tcb_policy *out, qy_view json, const qy_tcb_levels *levels,
                               qy_error *why) QY_MUST_CHECK;
qy_status qy_tcb_policy_encode(qy_buffer *out, const qy_tcb_policy *policy, const qy_tcb_levels *levels,
                               qy_error *why) QY_MUST_CHECK;

/* public/tcb-levels.json and public/tcb.json. `folder` is the endorser's. */
qy_status qy_tcb_levels_load(qy_tcb_levels *out, const char *folder, qy_error *why) QY_MUST_CHECK;
qy_status qy_tcb_levels_store(const char *folder, const qy_tcb_levels *levels, qy_error *why) QY_MUST_CHECK;
qy_status qy_tcb_policy_load(qy_tcb_policy *out, const char *folder, const qy_tcb_levels *levels,
                             qy_error *why) QY_MUST_CHECK;
/* Refuses (QY_ERR_DENIED) what asks for less than the policy in force: requirements are only raised. */
qy_status qy_tcb_policy_store(const char *folder, const qy_tcb_policy *policy, qy_error *why) QY_MUST_CHECK;

/* The TCB whose holders a group takes in: a credential of the group says that its owner had at least this. */
typedef struct qy_group_tcb {
  unsigned cpu_svn_level;
  uint16_t pve_svn;
  uint16_t pce_svn;
} qy_group_tcb;

qy_status qy_group_tcb_decode(qy_group_tcb *out, qy_view json, qy_error *why) QY_MUST_CHECK;
qy_status qy_group_tcb_encode(qy_buffer *out, const qy_group_tcb *tcb, qy_error *why) QY_MUST_CHECK;

#endif
