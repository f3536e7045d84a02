/* SPDX-License-Identifier: Apache-2.0 */
/* The architectural enclaves from their host's side: operation numbers, and a function for each call. The provisioning
 * enclave (PvE) gets the platform its EPID key, the certifying enclave (PCE) vouches for it to the endorser, the
 * quoting enclave (QE) signs with the key. The host only carries bytes between them, the endorser and the disk.
 *
 * `trace` gets the checks made inside and may be NULL. A failure inside comes back as its status and message. Outputs
 * hold nothing on failure. */
#ifndef QY_ARCHITECTURAL_CALLS_H
#define QY_ARCHITECTURAL_CALLS_H

#include <architectural/epid_blob.h>
#include <base/buffer.h>
#include <provisioning/structures.h>
#include <quotary/check.h>
#include <quotary/quote.h>
#include <quotary/sgx.h>

/* One call into an enclave, whatever carries it. `out` is appended to. */
typedef qy_status qy_ae_call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                             qy_error *why);
typedef struct qy_ae {
  qy_ae_call *call;
  void *context;
} qy_ae;

typedef enum qy_ae_operation {
  QY_AE_TARGET_INFO = 0x0001, /* every one of them */
  QY_PCE_GET_INFO = 0x0101,
  QY_PCE_CERTIFY = 0x0102,
  QY_PVE_SELECTOR = 0x0201,
  QY_PVE_BEGIN = 0x0202,
  QY_PVE_MSG1 = 0x0203,
  QY_PVE_MSG2 = 0x0204,
  QY_PVE_MSG3 = 0x0205,
  QY_PVE_MSG4 = 0x0206,
  QY_PVE_RECALL = 0x0207,
  QY_QE_VERIFY_BLOB = 0x0301,
  QY_QE_GET_QUOTE = 0x0302,
  QY_ECDSA_MAKE_KEY = 0x0401, /* this and the next: architectural/ecdsa_calls.h */
  QY_ECDSA_QUOTE = 0x0402,
  QY_ECDSA_QUOTE_TD = 0x0403
} qy_ae_operation;

/* The name of the measured section that holds the endorser's keys, a 460-byte qy_xegb. */
#define QY_AE_SECTION_ENDORSER "endorser"

/* Where to send reports that the enclave is to verify. */
qy_status qy_ae_target_info(const qy_ae *enclave, qy_target_info *out, qy_error *why) QY_MUST_CHECK;

/* ---- PCE ---- */

typedef struct qy_pce_info {
  uint8_t encrypted_ppid[QY_PEK_RSA_SIZE];
  uint16_t pce_svn;
  uint16_t pce_id;          /* 0 */
  uint8_t signature_scheme; /* 0: ECDSA P-256 with SHA-256 */
} qy_pce_info;
/* Checks inside: report-mac, pce-caller, pce-report-data. */
qy_status qy_pce_get_info(const qy_ae *pce, qy_pce_info *out, const qy_report *report, const qy_rsa_public *key,
                          qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Signs the report's body by the platform's certification key at a PSVN. Checks inside: report-mac, pce-caller. */
qy_status qy_pce_certify(const qy_ae *pce, uint8_t signature[QY_P256_SIGNATURE_SIZE], const qy_report *report,
                         const qy_psvn *psvn, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- PvE: begin, msg1, msg2, msg3, msg4 in this order ---- */

/* The PPID's first byte, for choosing an endpoint. */
qy_status qy_pve_selector(const qy_ae *pve, uint8_t *out, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The server's key, checked, and the report that asks the PCE to encrypt the PPID to it. */
qy_status qy_pve_begin(const qy_ae *pve, qy_rsa_public *pek, qy_report *report, qy_view signed_pek,
                       const qy_target_info *pce, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_pve_msg1(const qy_ae *pve, qy_buffer *message, const qy_pce_info *info, qy_trace *trace,
                      qy_error *why) QY_MUST_CHECK;
/* In the place of msg1, in the conversation after the one that failed for want of an earlier key: asks for that key to be
 * given back. QY_ERR_SEQUENCE when none was wanting. Its answer goes to qy_pve_msg2(), which takes nothing but the key
 * (else QY_ERR_PEER). */
qy_status qy_pve_recall(const qy_ae *pve, qy_buffer *message, const qy_pce_info *info, qy_trace *trace,
                        qy_error *why) QY_MUST_CHECK;
/* The server's first answer. `old_blob` is the key that the platform has (2836 bytes), or empty: a server may ask for a
 * proof by it. QY_ERR_NOT_FOUND when it asks for a key that is not here: there is no blob, it does not open, or it is of
 * another group or level; the conversation is then over, and qy_pve_recall() can have the key given back in another one.
 * More checks as of qy_joiner_prove(). Either it was msg2, and the report is to be certified at `psvn`; or the server
 * gave back the key that this platform had, and `file` is ready. */
typedef struct qy_pve_answer {
  bool retrieved;
  qy_report report;
  qy_psvn psvn;
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
} qy_pve_answer;
qy_status qy_pve_msg2(const qy_ae *pve, qy_pve_answer *out, qy_view response, const qy_target_info *pce,
                      qy_view old_blob, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
qy_status qy_pve_msg3(const qy_ae *pve, qy_buffer *message, const uint8_t signature[QY_P256_SIGNATURE_SIZE],
                      qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The sealed EPID blob and the platform level behind it, as they go to disk. */
qy_status qy_pve_msg4(const qy_ae *pve, uint8_t file[QY_EPID_BLOB_FILE_SIZE], qy_view response, qy_trace *trace,
                      qy_error *why) QY_MUST_CHECK;

/* Sends a provisioning message (header and body, binary) and appends the answer's. */
typedef qy_status qy_provisioning_post(void *context, qy_view request, qy_buffer *response, qy_error *why);
/* The whole provisioning: all of the above in order, with two round trips (one when the key is given back).
 * `*retrieved` may be NULL. As qy_provision_platform_again() without a blob. */
qy_status qy_provision_platform(uint8_t file[QY_EPID_BLOB_FILE_SIZE], bool *retrieved, const qy_ae *pve,
                                const qy_ae *pce, qy_view signed_pek, qy_provisioning_post *post, void *context,
                                qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* The same for a platform that has a key already, after an update: `old_blob` is what qy_provision_platform() gave,
 * without the platform level behind it, or empty; it must not lie in `file`. When the server asks for a proof by a key
 * that is not there, or does not open, that key is first asked for in a conversation of its own (as Intel's AESM does),
 * and then the first one begins anew; after the third time it is QY_ERR_NOT_FOUND. In all no more than
 * QY_PROVISIONING_MAX_MESSAGES pass `post`, both directions counted. */
#define QY_PROVISIONING_ROUNDS 3
#define QY_PROVISIONING_MAX_MESSAGES (4 * QY_PROVISIONING_ROUNDS)
qy_status qy_provision_platform_again(uint8_t file[QY_EPID_BLOB_FILE_SIZE], bool *retrieved, const qy_ae *pve,
                                      const qy_ae *pce, qy_view signed_pek, qy_view old_blob,
                                      qy_provisioning_post *post, void *context, qy_trace *trace,
                                      qy_error *why) QY_MUST_CHECK;

/* ---- QE ---- */

/* Whether the blob opens here; blobs are without the platform level behind them. If the security versions changed since
 * it was sealed, it is sealed anew: `blob` is then to be stored in its place. */
typedef struct qy_qe_blob_answer {
  qy_epid_blob_facts facts;
  bool resealed;
  uint8_t blob[QY_EPID_BLOB_SIZE]; /* the new one, or what was given */
} qy_qe_blob_answer;
qy_status qy_qe_verify_blob(const qy_ae *qe, qy_qe_blob_answer *out, qy_view blob, qy_trace *trace,
                            qy_error *why) QY_MUST_CHECK;

typedef struct qy_qe_request {
  const qy_report *report; /* of the enclave to be quoted, for the QE */
  uint16_t quote_type;     /* qy_sign_type */
  const uint8_t *spid;     /* 16 bytes */
  const uint8_t *nonce;    /* 16 bytes: asks for the QE's report; NULL for none */
  uint16_t pce_svn;        /* told, not known, by the QE */
  qy_view blob;            /* 2836 bytes */
  qy_view sigrl;           /* empty for none */
} qy_qe_request;
/* `qe_report` is asked for exactly when there is a nonce (else QY_ERR_ARGUMENT). A platform that the list revokes gets
 * QY_ERR_REFUSED by quoting-member-revoked. Other checks inside: report-mac, sealed-blob-tag, sigrl-signature,
 * quoting-sigrl-group. */
qy_status qy_qe_get_quote(const qy_ae *qe, qy_buffer *quote, qy_report *qe_report, const qy_qe_request *request,
                          qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#endif
