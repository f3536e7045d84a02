/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA verification: r is x(u1 G + u2 Q) modulo n, u1 = e / s, u2 = r / s. Both factors are cut into signed digits of
 * WINDOW bits. A table holds the multiples 1 to HALF of every PASSESth power 2^(WINDOW PASSES i) of its point: the digits
 * are taken in PASSES passes, each behind a doubling of what the passes before it have summed up. */
#include <crypto/p256_table.h>

#include <stdlib.h>

#include <base/inverse.h>
#include <crypto/p256_key.h>
#include <crypto/p256_point.h>

#define WINDOW 6
#define PASSES 4
#define POSITIONS 11 /* WINDOW * PASSES * POSITIONS is 264: more than 256, for what the last digit carries */
#define HALF (1 << (WINDOW - 1))
#define DIGITS (PASSES * POSITIONS)

typedef struct multiples {
  qy_p256_affine of[POSITIONS][HALF];
} multiples;

struct qy_p256_table {
  const multiples *generator; /* shared */
  multiples key;
};

_Static_assert(sizeof(qy_p256_table) <= QY_P256_TABLE_SIZE, "a table is as large as its header says");

/* ---- Tables ---- */

typedef struct workshop {
  qy_p256_jacobian points[HALF];
  qy_p256_field scratch[HALF];
  qy_p256_affine bases[POSITIONS];
} workshop;

_Static_assert(POSITIONS <= HALF, "the bases fit where multiples go");

/* 2^(WINDOW PASSES i) of the point */
static void make_bases(workshop *shop, const qy_p256_affine *point)
{
  qy_p256_from_affine(&shop->points[0], point);
  for (size_t i = 1; i < POSITIONS; i++) {
    shop->points[i] = shop->points[i - 1];
    for (size_t j = 0; j < WINDOW * PASSES; j++) {
      qy_p256_double(&shop->points[i]);
    }
  }
  qy_p256_to_affine_many(shop->bases, shop->points, shop->scratch, POSITIONS);
}

static void make_multiples(multiples *out, const qy_p256_affine *point, workshop *shop)
{
  make_bases(shop, point);
  for (size_t i = 0; i < POSITIONS; i++) {
    qy_p256_from_affine(&shop->points[0], &shop->bases[i]);
    for (size_t j = 1; j < HALF; j++) {
      shop->points[j] = shop->points[j - 1];
      qy_p256_add(&shop->points[j], &shop->bases[i], false);
    }
    qy_p256_to_affine_many(out->of[i], shop->points, shop->scratch, HALF);
  }
}

/* Those of the base point, made once for the process; NULL when memory is refused. */
static const multiples *generator_multiples(workshop *shop)
{
  static multiples *made;
  multiples *shared = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
  if (shared != NULL) {
    return shared;
  }
  multiples *fresh = malloc(sizeof(*fresh));
  if (fresh == NULL) {
    return NULL;
  }
  make_multiples(fresh, &qy_p256_generator, shop);
  if (__atomic_compare_exchange_n(&made, &shared, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    return fresh;
  }
  free(fresh); /* another thread was first */
  return shared;
}

qy_status qy_p256_table_new(qy_p256_table **out, const qy_p256_public *key, qy_error *why)
{
  qy_p256_affine point;
  *out = NULL;
  QY_TRY(qy_p256_check_point(key, why));
  workshop *shop = malloc(sizeof(*shop));
  qy_p256_table *table = malloc(sizeof(*table));
  const multiples *generator = shop == NULL ? NULL : generator_multiples(shop);
  if (table == NULL || generator == NULL) {
    free(shop);
    free(table);
    return qy_fail(why, QY_ERR_MEMORY, "P-256: no memory for a table");
  }
  qy_p256_affine_of(&point, key);
  make_multiples(&table->key, &point, shop);
  table->generator = generator;
  free(shop);
  *out = table;
  return QY_OK;
}

void qy_p256_table_free(qy_p256_table **table)
{
  free(*table);
  *table = NULL;
}

/* ---- Verification ---- */

/* Digits from -HALF + 1 to HALF, the least first. */
static void cut(int digits[DIGITS], const uint64_t number[4])
{
  int carry = 0;
  for (size_t i = 0; i < DIGITS; i++) {
    const size_t bit = i * WINDOW;
    const size_t limb = bit / 64;
    const size_t shift = bit % 64;
    uint64_t bits = limb < 4 ? number[limb] >> shift : 0;
    if (shift > 64 - WINDOW && limb + 1 < 4) {
      bits |= number[limb + 1] << (64 - shift);
    }
    const int digit = (int)(bits & ((1 << WINDOW) - 1)) + carry;
    carry = digit > HALF ? 1 : 0;
    digits[i] = digit - (carry << WINDOW);
  }
}

static void add_pass(qy_p256_jacobian *sum, const multiples *table, const int digits[DIGITS], size_t pass)
{
  for (size_t i = 0; i < POSITIONS; i++) {
    const int digit = digits[i * PASSES + pass];
    const size_t multiple = (size_t)(digit < 0 ? -digit : digit);
    if (multiple > 0) {
      qy_p256_add(sum, &table->of[i][multiple - 1], digit < 0);
    }
  }
}

/* u1 G + u2 Q */
static void sum_up(qy_p256_jacobian *sum, const qy_p256_table *table, const uint64_t u1[4], const uint64_t u2[4])
{
  int of_generator[DIGITS];
  int of_key[DIGITS];
  cut(of_generator, u1);
  cut(of_key, u2);
  *sum = (qy_p256_jacobian){0};
  for (size_t pass = PASSES; pass-- > 0;) {
    for (size_t i = 0; i < WINDOW; i++) {
      qy_p256_double(sum);
    }
    add_pass(sum, table->generator, of_generator, pass);
    add_pass(sum, &table->key, of_key, pass);
  }
}

/* R / s modulo n, by which a Montgomery multiplication divides by s. */
static void invert(uint64_t r[4], const uint64_t s[4])
{
  static const qy_inverse_modulus modulus = {
      .modulus = {{0x3b9cac2fc632551, 0x4df55b4e2f3d09e, 0x7fffffffffffef3, 0x7ff800000007fff, 0xfffff}},
      .inverse = 0x32e375511ff43b1,
      .factor = {{0x446353d039cdaaf, 0x320aa4b1d0c2f61, 0x10c, 0x7fffffff8000, 0x0}}};
  qy_inverse(r, s, &modulus);
}

bool qy_p256_table_verify(const qy_p256_table *table, const uint8_t digest[32],
                          const uint8_t signature[QY_P256_SIGNATURE_SIZE])
{
  uint64_t r[4];
  uint64_t s[4];
  uint64_t e[4];
  uint64_t u1[4];
  uint64_t u2[4];
  qy_p256_jacobian sum;
  if (!qy_p256_signature_in_range(signature)) {
    return false;
  }
  qy_limbs_load(r, signature);
  qy_limbs_load(s, signature + 32);
  qy_limbs_load(e, digest);
  qy_mont_reduce_once(e, e, 0, &qy_p256_order);
  invert(s, s);
  qy_mont_mul(u1, e, s, &qy_p256_order);
  qy_mont_mul(u2, r, s, &qy_p256_order);
  sum_up(&sum, table, u1, u2);
  return qy_p256_has_x(&sum, r);
}
