/* SPDX-License-Identifier: Apache-2.0 */
/* NIST P-256. Everything here is big-endian and fixed length: a public key is X(32) || Y(32), a signature
 * r(32) || s(32), a private key a 32-byte scalar. SGX's little-endian forms exist only at the wire's edge:
 * qy_p256_flip() turns one into the other. */
#ifndef QY_CRYPTO_P256_H
#define QY_CRYPTO_P256_H

#include <base/secret.h>
#include <quotary/status.h>

#define QY_P256_PUBLIC_SIZE 64
#define QY_P256_SIGNATURE_SIZE 64
#define QY_P256_SCALAR_SIZE 32

typedef struct qy_p256_public {
  uint8_t bytes[QY_P256_PUBLIC_SIZE];
} qy_p256_public;

/* Reverses each 32-byte half: X||Y or r||s between big- and little-endian. `out` may be `in`. */
void qy_p256_flip(uint8_t out[64], const uint8_t in[64]);
void qy_reverse(uint8_t *out, const uint8_t *in, size_t size); /* `out` may be `in` */

/* A fresh key pair; the scalar is in [1, n-1], drawn from `random` by rejection. */
qy_status qy_p256_generate(qy_secret *private_key, qy_p256_public *public_key, const qy_random *random,
                           qy_error *why) QY_MUST_CHECK;
/* The public key of a scalar; QY_ERR_MALFORMED when it is 0 or not below n. */
qy_status qy_p256_public_of(qy_p256_public *out, const qy_secret *private_key, qy_error *why) QY_MUST_CHECK;
/* Coordinates below p, on the curve, not infinity; else QY_ERR_MALFORMED. */
qy_status qy_p256_check_point(const qy_p256_public *key, qy_error *why) QY_MUST_CHECK;
/* The 32-byte big-endian X of the shared point. Checks the peer's point first. */
qy_status qy_p256_agree(qy_secret *shared_x, const qy_secret *private_key, const qy_p256_public *peer,
                        qy_error *why) QY_MUST_CHECK;
/* ECDSA with SHA-256 over the parts in order. */
qy_status qy_p256_sign(uint8_t signature[QY_P256_SIGNATURE_SIZE], const qy_secret *private_key, const qy_view *parts,
                       size_t count, qy_error *why) QY_MUST_CHECK;
/* `*valid` is the answer; a status other than QY_OK means there is none. r or s of 0 or not below n is not valid.
 * Either s is accepted (no low-s rule). */
qy_status qy_p256_verify(bool *valid, const qy_p256_public *key, const qy_view *parts, size_t count,
                         const uint8_t signature[QY_P256_SIGNATURE_SIZE], qy_error *why) QY_MUST_CHECK;
/* The same over a digest that is at hand. */
qy_status qy_p256_verify_digest(bool *valid, const qy_p256_public *key, const uint8_t digest[32],
                                const uint8_t signature[QY_P256_SIGNATURE_SIZE], qy_error *why) QY_MUST_CHECK;
/* PEM: "PRIVATE KEY" (PKCS#8, unencrypted; "EC PRIVATE KEY" is read too) and "PUBLIC KEY". Private PEM goes into a
 * buffer that wipes itself. */
struct qy_buffer;
qy_status qy_p256_private_to_pem(struct qy_buffer *out, const qy_secret *private_key, qy_error *why) QY_MUST_CHECK;
qy_status qy_p256_private_from_pem(qy_secret *private_key, qy_p256_public *public_key, qy_view pem,
                                   qy_error *why) QY_MUST_CHECK;
qy_status qy_p256_public_to_pem(struct qy_buffer *out, const qy_p256_public *key, qy_error *why) QY_MUST_CHECK;
qy_status qy_p256_public_from_pem(qy_p256_public *out, qy_view pem, qy_error *why) QY_MUST_CHECK;

#endif
