/* SPDX-License-Identifier: Apache-2.0 */
/* The four messages' bodies, outer and inner (Intel SGX PSW, provisioning). Decoders borrow from their input and take
 * it whole; what is sealed inside stays sealed. Encoders append what decoding would give back. Nothing is verified
 * here. On failure *out is zero. */
#ifndef QY_PROVISIONING_MESSAGES_H
#define QY_PROVISIONING_MESSAGES_H

#include <provisioning/keys.h>
#include <provisioning/structures.h>
#include <provisioning/tlv.h>

/* Key id of the PEK in CIPHER_TEXT and SIGNATURE fields. */
#define QY_KEY_ID_PEK_3072 3

#define QY_MSG1_BODY_SIZE 844
#define QY_MSG2_BODY_SIZE 482  /* without previous platform and SigRL */
#define QY_MSG3_BODY_SIZE 1143 /* without EPID signature */
#define QY_MSG4_BODY_SIZE 630
#define QY_SEALED_PROOF_SIZE 196  /* EPID_JOIN_PROOF field */
#define QY_SEALED_ISSUED_SIZE 164 /* EPID_MEMBERSHIP_CREDENTIAL field */
#define QY_SESSION_PLAIN_SIZE 56  /* BLOCK_CIPHER_INFO and PS_ID fields */

/* BLOCK_CIPHER_TEXT and the MAC that follows it. */
typedef struct qy_sealed {
  qy_view iv; /* 12 */
  qy_view ciphertext;
  qy_view tag; /* 16 */
} qy_sealed;

typedef struct qy_prov_msg1 {
  qy_view session;  /* 384: SK and PS_ID under the PEK */
  qy_sealed sealed; /* EK1 */
} qy_prov_msg1;
qy_status qy_prov_msg1_decode(qy_prov_msg1 *out, qy_view body, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg1_append(qy_buffer *out, const qy_prov_msg1 *msg);

typedef struct qy_prov_msg1_inner {
  qy_view encrypted_ppid; /* 384: under the PEK, by the certifying enclave */
  qy_platform_level level;
  qy_view flags; /* 16, or empty: the last byte 1 asks for a performance rekey */
} qy_prov_msg1_inner;
qy_status qy_prov_msg1_inner_decode(qy_prov_msg1_inner *out, qy_view plain, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg1_inner_append(qy_buffer *out, const qy_prov_msg1_inner *msg);

typedef struct qy_prov_msg2 {
  qy_view nonce;    /* 8 */
  qy_sealed sealed; /* EK2 */
  qy_view sigrl;    /* of the previous group, or empty */
} qy_prov_msg2;
qy_status qy_prov_msg2_decode(qy_prov_msg2 *out, qy_view body, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg2_append(qy_buffer *out, const qy_prov_msg2 *msg);

/* Appends what of the SigRL is additional data of msg2's MAC: its version and its group id. Nothing for no list;
 * QY_ERR_ARGUMENT for one that is cut short. */
qy_status qy_prov_msg2_append_list_aad(qy_buffer *aad, qy_view sigrl, qy_error *why) QY_MUST_CHECK;

typedef struct qy_prov_msg2_inner {
  qy_view group_certificate; /* 328 */
  qy_view ps_id;             /* 32 */
  qy_view challenge;         /* 32 */
  bool has_previous;         /* a proof by the previous key is asked for */
  qy_platform_level previous;
  uint32_t previous_gid;
  qy_platform_level equivalent;
} qy_prov_msg2_inner;
qy_status qy_prov_msg2_inner_decode(qy_prov_msg2_inner *out, qy_view plain, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg2_inner_append(qy_buffer *out, const qy_prov_msg2_inner *msg);

typedef struct qy_prov_msg3 {
  qy_view nonce;       /* 8 */
  qy_sealed sealed;    /* EK2 */
  qy_sealed signature; /* PWK2, around an EPID_SIG field; empty views when there is none */
} qy_prov_msg3;
qy_status qy_prov_msg3_decode(qy_prov_msg3 *out, qy_view body, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg3_append(qy_buffer *out, const qy_prov_msg3 *msg);

typedef struct qy_prov_msg3_inner {
  qy_sealed proof;       /* PWK2, 196 bytes */
  qy_view n2;            /* 16 */
  qy_view wrapped_pwk2;  /* 384: a PWK2 field under the PEK */
  qy_view report_body;   /* 384 */
  qy_view pce_signature; /* 64, big-endian */
} qy_prov_msg3_inner;
qy_status qy_prov_msg3_inner_decode(qy_prov_msg3_inner *out, qy_view plain, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg3_inner_append(qy_buffer *out, const qy_prov_msg3_inner *msg);

typedef struct qy_prov_msg4 {
  qy_view nonce;    /* 8 */
  qy_sealed sealed; /* EK2 */
} qy_prov_msg4;
qy_status qy_prov_msg4_decode(qy_prov_msg4 *out, qy_view body, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg4_append(qy_buffer *out, const qy_prov_msg4 *msg);

typedef struct qy_prov_msg4_inner {
  qy_view n2;                /* 16 */
  qy_sealed issued;          /* PWK2, 164 bytes */
  qy_view group_certificate; /* 328 */
  qy_platform_level equivalent;
} qy_prov_msg4_inner;
qy_status qy_prov_msg4_inner_decode(qy_prov_msg4_inner *out, qy_view plain, qy_error *why) QY_MUST_CHECK;
void qy_prov_msg4_inner_append(qy_buffer *out, const qy_prov_msg4_inner *msg);

/* SHA-256(tag of the proof || sealed proof || N2 || wrapped PWK2), then 32 zeros: binds msg3 to the report in it. */
qy_status qy_prov_msg3_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const qy_prov_msg3_inner *msg,
                                   qy_error *why) QY_MUST_CHECK;
/* Additional data of the sealed join proof: gid 4 (big-endian), device id 38 without PPID, challenge 32. */
#define QY_PROOF_AAD_SIZE 74
void qy_prov_proof_aad(uint8_t out[QY_PROOF_AAD_SIZE], uint32_t gid, const qy_platform_level *equivalent,
                       const uint8_t challenge[QY_EPID_NONCE_SIZE]);
/* Additional data of the sealed credential: gid 4, device id 38 without PPID. */
#define QY_ISSUED_AAD_SIZE 42
void qy_prov_issued_aad(uint8_t out[QY_ISSUED_AAD_SIZE], uint32_t gid, const qy_platform_level *equivalent);

#endif
