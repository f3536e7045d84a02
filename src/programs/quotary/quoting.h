/* SPDX-License-Identifier: Apache-2.0 */
/* A quote of a simulated machine over chosen data. */
#ifndef QY_PROGRAMS_QUOTING_H
#define QY_PROGRAMS_QUOTING_H

#include <base/buffer.h>
#include <quotary/sgx.h>

/* Launches the reporting enclave (quotary-reporter, beside this program) behind the platform service's socket and appends
 * an SGX DCAP quote of version 3. The enclave is signed by a key that is thrown away: its MRENCLAVE is always the same, its
 * MRSIGNER never, so that no policy that trusts a signer can mean it. */
qy_status quoting_simulated(qy_buffer *quote, const char *socket_path, const uint8_t report_data[QY_REPORT_DATA_SIZE],
                            qy_error *why) QY_MUST_CHECK;

#endif
