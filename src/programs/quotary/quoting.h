/* SPDX-License-Identifier: Apache-2.0 */
/* A quote of a simulated machine over chosen data. */
#ifndef QY_PROGRAMS_QUOTING_H
#define QY_PROGRAMS_QUOTING_H

#include <base/buffer.h>
#include <quotary/sgx.h>

typedef struct quoting_request {
  bool trust_domain; /* else an enclave */
  uint16_t version;  /* of the quote: 3, 4, 5 of an enclave; 4, 5 of a trust domain; 0: 3 and 5 */
  uint8_t report_data[QY_REPORT_DATA_SIZE];
} quoting_request;

/* Launches the reporter (quotary-reporter) behind the platform service's socket and appends a DCAP
 * quote of it. As an enclave it is signed by a key that is thrown away: its MRENCLAVE is always the same, its MRSIGNER
 * never, so that no policy that trusts a signer can mean it. Nobody signs a trust domain. QY_ERR_ARGUMENT for a version
 * that there is not. */
qy_status quoting_simulated(qy_buffer *quote, const char *socket_path, const quoting_request *request,
                            qy_error *why) QY_MUST_CHECK;

#endif
