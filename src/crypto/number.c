/* SPDX-License-Identifier: Apache-2.0 */
/* The few big numbers that are wanted outside a signature scheme. */
#include <crypto/rsa.h>

#include <base/secret.h>
#include <crypto/openssl.h>

#define REDUCE_MAX_SIZE 64

/* q1 = floor(S^2 / M); q2 = floor((S^3 - q1*S*M) / M) = floor(S * (S^2 mod M) / M). SDM, SIGSTRUCT. */
static bool quotients(BIGNUM *q1, BIGNUM *q2, const BIGNUM *signature, const BIGNUM *modulus, BN_CTX *context)
{
  QY_SCOPED_OPENSSL(BIGNUM, product) = BN_new();
  QY_SCOPED_OPENSSL(BIGNUM, rest) = BN_new();
  return product != NULL && rest != NULL && BN_sqr(product, signature, context) == 1 &&
         BN_div(q1, rest, product, modulus, context) == 1 && BN_mul(product, rest, signature, context) == 1 &&
         BN_div(q2, NULL, product, modulus, context) == 1;
}

qy_status qy_rsa_sigstruct_quotients(uint8_t *q1, uint8_t *q2, const uint8_t *signature, const uint8_t *modulus,
                                     size_t size, qy_error *why)
{
  if (size == 0 || size > QY_RSA_MAX_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "SIGSTRUCT quotients: modulus of %zu bytes", size);
  }
  QY_SCOPED_OPENSSL(BN_CTX, context) = BN_CTX_new();
  QY_SCOPED_OPENSSL(BIGNUM, s) = BN_bin2bn(signature, (int)size, NULL);
  QY_SCOPED_OPENSSL(BIGNUM, m) = BN_bin2bn(modulus, (int)size, NULL);
  QY_SCOPED_OPENSSL(BIGNUM, first) = BN_new();
  QY_SCOPED_OPENSSL(BIGNUM, second) = BN_new();
  if (context == NULL || s == NULL || m == NULL || first == NULL || second == NULL) {
    return qy_crypto_fail(why, QY_ERR_MEMORY, "SIGSTRUCT quotients");
  }
  if (BN_cmp(s, m) >= 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "SIGSTRUCT quotients: the signature is not below the modulus");
  }
  if (!quotients(first, second, s, m, context) || BN_bn2binpad(first, q1, (int)size) < 0 ||
      BN_bn2binpad(second, q2, (int)size) < 0) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "SIGSTRUCT quotients");
  }
  return QY_OK;
}

static bool reduce(uint8_t *out, qy_view wide, qy_view modulus, uint8_t subtract, uint8_t add)
{
  QY_SCOPED_OPENSSL(BN_CTX, context) = BN_CTX_secure_new();
  QY_SCOPED_OPENSSL(BIGNUM, value) = BN_secure_new();
  QY_SCOPED_OPENSSL(BIGNUM, rest) = BN_secure_new();
  QY_SCOPED_OPENSSL(BIGNUM, divisor) = BN_bin2bn(modulus.bytes, (int)modulus.size, NULL);
  if (context == NULL || value == NULL || rest == NULL || divisor == NULL ||
      BN_bin2bn(wide.bytes, (int)wide.size, value) == NULL || BN_sub_word(divisor, subtract) != 1 ||
      BN_is_zero(divisor) || BN_is_negative(divisor)) {
    return false;
  }
  BN_set_flags(value, BN_FLG_CONSTTIME);
  BN_set_flags(divisor, BN_FLG_CONSTTIME);
  return BN_div(NULL, rest, value, divisor, context) == 1 && BN_add_word(rest, add) == 1 &&
         BN_bn2binpad(rest, out, (int)modulus.size) == (int)modulus.size;
}

qy_status qy_number_reduce(uint8_t *out, qy_view wide, qy_view modulus, uint8_t subtract, uint8_t add, qy_error *why)
{
  if (wide.size > REDUCE_MAX_SIZE || modulus.size == 0 || modulus.size > REDUCE_MAX_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "reduction of %zu bytes by a modulus of %zu", wide.size, modulus.size);
  }
  if (!reduce(out, wide, modulus, subtract, add)) {
    qy_wipe(out, modulus.size);
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "reduction");
  }
  return QY_OK;
}
