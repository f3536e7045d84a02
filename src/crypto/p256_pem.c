/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/p256.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <base/buffer.h>
#include <crypto/p256_key.h>

qy_status qy_p256_private_to_pem(qy_buffer *out, const qy_secret *private_key, qy_error *why)
{
  qy_p256_public public_key;
  QY_TRY(qy_p256_public_of(&public_key, private_key, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, key) = qy_p256_key_new(private_key, &public_key);
  QY_SCOPED_OPENSSL(BIO, memory) = BIO_new(BIO_s_secmem());
  if (key == NULL || memory == NULL || PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 private key to PEM");
  }
  qy_bio_append(out, memory);
  return qy_buffer_finish(out, "P-256 private key to PEM", why);
}

static bool take_scalar(qy_secret *out, const EVP_PKEY *key)
{
  uint8_t bytes[QY_P256_SCALAR_SIZE];
  QY_SCOPED_OPENSSL(BIGNUM, scalar) = NULL;
  const bool good = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 &&
                    BN_bn2binpad(scalar, bytes, sizeof(bytes)) == (int)sizeof(bytes);
  if (good) {
    qy_secret_set(out, bytes, sizeof(bytes));
  }
  qy_wipe(bytes, sizeof(bytes));
  return good;
}

qy_status qy_p256_private_from_pem(qy_secret *private_key, qy_p256_public *public_key, qy_view pem, qy_error *why)
{
  qy_p256_public named;
  qy_secret_clear(private_key);
  *public_key = (qy_p256_public){0};
  QY_SCOPED_OPENSSL(BIO, text) = qy_bio_over(pem);
  QY_SCOPED_OPENSSL(EVP_PKEY, key) =
      text == NULL ? NULL : PEM_read_bio_PrivateKey(text, NULL, qy_pem_no_password, NULL);
  if (key == NULL) {
    ERR_clear_error(); /* says nothing of what the text held */
    return qy_fail(why, QY_ERR_MALFORMED, "P-256 private key: no unencrypted PEM private key");
  }
  QY_TRY(qy_p256_key_public(&named, key, why));
  if (!take_scalar(private_key, key)) {
    return qy_crypto_fail(why, QY_ERR_MALFORMED, "P-256 private key");
  }
  qy_status status = qy_p256_public_of(public_key, private_key, why);
  if (status == QY_OK && !qy_view_equal(QY_VIEW_OF(named.bytes), QY_VIEW_OF(public_key->bytes))) {
    status = qy_fail(why, QY_ERR_MALFORMED, "P-256 private key: its public half belongs to another key");
  }
  if (status != QY_OK) {
    qy_secret_clear(private_key);
    *public_key = (qy_p256_public){0};
  }
  return status;
}

qy_status qy_p256_public_to_pem(qy_buffer *out, const qy_p256_public *key, qy_error *why)
{
  QY_TRY(qy_p256_check_point(key, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, own) = qy_p256_key_new(NULL, key);
  QY_SCOPED_OPENSSL(BIO, memory) = BIO_new(BIO_s_mem());
  if (own == NULL || memory == NULL || PEM_write_bio_PUBKEY(memory, own) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 public key to PEM");
  }
  qy_bio_append(out, memory);
  return qy_buffer_finish(out, "P-256 public key to PEM", why);
}

qy_status qy_p256_public_from_pem(qy_p256_public *out, qy_view pem, qy_error *why)
{
  *out = (qy_p256_public){0};
  QY_SCOPED_OPENSSL(BIO, text) = qy_bio_over(pem);
  QY_SCOPED_OPENSSL(EVP_PKEY, key) = text == NULL ? NULL : PEM_read_bio_PUBKEY(text, NULL, qy_pem_no_password, NULL);
  if (key == NULL) {
    return qy_crypto_fail(why, QY_ERR_MALFORMED, "P-256 public key: no PEM public key");
  }
  return qy_p256_key_public(out, key, why);
}
