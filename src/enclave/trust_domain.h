/* SPDX-License-Identifier: Apache-2.0 */
/* What a processor offers to a trust domain, instead of what it offers to an enclave (enclave/runtime.h), whose sections
 * and calls it shares. */
#ifndef QY_ENCLAVE_TRUST_DOMAIN_H
#define QY_ENCLAVE_TRUST_DOMAIN_H

#include <enclave/runtime.h>
#include <quotary/dcap_quote.h>

/* TDG.MR.REPORT: a report of this trust domain in version 0 (TDX 1.0) or 1 (1.5). */
qy_status qy_td_report_self(qy_td_report *out, uint8_t version, const uint8_t report_data[QY_REPORT_DATA_SIZE],
                            qy_error *why) QY_MUST_CHECK;
/* TDG.MR.RTMR.EXTEND: register 0 to 3. */
qy_status qy_td_rtmr_extend(unsigned rtmr, const uint8_t digest[QY_TD_HASH_SIZE], qy_error *why) QY_MUST_CHECK;
/* What the host configured it with: MRCONFIGID is the hash of it. Valid for the process. */
qy_view qy_td_configuration(void);

#endif
