/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the TDX module, which the processor's process plays. A trust domain is a process that was started
 * from measured bytes; the module keeps its measurements and makes its reports. */
#ifndef QY_SIMULATED_TDX_MODULE_H
#define QY_SIMULATED_TDX_MODULE_H

#include <image/td_image.h>
#include <quotary/check.h>
#include <sgx/keys.h>
#include <simulated/machine.h>

/* What the module knows of a trust domain (TDCS). */
typedef struct qy_trust_domain {
  uint64_t attributes;
  uint64_t xfam;
  uint8_t mr_td[QY_TD_HASH_SIZE];
  uint8_t mr_config_id[QY_TD_HASH_SIZE];
  uint8_t rtmr[QY_TD_RTMR_COUNT][QY_TD_HASH_SIZE];
} qy_trust_domain;

/* From TDH.MNG.CREATE to TDH.MR.FINALIZE: checks trust-domain-attributes and measures. QY_ERR_UNSUPPORTED on a machine
 * without a TDX module. */
qy_status qy_trust_domain_build(qy_trust_domain *out, const qy_td_image *image, const qy_tdx_module_level *module,
                                qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* TDG.MR.REPORT in version 0 or 1 (QY_ERR_UNSUPPORTED). */
qy_status qy_trust_domain_report(qy_td_report *out, const qy_trust_domain *domain, const qy_tdx_module_level *module,
                                 const qy_fuses *fuses, const uint8_t cpu_svn[QY_CPU_SVN_SIZE], uint8_t version,
                                 const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why) QY_MUST_CHECK;
/* TDG.MR.RTMR.EXTEND: register 0 to 3 (QY_ERR_ARGUMENT). */
qy_status qy_trust_domain_extend(qy_trust_domain *domain, unsigned rtmr, const uint8_t digest[QY_TD_HASH_SIZE],
                                 qy_error *why) QY_MUST_CHECK;

#endif
