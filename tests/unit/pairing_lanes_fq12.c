/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of Fq12 spread over lanes against those of fq12.h. */
#include "pairing_lanes.h"
#include "vectors.h"

#include <pairing/lanes/fq12.h>

#define ROUNDS 30

/* Random; or all coefficients q - 1 as they are stored (kind 1), or zero but one (kind 2): where sums are extreme. */
static void draw(qy_fq12 *r, test_random *random, int kind)
{
  const qy_random source = test_random_source(random);
  for (int i = 0; i < 12; i++) {
    qy_fq2 *c = &r->c[i / 6].c[i / 2 % 3];
    qy_fq *part = i % 2 == 0 ? &c->c0 : &c->c1;
    uint8_t bytes[64];
    assert_ok(source.fill(source.context, bytes, sizeof(bytes), NULL));
    qy_fq_reduce(part, bytes, sizeof(bytes));
    if (kind == 1) {
      *part = (qy_fq){{1, 0, 0, 0}};
      qy_fq_neg(part, part);
    } else if (kind == 2 && bytes[0] % 12 != i) {
      *part = qy_fq_zero;
    }
  }
}

static void draw_cyclotomic(qy_fq12 *r, test_random *random)
{
  qy_fq12 conjugate;
  qy_fq12 image;
  draw(r, random, 0);
  qy_fq12_conjugate(&conjugate, r);
  qy_fq12_inverse(r, r);
  qy_fq12_mul(r, r, &conjugate);
  qy_fq12_frobenius(&image, r, 2);
  qy_fq12_mul(r, r, &image);
}

/* Limbs below 2^52, the whole below 1.001 q, in the lanes that matter. */
static void expect_ready(qy_lanes a)
{
  for (int i = 0; i < 5; i++) {
    uint64_t limb[8];
    qy_vec_store(limb, a.limb[i]);
    for (int lane = 0; lane < 8; lane++) {
      assert_true(lane % 4 == 3 || limb[lane] < (uint64_t)1 << 52);
      assert_true(lane % 4 == 3 || i < 4 || limb[lane] < ((uint64_t)1 << 48) + ((uint64_t)1 << 38));
    }
  }
}

static void expect(const qy_lanes_fq12 *got, const qy_fq12 *want)
{
  qy_fq12 stored;
  expect_ready(got->re);
  expect_ready(got->im);
  qy_lanes_fq12_store(&stored, got);
  assert_memory_equal(&stored, want, sizeof(stored));
}

static void elements_come_back(void **state)
{
  (void)state;
  test_random random = {21};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq12 a;
    qy_lanes_fq12 x;
    draw(&a, &random, round % 3);
    qy_lanes_fq12_load(&x, &a);
    expect(&x, &a);
  }
}

static void products_agree_with_scalar(void **state)
{
  (void)state;
  test_random random = {22};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq12 a;
    qy_fq12 b;
    qy_fq12 want;
    qy_lanes_fq12 x;
    qy_lanes_fq12 y;
    qy_lanes_factor factor;
    draw(&a, &random, round % 3);
    draw(&b, &random, round / 3 % 3);
    qy_lanes_fq12_load(&x, &a);
    qy_lanes_fq12_load(&y, &b);
    qy_lanes_factor_init(&factor, &y);
    qy_lanes_fq12_mul(&y, &x, &factor);
    qy_fq12_mul(&want, &a, &b);
    expect(&y, &want);
    qy_lanes_fq12_mul(&y, &y, &factor); /* what comes out goes in again */
    qy_fq12_mul(&want, &want, &b);
    expect(&y, &want);
    qy_lanes_fq12_sqr(&y, &x);
    qy_fq12_sqr(&want, &a);
    expect(&y, &want);
    qy_lanes_fq12_sqr(&y, &y);
    qy_fq12_sqr(&want, &want);
    expect(&y, &want);
  }
}

static void automorphisms_agree_with_scalar(void **state)
{
  (void)state;
  test_random random = {23};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq12 a;
    qy_fq12 want;
    qy_lanes_fq12 x;
    qy_lanes_fq12 y;
    draw(&a, &random, round % 3);
    qy_lanes_fq12_load(&x, &a);
    qy_lanes_fq12_conjugate(&y, &x);
    qy_fq12_conjugate(&want, &a);
    expect(&y, &want);
    qy_lanes_fq12_frobenius(&y, &x);
    qy_fq12_frobenius(&want, &a, 1);
    expect(&y, &want);
    qy_lanes_fq12_frobenius2(&y, &x);
    qy_fq12_frobenius(&want, &a, 2);
    expect(&y, &want);
    qy_lanes_fq12_frobenius(&y, &y); /* in place */
    qy_fq12_frobenius(&want, &a, 3);
    expect(&y, &want);
  }
}

static void cyclotomic_squares_are_squares(void **state)
{
  (void)state;
  test_random random = {24};
  for (int round = 0; round < ROUNDS / 3; round++) {
    qy_fq12 a;
    qy_lanes_fq12 x;
    draw_cyclotomic(&a, &random);
    qy_lanes_fq12_load(&x, &a);
    for (int i = 0; i < 5; i++) {
      qy_lanes_fq12_cyclotomic_sqr(&x, &x);
      qy_fq12_sqr(&a, &a);
      expect(&x, &a);
    }
  }
}

/* Outside of the subgroup the formula is still one polynomial: at its extremes it agrees with the scalar one. */
static void cyclotomic_squares_agree_at_the_edges(void **state)
{
  (void)state;
  test_random random = {25};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq12 a;
    qy_lanes_fq12 x;
    draw(&a, &random, round % 3);
    qy_lanes_fq12_load(&x, &a);
    qy_lanes_fq12_cyclotomic_sqr(&x, &x);
    qy_fq12_cyclotomic_sqr(&a, &a);
    expect(&x, &a);
  }
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(elements_come_back),
      cmocka_unit_test(products_agree_with_scalar),
      cmocka_unit_test(automorphisms_agree_with_scalar),
      cmocka_unit_test(cyclotomic_squares_are_squares),
      cmocka_unit_test(cyclotomic_squares_agree_at_the_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
