/* SPDX-License-Identifier: Apache-2.0 */
/* RSA over libcrypto: OAEP with SHA-256 (hash and MGF1, empty label), PKCS#1 v1.5 signatures with SHA-256, and the
 * raw numbers that SIGSTRUCT needs. Numbers are big-endian, modulus-long. */
#ifndef QY_CRYPTO_RSA_H
#define QY_CRYPTO_RSA_H

#include <quotary/status.h>

#define QY_RSA_MAX_SIZE 512 /* bytes of a modulus: 4096 bits */

struct qy_buffer;

typedef struct qy_rsa_public {
  size_t size;                      /* bytes of the modulus */
  uint8_t modulus[QY_RSA_MAX_SIZE]; /* big-endian, first `size` bytes */
  uint32_t exponent;
} qy_rsa_public;

/* A private key; heap, freed wiped. Keep one by pointer. */
typedef struct qy_rsa_private qy_rsa_private;

qy_status qy_rsa_generate(qy_rsa_private **out, unsigned bits, uint32_t exponent, qy_error *why) QY_MUST_CHECK;
void qy_rsa_private_free(qy_rsa_private **key);
#define QY_SCOPED_RSA(name) __attribute__((cleanup(qy_rsa_private_free))) qy_rsa_private *name = NULL
void qy_rsa_public_of(qy_rsa_public *out, const qy_rsa_private *key);
qy_status qy_rsa_private_to_pem(struct qy_buffer *out, const qy_rsa_private *key, qy_error *why) QY_MUST_CHECK;
/* PKCS#8 or PKCS#1 PEM; `qy_rsa_private_from_der` takes PKCS#1 or PKCS#8 DER. */
qy_status qy_rsa_private_from_pem(qy_rsa_private **out, qy_view pem, qy_error *why) QY_MUST_CHECK;
qy_status qy_rsa_private_from_der(qy_rsa_private **out, qy_view der, qy_error *why) QY_MUST_CHECK;
qy_status qy_rsa_public_to_pem(struct qy_buffer *out, const qy_rsa_public *key, qy_error *why) QY_MUST_CHECK;
qy_status qy_rsa_public_from_pem(qy_rsa_public *out, qy_view pem, qy_error *why) QY_MUST_CHECK;

/* `ciphertext` has key->size bytes. */
qy_status qy_rsa_oaep_encrypt(uint8_t *ciphertext, const qy_rsa_public *key, qy_view plain,
                              qy_error *why) QY_MUST_CHECK;
/* `plain` has room for *size bytes; *size becomes the length. One QY_ERR_CRYPTO for every cause. */
qy_status qy_rsa_oaep_decrypt(uint8_t *plain, size_t *size, const qy_rsa_private *key, qy_view ciphertext,
                              qy_error *why) QY_MUST_CHECK;

/* PKCS#1 v1.5, SHA-256 over the parts in order. `signature` has modulus-size bytes. */
qy_status qy_rsa_sign(uint8_t *signature, const qy_rsa_private *key, const qy_view *parts, size_t count,
                      qy_error *why) QY_MUST_CHECK;
/* `*valid` is the answer. A signature of another length than the modulus is not valid. */
qy_status qy_rsa_verify(bool *valid, const qy_rsa_public *key, const qy_view *parts, size_t count, qy_view signature,
                        qy_error *why) QY_MUST_CHECK;

/* SIGSTRUCT's helper values: q1 = floor(S^2/M), q2 = floor((S^3 - q1*S*M)/M). All big-endian, `size` bytes. */
qy_status qy_rsa_sigstruct_quotients(uint8_t *q1, uint8_t *q2, const uint8_t *signature, const uint8_t *modulus,
                                     size_t size, qy_error *why) QY_MUST_CHECK;

/* (big-endian number of `wide` mod (modulus - subtract)) + add, both up to 64 bytes: for key derivations that reduce a
 * wide value into a scalar range. Used with secrets: libcrypto's constant-time reduction. `out` has modulus.size bytes. */
qy_status qy_number_reduce(uint8_t *out, qy_view wide, qy_view modulus, uint8_t subtract, uint8_t add,
                           qy_error *why) QY_MUST_CHECK;

#endif
