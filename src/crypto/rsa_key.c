/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/rsa_key.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <base/buffer.h>
#include <base/secret.h>

#define MIN_BITS 1024u
#define MAX_BITS (8u * QY_RSA_MAX_SIZE)

struct qy_rsa_private {
  EVP_PKEY *key;
  qy_rsa_public public_key;
};

void qy_rsa_private_free(qy_rsa_private **key)
{
  if (*key != NULL) {
    EVP_PKEY_free((*key)->key); /* libcrypto wipes the numbers */
    free(*key);
    *key = NULL;
  }
}

void qy_rsa_public_of(qy_rsa_public *out, const qy_rsa_private *key)
{
  *out = key->public_key;
}

EVP_PKEY *qy_rsa_key_of(const qy_rsa_private *key)
{
  return key->key;
}

static bool plausible(const qy_rsa_public *key)
{
  return key->size >= MIN_BITS / 8 && key->size <= QY_RSA_MAX_SIZE && key->modulus[0] != 0 &&
         (key->modulus[key->size - 1] & 1) == 1 && key->exponent >= 3 && (key->exponent & 1) == 1;
}

EVP_PKEY *qy_rsa_key_new(const qy_rsa_public *key)
{
  if (!plausible(key)) {
    return NULL;
  }
  QY_SCOPED_OPENSSL(BIGNUM, modulus) = BN_bin2bn(key->modulus, (int)key->size, NULL);
  QY_SCOPED_OPENSSL(OSSL_PARAM_BLD, builder) = OSSL_PARAM_BLD_new();
  if (modulus == NULL || builder == NULL || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
      OSSL_PARAM_BLD_push_uint32(builder, OSSL_PKEY_PARAM_RSA_E, key->exponent) != 1) {
    return NULL;
  }
  QY_SCOPED_OPENSSL(OSSL_PARAM, settings) = OSSL_PARAM_BLD_to_param(builder);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  EVP_PKEY *made = NULL;
  if (settings == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
      EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, settings) != 1) {
    EVP_PKEY_free(made);
    return NULL;
  }
  return made;
}

qy_status qy_rsa_key_public(qy_rsa_public *out, const EVP_PKEY *key, qy_error *why)
{
  QY_SCOPED_OPENSSL(BIGNUM, modulus) = NULL;
  QY_SCOPED_OPENSSL(BIGNUM, exponent) = NULL;
  *out = (qy_rsa_public){0};
  if (EVP_PKEY_is_a(key, "RSA") != 1) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "key: not an RSA key");
  }
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) != 1 ||
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA key");
  }
  const int size = BN_num_bytes(modulus);
  if (size > QY_RSA_MAX_SIZE || BN_num_bits(exponent) > 32) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "RSA key of %d bits with an exponent of %d bits: at most %u and 32",
                   BN_num_bits(modulus), BN_num_bits(exponent), MAX_BITS);
  }
  out->size = (size_t)size;
  out->exponent = (uint32_t)BN_get_word(exponent);
  if (BN_bn2binpad(modulus, out->modulus, size) != size || !plausible(out)) {
    *out = (qy_rsa_public){0};
    return qy_fail(why, QY_ERR_UNSUPPORTED, "RSA key of %d bits: at least %u, odd, with an odd exponent from 3",
                   BN_num_bits(modulus), MIN_BITS);
  }
  return QY_OK;
}

/* Takes the key over, also on failure. */
static qy_status private_over(qy_rsa_private **out, EVP_PKEY *key, qy_error *why)
{
  *out = calloc(1, sizeof(**out));
  if (*out == NULL) {
    EVP_PKEY_free(key);
    return qy_fail(why, QY_ERR_MEMORY, "RSA key");
  }
  (*out)->key = key;
  const qy_status status = qy_rsa_key_public(&(*out)->public_key, key, why);
  if (status != QY_OK) {
    qy_rsa_private_free(out);
  }
  return status;
}

qy_status qy_rsa_generate(qy_rsa_private **out, unsigned bits, uint32_t exponent, qy_error *why)
{
  EVP_PKEY *key = NULL;
  *out = NULL;
  if (bits < MIN_BITS || bits > MAX_BITS || bits % 8 != 0 || exponent < 3 || exponent % 2 == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "RSA key of %u bits with exponent %u", bits, exponent);
  }
  QY_SCOPED_OPENSSL(BIGNUM, number) = BN_new();
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  if (number == NULL || context == NULL || BN_set_word(number, exponent) != 1 || EVP_PKEY_keygen_init(context) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) != 1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, number) != 1 || EVP_PKEY_generate(context, &key) != 1) {
    EVP_PKEY_free(key);
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA key generation");
  }
  return private_over(out, key, why);
}

qy_status qy_rsa_private_to_pem(qy_buffer *out, const qy_rsa_private *key, qy_error *why)
{
  QY_SCOPED_OPENSSL(BIO, memory) = BIO_new(BIO_s_secmem());
  if (memory == NULL || PEM_write_bio_PKCS8PrivateKey(memory, key->key, NULL, NULL, 0, NULL, NULL) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA private key to PEM");
  }
  qy_bio_append(out, memory);
  return qy_buffer_finish(out, "RSA private key to PEM", why);
}

qy_status qy_rsa_private_from_pem(qy_rsa_private **out, qy_view pem, qy_error *why)
{
  *out = NULL;
  QY_SCOPED_OPENSSL(BIO, text) = qy_bio_over(pem);
  EVP_PKEY *key = text == NULL ? NULL : PEM_read_bio_PrivateKey(text, NULL, qy_pem_no_password, NULL);
  if (key == NULL) {
    ERR_clear_error();
    return qy_fail(why, QY_ERR_MALFORMED, "RSA private key: no unencrypted PEM private key");
  }
  return private_over(out, key, why);
}

qy_status qy_rsa_private_from_der(qy_rsa_private **out, qy_view der, qy_error *why)
{
  const unsigned char *at = der.bytes;
  *out = NULL;
  if (der.size == 0 || der.size > 1u << 16) {
    return qy_fail(why, QY_ERR_MALFORMED, "RSA private key: %zu bytes of DER", der.size);
  }
  EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)der.size);
  if (key == NULL || at != der.bytes + der.size) {
    EVP_PKEY_free(key);
    ERR_clear_error();
    return qy_fail(why, QY_ERR_MALFORMED, "RSA private key: neither PKCS#1 nor PKCS#8");
  }
  return private_over(out, key, why);
}

qy_status qy_rsa_public_to_pem(qy_buffer *out, const qy_rsa_public *key, qy_error *why)
{
  QY_SCOPED_OPENSSL(EVP_PKEY, own) = qy_rsa_key_new(key);
  QY_SCOPED_OPENSSL(BIO, memory) = BIO_new(BIO_s_mem());
  if (own == NULL || memory == NULL || PEM_write_bio_PUBKEY(memory, own) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "RSA public key to PEM");
  }
  qy_bio_append(out, memory);
  return qy_buffer_finish(out, "RSA public key to PEM", why);
}

qy_status qy_rsa_public_from_pem(qy_rsa_public *out, qy_view pem, qy_error *why)
{
  *out = (qy_rsa_public){0};
  QY_SCOPED_OPENSSL(BIO, text) = qy_bio_over(pem);
  QY_SCOPED_OPENSSL(EVP_PKEY, key) = text == NULL ? NULL : PEM_read_bio_PUBKEY(text, NULL, qy_pem_no_password, NULL);
  if (key == NULL) {
    return qy_crypto_fail(why, QY_ERR_MALFORMED, "RSA public key: no PEM public key");
  }
  return qy_rsa_key_public(out, key, why);
}
