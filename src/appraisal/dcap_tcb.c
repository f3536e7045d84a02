/* SPDX-License-Identifier: Apache-2.0 */
/* Levels and statuses of a platform (Intel PCS API, "TCB info"; the quote verification library's converging). */
#include <appraisal/dcap_tcb.h>

/* TEE_TCB_SVN: [0] is the TDX module's SVN, [1] its version. */
#define MODULE_SVNS 2u

static bool at_least(const uint8_t *have, const uint8_t *need, size_t from)
{
  for (size_t i = from; i < QY_TCB_COMPONENT_COUNT; i++) {
    if (have[i] < need[i]) {
      return false;
    }
  }
  return true;
}

const qy_tcb_level *qy_dcap_platform_level(const qy_tcb_info *info, const qy_pck_extension *platform,
                                           const uint8_t *tee_tcb_svn)
{
  const size_t from = tee_tcb_svn != NULL && tee_tcb_svn[1] > 0 ? MODULE_SVNS : 0;
  for (size_t i = 0; i < info->level_count; i++) {
    const qy_tcb_level *level = &info->levels[i];
    if (at_least(platform->components, level->sgx, 0) && platform->pce_svn >= level->pce_svn &&
        (tee_tcb_svn == NULL || at_least(tee_tcb_svn, level->tdx, from))) {
      return level;
    }
  }
  return NULL;
}

const qy_tdx_module_identity *qy_dcap_module_identity(const qy_tcb_info *info, uint8_t version)
{
  for (size_t i = 0; i < info->module_count; i++) {
    if (info->modules[i].has_version && info->modules[i].version == version) {
      return &info->modules[i];
    }
  }
  return NULL;
}

const qy_svn_level *qy_dcap_svn_level(const qy_svn_level *levels, size_t count, uint32_t isv_svn)
{
  for (size_t i = 0; i < count; i++) {
    if (levels[i].isv_svn <= isv_svn) {
      return &levels[i];
    }
  }
  return NULL;
}

qy_tcb_status qy_dcap_converge(qy_tcb_status platform, qy_tcb_status quoting_enclave, qy_tcb_status module)
{
  if (quoting_enclave == QY_TCB_STATUS_REVOKED || module == QY_TCB_STATUS_REVOKED) {
    return QY_TCB_STATUS_REVOKED;
  }
  if (quoting_enclave != QY_TCB_STATUS_OUT_OF_DATE && module != QY_TCB_STATUS_OUT_OF_DATE) {
    return platform;
  }
  switch (platform) {
  case QY_TCB_STATUS_UP_TO_DATE:
  case QY_TCB_STATUS_SW_HARDENING_NEEDED:
    return QY_TCB_STATUS_OUT_OF_DATE;
  case QY_TCB_STATUS_CONFIGURATION_NEEDED:
  case QY_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED:
    return QY_TCB_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED;
  default:
    return platform;
  }
}

bool qy_dcap_is_out_of_date(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_OUT_OF_DATE || status == QY_TCB_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool is_good(qy_tcb_status status)
{
  return !qy_dcap_is_out_of_date(status) && status != QY_TCB_STATUS_REVOKED && status != QY_TCB_STATUS_UNKNOWN;
}

static bool needs_configuration(qy_tcb_status status)
{
  return status == QY_TCB_STATUS_CONFIGURATION_NEEDED ||
         status == QY_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
         status == QY_TCB_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

qy_tcb_status qy_dcap_relaunch(qy_tcb_status launch, qy_tcb_status current)
{
  if (!qy_dcap_is_out_of_date(launch) || !is_good(current)) {
    return launch;
  }
  return needs_configuration(launch) || needs_configuration(current)
             ? QY_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
             : QY_TCB_STATUS_TD_RELAUNCH_ADVISED;
}

bool qy_dcap_outdated_since(int64_t *since_s, const qy_tcb_info *info, const qy_tcb_level *level)
{
  while (level > info->levels) {
    level--;
    if (is_good(level->status)) {
      *since_s = level->date_s;
      return true;
    }
  }
  return false;
}

bool qy_dcap_svn_outdated_since(int64_t *since_s, const qy_svn_level *highest, const qy_svn_level *level)
{
  while (level > highest) {
    level--;
    if (is_good(level->status)) {
      *since_s = level->date_s;
      return true;
    }
  }
  return false;
}

qy_qvl_status qy_dcap_qvl_of(qy_tcb_status status)
{
  switch (status) {
  case QY_TCB_STATUS_UP_TO_DATE:
    return QY_QVL_OK;
  case QY_TCB_STATUS_SW_HARDENING_NEEDED:
    return QY_QVL_TCB_SW_HARDENING_NEEDED;
  case QY_TCB_STATUS_CONFIGURATION_NEEDED:
    return QY_QVL_TCB_CONFIGURATION_NEEDED;
  case QY_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED:
    return QY_QVL_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED;
  case QY_TCB_STATUS_OUT_OF_DATE:
    return QY_QVL_TCB_OUT_OF_DATE;
  case QY_TCB_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED:
    return QY_QVL_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
  case QY_TCB_STATUS_TD_RELAUNCH_ADVISED:
    return QY_QVL_TCB_TD_RELAUNCH_ADVISED;
  case QY_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
    return QY_QVL_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
  case QY_TCB_STATUS_REVOKED:
    return QY_QVL_TCB_REVOKED;
  case QY_TCB_STATUS_UNKNOWN:
  case QY_TCB_STATUS_COUNT:
  default:
    return QY_QVL_TCB_UNRECOGNIZED_STATUS;
  }
}
