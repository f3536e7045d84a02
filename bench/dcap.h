/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP appraisals to be timed. */
#ifndef QY_BENCH_DCAP_H
#define QY_BENCH_DCAP_H

#include "evidence.h"
#include "measure.h"

#define BENCH_DCAP_THREADS 2
#define BENCH_DCAP_EACH 256 /* appraisals of each thread in one run */

typedef struct bench_dcap {
  bench_evidence evidence[BENCH_TEES];
  qy_dcap_collateral *known[BENCH_TEES]; /* kept: has seen the first quote often */
  qy_dcap_collateral *fresh[BENCH_TEES]; /* new for each run: has seen the first quote once */
  qy_dcap_verdict verdict;
  qy_dcap_verdict thread_verdicts[BENCH_DCAP_THREADS];
} bench_dcap;

/* All is zero before, and may be cleared after a failure too. */
qy_status bench_dcap_make(bench_dcap *out, qy_error *why) QY_MUST_CHECK;
void bench_dcap_clear(bench_dcap *dcap);

/* Bytes that a set holds when it is new, and when it has met one platform often. */
qy_status bench_dcap_memory(size_t *prepared, size_t *familiar, qy_error *why) QY_MUST_CHECK;

/* Appends the operations, at most BENCH_DCAP_OPERATIONS; gives how many there are then. */
#define BENCH_DCAP_OPERATIONS 12
size_t bench_dcap_operations(bench_operation *out, size_t count);

#endif
