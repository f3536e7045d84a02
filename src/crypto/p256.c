/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/p256.h>

#include <string.h>

#include <crypto/p256_key.h>
#include <crypto/random.h>

/* The order of the base point (SEC 2, secp256r1), big-endian. */
static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

void qy_reverse(uint8_t *out, const uint8_t *in, size_t size)
{
  for (size_t i = 0; i < (size + 1) / 2; i++) {
    const uint8_t low = in[i];
    out[i] = in[size - 1 - i];
    out[size - 1 - i] = low;
  }
}

void qy_p256_flip(uint8_t out[64], const uint8_t in[64])
{
  qy_reverse(out, in, 32);
  qy_reverse(out + 32, in + 32, 32);
}

/* 0 < scalar < n, in time that does not depend on the scalar. */
static bool scalar_in_range(const uint8_t scalar[32])
{
  unsigned borrow = 0;
  uint8_t any = 0;
  for (size_t i = 32; i > 0; i--) {
    borrow = ((unsigned)scalar[i - 1] - order[i - 1] - borrow) >> 8 & 1;
    any |= scalar[i - 1];
  }
  return borrow == 1 && any != 0;
}

bool qy_p256_signature_in_range(const uint8_t signature[QY_P256_SIGNATURE_SIZE])
{
  return scalar_in_range(signature) && scalar_in_range(signature + 32);
}

qy_status qy_p256_check_scalar(const qy_secret *private_key, qy_error *why)
{
  if (private_key->size != QY_P256_SCALAR_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "P-256 private key: %zu bytes, 32 expected", private_key->size);
  }
  if (!scalar_in_range(private_key->bytes)) {
    return qy_fail(why, QY_ERR_MALFORMED, "P-256 private key: not in the range from 1 to n-1");
  }
  return QY_OK;
}

static bool public_of(qy_p256_public *out, const qy_secret *private_key)
{
  uint8_t octets[1 + QY_P256_PUBLIC_SIZE];
  const EC_GROUP *group = qy_p256_curve();
  QY_SCOPED_OPENSSL(BN_CTX, context) = BN_CTX_secure_new();
  QY_SCOPED_OPENSSL(EC_POINT, point) = group == NULL ? NULL : EC_POINT_new(group);
  QY_SCOPED_OPENSSL(BIGNUM, scalar) = BN_secure_new();
  if (context == NULL || point == NULL || scalar == NULL || BN_bin2bn(private_key->bytes, 32, scalar) == NULL) {
    return false;
  }
  BN_set_flags(scalar, BN_FLG_CONSTTIME);
  if (EC_POINT_mul(group, point, scalar, NULL, NULL, context) != 1 ||
      EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets, sizeof(octets), context) !=
          sizeof(octets)) {
    return false;
  }
  memcpy(out->bytes, octets + 1, sizeof(out->bytes));
  return true;
}

qy_status qy_p256_public_of(qy_p256_public *out, const qy_secret *private_key, qy_error *why)
{
  *out = (qy_p256_public){0};
  QY_TRY(qy_p256_check_scalar(private_key, why));
  if (!public_of(out, private_key)) {
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 public key of a private one");
  }
  return QY_OK;
}

qy_status qy_p256_generate(qy_secret *private_key, qy_p256_public *public_key, const qy_random *random, qy_error *why)
{
  uint8_t drawn[QY_P256_SCALAR_SIZE];
  qy_status status = QY_ERR_CRYPTO;
  *public_key = (qy_p256_public){0};
  qy_secret_clear(private_key);
  /* A good source misses the range once in 2^32 draws. */
  for (unsigned tries = 0; tries < 64; tries++) {
    status = qy_random_fill(random, drawn, sizeof(drawn), why);
    if (status != QY_OK || scalar_in_range(drawn)) {
      break;
    }
    status = qy_fail(why, QY_ERR_CRYPTO, "P-256 key: the random source gives no number in range");
  }
  if (status == QY_OK) {
    qy_secret_set(private_key, drawn, sizeof(drawn));
    status = qy_p256_public_of(public_key, private_key, why);
  }
  qy_wipe(drawn, sizeof(drawn));
  if (status != QY_OK) {
    qy_secret_clear(private_key);
  }
  return status;
}

static qy_status point_fail(qy_error *why)
{
  ERR_clear_error();
  return qy_fail(why, QY_ERR_MALFORMED, "P-256 public key: not a point of the curve");
}

qy_status qy_p256_check_point(const qy_p256_public *key, qy_error *why)
{
  uint8_t octets[1 + QY_P256_PUBLIC_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
  const EC_GROUP *group = qy_p256_curve();
  QY_SCOPED_OPENSSL(EC_POINT, point) = group == NULL ? NULL : EC_POINT_new(group);
  if (point == NULL) {
    return qy_crypto_fail(why, QY_ERR_MEMORY, "P-256");
  }
  memcpy(octets + 1, key->bytes, sizeof(key->bytes));
  /* Checks that the coordinates are below p and on the curve; this form cannot name infinity, and the cofactor is 1. */
  return EC_POINT_oct2point(group, point, octets, sizeof(octets), NULL) == 1 ? QY_OK : point_fail(why);
}

qy_status qy_p256_agree(qy_secret *shared_x, const qy_secret *private_key, const qy_p256_public *peer, qy_error *why)
{
  uint8_t x[32];
  size_t size = sizeof(x);
  qy_secret_clear(shared_x);
  QY_TRY(qy_p256_check_scalar(private_key, why));
  QY_TRY(qy_p256_check_point(peer, why));
  QY_SCOPED_OPENSSL(EVP_PKEY, own) = qy_p256_key_new(private_key, NULL);
  QY_SCOPED_OPENSSL(EVP_PKEY, other) = qy_p256_key_new(NULL, peer);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = own == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
  if (other == NULL || context == NULL || EVP_PKEY_derive_init(context) != 1 ||
      /* The point is checked already, and the cofactor is 1: libcrypto's own check would double the cost. */
      EVP_PKEY_derive_set_peer_ex(context, other, 0) != 1 || EVP_PKEY_derive(context, x, &size) != 1 ||
      size != sizeof(x)) {
    qy_wipe(x, sizeof(x));
    return qy_crypto_fail(why, QY_ERR_CRYPTO, "P-256 key agreement");
  }
  qy_secret_set(shared_x, x, sizeof(x));
  qy_wipe(x, sizeof(x));
  return QY_OK;
}
