/* SPDX-License-Identifier: Apache-2.0 */
/* Making DCAP quotes as Intel's quoting enclaves do. Pure: whoever holds a key signs with it. */
#ifndef QY_SGX_DCAP_MAKE_H
#define QY_SGX_DCAP_MAKE_H

#include <quotary/dcap_quote.h>

/* Signs `message` with the attestation key: ECDSA over P-256 with SHA-256, r || s big-endian. */
typedef struct qy_dcap_signer {
  qy_status (*sign)(void *context, uint8_t signature[QY_DCAP_SIGNATURE_SIZE], qy_view message, qy_error *why);
  void *context;
} qy_dcap_signer;

/* A qy_dcap_signer's function whose context is a qy_secret: the private key. */
qy_status qy_dcap_sign_p256(void *context, uint8_t signature[QY_DCAP_SIGNATURE_SIZE], qy_view message,
                            qy_error *why) QY_MUST_CHECK;

/* What Intel's quoting enclaves send as QE authentication data: 00 01 .. 1f. */
extern const uint8_t qy_dcap_qe_auth_data[32];

/* What vouches for an attestation key: made once, sent with every quote under that key. */
typedef struct qy_dcap_voucher {
  uint8_t attestation_key[QY_DCAP_KEY_SIZE];
  qy_report_body qe_report; /* its report data is qy_dcap_qe_report_data() of the key and the QE authentication data */
  uint8_t qe_report_signature[QY_DCAP_SIGNATURE_SIZE]; /* by the PCK over the report's 384 bytes */
  qy_view qe_auth_data;
  qy_certification certification; /* types 2 to 5: no quoting enclave sends a PPID in the clear */
  uint8_t qe_id[QY_DCAP_QE_ID_SIZE];
  uint16_t pce_svn; /* of the PCE that certified the key */
} qy_dcap_voucher;

/* What is quoted, and in which form. */
typedef struct qy_dcap_subject {
  uint16_t version;
  qy_dcap_body_type body_type;
  const qy_report_body *report; /* QY_DCAP_BODY_ENCLAVE */
  const qy_td_body *td;         /* the others */
} qy_dcap_subject;

/* A quote into `out`, which holds qy_dcap_quote_size() bytes (QY_ERR_SPACE). QY_ERR_ARGUMENT for a form that there is
 * not, a QE report that does not bind the key, and certification data that no quoting enclave sends. */
qy_status qy_dcap_quote_make(uint8_t *out, size_t capacity, size_t *size, const qy_dcap_subject *subject,
                             const qy_dcap_voucher *voucher, const qy_dcap_signer *signer, qy_error *why) QY_MUST_CHECK;

/* The same quote with other certification data, which the attestation key does not sign. What stood behind the
 * certification data is dropped. */
qy_status qy_dcap_quote_recertify(uint8_t *out, size_t capacity, size_t *size, qy_view quote,
                                  const qy_certification *certification, qy_error *why) QY_MUST_CHECK;

/* The body of a TD report, the form in which Intel's TD quoting enclave quotes it, and `subject` over both (`*td` must
 * outlive it). The form is checked (qy_td_report_check_form); that the report is genuine is the caller's to check:
 * qy_td_report_check_bound, and its MAC. Two of Intel's slips are not repeated: report data is copied into the
 * extended body too, and where the report has no valid tee_tcb_svn2 the quote's is its tee_tcb_svn, for the module that
 * launched the trust domain is then the one that runs. What an extended body says of devices and service TDs is not in
 * a report, and stays zero. */
qy_status qy_dcap_subject_of_td_report(qy_dcap_subject *subject, qy_td_body *td, const qy_td_report *report,
                                       qy_error *why) QY_MUST_CHECK;

#endif
