/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: which level a platform is at, and what several levels make together. No decision is made
 * here. */
#ifndef QY_APPRAISAL_DCAP_TCB_H
#define QY_APPRAISAL_DCAP_TCB_H

#include <quotary/dcap.h>

/* The highest level at or below which nothing of the platform lies, or NULL. `tee_tcb_svn` is NULL for SGX; the first
 * two of a TDX module of version 1 and later are left to its own levels. */
const qy_tcb_level *qy_dcap_platform_level(const qy_tcb_info *info, const qy_pck_extension *platform,
                                           const uint8_t *tee_tcb_svn);
/* The identity of a TDX module by its version, or NULL. */
const qy_tdx_module_identity *qy_dcap_module_identity(const qy_tcb_info *info, uint8_t version);
/* The highest level that is not above the security version, or NULL. */
const qy_svn_level *qy_dcap_svn_level(const qy_svn_level *levels, size_t count, uint32_t isv_svn);

/* The platform's status under those of what it consists of: of a quoting enclave and a TDX module only OutOfDate and
 * Revoked matter. */
qy_tcb_status qy_dcap_converge(qy_tcb_status platform, qy_tcb_status quoting_enclave, qy_tcb_status module);
/* What counts of a trust domain that was launched under one TDX module and runs under another. */
qy_tcb_status qy_dcap_relaunch(qy_tcb_status launch, qy_tcb_status current);
/* OutOfDate, with or without ConfigurationNeeded. */
bool qy_dcap_is_out_of_date(qy_tcb_status status);
/* Since when a level is out of date: the date of the next better one that is not. False when there is none. */
bool qy_dcap_outdated_since(int64_t *since_s, const qy_tcb_info *info, const qy_tcb_level *level);
bool qy_dcap_svn_outdated_since(int64_t *since_s, const qy_svn_level *highest, const qy_svn_level *level);
/* Intel's status for a platform's standing. */
qy_qvl_status qy_dcap_qvl_of(qy_tcb_status status);

#endif
