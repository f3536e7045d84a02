/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/p256_key.h>

#include <string.h>

#include <openssl/core_names.h>

/* What is made once for the process and never changed: the curve, and a public key on it to make others from. */
typedef struct shared_curve {
  EC_GROUP *group;
  EVP_PKEY *key;
} shared_curve;

static OSSL_PARAM *key_settings(const qy_secret *private_key, const uint8_t *octets, size_t size)
{
  QY_SCOPED_OPENSSL(OSSL_PARAM_BLD, builder) = OSSL_PARAM_BLD_new();
  QY_SCOPED_OPENSSL(BIGNUM, scalar) = private_key == NULL ? NULL : BN_secure_new();
  if (builder == NULL ||
      OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) != 1 ||
      (octets != NULL && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, octets, size) != 1)) {
    return NULL;
  }
  if (private_key != NULL && (scalar == NULL || BN_bin2bn(private_key->bytes, 32, scalar) == NULL ||
                              OSSL_PARAM_BLD_push_BN_pad(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar, 32) != 1)) {
    return NULL;
  }
  return OSSL_PARAM_BLD_to_param(builder);
}

static EVP_PKEY *key_from(const qy_secret *private_key, const uint8_t *octets, size_t size)
{
  QY_SCOPED_OPENSSL(OSSL_PARAM, settings) = key_settings(private_key, octets, size);
  QY_SCOPED_OPENSSL(EVP_PKEY_CTX, context) = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
  EVP_PKEY *key = NULL;
  if (settings == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
      EVP_PKEY_fromdata(context, &key, private_key == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, settings) != 1) {
    EVP_PKEY_free(key);
    return NULL;
  }
  return key;
}

static void shared_free(shared_curve *shared)
{
  EC_GROUP_free(shared->group);
  EVP_PKEY_free(shared->key);
  OPENSSL_free(shared);
}

static shared_curve *shared_new(void)
{
  uint8_t octets[1 + QY_P256_PUBLIC_SIZE];
  shared_curve *shared = OPENSSL_zalloc(sizeof(*shared));
  if (shared == NULL) {
    return NULL;
  }
  shared->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  if (shared->group != NULL &&
      EC_POINT_point2oct(shared->group, EC_GROUP_get0_generator(shared->group), POINT_CONVERSION_UNCOMPRESSED, octets,
                         sizeof(octets), NULL) == sizeof(octets)) {
    shared->key = key_from(NULL, octets, sizeof(octets));
  }
  if (shared->key == NULL) {
    shared_free(shared);
    return NULL;
  }
  return shared;
}

static const shared_curve *shared_get(void)
{
  static shared_curve *made;
  shared_curve *shared = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
  if (shared == NULL) {
    shared_curve *fresh = shared_new();
    if (fresh == NULL) {
      return NULL;
    }
    if (__atomic_compare_exchange_n(&made, &shared, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      return fresh;
    }
    shared_free(fresh); /* another thread was first */
  }
  return shared;
}

const EC_GROUP *qy_p256_curve(void)
{
  const shared_curve *shared = shared_get();
  return shared == NULL ? NULL : shared->group;
}

/* ---- Keys for a moment ---- */

/* Key objects that nobody uses: making one takes four times as long as giving it another point. */
#define SPARES 4
static EVP_PKEY *spares[SPARES];

static EVP_PKEY *spare_take(void)
{
  EVP_PKEY *key = NULL;
  for (size_t i = 0; i < SPARES && key == NULL; i++) {
    key = __atomic_exchange_n(&spares[i], NULL, __ATOMIC_ACQ_REL);
  }
  if (key != NULL) {
    return key;
  }
  const shared_curve *shared = shared_get();
  return shared == NULL ? NULL : EVP_PKEY_dup(shared->key);
}

EVP_PKEY *qy_p256_key_borrow(const qy_p256_public *public_key)
{
  uint8_t octets[1 + QY_P256_PUBLIC_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
  EVP_PKEY *key = spare_take();
  memcpy(octets + 1, public_key->bytes, sizeof(public_key->bytes));
  if (key == NULL || EVP_PKEY_set1_encoded_public_key(key, octets, sizeof(octets)) != 1) {
    EVP_PKEY_free(key);
    return NULL;
  }
  return key;
}

void qy_p256_key_give_back(EVP_PKEY **key)
{
  for (size_t i = 0; i < SPARES && *key != NULL; i++) {
    EVP_PKEY *nothing = NULL;
    if (__atomic_compare_exchange_n(&spares[i], &nothing, *key, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      *key = NULL;
    }
  }
  EVP_PKEY_free(*key);
  *key = NULL;
}

EVP_PKEY *qy_p256_key_new(const qy_secret *private_key, const qy_p256_public *public_key)
{
  uint8_t octets[1 + QY_P256_PUBLIC_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
  if (public_key != NULL) {
    memcpy(octets + 1, public_key->bytes, sizeof(public_key->bytes));
  }
  if (private_key != NULL) {
    return key_from(private_key, public_key == NULL ? NULL : octets, sizeof(octets));
  }
  /* A copy of the shared key with another point is four times as fast as a key from its parts. */
  const shared_curve *shared = shared_get();
  EVP_PKEY *key = shared == NULL ? NULL : EVP_PKEY_dup(shared->key);
  if (key == NULL || EVP_PKEY_set1_encoded_public_key(key, octets, sizeof(octets)) != 1) {
    EVP_PKEY_free(key);
    return NULL;
  }
  return key;
}

qy_status qy_p256_key_public(qy_p256_public *out, const EVP_PKEY *key, qy_error *why)
{
  char group[32] = "";
  *out = (qy_p256_public){0};
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1 ||
      strcmp(group, SN_X9_62_prime256v1) != 0) {
    ERR_clear_error();
    return qy_fail(why, QY_ERR_UNSUPPORTED, "key: not one of the curve P-256");
  }
  QY_SCOPED_OPENSSL(BIGNUM, x) = NULL;
  QY_SCOPED_OPENSSL(BIGNUM, y) = NULL;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) != 1 ||
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) != 1 || BN_bn2binpad(x, out->bytes, 32) != 32 ||
      BN_bn2binpad(y, out->bytes + 32, 32) != 32) {
    return qy_crypto_fail(why, QY_ERR_MALFORMED, "P-256 public key");
  }
  return qy_p256_check_point(out, why);
}
