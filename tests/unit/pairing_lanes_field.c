/* SPDX-License-Identifier: Apache-2.0 */
/* Eight field elements at a time against the scalar field, at the bounds that lanes.h states. */
#include "pairing_lanes.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <pairing/lanes/lanes.h>

#define ROUNDS 200
#define LIMB_MASK (((uint64_t)1 << QY_LANES_LIMB_BITS) - 1)

static void draw_fq(qy_fq *r, test_random *random, int kind)
{
  uint8_t bytes[64];
  const qy_random source = test_random_source(random);
  assert_ok(source.fill(source.context, bytes, sizeof(bytes), NULL));
  qy_fq_reduce(r, bytes, sizeof(bytes));
  if (kind == 1) {
    *r = qy_fq_zero;
  } else if (kind == 2) { /* the element of which the representation is q - 1 */
    *r = (qy_fq){{1, 0, 0, 0}};
    qy_fq_neg(r, r);
  } else if (kind == 3) {
    *r = qy_fq_one;
  }
}

static void draw_row(qy_fq row[8], test_random *random, int round)
{
  for (int i = 0; i < 8; i++) {
    draw_fq(&row[i], random, (i + round) % 7);
  }
}

/* An element at the edge of what is ready: limbs of ones, of zeros, or random. */
static qy_lanes draw_ready(test_random *random, int round)
{
  const qy_random source = test_random_source(random);
  uint64_t limbs[5][8];
  assert_ok(source.fill(source.context, (uint8_t *)limbs, sizeof(limbs), NULL));
  qy_lanes r;
  for (int i = 0; i < 5; i++) {
    for (int lane = 0; lane < 8; lane++) {
      const int kind = (round + lane + (lane == round % 8 ? i : 0)) % 4;
      limbs[i][lane] &= LIMB_MASK;
      limbs[i][lane] = kind == 0 ? LIMB_MASK : kind == 1 ? 0 : limbs[i][lane];
    }
    r.limb[i] = qy_vec_load(limbs[i]);
  }
  return r;
}

/* The residues of loose elements by scalar arithmetic: the sum of limbs times powers of 2^52, as the element that the
 * number stands for. */
static void residues(qy_fq row[8], qy_lanes a)
{
  uint64_t limbs[5][8];
  qy_fq weight; /* 2^(52 i) / 2^260, in the room's form */
  qy_fq step = {{(uint64_t)1 << 52, 0, 0, 0}};
  static const uint8_t two_260[33] = {0x10};
  qy_fq_reduce(&weight, two_260, sizeof(two_260));
  qy_fq_inverse(&weight, &weight);
  uint8_t bytes[32] = {0};
  bytes[25] = 0x10;
  assert_true(qy_fq_decode(&step, bytes));
  memset(row, 0, 8 * sizeof(row[0]));
  for (int i = 0; i < 5; i++) {
    qy_vec_store(limbs[i], a.limb[i]);
    for (int lane = 0; lane < 8; lane++) {
      const bool negative = (int64_t)limbs[i][lane] < 0;
      const uint64_t size = negative ? 0 - limbs[i][lane] : limbs[i][lane];
      uint8_t limb_bytes[32] = {0};
      for (int k = 0; k < 8; k++) {
        limb_bytes[31 - k] = (uint8_t)(size >> (8 * k));
      }
      qy_fq limb;
      assert_true(qy_fq_decode(&limb, limb_bytes));
      qy_fq_mul(&limb, &limb, &weight);
      qy_fq_negate_if(&limb, qy_mask_of(negative));
      qy_fq_add(&row[lane], &row[lane], &limb);
    }
    qy_fq_mul(&weight, &weight, &step);
  }
}

static void expect_row(qy_lanes got, const qy_fq want[8])
{
  qy_fq row[8];
  qy_lanes_store_row(row, got);
  assert_memory_equal(row, want, sizeof(row));
}

/* Limbs below 2^52, and the value below `bound` times 2^252 (q is a little below 2^256). */
static void expect_below(qy_lanes a, uint64_t sixteenths)
{
  uint64_t limb[8];
  for (int i = 0; i < 5; i++) {
    qy_vec_store(limb, a.limb[i]);
    for (int lane = 0; lane < 8; lane++) {
      assert_true(limb[lane] <= LIMB_MASK);
      assert_true(i < 4 || limb[lane] >> 44 < sixteenths);
    }
  }
}

static void elements_come_back(void **state)
{
  (void)state;
  test_random random = {1};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq row[8];
    qy_fq got[8];
    draw_row(row, &random, round);
    const qy_lanes a = qy_lanes_load_row(row);
    expect_below(a, 48);
    qy_lanes_store_row(got, a);
    assert_memory_equal(got, row, sizeof(row));
    residues(got, a);
    assert_memory_equal(got, row, sizeof(row));
  }
}

static void arithmetic_agrees_with_scalar(void **state)
{
  (void)state;
  test_random random = {2};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq a[8];
    qy_fq b[8];
    qy_fq want[8];
    draw_row(a, &random, round);
    draw_row(b, &random, round / 7);
    const qy_lanes x = qy_lanes_load_row(a);
    const qy_lanes y = qy_lanes_load_row(b);
    for (int i = 0; i < 8; i++) {
      qy_fq_mul(&want[i], &a[i], &b[i]);
    }
    expect_row(qy_lanes_mul(x, y), want);
    for (int i = 0; i < 8; i++) {
      qy_fq_sqr(&want[i], &a[i]);
    }
    expect_row(qy_lanes_sqr(x), want);
    for (int i = 0; i < 8; i++) {
      qy_fq_add(&want[i], &a[i], &b[i]);
    }
    expect_row(qy_lanes_carry(qy_lanes_add(x, y)), want);
    for (int i = 0; i < 8; i++) {
      qy_fq_sub(&want[i], &a[i], &b[i]);
    }
    expect_row(qy_lanes_ready(qy_lanes_sub(x, y), 3), want);
    for (int i = 0; i < 8; i++) {
      qy_fq_neg(&want[i], &a[i]);
    }
    expect_row(qy_lanes_ready(qy_lanes_neg(x), 3), want);
    for (int i = 0; i < 8; i++) {
      qy_fq_mul_small(&want[i], &a[i], 4);
    }
    expect_row(qy_lanes_carry(qy_lanes_shift(x, 2)), want);
    expect_row(qy_lanes_carry(qy_lanes_double(qy_lanes_double(x))), want);
  }
}

static void bounds_hold_at_the_edges(void **state)
{
  (void)state;
  test_random random = {3};
  for (int round = 0; round < ROUNDS; round++) {
    qy_fq a[8];
    qy_fq b[8];
    qy_fq want[8];
    const qy_lanes x = draw_ready(&random, round);
    const qy_lanes y = draw_ready(&random, round / 4);
    residues(a, x);
    residues(b, y);
    expect_row(x, a);
    expect_row(qy_lanes_fold(x), a);
    expect_below(qy_lanes_fold(x), 17);
    for (int i = 0; i < 8; i++) {
      qy_fq_sub(&want[i], &a[i], &b[i]);
      qy_fq_sub(&want[i], &want[i], &b[i]);
    }
    qy_lanes loose = qy_lanes_sub(qy_lanes_sub(x, y), y);
    qy_fq got[8];
    residues(got, loose);
    assert_memory_equal(got, want, sizeof(want));
    /* factors below 4 */
    qy_lanes x4 = x;
    qy_lanes y4 = y;
    const qy_vec low = qy_vec_all(((uint64_t)1 << 50) - 1);
    x4.limb[4] = qy_vec_and(x4.limb[4], low);
    y4.limb[4] = qy_vec_and(y4.limb[4], low);
    residues(a, x4);
    residues(b, y4);
    for (int i = 0; i < 8; i++) {
      qy_fq_mul(&want[i], &a[i], &b[i]);
    }
    expect_row(qy_lanes_mul(x4, y4), want);
    expect_below(qy_lanes_mul(x4, y4), 48);
    expect_row(qy_lanes_reduce(qy_lanes_wide_madd(qy_lanes_wide_mul(x4, y4), x4, qy_lanes_zero())), want);
    for (int i = 0; i < 8; i++) {
      qy_fq_sqr(&want[i], &a[i]);
    }
    expect_row(qy_lanes_sqr(x4), want);
    expect_below(qy_lanes_sqr(x4), 48);
  }
}

static void canonical_is_below_q(void **state)
{
  (void)state;
  /* k q - 1, k q and k q + 1 */
  for (uint64_t k = 0; k < 16; k++) {
    for (int d = -1; d <= 1; d++) {
      if (k == 0 && d < 0) {
        continue;
      }
      qy_lanes a = qy_lanes_add_q(qy_lanes_zero(), k);
      a.limb[0] = qy_vec_add(a.limb[0], qy_vec_all((uint64_t)(int64_t)d));
      a = qy_lanes_canonical(qy_lanes_carry(a));
      uint64_t zero[8];
      qy_vec_store(zero, qy_lanes_is_zero(a));
      for (int i = 0; i < 5; i++) {
        uint64_t limb[8];
        qy_vec_store(limb, a.limb[i]);
        const uint64_t want = d < 0 ? qy_lanes_q.limb[i] - (i == 0) : (uint64_t)(d == 1 && i == 0);
        for (int lane = 0; lane < 8; lane++) {
          assert_int_equal(limb[lane], want);
          assert_true(zero[lane] == (d == 0 ? UINT64_MAX : 0));
        }
      }
    }
  }
}

/* As many products as the columns are said to take, up or down, in one reduction. */
static void many_products_are_reduced_once(void **state)
{
  (void)state;
  test_random random = {5};
  for (int round = 0; round < 8; round++) {
    qy_fq a[8];
    qy_fq b[8];
    qy_fq want[8] = {{{0}}};
    qy_lanes_wide sum = qy_lanes_wide_zero();
    for (int i = 0; i < 100; i++) {
      draw_row(a, &random, i);
      draw_row(b, &random, round);
      const qy_lanes x = qy_lanes_fold(qy_lanes_load_row(a));
      const qy_lanes y = qy_lanes_fold(qy_lanes_load_row(b));
      const bool up = round % 4 == 0 || (round % 4 == 1 && i % 2 == 0);
      sum = up ? qy_lanes_wide_madd(sum, x, y) : qy_lanes_wide_sub(sum, qy_lanes_wide_mul(x, y));
      for (int lane = 0; lane < 8; lane++) {
        qy_fq t;
        qy_fq_mul(&t, &a[lane], &b[lane]);
        (up ? qy_fq_add : qy_fq_sub)(&want[lane], &want[lane], &t);
      }
    }
    /* between -100 q^2 and 100 q^2: up to 7 q more, so as to stay at 0 or above, but below 16 */
    sum = qy_lanes_wide_add_loose(sum, qy_lanes_add_q(qy_lanes_zero(), 7));
    const qy_lanes r = qy_lanes_reduce(sum);
    expect_below(r, 256);
    expect_row(r, want);
  }
  /* the extreme of every column */
  qy_lanes x;
  for (int i = 0; i < 5; i++) {
    x.limb[i] = qy_vec_all(LIMB_MASK);
  }
  qy_lanes_wide up = qy_lanes_wide_zero();
  qy_lanes_wide down = qy_lanes_wide_zero();
  for (int i = 0; i < 199; i++) {
    up = qy_lanes_wide_madd(up, x, x);
    down = qy_lanes_wide_sub(down, qy_lanes_wide_mul(x, x));
  }
  const qy_fq zeros[8] = {{{0}}};
  expect_row(qy_lanes_reduce(qy_lanes_wide_add(up, down)), zeros);
}

static void lanes_move(void **state)
{
  (void)state;
  test_random random = {6};
  qy_fq a[8];
  qy_fq b[8];
  qy_fq want[8];
  draw_row(a, &random, 0);
  draw_row(b, &random, 1);
  const qy_lanes x = qy_lanes_load_row(a);
  const qy_lanes y = qy_lanes_load_row(b);
  static const int index[8] = {3, 0, 7, 7, 1, 2, 6, 5};
  for (int i = 0; i < 8; i++) {
    want[i] = a[index[i]];
  }
  expect_row(qy_lanes_permute(x, qy_vec_of(3, 0, 7, 7, 1, 2, 6, 5)), want);
  static const int both[8] = {3, 8, 15, 7, 9, 2, 14, 5};
  for (int i = 0; i < 8; i++) {
    want[i] = both[i] < 8 ? a[both[i]] : b[both[i] - 8];
  }
  expect_row(qy_lanes_permute2(x, y, qy_vec_of(3, 8, 15, 7, 9, 2, 14, 5)), want);
  for (int i = 0; i < 8; i++) {
    want[i] = (0xa6 >> i & 1) != 0 ? b[i] : a[i];
  }
  expect_row(qy_lanes_blend(0xa6, x, y), want);
  const uint64_t on = UINT64_MAX;
  expect_row(qy_lanes_select(qy_vec_of(0, on, on, 0, 0, on, 0, on), y, x), want);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(elements_come_back),
      cmocka_unit_test(arithmetic_agrees_with_scalar),
      cmocka_unit_test(bounds_hold_at_the_edges),
      cmocka_unit_test(canonical_is_below_q),
      cmocka_unit_test(many_products_are_reduced_once),
      cmocka_unit_test(lanes_move),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
