/* SPDX-License-Identifier: Apache-2.0 */
/* The reporting enclave's one call, for both of its ends. */
#ifndef QY_PROGRAMS_REPORTER_H
#define QY_PROGRAMS_REPORTER_H

#include <quotary/sgx.h>

/* In: target info (512), report data (64). Out: report (432). */
#define REPORTER_OPERATION_REPORT 1
#define REPORTER_IN_SIZE (QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE)

#endif
