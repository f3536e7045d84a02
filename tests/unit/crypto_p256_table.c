/* SPDX-License-Identifier: Apache-2.0 */
/* Verification by a table says what libcrypto says: of signatures at random, whole and damaged, and of those whose sums
 * meet every exception that the formulas have. */
#include "vectors.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <crypto/hash.h>
#include <crypto/p256_table.h>
#include <crypto/random.h>

/* 100,000 in all; a sanitizer makes each slow. */
#define KEYS 50
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIGNATURES_OF_EACH 200
#else
#define SIGNATURES_OF_EACH 2000
#endif

/* ---- Both ways ---- */

static qy_p256_table *table_of(const qy_p256_public *key)
{
  qy_p256_table *table = NULL;
  assert_ok(qy_p256_table_new(&table, key, NULL));
  return table;
}

/* What both say. */
static bool agreed(const qy_p256_table *table, const qy_p256_public *key, const uint8_t digest[32],
                   const uint8_t signature[64])
{
  bool expected = false;
  assert_ok(qy_p256_verify_digest(&expected, key, digest, signature, NULL));
  assert_int_equal(qy_p256_table_verify(table, digest, signature), expected);
  return expected;
}

/* ---- At random ---- */

/* Nothing, or one bit of digest, r or s; every fourth time nothing. */
static void damage(uint8_t digest[32], uint8_t signature[64], uint64_t drawn)
{
  uint8_t *const parts[] = {NULL, digest, signature, signature + 32};
  uint8_t *part = parts[drawn & 3];
  if (part != NULL) {
    part[drawn >> 2 & 31] ^= (uint8_t)(1u << (drawn >> 7 & 7));
  }
}

static void agrees_at_random(void **state)
{
  test_random seed = {.state = 256};
  const qy_random random = test_random_source(&seed);
  size_t valid = 0;
  (void)state;
  for (size_t k = 0; k < KEYS; k++) {
    QY_SCOPED_SECRET(key);
    qy_p256_public public_key;
    assert_ok(qy_p256_generate(&key, &public_key, &random, NULL));
    qy_p256_table *table = table_of(&public_key);
    for (size_t i = 0; i < SIGNATURES_OF_EACH; i++) {
      uint8_t signature[64];
      uint8_t digest[32];
      uint64_t choice = 0;
      assert_ok(qy_random_fill(&random, (uint8_t *)&choice, sizeof(choice), NULL));
      const qy_view message = qy_view_over((const uint8_t *)&choice, sizeof(choice));
      assert_ok(qy_p256_sign(signature, &key, &message, 1, NULL));
      assert_ok(qy_sha256(digest, message, NULL));
      damage(digest, signature, choice);
      const bool holds = agreed(table, &public_key, digest, signature);
      assert_int_equal(holds, (choice & 3) == 0);
      valid += holds;
    }
    qy_p256_table_free(&table);
  }
  assert_true(valid > KEYS * SIGNATURES_OF_EACH / 5);
}

/* ---- Made to measure: u1, u2 and the key are chosen, digest and signature follow ---- */

typedef struct curve {
  BN_CTX *context;
  EC_GROUP *group;
  const BIGNUM *n;
  BIGNUM *p;
} curve;

static void open_curve(curve *out)
{
  out->context = BN_CTX_new();
  out->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  out->p = BN_new();
  assert_int_equal(EC_GROUP_get_curve(out->group, out->p, NULL, NULL, out->context), 1);
  out->n = EC_GROUP_get0_order(out->group);
}

static void close_curve(curve *c)
{
  EC_GROUP_free(c->group);
  BN_free(c->p);
  BN_CTX_free(c->context);
}

static void put(uint8_t out[32], const BIGNUM *number)
{
  assert_int_equal(BN_bn2binpad(number, out, 32), 32);
}

/* False for infinity. */
static bool public_of(qy_p256_public *out, const curve *c, const EC_POINT *point)
{
  uint8_t octets[65];
  if (EC_POINT_is_at_infinity(c->group, point) == 1) {
    return false;
  }
  assert_int_equal(EC_POINT_point2oct(c->group, point, POINT_CONVERSION_UNCOMPRESSED, octets, 65, c->context), 65);
  memcpy(out->bytes, octets + 1, 64);
  return true;
}

/* s = r / u2, e = u1 s: then u1 and u2 are what the verifier works out. */
static void signature_for(uint8_t digest[32], uint8_t signature[64], const curve *c, const BIGNUM *r, const BIGNUM *u1,
                          const BIGNUM *u2)
{
  BIGNUM *s = BN_mod_inverse(NULL, u2, c->n, c->context);
  BIGNUM *e = BN_new();
  assert_int_equal(BN_mod_mul(s, s, r, c->n, c->context), 1);
  assert_int_equal(BN_mod_mul(e, s, u1, c->n, c->context), 1);
  put(signature, r);
  put(signature + 32, s);
  put(digest, e);
  BN_free(s);
  BN_free(e);
}

/* Numbers near 0 and n, and digits that are all zero, all ones, or half of a window. */
static const char *const telling[] = {"1",
                                      "2",
                                      "3",
                                      "1f",
                                      "20",
                                      "21",
                                      "3f",
                                      "40",
                                      "1000000",
                                      "800000",
                                      "1000001",
                                      "8000000000000000000000000000000000000000000000000000000000000000",
                                      "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8",
                                      "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9",
                                      "820820820820820820820820820820820820820820820820820820820820820",
                                      "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0",
                                      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254e",
                                      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
                                      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"};
#define TELLING (sizeof(telling) / sizeof(telling[0]))

static BIGNUM *number(const char *hex)
{
  BIGNUM *out = NULL;
  assert_int_equal(BN_hex2bn(&out, hex), (int)strlen(hex));
  return out;
}

/* What is found for one choice: valid with the r that belongs to it, and never with another. */
static bool try_choice(const curve *c, const qy_p256_table *table, const qy_p256_public *key, const BIGNUM *d,
                       const BIGNUM *u1, const BIGNUM *u2)
{
  uint8_t digest[32];
  uint8_t signature[64];
  qy_p256_public sum_bytes;
  BIGNUM *r = BN_new();
  EC_POINT *sum = EC_POINT_new(c->group);
  assert_int_equal(BN_mod_mul(r, u2, d, c->n, c->context), 1);
  assert_int_equal(BN_mod_add(r, r, u1, c->n, c->context), 1);
  assert_int_equal(EC_POINT_mul(c->group, sum, r, NULL, NULL, c->context), 1);
  const bool finite = public_of(&sum_bytes, c, sum);
  assert_int_equal(finite, !BN_is_zero(r));
  if (finite) {
    BN_bin2bn(sum_bytes.bytes, 32, r);
    assert_int_equal(BN_nnmod(r, r, c->n, c->context), 1);
    signature_for(digest, signature, c, r, u1, u2);
    assert_true(agreed(table, key, digest, signature));
  }
  BN_one(r); /* not the sum's x */
  signature_for(digest, signature, c, r, u1, u2);
  assert_false(agreed(table, key, digest, signature));
  EC_POINT_free(sum);
  BN_free(r);
  return finite;
}

/* Sums that double, that cancel to infinity in the middle or at the end, that pass through one table alone. */
static void sums_may_be_anything(void **state)
{
  curve c;
  size_t infinite = 0;
  (void)state;
  open_curve(&c);
  for (size_t i = 0; i < TELLING; i++) {
    qy_p256_public key;
    BIGNUM *d = number(telling[i]);
    EC_POINT *point = EC_POINT_new(c.group);
    assert_int_equal(EC_POINT_mul(c.group, point, d, NULL, NULL, c.context), 1);
    assert_true(public_of(&key, &c, point));
    qy_p256_table *table = table_of(&key);
    for (size_t j = 0; j <= TELLING; j++) { /* u1 may be 0 */
      BIGNUM *u1 = number(j == TELLING ? "0" : telling[j]);
      for (size_t k = 0; k < TELLING; k++) {
        BIGNUM *u2 = number(telling[k]);
        infinite += try_choice(&c, table, &key, d, u1, u2) ? 0 : 1;
        BN_free(u2);
      }
      BN_free(u1);
    }
    qy_p256_table_free(&table);
    EC_POINT_free(point);
    BN_free(d);
  }
  assert_true(infinite > TELLING);
  close_curve(&c);
}

/* The first points whose x is not below n: r is x - n. */
static void x_may_be_above_the_order(void **state)
{
  curve c;
  size_t found = 0;
  (void)state;
  open_curve(&c);
  BIGNUM *x = BN_dup(c.n);
  BIGNUM *r = BN_new();
  BIGNUM *one = number("1");
  EC_POINT *point = EC_POINT_new(c.group);
  EC_POINT *generator = EC_POINT_dup(EC_GROUP_get0_generator(c.group), c.group);
  EC_POINT_invert(c.group, generator, c.context);
  for (BN_ULONG i = 1; found < 5; i++) {
    uint8_t digest[32];
    uint8_t signature[64];
    qy_p256_public key;
    BN_add_word(x, 1);
    BN_set_word(r, i);
    if (EC_POINT_set_compressed_coordinates(c.group, point, x, 0, c.context) != 1) {
      continue;
    }
    found++;
    EC_POINT_add(c.group, point, point, generator, c.context); /* the key: G + key is the point, u1 = u2 = 1 */
    assert_true(public_of(&key, &c, point));
    qy_p256_table *table = table_of(&key);
    signature_for(digest, signature, &c, r, one, one);
    assert_true(agreed(table, &key, digest, signature));
    BN_add_word(r, 1);
    signature_for(digest, signature, &c, r, one, one);
    assert_false(agreed(table, &key, digest, signature));
    qy_p256_table_free(&table);
  }
  EC_POINT_free(point);
  EC_POINT_free(generator);
  BN_free(one);
  BN_free(r);
  BN_free(x);
  close_curve(&c);
}

/* r + n is tried only where it is below p: here x is r + n - p, which must not do. */
static void r_does_not_wrap(void **state)
{
  curve c;
  size_t found = 0;
  (void)state;
  open_curve(&c);
  BIGNUM *r = BN_new();
  BIGNUM *x = BN_new();
  BIGNUM *one = number("1");
  EC_POINT *point = EC_POINT_new(c.group);
  EC_POINT *generator = EC_POINT_dup(EC_GROUP_get0_generator(c.group), c.group);
  EC_POINT_invert(c.group, generator, c.context);
  for (BN_ULONG i = 1; found < 5; i++) {
    uint8_t digest[32];
    uint8_t signature[64];
    qy_p256_public key;
    BN_set_word(x, i);
    if (EC_POINT_set_compressed_coordinates(c.group, point, x, 0, c.context) != 1) {
      continue;
    }
    found++;
    BN_sub(r, c.p, c.n);
    BN_add(r, r, x); /* x = r + n modulo p */
    EC_POINT_add(c.group, point, point, generator, c.context);
    assert_true(public_of(&key, &c, point));
    qy_p256_table *table = table_of(&key);
    signature_for(digest, signature, &c, r, one, one);
    assert_false(agreed(table, &key, digest, signature));
    qy_p256_table_free(&table);
  }
  EC_POINT_free(point);
  EC_POINT_free(generator);
  BN_free(one);
  BN_free(r);
  BN_free(x);
  close_curve(&c);
}

/* ---- Numbers out of range ---- */

static void numbers_have_a_range(void **state)
{
  static const char *const out_of_range[] = {"0", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                                             "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
                                             "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
                                             "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
  test_random seed = {.state = 7};
  const qy_random random = test_random_source(&seed);
  const qy_view message = qy_view_text("message");
  QY_SCOPED_SECRET(key);
  qy_p256_public public_key;
  uint8_t digest[32];
  uint8_t signature[64];
  (void)state;
  assert_ok(qy_p256_generate(&key, &public_key, &random, NULL));
  assert_ok(qy_p256_sign(signature, &key, &message, 1, NULL));
  assert_ok(qy_sha256(digest, message, NULL));
  qy_p256_table *table = table_of(&public_key);
  assert_true(agreed(table, &public_key, digest, signature));
  for (size_t i = 0; i < sizeof(out_of_range) / sizeof(out_of_range[0]); i++) {
    BIGNUM *bad = number(out_of_range[i]);
    for (size_t half = 0; half < 64; half += 32) {
      uint8_t changed[64];
      memcpy(changed, signature, sizeof(changed));
      put(changed + half, bad);
      assert_false(agreed(table, &public_key, digest, changed));
    }
    BN_free(bad);
  }
  qy_p256_table_free(&table);
}

/* With the nonce 5: r = x(5 G), s = (e + r d) / 5. */
static void sign_digest(uint8_t signature[64], const curve *c, const qy_secret *key, const uint8_t digest[32])
{
  qy_p256_public nonce_point;
  BIGNUM *k = number("5");
  BIGNUM *d = BN_bin2bn(key->bytes, 32, NULL);
  BIGNUM *e = BN_bin2bn(digest, 32, NULL);
  EC_POINT *point = EC_POINT_new(c->group);
  assert_int_equal(EC_POINT_mul(c->group, point, k, NULL, NULL, c->context), 1);
  assert_true(public_of(&nonce_point, c, point));
  BIGNUM *r = BN_bin2bn(nonce_point.bytes, 32, NULL);
  assert_int_equal(BN_mod_mul(d, d, r, c->n, c->context), 1);
  assert_int_equal(BN_mod_add(e, e, d, c->n, c->context), 1);
  assert_non_null(BN_mod_inverse(k, k, c->n, c->context));
  assert_int_equal(BN_mod_mul(e, e, k, c->n, c->context), 1);
  put(signature, r);
  put(signature + 32, e);
  EC_POINT_free(point);
  BN_free(r);
  BN_free(e);
  BN_free(d);
  BN_free(k);
}

/* A digest is a number modulo n: n itself counts as 0, and all ones are as good as any other. */
static void digests_are_reduced(void **state)
{
  static const char *const digests[] = {"0", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
                                        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                                        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
                                        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
  test_random seed = {.state = 8};
  const qy_random random = test_random_source(&seed);
  QY_SCOPED_SECRET(key);
  qy_p256_public public_key;
  curve c;
  (void)state;
  open_curve(&c);
  assert_ok(qy_p256_generate(&key, &public_key, &random, NULL));
  qy_p256_table *table = table_of(&public_key);
  for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
    uint8_t digest[32];
    uint8_t signature[64];
    BIGNUM *value = number(digests[i]);
    put(digest, value);
    sign_digest(signature, &c, &key, digest);
    assert_true(agreed(table, &public_key, digest, signature));
    signature[63] ^= 1;
    assert_false(agreed(table, &public_key, digest, signature));
    BN_free(value);
  }
  qy_p256_table_free(&table);
  close_curve(&c);
}

static void keys_are_points(void **state)
{
  qy_p256_public key = {{0}};
  qy_p256_table *table = NULL;
  (void)state;
  assert_int_equal(qy_p256_table_new(&table, &key, NULL), QY_ERR_MALFORMED);
  assert_null(table);
  memset(key.bytes, 0xff, sizeof(key.bytes));
  assert_int_equal(qy_p256_table_new(&table, &key, NULL), QY_ERR_MALFORMED);
  assert_null(table);
  qy_p256_table_free(&table);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_at_random),         cmocka_unit_test(sums_may_be_anything),
                                     cmocka_unit_test(x_may_be_above_the_order), cmocka_unit_test(r_does_not_wrap),
                                     cmocka_unit_test(numbers_have_a_range),     cmocka_unit_test(digests_are_reduced),
                                     cmocka_unit_test(keys_are_points)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
