/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/rsa.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>

#include <base/secret.h>
#include <crypto/hash.h>
#include <crypto/rsa_key.h>

static EVP_PKEY_CTX *context_of(EVP_PKEY *key)
{
  return key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
}

/* ---- OAEP ---- */

static bool set_oaep(EVP_PKEY_CTX *context)
{
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

qy_status qy_rsa_oaep_encrypt(uint8_t *ciphertext, const qy_rsa_public *key, qy_view plain, qy_error *why)
{
  size_t size = key->size;
  QY_SCOPED_OPENSSL(EVP_PKEY, own) = qy_rsa_key_new(key);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = context_of(own);
  if (context == NULL || EVP_PKEY_encrypt_init(context) != 1 || !set_oaep(context) ||
      EVP_PKEY_encrypt(context, ciphertext, &size, plain.size == 0 ? (const uint8_t *)"" : plain.bytes, plain.size) !=
          1 ||
      size != key->size) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA-OAEP encryption");
  }
  return QY_OK;
}

static bool oaep_decrypt(uint8_t *plain, size_t *size, const qy_rsa_private *key, qy_view ciphertext)
{
  uint8_t opened[QY_RSA_MAX_SIZE];
  size_t opened_size = sizeof(opened);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = context_of(qy_rsa_key_of(key));
  const bool good = context != NULL && EVP_PKEY_decrypt_init(context) == 1 && set_oaep(context) &&
                    EVP_PKEY_decrypt(context, opened, &opened_size, ciphertext.bytes, ciphertext.size) == 1 &&
                    opened_size <= *size;
  if (good) {
    memcpy(plain, opened, opened_size);
    *size = opened_size;
  }
  qy_wipe(opened, sizeof(opened));
  return good;
}

qy_status qy_rsa_oaep_decrypt(uint8_t *plain, size_t *size, const qy_rsa_private *key, qy_view ciphertext,
                              qy_error *why)
{
  qy_rsa_public public_key;
  qy_rsa_public_of(&public_key, key);
  if (ciphertext.size != public_key.size || !oaep_decrypt(plain, size, key, ciphertext)) {
    ERR_clear_error(); /* its reason would tell causes apart, which is what Manger's attack lives on */
    *size = 0;
    return qy_fail(why, QY_ERR_CRYPTO, "RSA-OAEP: it does not open with this key");
  }
  return QY_OK;
}

/* ---- PKCS#1 v1.5 signatures ---- */

static bool set_pkcs1(EVP_PKEY_CTX *context)
{
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1;
}

qy_status qy_rsa_sign(uint8_t *signature, const qy_rsa_private *key, const qy_view *parts, size_t count, qy_error *why)
{
  uint8_t digest[QY_SHA256_SIZE];
  size_t size = (size_t)EVP_PKEY_get_size(qy_rsa_key_of(key));
  QY_TRY(qy_hash_parts(digest, QY_SHA256, parts, count, why));
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = context_of(qy_rsa_key_of(key));
  if (context == NULL || EVP_PKEY_sign_init(context) != 1 || !set_pkcs1(context) ||
      EVP_PKEY_sign(context, signature, &size, digest, sizeof(digest)) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA signing");
  }
  return QY_OK;
}

qy_status qy_rsa_verify(bool *valid, const qy_rsa_public *key, const qy_view *parts, size_t count, qy_view signature,
                        qy_error *why)
{
  uint8_t digest[QY_SHA256_SIZE];
  *valid = false;
  QY_TRY(qy_hash_parts(digest, QY_SHA256, parts, count, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, own) = qy_rsa_key_new(key);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = context_of(own);
  if (context == NULL || EVP_PKEY_verify_init(context) != 1 || !set_pkcs1(context)) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA verification");
  }
  /* libcrypto answers a bad padding with a negative number as well, so any other answer than 1 is a no. */
  *valid = signature.size == key->size &&
           EVP_PKEY_verify(context, signature.bytes, signature.size, digest, sizeof(digest)) == 1;
  ERR_clear_error();
  return QY_OK;
}
