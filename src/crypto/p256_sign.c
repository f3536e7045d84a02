/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA over P-256 with SHA-256. libcrypto speaks DER; the SGX world speaks r || s. */
#include <crypto/p256.h>

#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256_key.h>

#define DER_MAX_SIZE 72 /* two integers of up to 33 bytes, with headers */

/* One DER INTEGER of a positive number: no needless zero bytes, a zero byte before a set top bit. */
static size_t put_integer(uint8_t *out, const uint8_t number[32])
{
  size_t skipped = 0;
  while (skipped < 31 && number[skipped] == 0) {
    skipped++;
  }
  const size_t size = 32 - skipped;
  const size_t pad = number[skipped] >> 7;
  out[0] = 0x02;
  out[1] = (uint8_t)(size + pad);
  out[2] = 0;
  memcpy(out + 2 + pad, number + skipped, size);
  return 2 + pad + size;
}

static size_t signature_to_der(uint8_t der[DER_MAX_SIZE], const uint8_t signature[QY_P256_SIGNATURE_SIZE])
{
  size_t size = 2;
  size += put_integer(der + size, signature);
  size += put_integer(der + size, signature + 32);
  der[0] = 0x30;
  der[1] = (uint8_t)(size - 2);
  return size;
}

static bool signature_from_der(uint8_t signature[QY_P256_SIGNATURE_SIZE], const uint8_t *der, size_t size)
{
  QY_SCOPED_OPENSSL(ECDSA_SIG, numbers) = d2i_ECDSA_SIG(NULL, &der, (long)size);
  return numbers != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, 32) == 32 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + 32, 32) == 32;
}

qy_status qy_p256_sign(uint8_t signature[QY_P256_SIGNATURE_SIZE], const qy_secret *private_key, const qy_view *parts,
                       size_t count, qy_error *why)
{
  uint8_t digest[QY_SHA256_SIZE];
  uint8_t der[DER_MAX_SIZE];
  size_t size = sizeof(der);
  memset(signature, 0, QY_P256_SIGNATURE_SIZE);
  QY_TRY(qy_p256_check_scalar(private_key, why));
  QY_TRY(qy_hash_parts(digest, QY_SHA256, parts, count, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, key) = qy_p256_key_new(private_key, NULL);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
  if (context == NULL || EVP_PKEY_sign_init(context) != 1 ||
      EVP_PKEY_sign(context, der, &size, digest, sizeof(digest)) != 1 || !signature_from_der(signature, der, size)) {
    memset(signature, 0, QY_P256_SIGNATURE_SIZE);
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 signing");
  }
  return QY_OK;
}

qy_status qy_p256_verify(bool *valid, const qy_p256_public *key, const qy_view *parts, size_t count,
                         const uint8_t signature[QY_P256_SIGNATURE_SIZE], qy_error *why)
{
  uint8_t digest[QY_SHA256_SIZE];
  *valid = false;
  QY_TRY(qy_hash_parts(digest, QY_SHA256, parts, count, why));
  return qy_p256_verify_digest(valid, key, digest, signature, why);
}

/* Whoever knows the key can make a signature whose sum u1 G + u2 Q is infinity, which has no x. It does not hold;
 * libcrypto takes it for a failure. */
static bool sum_was_infinity(void)
{
  const unsigned long reason = ERR_peek_error();
  return ERR_GET_LIB(reason) == ERR_LIB_EC && ERR_GET_REASON(reason) == EC_R_POINT_AT_INFINITY;
}

qy_status qy_p256_verify_digest(bool *valid, const qy_p256_public *key, const uint8_t digest[32],
                                const uint8_t signature[QY_P256_SIGNATURE_SIZE], qy_error *why)
{
  uint8_t der[DER_MAX_SIZE];
  *valid = false;
  QY_SCOPED_P256_KEY(own) = qy_p256_key_borrow(key);
  if (own == NULL) {
    QY_TRY(qy_p256_check_point(key, why));
    return qy_crypto_fail(why, QY_ERR_MEMORY, "P-256 verification");
  }
  if (!qy_p256_signature_in_range(signature)) {
    return QY_OK;
  }
  const size_t size = signature_to_der(der, signature);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
  if (context == NULL || EVP_PKEY_verify_init(context) != 1) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 verification");
  }
  ERR_clear_error();
  const int answer = EVP_PKEY_verify(context, der, size, digest, QY_SHA256_SIZE);
  if (answer != 0 && answer != 1 && !sum_was_infinity()) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 verification");
  }
  ERR_clear_error(); /* a refusal may leave a reason behind */
  *valid = answer == 1;
  return QY_OK;
}
