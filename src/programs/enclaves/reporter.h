/* SPDX-License-Identifier: Apache-2.0 */
/* The reporter's calls, for both of their ends: one that an enclave answers, one that a trust domain does. */
#ifndef QY_PROGRAMS_REPORTER_H
#define QY_PROGRAMS_REPORTER_H

#include <quotary/sgx.h>

/* In: target info (512), report data (64). Out: report (432). */
#define REPORTER_OPERATION_REPORT 1
#define REPORTER_IN_SIZE (QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE)
/* In: u8 version of the TDREPORT (0, 1), report data (64). Out: TDREPORT (1024). */
#define REPORTER_OPERATION_TD_REPORT 2
#define REPORTER_TD_IN_SIZE (1 + QY_REPORT_DATA_SIZE)

#endif
