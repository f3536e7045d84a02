/* SPDX-License-Identifier: Apache-2.0 */
/* Points side by side against the scalar group law: all eight lanes with different points, some of them at infinity,
 * equal or opposite, and coordinates as large as lanes_g1.h lets them be. */
#include "pairing_lanes.h"
#include "vectors.h"

#include <pairing/lanes/lanes_g1.h>

static void draw_point(qy_g1 *r, test_random *random)
{
  const qy_random source = test_random_source(random);
  qy_g1 generator;
  qy_fp scalar;
  assert_ok(qy_fp_random(&scalar, &source, NULL));
  qy_g1_from_affine(&generator, &qy_g1_generator);
  qy_g1_power(r, &generator, &scalar, 1);
}

/* Eight pairs: all kinds that complete formulas have to take. */
static void draw_pairs(qy_g1 a[8], qy_g1 b[8], test_random *random)
{
  for (int i = 0; i < 8; i++) {
    draw_point(&a[i], random);
    draw_point(&b[i], random);
  }
  b[1] = a[1];
  qy_g1_neg(&b[2], &a[2]);
  qy_g1_set_infinity(&a[3]);
  qy_g1_set_infinity(&b[4]);
  qy_g1_set_infinity(&a[5]);
  qy_g1_set_infinity(&b[5]);
}

static qy_lanes_g1 load(const qy_g1 points[8])
{
  const qy_g1 *const in[8] = {&points[0], &points[1], &points[2], &points[3],
                              &points[4], &points[5], &points[6], &points[7]};
  const qy_lanes_g1 r = qy_lanes_g1_load(in);
  return (qy_lanes_g1){qy_lanes_canonical(r.x), qy_lanes_canonical(r.y), qy_lanes_canonical(r.z)};
}

/* The same residues, larger. */
static qy_lanes_g1 swell(const qy_lanes_g1 *a, uint64_t x, uint64_t y, uint64_t z)
{
  return (qy_lanes_g1){qy_lanes_ready(a->x, x), qy_lanes_ready(a->y, y), qy_lanes_ready(a->z, z)};
}

static void expect_points(const qy_lanes_g1 *got, const qy_g1 want[8])
{
  qy_g1 points[8];
  qy_g1 *const out[8] = {&points[0], &points[1], &points[2], &points[3],
                         &points[4], &points[5], &points[6], &points[7]};
  qy_lanes_g1_store(out, got);
  for (int i = 0; i < 8; i++) {
    uint8_t got_bytes[QY_G1_SIZE];
    uint8_t want_bytes[QY_G1_SIZE];
    qy_g1_encode(got_bytes, &points[i]);
    qy_g1_encode(want_bytes, &want[i]);
    assert_memory_equal(got_bytes, want_bytes, QY_G1_SIZE);
  }
}

/* Whether each lane is below `tenths` tenths of q: by the top limb, which is the leading digits. */
static void expect_below(qy_lanes a, uint64_t tenths)
{
  uint64_t top[8];
  for (int i = 0; i < 5; i++) {
    qy_vec_store(top, a.limb[i]);
    for (int lane = 0; lane < 8; lane++) {
      assert_true(top[lane] >> QY_LANES_LIMB_BITS == 0);
    }
  }
  for (int lane = 0; lane < 8; lane++) {
    assert_true(top[lane] <= qy_lanes_q.limb[4] / 10 * tenths);
  }
}

static void expect_sum_bounds(const qy_lanes_g1 *a)
{
  expect_below(a->x, 75);
  expect_below(a->y, 84);
  expect_below(a->z, 50);
}

static void points_go_in_and_out(void **state)
{
  (void)state;
  test_random random = {61};
  qy_g1 a[8];
  qy_g1 b[8];
  qy_g1_affine affine[8];
  const qy_g1_affine *in[8];
  draw_pairs(a, b, &random);
  const qy_lanes_g1 projective = load(a);
  expect_points(&projective, a);
  qy_g1_to_affine_many(affine, a, 8);
  for (int i = 0; i < 8; i++) {
    in[i] = &affine[i];
  }
  const qy_lanes_g1 loaded = qy_lanes_g1_load_affine(in);
  expect_points(&loaded, a);
}

static void sums_of_any_pair(void **state)
{
  (void)state;
  test_random random = {62};
  for (int round = 0; round < 20; round++) {
    qy_g1 a[8];
    qy_g1 b[8];
    qy_g1 want[8];
    draw_pairs(a, b, &random);
    for (int i = 0; i < 8; i++) {
      qy_g1_add(&want[i], &a[i], &b[i]);
    }
    const qy_lanes_g1 left = load(a);
    const qy_lanes_g1 right = load(b);
    const qy_lanes_g1 small = qy_lanes_g1_sum(&left, &right);
    expect_points(&small, want);
    const qy_lanes_g1 large = swell(&left, 6, 7, 4);
    const qy_lanes_g1 sum = qy_lanes_g1_sum(&large, &right);
    expect_points(&sum, want);
    expect_sum_bounds(&sum);
  }
}

static void sums_with_affine_points(void **state)
{
  (void)state;
  test_random random = {63};
  for (int round = 0; round < 20; round++) {
    qy_g1 a[8];
    qy_g1 b[8];
    qy_g1 want[8];
    qy_g1_affine affine[8];
    qy_g1 normal[8];
    draw_pairs(a, b, &random);
    draw_point(&b[4], &random);
    draw_point(&b[5], &random);
    qy_g1_to_affine_many(affine, b, 8);
    for (int i = 0; i < 8; i++) {
      qy_g1_from_affine(&normal[i], &affine[i]);
      qy_g1_add(&want[i], &a[i], &b[i]);
    }
    const qy_lanes_g1 left = load(a);
    const qy_lanes_g1 right = load(normal);
    const qy_lanes_g1_affine other = {right.x, right.y};
    const qy_lanes_g1 large = swell(&left, 6, 7, 4);
    const qy_lanes_g1 sum = qy_lanes_g1_sum_affine(&large, &other);
    expect_points(&sum, want);
    expect_sum_bounds(&sum);
  }
}

static void doubles_of_any_point(void **state)
{
  (void)state;
  test_random random = {64};
  for (int round = 0; round < 20; round++) {
    qy_g1 a[8];
    qy_g1 b[8];
    qy_g1 want[8];
    draw_pairs(a, b, &random);
    for (int i = 0; i < 8; i++) {
      qy_g1_double(&want[i], &a[i]);
    }
    const qy_lanes_g1 point = load(a);
    const qy_lanes_g1 large = swell(&point, 6, 7, 4);
    const qy_lanes_g1 twice = qy_lanes_g1_twice(&large);
    expect_points(&twice, want);
    expect_sum_bounds(&twice);
  }
}

/* Many doublings in a row, from coordinates as large as may be, and back to affine. */
static void jacobian_doubles(void **state)
{
  (void)state;
  test_random random = {65};
  qy_g1 a[8];
  qy_g1 want[8];
  qy_g1_affine affine[8];
  const qy_g1_affine *in[8];
  for (int i = 0; i < 8; i++) {
    draw_point(&a[i], &random);
    in[i] = &affine[i];
    want[i] = a[i];
  }
  qy_g1_to_affine_many(affine, a, 8);
  qy_lanes_g1 point = qy_lanes_g1_load_affine(in);
  point = swell(&point, 4, 4, 6);
  for (int round = 0; round < 40; round++) {
    qy_lanes inverse[1];
    qy_lanes scratch[1];
    point = qy_lanes_g1_twice_jacobian(&point);
    expect_below(point.x, 57);
    expect_below(point.y, 59);
    expect_below(point.z, 77);
    inverse[0] = point.z;
    qy_lanes_inverse_many(inverse, scratch, 1);
    const qy_lanes_g1_affine normal = qy_lanes_g1_rescale(&point, inverse[0]);
    const qy_lanes_g1 got = {normal.x, normal.y, qy_lanes_all(&qy_lanes_one)};
    for (int i = 0; i < 8; i++) {
      qy_g1_double(&want[i], &want[i]);
    }
    expect_points(&got, want);
  }
}

static void neighbours_are_folded(void **state)
{
  (void)state;
  test_random random = {66};
  qy_g1 a[8];
  qy_g1 b[8];
  qy_g1 want[8];
  draw_pairs(a, b, &random);
  a[7] = a[6];
  for (int i = 0; i < 4; i++) {
    qy_g1_add(&want[i], &a[2 * i], &a[2 * i + 1]);
    qy_g1_add(&want[i + 4], &b[2 * i], &b[2 * i + 1]);
  }
  const qy_lanes_g1 left = load(a);
  const qy_lanes_g1 right = load(b);
  const qy_lanes_g1 left_large = swell(&left, 6, 7, 4);
  const qy_lanes_g1 right_large = swell(&right, 6, 7, 4);
  qy_lanes_g1 got;
  qy_lanes_g1_fold_pairs(&got, &left_large, &right_large);
  expect_points(&got, want);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(points_go_in_and_out),    cmocka_unit_test(sums_of_any_pair),
      cmocka_unit_test(sums_with_affine_points), cmocka_unit_test(doubles_of_any_point),
      cmocka_unit_test(jacobian_doubles),        cmocka_unit_test(neighbours_are_folded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
