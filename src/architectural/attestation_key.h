/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the quoting enclaves of DCAP have in common, the one for enclaves and the one for trust
 * domains: how an attestation key is made, and how a quote is made with it. */
#ifndef QY_ARCHITECTURAL_ATTESTATION_KEY_H
#define QY_ARCHITECTURAL_ATTESTATION_KEY_H

#include <architectural/common.h>
#include <sgx/dcap_make.h>

#define QY_ECDSA_MAX_QUOTE (1u << 20)

/* Answers QY_ECDSA_MAKE_KEY. In: target info of the PCE 512, signed PEK 492. Out: report for certify 432, report for
 * get_info 432, n 384, e 4 (big-endian), the key sealed to the signer, its public half in clear. */
qy_status qy_ae_make_attestation_key(qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* The key and what vouches for it, as the host hands them in with each call. */
typedef struct qy_ae_attestation_key {
  qy_view qe_report;
  qy_view qe_report_signature;
  uint16_t pce_svn;
  qy_view blob;
  qy_certification certification;
} qy_ae_attestation_key;
/* QE report body 384, its signature 64, PCE ISVSVN 2, size of the blob 4, blob, type of the certification data 2,
 * certification data (the rest). */
void qy_ae_read_attestation_key(qy_ae_attestation_key *out, qy_reader *in);

/* Opens the key and signs. The subject was verified before. Appends. */
qy_status qy_ae_quote(qy_buffer *out, const qy_dcap_subject *subject, const qy_ae_attestation_key *key, qy_trace *trace,
                      qy_error *why) QY_MUST_CHECK;

/* A report of this enclave for `target`, encoded. Appends. */
qy_status qy_ae_append_report(qy_buffer *out, const qy_target_info *target,
                              const uint8_t report_data[QY_REPORT_DATA_SIZE], qy_error *why) QY_MUST_CHECK;

#endif
