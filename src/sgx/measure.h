/* SPDX-License-Identifier: Apache-2.0 */
/* MRENCLAVE, step by step as ECREATE, EADD and EEXTEND make it (SDM, "Measurement of an enclave"). */
#ifndef QY_SGX_MEASURE_H
#define QY_SGX_MEASURE_H

#include <crypto/hash.h>
#include <quotary/sgx.h>

#define QY_PAGE_SIZE 4096u
#define QY_EXTEND_SIZE 256u

/* SECINFO.FLAGS: rights in bits 0..2, page type in bits 8..15. */
#define QY_SECINFO_R 0x1ull
#define QY_SECINFO_W 0x2ull
#define QY_SECINFO_X 0x4ull
#define QY_SECINFO_TCS 0x100ull /* hashed without rights */
#define QY_SECINFO_REG 0x200ull

typedef struct qy_measurement {
  qy_hash hash;
  uint64_t size; /* of the enclave, bytes */
} qy_measurement;

/* ECREATE. `size` is a power of two, at least two pages; `ssa_frame_size` in pages, not 0. */
qy_status qy_measurement_begin(qy_measurement *measurement, uint32_t ssa_frame_size, uint64_t size,
                               qy_error *why) QY_MUST_CHECK;
/* EADD. `offset` is page-aligned and inside the enclave. */
qy_status qy_measurement_add_page(qy_measurement *measurement, uint64_t offset, uint64_t secinfo_flags,
                                  qy_error *why) QY_MUST_CHECK;
/* EEXTEND of 256 bytes at `offset`, a multiple of 256. */
qy_status qy_measurement_extend(qy_measurement *measurement, uint64_t offset, const uint8_t chunk[QY_EXTEND_SIZE],
                                qy_error *why) QY_MUST_CHECK;
/* EADD and its 16 EEXTENDs, as Intel's loader does for a page that is measured. */
qy_status qy_measurement_add_measured_page(qy_measurement *measurement, uint64_t offset, uint64_t secinfo_flags,
                                           const uint8_t page[QY_PAGE_SIZE], qy_error *why) QY_MUST_CHECK;
/* MRENCLAVE; clears the measurement. */
qy_status qy_measurement_finish(uint8_t mr_enclave[QY_MEASUREMENT_SIZE], qy_measurement *measurement,
                                qy_error *why) QY_MUST_CHECK;
void qy_measurement_clear(qy_measurement *measurement);
#define QY_SCOPED_MEASUREMENT(name) __attribute__((cleanup(qy_measurement_clear))) qy_measurement name = {0}

#endif
