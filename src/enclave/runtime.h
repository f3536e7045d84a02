/* SPDX-License-Identifier: Apache-2.0 */
/* What runs inside a simulated enclave or trust domain, below its own code: the instructions that a CPU offers to an
 * enclave, the measured sections of its image, and the loop that answers calls from outside. What a CPU offers to a trust
 * domain is in enclave/trust_domain.h; sections and the loop are the same there.
 *
 * An enclave is a process that the simulated CPU started from measured bytes. It inherits exactly three descriptors:
 * 3 to the CPU (its instructions), 4 to the untrusted host (calls), 5 its own measured image, read-only. Standard
 * input, output and error are closed. Everything that arrives on 4 is hostile. */
#ifndef QY_ENCLAVE_RUNTIME_H
#define QY_ENCLAVE_RUNTIME_H

#include <base/buffer.h>
#include <base/secret.h>
#include <quotary/check.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

#define QY_ENCLAVE_FD_CPU 3
#define QY_ENCLAVE_FD_HOST 4
#define QY_ENCLAVE_FD_IMAGE 5
#define QY_ENCLAVE_CALL_MAX_SIZE (40u << 20) /* a call or an answer */

/* EREPORT: a report of this enclave for `target`. */
qy_status qy_enclave_report(qy_report *out, const qy_target_info *target, const uint8_t report_data[64],
                            qy_error *why) QY_MUST_CHECK;
/* EGETKEY. QY_ERR_REFUSED when the CPU refuses the request; the message says which rule. */
qy_status qy_enclave_key(qy_secret *out, const qy_key_request *request, qy_error *why) QY_MUST_CHECK;
/* This enclave's own report key for `key_id`: verifies reports that target this enclave. */
qy_status qy_enclave_report_key(qy_secret *out, const uint8_t key_id[32], qy_error *why) QY_MUST_CHECK;
/* EVERIFYREPORT2: whether this processor made the report of a trust domain that begins with this REPORTMACSTRUCT. What
 * stands behind it in the report is bound by hashes alone: qy_td_report_check_bound(). */
qy_status qy_enclave_verify_td_report(bool *fits, const uint8_t mac_struct[256], qy_error *why) QY_MUST_CHECK;
/* The body of a report of this enclave about itself: its own identity. */
qy_status qy_enclave_self(qy_report_body *out, qy_error *why) QY_MUST_CHECK;

/* Seals to this enclave's MRSIGNER (as Intel's SDK does by default) or MRENCLAVE; the blob is the SGX sealed blob. */
qy_status qy_enclave_seal(qy_buffer *out, uint16_t key_policy, qy_view aad, qy_view plain, qy_error *why) QY_MUST_CHECK;
/* Opens it: `plain` is appended, `aad` is appended. QY_ERR_REFUSED with check sealed-blob-tag in `trace`. */
qy_status qy_enclave_unseal(qy_buffer *plain, qy_buffer *aad, qy_view blob, qy_trace *trace,
                            qy_error *why) QY_MUST_CHECK;

/* A measured section of the image by name ("provider-key"); empty view when there is none. Valid for the process. */
qy_view qy_enclave_section(const char *name);

/* One call from outside. `out` is the answer's payload; a failure's status and message go to the host (so they must
 * hold no secret), and so does `trace`, for people to read. */
typedef qy_status qy_enclave_call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                                  qy_error *why);

/* Sets the sandbox, then answers calls until the host closes. Returns the process's exit code. */
int qy_enclave_run(qy_enclave_call *call, void *context);

#endif
