/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers in G1 against powers taken one by one and added: awkward scalars, points at infinity, equal and
 * opposite points, and every count around the width of a vector. */
#include "vectors.h"

#include <string.h>

#include <pairing/g1_halves.h>
#include <pairing/g1_products.h>

enum { MAX_COUNT = 65, POOL = 40 };
static const size_t counts[] = {0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 64, 65};

static test_random random_state = {31};

static qy_fp scalar_of(uint64_t value)
{
  qy_fp r;
  qy_fp_set_u64(&r, value);
  return r;
}

static qy_fp random_scalar(void)
{
  qy_fp r;
  qy_random source = test_random_source(&random_state);
  assert_ok(qy_fp_random(&r, &source, NULL));
  return r;
}

static qy_fp power_of_two(int exponent)
{
  qy_fp r = scalar_of(1);
  for (int i = 0; i < exponent; i++) {
    qy_fp_add(&r, &r, &r);
  }
  return r;
}

/* lambda: the power that the curve's endomorphism raises to */
static qy_fp endomorphism(void)
{
  static const uint8_t bytes[QY_FP_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xf0, 0xca, 0xd3, 0xd4, 0x2f,
                                            0xdd, 0xca, 0x51, 0x73, 0xcf, 0xd5, 0x40, 0xb6, 0xbf, 0x2f, 0x77,
                                            0xce, 0xaa, 0x8f, 0x25, 0x34, 0xd9, 0x38, 0xb8, 0x1f, 0xf6};
  qy_fp r;
  assert_true(qy_fp_decode(&r, bytes));
  return r;
}

/* Scalars with awkward digits or halves first, random ones after. */
static qy_fp awkward_scalar(size_t i)
{
  qy_fp r = scalar_of(1);
  switch (i) {
  case 0:
    return scalar_of(0);
  case 1:
    return r;
  case 2: /* p - 1 */
    qy_fp_neg(&r, &r);
    return r;
  case 3: /* (p + 1) / 2 */
    r = scalar_of(2);
    qy_fp_inverse(&r, &r);
    return r;
  case 4: /* (p - 1) / 2 */
    r = scalar_of(2);
    qy_fp_inverse(&r, &r);
    qy_fp_neg(&r, &r);
    return r;
  case 5:
    return scalar_of(0x8888888888888888u);
  case 6:
    return power_of_two(255);
  case 7:
    return power_of_two(128);
  case 8:
    return endomorphism();
  case 9:
    r = endomorphism();
    qy_fp_neg(&r, &r);
    return r;
  case 10: /* lambda + 1 = -lambda^2 */
    r = endomorphism();
    qy_fp one = scalar_of(1);
    qy_fp_add(&r, &r, &one);
    return r;
  case 11:
    return scalar_of(2);
  case 12:
    return scalar_of(16);
  case 13:
    return power_of_two(130);
  default:
    return random_scalar();
  }
}

/* Bit by bit, from the encoding. */
static qy_g1 power(const qy_g1_affine *point, const qy_fp *scalar)
{
  uint8_t bytes[QY_FP_SIZE];
  qy_g1 base;
  qy_g1 r;
  qy_fp_encode(bytes, scalar);
  qy_g1_from_affine(&base, point);
  qy_g1_set_infinity(&r);
  for (int i = 0; i < 256; i++) {
    qy_g1_double(&r, &r);
    if ((bytes[i / 8] >> (7 - i % 8) & 1) != 0) {
      qy_g1_add(&r, &r, &base);
    }
  }
  return r;
}

/* Points: infinity, the generator, its inverse and images under the endomorphism, small multiples, and others. */
static void fill_pool(qy_g1_affine pool[POOL])
{
  for (size_t i = 0; i < POOL; i++) {
    const qy_fp k = awkward_scalar(i);
    const qy_g1 r = power(&qy_g1_generator, &k);
    qy_g1_to_affine(&pool[i], &r);
  }
}

typedef struct batch {
  qy_g1_affine points[QY_G1_MAX_TERMS * MAX_COUNT];
  qy_fp scalars[QY_G1_MAX_TERMS * MAX_COUNT];
  qy_g1 expected[MAX_COUNT];
  qy_g1 results[MAX_COUNT];
} batch;

/* Fills a batch so that over the rounds every awkward point meets every awkward scalar. `shared` repeats one row. */
static void fill_batch(batch *b, const qy_g1_affine pool[POOL], size_t terms, size_t count, size_t round, bool shared)
{
  for (size_t i = 0; i < terms * count; i++) {
    b->points[i] = pool[((shared ? i % terms : i) * 7 + round) % POOL];
    b->scalars[i] = awkward_scalar((i + 3 * round) % 20);
  }
  for (size_t i = 0; i < count; i++) {
    qy_g1_set_infinity(&b->expected[i]);
    for (size_t j = i * terms; j < (i + 1) * terms; j++) {
      const qy_g1 term = power(&b->points[j], &b->scalars[j]);
      qy_g1_add(&b->expected[i], &b->expected[i], &term);
    }
  }
}

static void assert_results(const batch *b, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    uint8_t expected[QY_G1_SIZE];
    uint8_t result[QY_G1_SIZE];
    qy_g1_encode(expected, &b->expected[i]);
    qy_g1_encode(result, &b->results[i]);
    assert_memory_equal(result, expected, sizeof(expected));
  }
}

/* first + lambda second gives the scalar again, and both are short. */
static void scalars_in_halves(void **state)
{
  (void)state;
  const qy_fp lambda = endomorphism();
  for (size_t i = 0; i < 2000; i++) {
    const qy_fp k = awkward_scalar(i);
    qy_g1_halves halves;
    qy_fp sum[2];
    qy_g1_halves_of(&halves, &k);
    for (int half = 0; half < 2; half++) {
      const qy_fp high = scalar_of(halves.size[half][1]);
      const qy_fp low = scalar_of(halves.size[half][0]);
      const qy_fp shift = power_of_two(64);
      assert_true(halves.size[half][1] >> 63 == 0);
      qy_fp_mul(&sum[half], &high, &shift);
      qy_fp_add(&sum[half], &sum[half], &low);
      if (halves.negative[half] != 0) {
        qy_fp_neg(&sum[half], &sum[half]);
      }
    }
    qy_fp_mul(&sum[1], &sum[1], &lambda);
    qy_fp_add(&sum[0], &sum[0], &sum[1]);
    assert_true(qy_fp_equal(&sum[0], &k));
  }
}

static void products_of_any_shape(void **state)
{
  (void)state;
  static batch b;
  qy_g1_affine pool[POOL];
  fill_pool(pool);
  for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
    for (size_t terms = 1; terms <= QY_G1_MAX_TERMS; terms++) {
      fill_batch(&b, pool, terms, counts[n], 5 * n + terms, false);
      qy_g1_products(b.results, b.points, b.scalars, terms, counts[n]);
      assert_results(&b, counts[n]);
      memset(b.results, 0, sizeof(b.results));
      qy_g1_products_public(b.results, b.points, b.scalars, terms, counts[n]);
      assert_results(&b, counts[n]);
    }
  }
}

static void products_with_shared_bases(void **state)
{
  (void)state;
  static batch b;
  qy_g1_affine pool[POOL];
  fill_pool(pool);
  for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
    for (size_t terms = 1; terms <= QY_G1_MAX_TERMS; terms++) {
      fill_batch(&b, pool, terms, counts[n], 11 * n + terms, true);
      qy_g1_products_shared(b.results, b.points, b.scalars, terms, counts[n]);
      assert_results(&b, counts[n]);
      memset(b.results, 0, sizeof(b.results));
      qy_g1_products_shared_public(b.results, b.points, b.scalars, terms, counts[n]);
      assert_results(&b, counts[n]);
    }
  }
}

/* One entry at a time, so that every awkward pair stands alone. */
static void every_awkward_pair(void **state)
{
  (void)state;
  static batch b;
  qy_g1_affine pool[POOL];
  fill_pool(pool);
  for (size_t i = 0; i < 16; i++) {
    for (size_t j = 0; j < 16; j++) {
      b.points[0] = pool[i];
      b.scalars[0] = awkward_scalar(j);
      b.expected[0] = power(&b.points[0], &b.scalars[0]);
      qy_g1_products(b.results, b.points, b.scalars, 1, 1);
      assert_results(&b, 1);
      qy_g1_products_public(b.results, b.points, b.scalars, 1, 1);
      assert_results(&b, 1);
    }
  }
}

/* Terms that meet as equal or opposite points: P^k P^k, P^k (P^-1)^k, P^k P^-k. */
static void terms_that_cancel(void **state)
{
  (void)state;
  static batch b;
  qy_g1_affine pool[POOL];
  fill_pool(pool);
  for (size_t i = 0; i < 24; i++) {
    const qy_fp k = awkward_scalar(i);
    for (size_t j = 0; j < 4; j++) {
      b.points[j] = pool[20];
      b.scalars[j] = k;
    }
    if (i % 3 == 1) {
      qy_fq_neg(&b.points[1].y, &b.points[1].y);
    } else if (i % 3 == 2) {
      qy_fp_neg(&b.scalars[1], &b.scalars[1]);
    }
    const size_t terms = 2 + i % 2 * 2;
    qy_g1_set_infinity(&b.expected[0]);
    for (size_t j = 0; j < terms; j++) {
      const qy_g1 term = power(&b.points[j], &b.scalars[j]);
      qy_g1_add(&b.expected[0], &b.expected[0], &term);
    }
    qy_g1_products(b.results, b.points, b.scalars, terms, 1);
    assert_results(&b, 1);
    qy_g1_products_public(b.results, b.points, b.scalars, terms, 1);
    assert_results(&b, 1);
  }
}

static void products_of_fixed_bases(void **state)
{
  (void)state;
  enum { PRODUCTS = 5, POWERS = 20 };
  static qy_g1_table tables[3];
  static batch b;
  qy_g1_affine pool[POOL];
  fill_pool(pool);
  for (size_t i = 0; i < 3; i++) {
    qy_g1_table_init(&tables[i], &pool[i == 0 ? 1 : 20 + i]);
  }
  for (size_t count = 0; count <= POWERS; count++) {
    qy_g1_fixed_power powers[POWERS];
    qy_fp scalars[POWERS];
    for (size_t i = 0; i < PRODUCTS; i++) {
      qy_g1_from_affine(&b.expected[i], &pool[(i + count) % POOL]);
      b.results[i] = b.expected[i];
    }
    for (size_t i = 0; i < count; i++) {
      scalars[i] = awkward_scalar((i + count) % 16);
      powers[i] = (qy_g1_fixed_power){i * i % PRODUCTS, &tables[i % 3], &scalars[i]};
      const qy_g1 term = power(&pool[i % 3 == 0 ? 1 : 20 + i % 3], &scalars[i]);
      qy_g1_add(&b.expected[powers[i].product], &b.expected[powers[i].product], &term);
    }
    qy_g1_fixed_products(b.results, powers, count);
    assert_results(&b, PRODUCTS);
    for (size_t i = 0; i < PRODUCTS; i++) {
      qy_g1_from_affine(&b.results[i], &pool[(i + count) % POOL]);
    }
    qy_g1_fixed_products_public(b.results, powers, count);
    assert_results(&b, PRODUCTS);
  }
}

enum { LIST = 600 };

static void fill_list(uint8_t list[LIST][QY_FP_SIZE])
{
  for (size_t i = 0; i < LIST; i++) {
    const qy_fp k = awkward_scalar(i);
    qy_fp_encode(list[i], &k);
  }
}

static void search_finds_the_first(void **state)
{
  (void)state;
  static const size_t lengths[] = {0, 1, 7, 8, 9, 15, 16, 17, 64, 65, 128, 257, LIST};
  static uint8_t list[LIST][QY_FP_SIZE];
  qy_g1_affine pool[POOL];
  fill_pool(pool);
  fill_list(list);
  for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
    const size_t places[] = {0, 1, 2, 3, 8, 9, 10, lengths[n] / 2, lengths[n] - 2, lengths[n] - 1};
    const qy_g1_affine *base = &pool[n % 2 == 0 ? 1 : 25];
    assert_int_equal(qy_g1_search(base, &pool[30], list[0], lengths[n]), lengths[n]);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
      qy_fp k;
      qy_g1_affine target;
      if (places[i] >= lengths[n]) {
        continue;
      }
      assert_true(qy_fp_decode(&k, list[places[i]]));
      const qy_g1 r = power(base, &k);
      qy_g1_to_affine(&target, &r);
      assert_int_equal(qy_g1_search(base, &target, list[0], lengths[n]), places[i]);
      /* the opposite point has the same x, and no scalar here but those of p - 1 and its like */
      if (places[i] > 13) {
        qy_fq_neg(&target.y, &target.y);
        assert_int_equal(qy_g1_search(base, &target, list[0], lengths[n]), lengths[n]);
      }
    }
  }
}

static void search_among_duplicates(void **state)
{
  (void)state;
  static uint8_t list[LIST][QY_FP_SIZE];
  const qy_fp once = random_scalar();
  const qy_fp often = random_scalar();
  qy_g1_affine target;
  for (size_t i = 0; i < LIST; i++) {
    qy_fp_encode(list[i], i < 21 ? &once : &often);
  }
  qy_g1 r = power(&qy_g1_generator, &often);
  qy_g1_to_affine(&target, &r);
  assert_int_equal(qy_g1_search(&qy_g1_generator, &target, list[0], LIST), 21);
  assert_int_equal(qy_g1_search(&qy_g1_generator, &target, list[0], 21), 21);
  assert_int_equal(qy_g1_search(&qy_g1_generator, &target, list[1], LIST - 1), 20);
  r = power(&qy_g1_generator, &once);
  qy_g1_to_affine(&target, &r);
  assert_int_equal(qy_g1_search(&qy_g1_generator, &target, list[0], LIST), 0);
}

/* p stands for 0 and p + 1 for 1 in no list: numbers that are no scalars are passed over. */
static void search_passes_over_what_is_no_scalar(void **state)
{
  (void)state;
  for (size_t count = 8; count <= 64; count *= 8) {
    static uint8_t list[64][QY_FP_SIZE];
    for (size_t i = 0; i < count; i++) {
      memcpy(list[i], qy_fp_order, QY_FP_SIZE);
      list[i][QY_FP_SIZE - 1] += 1;
    }
    assert_int_equal(qy_g1_search(&qy_g1_generator, &qy_g1_generator, list[0], count), count);
    memset(list[count - 2], 0xff, QY_FP_SIZE);
    assert_int_equal(qy_g1_search(&qy_g1_generator, &qy_g1_generator, list[0], count), count);
    memset(list[count - 1], 0, QY_FP_SIZE);
    list[count - 1][QY_FP_SIZE - 1] = 1;
    assert_int_equal(qy_g1_search(&qy_g1_generator, &qy_g1_generator, list[0], count), count - 1);
    const qy_g1_affine infinity = {qy_fq_zero, qy_fq_zero};
    assert_int_equal(qy_g1_search(&qy_g1_generator, &infinity, list[0], count), count);
    memset(list[count - 1], 0, QY_FP_SIZE);
    assert_int_equal(qy_g1_search(&qy_g1_generator, &infinity, list[0], count), count - 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scalars_in_halves),
      cmocka_unit_test(products_of_any_shape),
      cmocka_unit_test(products_with_shared_bases),
      cmocka_unit_test(every_awkward_pair),
      cmocka_unit_test(terms_that_cancel),
      cmocka_unit_test(products_of_fixed_bases),
      cmocka_unit_test(search_finds_the_first),
      cmocka_unit_test(search_among_duplicates),
      cmocka_unit_test(search_passes_over_what_is_no_scalar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
