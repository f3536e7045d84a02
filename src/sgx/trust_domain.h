/* SPDX-License-Identifier: Apache-2.0 */
/* What a TDX module does to the measurements of a trust domain, and what a processor does to its reports (Intel TDX module
 * ABI; SDM, SEAMREPORT and EVERIFYREPORT2). Only the process that plays the processor holds a report key. */
#ifndef QY_SGX_TRUST_DOMAIN_H
#define QY_SGX_TRUST_DOMAIN_H

#include <base/secret.h>
#include <crypto/hash.h>
#include <quotary/dcap_quote.h>
#include <sgx/measure.h>

/* ---- MRTD ---- */

/* The hash of what was added while a trust domain was built, in that order: SHA-384. Begin with a zeroed one. */
typedef struct qy_td_measurement {
  qy_hash hash;
  bool begun;
} qy_td_measurement;

/* TDH.MNG.INIT, as far as it measures: nothing yet. */
void qy_td_measurement_begin(qy_td_measurement *measurement);
/* TDH.MEM.PAGE.ADD. `gpa` is page-aligned. */
qy_status qy_td_measurement_add_page(qy_td_measurement *measurement, uint64_t gpa, qy_error *why) QY_MUST_CHECK;
/* TDH.MR.EXTEND of 256 bytes at `gpa`, a multiple of 256. */
qy_status qy_td_measurement_extend(qy_td_measurement *measurement, uint64_t gpa, const uint8_t chunk[QY_EXTEND_SIZE],
                                   qy_error *why) QY_MUST_CHECK;
/* TDH.MEM.PAGE.ADD and the 16 TDH.MR.EXTENDs of the page. */
qy_status qy_td_measurement_add_measured_page(qy_td_measurement *measurement, uint64_t gpa,
                                              const uint8_t page[QY_PAGE_SIZE], qy_error *why) QY_MUST_CHECK;
/* TDH.MR.FINALIZE: MRTD; clears the measurement. */
qy_status qy_td_measurement_finish(uint8_t mr_td[QY_TD_HASH_SIZE], qy_td_measurement *measurement,
                                   qy_error *why) QY_MUST_CHECK;
void qy_td_measurement_clear(qy_td_measurement *measurement);
#define QY_SCOPED_TD_MEASUREMENT(name) __attribute__((cleanup(qy_td_measurement_clear))) qy_td_measurement name = {0}

/* ---- The simulated TDX module ---- */

/* Its TEE_TCB_SVN: its own SVN and version, and the microcode's, of which the one loaded late is the one loaded early. */
void qy_simulated_tee_tcb_svn(uint8_t out[QY_TEE_TCB_SVN_SIZE], uint8_t module_version, uint8_t module_svn,
                              const uint8_t cpu_svn[QY_CPU_SVN_SIZE]);

/* ---- RTMRs ---- */

/* TDG.MR.RTMR.EXTEND: the register becomes SHA-384(register || digest). */
qy_status qy_rtmr_extend(uint8_t rtmr[QY_TD_HASH_SIZE], const uint8_t digest[QY_TD_HASH_SIZE],
                         qy_error *why) QY_MUST_CHECK;

/* ---- The MAC of a TDREPORT ---- */

#define QY_TD_REPORT_KEY_SIZE 32

/* SEAMREPORT: type, CPUSVN, hashes and MAC of a report that is complete otherwise. What the real MAC is made with is
 * specific to a processor's model; here it is HMAC-SHA256 over the first 224 bytes. */
qy_status qy_td_report_seal(qy_td_report *report, const qy_secret *key, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                            qy_error *why) QY_MUST_CHECK;
/* EVERIFYREPORT2 of the 256 bytes of a REPORTMACSTRUCT: whether this processor made it, at its present CPUSVN. */
qy_status qy_td_report_mac_fits(bool *fits, const uint8_t mac_struct[QY_TD_REPORT_MAC_STRUCT_SIZE],
                                const qy_secret *key, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                                qy_error *why) QY_MUST_CHECK;

#endif
