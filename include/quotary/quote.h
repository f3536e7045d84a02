/* SPDX-License-Identifier: Apache-2.0 */
/* EPID quotes, signature revocation lists, group certificates and platform info blobs as they travel (Intel SGX SDK,
 * EPID 2.0, and the attestation service's API). What is decoded borrows from its input. `why` may be NULL. */
#ifndef QUOTARY_QUOTE_H
#define QUOTARY_QUOTE_H

#include <quotary/sgx.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QY_QUOTE_BODY_SIZE 432 /* what EPID signs, and what an attestation report echoes */
#define QY_QUOTE_BASENAME_SIZE 32
#define QY_QUOTE_WRAPPED_KEY_SIZE 256 /* RSA-2048 */
#define QY_QUOTE_KEY_HASH_SIZE 32
#define QY_QUOTE_IV_SIZE 12
#define QY_QUOTE_TAG_SIZE 16
#define QY_QUOTE_PLAIN_SIZE 360 /* basic signature 352, revocation list version 4, proof count 4 */
#define QY_QUOTE_PROOF_SIZE 160
#define QY_QUOTE_SIGNATURE_SIZE 680 /* the sealed signature without proofs */
#define QY_QUOTE_SIZE 1116          /* without proofs */
#define QY_QUOTE_NONCE_SIZE 16

typedef enum qy_sign_type { QY_UNLINKABLE = 0, QY_LINKABLE = 1 } qy_sign_type;

typedef struct qy_quote_body {
  uint16_t version;   /* 2; 1 came before pce_svn and xeid */
  uint16_t sign_type; /* qy_sign_type */
  uint32_t group_id;  /* EPID group */
  uint16_t qe_svn;
  uint16_t pce_svn; /* 0 in version 1 */
  uint32_t xeid;    /* extended group id; 0 in version 1 */
  uint8_t basename[QY_QUOTE_BASENAME_SIZE];
  qy_report_body report;
} qy_quote_body;

/* Exactly 432 bytes. Another version or signature type is QY_ERR_UNSUPPORTED; non-zero bytes where version 1 has
 * none are QY_ERR_MALFORMED. */
QY_API qy_status qy_quote_body_decode(qy_quote_body *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_quote_body_encode(uint8_t out[QY_QUOTE_BODY_SIZE], const qy_quote_body *body);

typedef struct qy_quote {
  qy_quote_body body;
  qy_view all;          /* the whole quote */
  qy_view signed_part;  /* its first 432 bytes */
  qy_view signature;    /* from byte 436: all that follows, in one piece */
  qy_view wrapped_key;  /* 256: the AES key under the report service's RSA key */
  qy_view key_hash;     /* 32 */
  qy_view iv;           /* 12 */
  qy_view ciphertext;   /* 360 + 160 * proof_count: the EPID signature, sealed */
  qy_view tag;          /* 16 */
  uint32_t proof_count; /* as the lengths say */
} qy_quote;

/* A whole quote. signature_len must be what is left and be 680 + 160 n, payload_size 360 + 160 n, n at most
 * QY_MAX_SIGRL_ENTRIES (QY_ERR_LIMIT). */
QY_API qy_status qy_quote_decode(qy_quote *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Body and signature part into `out`, which holds 436 + sealed_signature.size bytes (`capacity` at least that, else
 * QY_ERR_SPACE). `sealed_signature` is 680 + 160 n bytes (else QY_ERR_ARGUMENT). `*size` is what was written. */
QY_API qy_status qy_quote_encode(uint8_t *out, size_t capacity, size_t *size, const qy_quote_body *body,
                                 qy_view sealed_signature, qy_error *why) QY_MUST_CHECK;

/* Bytes for `proof_count` proofs: of the quote 1116 + 160 n, of the plain EPID signature 360 + 160 n, of the sealed
 * one 680 + 160 n. */
QY_API size_t qy_quote_size(uint32_t proof_count);
QY_API size_t qy_quote_plain_size(uint32_t proof_count);
QY_API size_t qy_quote_sealed_size(uint32_t proof_count);
/* The size of a quote made under a revocation list; an empty view means none. A list without entries is refused
 * (QY_ERR_MALFORMED), as Intel's client does: where there are no entries, no list is sent. */
QY_API qy_status qy_quote_size_under(size_t *size, qy_view sigrl, qy_error *why) QY_MUST_CHECK;

/* SPID, then zeros when linkable, else 16 bytes from `random`. */
QY_API qy_status qy_quote_basename(uint8_t out[QY_QUOTE_BASENAME_SIZE], const uint8_t spid[QY_SPID_SIZE],
                                   qy_sign_type type, const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* Whether the basename is the provider's: its SPID and, in a linkable quote, zeros. */
QY_API bool qy_quote_basename_fits(const qy_quote_body *body, const uint8_t spid[QY_SPID_SIZE]);
/* The report data by which a quoting enclave vouches for its quote: SHA-256(nonce || quote), then 32 zeros. */
QY_API qy_status qy_quote_qe_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const uint8_t nonce[QY_QUOTE_NONCE_SIZE],
                                         qy_view quote, qy_error *why) QY_MUST_CHECK;

/* Signature revocation list, as the SGX services frame it. */
#define QY_SIGRL_HEADER_SIZE 16
#define QY_SIGRL_ENTRY_SIZE 128 /* B, K */
#define QY_SIGRL_MIN_SIZE 80    /* no entry */

typedef struct qy_sigrl {
  uint32_t group_id;
  uint32_t version;
  uint32_t count;
  qy_view entries; /* count * 128 bytes */
  qy_view signed_part;
  qy_view signature; /* P-256, r || s big-endian */
} qy_sigrl;

/* Exactly 80 + 128 n bytes. A list without entries decodes: services may hold one; see qy_sigrl_decode_nonempty. */
QY_API qy_status qy_sigrl_decode(qy_sigrl *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* What an attester takes: QY_ERR_MALFORMED when there is no entry (Intel SGX SDK, quoting enclave and client). */
QY_API qy_status qy_sigrl_decode_nonempty(qy_sigrl *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* Entry `index` (below count), 128 bytes. */
QY_API qy_view qy_sigrl_entry(const qy_sigrl *sigrl, uint32_t index);

/* Group public key of EPID 2.0 with the 4-byte group id of SGX: gid, h1, h2, w. */
#define QY_GROUP_PUBLIC_KEY_SIZE 260
#define QY_GROUP_CERTIFICATE_SIZE 328

typedef struct qy_group_certificate {
  uint32_t group_id;
  qy_view public_key;  /* 260 bytes, the group id (big-endian) first */
  qy_view signed_part; /* 264 bytes */
  qy_view signature;   /* P-256, r || s big-endian */
} qy_group_certificate;

QY_API qy_status qy_group_certificate_decode(qy_group_certificate *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;

/* Platform info blob of an attestation report. */
#define QY_PLATFORM_INFO_SIZE 101
#define QY_PLATFORM_INFO_TLV_SIZE 105 /* with the header 15 02 00 65 */
#define QY_GROUP_REVOKED 0x01u
#define QY_GROUP_REKEY_AVAILABLE 0x02u
#define QY_GROUP_OUT_OF_DATE 0x04u
#define QY_TCB_CPU_SVN_OUT_OF_DATE 0x1u
#define QY_TCB_QE_SVN_OUT_OF_DATE 0x2u
#define QY_TCB_PCE_SVN_OUT_OF_DATE 0x4u
#define QY_TCB_CONFIGURATION_NEEDED 0x8u

typedef struct qy_platform_info {
  uint8_t epid_group_flags;
  uint16_t tcb_flags;
  uint16_t pse_flags;
  uint8_t latest_cpu_svn[QY_CPU_SVN_SIZE]; /* of the latest equivalent TCB */
  uint16_t latest_qe_svn;
  uint8_t latest_pse_svn[2];
  uint8_t latest_psda_svn[4];
  uint32_t xeid;
  uint32_t group_id;
  uint8_t signature[64]; /* P-256, r || s big-endian, over the first 37 bytes */
} qy_platform_info;

/* 101 bytes, or 105 with the TLV header. */
QY_API qy_status qy_platform_info_decode(qy_platform_info *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* The same in hex of either case, as attestation reports carry it; nothing else may stand in the text. */
QY_API qy_status qy_platform_info_decode_hex(qy_platform_info *out, qy_view text, qy_error *why) QY_MUST_CHECK;
QY_API void qy_platform_info_encode(uint8_t out[QY_PLATFORM_INFO_SIZE], const qy_platform_info *info);
QY_API void qy_platform_info_encode_tlv(uint8_t out[QY_PLATFORM_INFO_TLV_SIZE], const qy_platform_info *info);

#ifdef __cplusplus
}
#endif
#endif
