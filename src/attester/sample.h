/* SPDX-License-Identifier: Apache-2.0 */
/* The sample enclave, and the sample trust domain, from their host's side: one function a call (exchange/calls.h). `trace` (may be NULL) gets the
 * checks made inside. A failure inside comes back as its status and message. Outputs hold nothing on failure. */
#ifndef QY_ATTESTER_SAMPLE_H
#define QY_ATTESTER_SAMPLE_H

#include <base/buffer.h>
#include <exchange/calls.h>
#include <platform/platform.h>

qy_status qy_sample_call_begin(qy_enclave_handle *enclave, qy_view secret_name, qy_trace *trace,
                               qy_error *why) QY_MUST_CHECK;
qy_status qy_sample_call_msg1(qy_enclave_handle *enclave, uint8_t out[QY_MSG1_SIZE], uint32_t group_id, qy_trace *trace,
                              qy_error *why) QY_MUST_CHECK;
qy_status qy_sample_call_msg2(qy_enclave_handle *enclave, qy_sample_report *out, qy_view head, const qy_target_info *qe,
                              qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_sample_call_msg3(qy_enclave_handle *enclave, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                              const qy_report *qe_report, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The same of a trust domain: its report instead of one for a quoting enclave, and the quote alone. */
qy_status qy_sample_call_msg2_td(qy_enclave_handle *domain, uint8_t td_report[QY_TD_REPORT_SIZE], uint8_t version,
                                 qy_view head, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_sample_call_msg3_td(qy_enclave_handle *domain, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                                 qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_sample_call_msg4(qy_enclave_handle *enclave, qy_sample_outcome *out, qy_view msg4, qy_trace *trace,
                              qy_error *why) QY_MUST_CHECK;

/* What the enclave does with its secret. QY_ERR_SEQUENCE while it has none. */
qy_status qy_sample_call_hmac(qy_enclave_handle *enclave, uint8_t out[QY_SAMPLE_HMAC_SIZE], qy_view challenge,
                              qy_error *why) QY_MUST_CHECK;
/* Appends the sealed blob. */
qy_status qy_sample_call_seal(qy_enclave_handle *enclave, qy_buffer *blob, qy_error *why) QY_MUST_CHECK;
/* The secret's name is appended to `name`. */
qy_status qy_sample_call_unseal(qy_enclave_handle *enclave, uint8_t sha256[32], qy_buffer *name, qy_view blob,
                                qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
