/* SPDX-License-Identifier: Apache-2.0 */
/* The quoting enclaves of DCAP from their host's side, the one for enclaves and the one for trust domains. Each makes an
 * attestation key, has it certified by the PCE of the same machine, and signs quotes with it. The host keeps the sealed key and all that vouches for it, of which nothing is
 * secret: what it mixes up makes quotes that nobody takes. */
#ifndef QY_ARCHITECTURAL_ECDSA_CALLS_H
#define QY_ARCHITECTURAL_ECDSA_CALLS_H

#include <architectural/calls.h>
#include <sgx/dcap_make.h>

#define QY_ECDSA_BLOB_MAX_SIZE 1024

/* A fresh attestation key. */
typedef struct qy_ecdsa_key {
  qy_report certify; /* for the PCE: vouches for the key. Its body is what the quote carries as the QE report */
  qy_report encrypt; /* for the PCE: asks that the PPID be encrypted to `pek` */
  qy_rsa_public pek; /* the endorser's, out of `signed_pek` */
  size_t blob_size;
  uint8_t blob[QY_ECDSA_BLOB_MAX_SIZE]; /* the key, sealed */
} qy_ecdsa_key;
/* Checks inside: pek-signature. */
qy_status qy_ecdsa_make_key(const qy_ae *qe, qy_ecdsa_key *out, qy_view signed_pek, const qy_target_info *pce,
                            qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* What vouches for a key, as the host keeps it. */
typedef struct qy_ecdsa_voucher {
  uint8_t qe_report[QY_REPORT_BODY_SIZE];
  uint8_t qe_report_signature[QY_P256_SIGNATURE_SIZE]; /* by the PCE */
  uint16_t pce_svn;
  qy_certification certification;
} qy_ecdsa_voucher;

typedef struct qy_ecdsa_request {
  uint16_t version;        /* 3, 4, 5 */
  const qy_report *report; /* of the enclave to be quoted, for the QE */
  const uint8_t *nonce;    /* 16 bytes: asks for the QE's report; NULL for none */
} qy_ecdsa_request;
/* `qe_report` is asked for exactly when there is a nonce (else QY_ERR_ARGUMENT): the QE's word to the enclave that this
 * quote answers this nonce, as for an EPID quote (Intel SGX SDK, sgx_ql_qe_report_info_t). Checks inside: report-mac,
 * sealed-blob-owner, sealed-blob-tag. QY_ERR_ARGUMENT when the voucher is another key's. */
qy_status qy_ecdsa_quote(const qy_ae *qe, qy_buffer *quote, qy_report *qe_report, const qy_ecdsa_request *request,
                         const qy_ecdsa_voucher *voucher, qy_view blob, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* Of the TD quoting enclave: a quote of the trust domain whose TDREPORT this is. The report decides on the form: version 4
 * for TDX 1.0, 5 for 1.5. Checks inside: td-report-mac, td-report-tcb-info, td-report-td-info, sealed-blob-owner,
 * sealed-blob-tag. */
qy_status qy_ecdsa_quote_td(const qy_ae *qe, qy_buffer *quote, const uint8_t td_report[QY_TD_REPORT_SIZE],
                            const qy_ecdsa_voucher *voucher, qy_view blob, qy_trace *trace,
                            qy_error *why) QY_MUST_CHECK;

#endif
