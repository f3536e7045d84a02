/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: RSA keys as libcrypto's objects, for certificates. */
#ifndef QY_CRYPTO_RSA_KEY_H
#define QY_CRYPTO_RSA_KEY_H

#include <crypto/openssl.h>
#include <crypto/rsa.h>

/* NULL on failure, also when the numbers cannot be those of a key. */
EVP_PKEY *qy_rsa_key_new(const qy_rsa_public *key);
/* QY_ERR_UNSUPPORTED when the key is of another kind or size. */
qy_status qy_rsa_key_public(qy_rsa_public *out, const EVP_PKEY *key, qy_error *why) QY_MUST_CHECK;
/* Borrowed from the key. */
EVP_PKEY *qy_rsa_key_of(const qy_rsa_private *key);

#endif
