/* SPDX-License-Identifier: Apache-2.0 */
/* What the fields of provisioning messages hold (Intel SGX PSW, provisioning enclave and AESM). Decoders take exactly
 * one whole structure (QY_ERR_TRUNCATED, QY_ERR_MALFORMED); on failure *out is zero. */
#ifndef QY_PROVISIONING_STRUCTURES_H
#define QY_PROVISIONING_STRUCTURES_H

#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <quotary/check.h>
#include <quotary/epid.h>
#include <quotary/quote.h>
#include <quotary/sgx.h>

#define QY_PPID_SIZE 16
#define QY_FMSP_SIZE 4
#define QY_PSVN_SIZE 18
#define QY_PLATFORM_LEVEL_SIZE 26
#define QY_DEVICE_ID_SIZE 38
#define QY_PS_ID_SIZE 32
#define QY_PEK_RSA_SIZE 384 /* RSA-3072 */
#define QY_SIGNED_PEK_SIZE 492
#define QY_XEGB_SIZE 460
#define QY_ESCROW_SIZE 64
#define QY_JOIN_PROOF_SIZE 192
#define QY_ISSUED_SIZE 160

/* Security version of one enclave on one processor. */
typedef struct qy_psvn {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint16_t isv_svn; /* little-endian on the wire */
} qy_psvn;

/* The platform's security versions, 26 bytes (PLATFORM_INFO; not the platform info blob of attestation reports). */
typedef struct qy_platform_level {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint16_t pve_svn; /* these three little-endian */
  uint16_t pce_svn;
  uint16_t pce_id;
  uint8_t fmsp[QY_FMSP_SIZE]; /* family, model, stepping, platform: sent as zeros */
} qy_platform_level;

void qy_platform_level_encode(uint8_t out[QY_PLATFORM_LEVEL_SIZE], const qy_platform_level *level);
qy_status qy_platform_level_decode(qy_platform_level *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
bool qy_platform_level_equal(const qy_platform_level *a, const qy_platform_level *b);
/* PSVN of the provisioning enclave, and of the certifying one. */
qy_psvn qy_platform_level_pve(const qy_platform_level *level);
qy_psvn qy_platform_level_pce(const qy_platform_level *level);
void qy_psvn_encode(uint8_t out[QY_PSVN_SIZE], const qy_psvn *psvn);
qy_status qy_psvn_decode(qy_psvn *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* PPID 16, PSVN of the provisioning enclave 18, fmsp 4. As additional data of a MAC the PPID is zeros: `ppid` NULL. */
void qy_device_id_encode(uint8_t out[QY_DEVICE_ID_SIZE], const uint8_t *ppid, const qy_platform_level *level);

/* The provisioning server's encryption key, signed by the PEK signing key: n 384, e 4, both big-endian; SHA-1 of the
 * two; ECDSA over the two, big-endian; SHA-1 of the signature. The SHA-1 sums are check sums that nobody checks. */
typedef struct qy_signed_pek {
  qy_rsa_public key;
  uint8_t key_sum[20];
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  uint8_t signature_sum[20];
} qy_signed_pek;
qy_status qy_signed_pek_decode(qy_signed_pek *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
void qy_signed_pek_encode(uint8_t out[QY_SIGNED_PEK_SIZE], const qy_signed_pek *pek);
/* `key` is RSA-3072 (else QY_ERR_ARGUMENT). */
qy_status qy_signed_pek_make(qy_signed_pek *out, const qy_rsa_public *key, const qy_secret *pek_signing_key,
                             qy_error *why) QY_MUST_CHECK;
/* Check pek-signature. */
qy_status qy_signed_pek_verify(qy_trace *trace, const qy_signed_pek *pek, const qy_p256_public *pek_signing_key,
                               qy_error *why) QY_MUST_CHECK;

/* Extended EPID group blob: the endorser's public keys, as the architectural enclaves know them. Keys are big-endian
 * here, little-endian on the wire; the signature is big-endian on both. */
typedef struct qy_xegb {
  uint32_t xeid;
  qy_p256_public epid_signing_key; /* "ISK": signs group certificates and SigRLs */
  qy_p256_public pek_signing_key;  /* signs the PEK */
  qy_rsa_public quote_wrap_key;    /* RSA-2048: quotes seal their signature to it */
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
} qy_xegb;
qy_status qy_xegb_decode(qy_xegb *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* quote_wrap_key must be RSA-2048 (else QY_ERR_ARGUMENT). */
qy_status qy_xegb_encode(uint8_t out[QY_XEGB_SIZE], const qy_xegb *xegb, qy_error *why) QY_MUST_CHECK;
/* Fills the signature. */
qy_status qy_xegb_sign(qy_xegb *xegb, const qy_secret *private_key, qy_error *why) QY_MUST_CHECK;
/* Check xegb-signature. */
qy_status qy_xegb_verify(qy_trace *trace, const qy_xegb *xegb, const qy_p256_public *key, qy_error *why) QY_MUST_CHECK;

/* Group keys of SGX carry their id in 4 bytes (260 bytes in all), those of the EPID room in 16. Decoding checks the
 * length; the points are checked where they are used. Encoding is QY_ERR_ARGUMENT for an id that is no SGX one. */
qy_status qy_sgx_group_key_decode(qy_epid_group_key *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
qy_status qy_sgx_group_key_encode(uint8_t out[QY_GROUP_PUBLIC_KEY_SIZE], const qy_epid_group_key *key,
                                  qy_error *why) QY_MUST_CHECK;
/* The 4-byte number of such a group id; 0 for an id that is no SGX one. */
uint32_t qy_sgx_gid_of(const qy_epid_gid *gid);

/* The member's f under a key of its own processor, kept by the endorser in escrow: version 4 (0), IV 12, ciphertext 32,
 * tag 16. */
typedef struct qy_escrow {
  uint32_t version;
  uint8_t iv[12];
  uint8_t ciphertext[QY_EPID_SCALAR_SIZE];
  uint8_t tag[16];
} qy_escrow;
qy_status qy_escrow_seal(qy_escrow *out, const qy_secret *escrow_key, const uint8_t f[QY_EPID_SCALAR_SIZE],
                         const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* Checks escrow-version and escrow-tag. f is zero on failure. */
qy_status qy_escrow_open(uint8_t f[QY_EPID_SCALAR_SIZE], qy_trace *trace, const qy_escrow *escrow,
                         const qy_secret *escrow_key, qy_error *why) QY_MUST_CHECK;

/* EPID_JOIN_PROOF: F 64, c 32, s 32, escrow 64. */
typedef struct qy_join_proof {
  qy_epid_join_request request;
  qy_escrow escrow;
} qy_join_proof;
qy_status qy_join_proof_decode(qy_join_proof *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
void qy_join_proof_encode(uint8_t out[QY_JOIN_PROOF_SIZE], const qy_join_proof *proof);

/* EPID_MEMBERSHIP_CREDENTIAL: x 32, A 64, escrow 64. SECRET: clear it. */
typedef struct qy_issued {
  uint8_t x[QY_EPID_SCALAR_SIZE];
  uint8_t a[QY_EPID_G1_SIZE];
  qy_escrow escrow;
} qy_issued;
qy_status qy_issued_decode(qy_issued *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
void qy_issued_encode(uint8_t out[QY_ISSUED_SIZE], const qy_issued *issued);
void qy_issued_clear(qy_issued *issued);

#endif
