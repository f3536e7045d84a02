/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: P-256 keys as libcrypto's objects, for certificates and PEM. */
#ifndef QY_CRYPTO_P256_KEY_H
#define QY_CRYPTO_P256_KEY_H

#include <crypto/openssl.h>
#include <crypto/p256.h>

/* The curve, read-only and shared by all threads; NULL when memory is refused. Making one costs a sixth of a
 * verification, which is why there is one for the process. */
const EC_GROUP *qy_p256_curve(void);
/* Either may be NULL, not both. NULL on failure, with libcrypto's reason in its queue. */
EVP_PKEY *qy_p256_key_new(const qy_secret *private_key, const qy_p256_public *public_key);
/* A public key for a moment, to be given back; NULL when it is no point, or memory is refused. */
EVP_PKEY *qy_p256_key_borrow(const qy_p256_public *public_key);
void qy_p256_key_give_back(EVP_PKEY **key); /* *key may be NULL; becomes NULL */
#define QY_SCOPED_P256_KEY(name) __attribute__((cleanup(qy_p256_key_give_back))) EVP_PKEY *name
/* QY_ERR_UNSUPPORTED when the key is of another kind or curve. */
qy_status qy_p256_key_public(qy_p256_public *out, const EVP_PKEY *key, qy_error *why) QY_MUST_CHECK;
/* 32 bytes, in [1, n-1]; else QY_ERR_MALFORMED. */
qy_status qy_p256_check_scalar(const qy_secret *private_key, qy_error *why) QY_MUST_CHECK;
/* 0 < r, s < n. */
bool qy_p256_signature_in_range(const uint8_t signature[QY_P256_SIGNATURE_SIZE]);

#endif
