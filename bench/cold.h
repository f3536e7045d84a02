/* SPDX-License-Identifier: Apache-2.0 */
/* Cold appraisals of evidence in folders, to be timed beside other libraries on the same bytes (bench/peers.mjs). */
#ifndef QY_BENCH_COLD_H
#define QY_BENCH_COLD_H

#include "evidence.h"

/* Writes FOLDER/simulated-sgx and FOLDER/simulated-tdx, with the files that `quotary verify --collateral` reads, quote.bin
 * and meta.json, which tells the time to appraise for. */
qy_status bench_evidence_write(const char *folder, qy_error *why) QY_MUST_CHECK;
/* Arguments: a time and a folder, again and again. Prints a line of JSON for each folder and one for the unit; one whose
 * evidence is not authentic at that time gets no figure. */
qy_status bench_cold_run(char *const *arguments, qy_error *why) QY_MUST_CHECK;

#endif
