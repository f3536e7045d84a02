/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP evidence to be timed: collateral as the simulated endorser signs it, and quotes of one platform, all in memory. */
#ifndef QY_BENCH_EVIDENCE_H
#define QY_BENCH_EVIDENCE_H

#include <base/buffer.h>
#include <quotary/dcap.h>

#define BENCH_NOW_S 1790000000 /* 2026-09-21 */

typedef enum bench_tee { BENCH_SGX = 0, BENCH_TDX, BENCH_TEES } bench_tee;

/* Two quotes of the platform, under two attestation keys. */
typedef struct bench_evidence {
  qy_buffer tcb_info;
  qy_buffer identity;
  qy_buffer signing_chain;
  qy_buffer pck_chain;
  qy_buffer root_crl;
  qy_buffer pck_crl;
  qy_buffer root;
  qy_buffer quotes[2];
  qy_dcap_files files;
} bench_evidence;

/* All is zero before, and may be cleared after a failure too. */
qy_status bench_evidence_make(bench_evidence *out, bench_tee tee, qy_error *why) QY_MUST_CHECK;
void bench_evidence_clear(bench_evidence *evidence);

#endif
