/* SPDX-License-Identifier: Apache-2.0 */
/* The pairing over lanes gives the bytes of the scalar one. */
#include "pairing_lanes.h"
#include "vectors.h"

#include <pairing/lanes/pairing.h>
#include <pairing/path.h>

#define PAIRS QY_PAIRING_MAX_PAIRS

typedef struct pairs {
  qy_g1 points[PAIRS];
  qy_pairing_lines lines[PAIRS];
  const qy_pairing_lines *pointers[PAIRS];
} pairs;

static void draw_scalar(qy_fp *r, test_random *random)
{
  const qy_random source = test_random_source(random);
  assert_ok(qy_fp_random(r, &source, NULL));
}

static void draw(pairs *p, test_random *random)
{
  for (size_t i = 0; i < PAIRS; i++) {
    qy_fp scalar;
    qy_g1 g1;
    qy_g2 g2;
    qy_g2_affine affine;
    qy_g1_from_affine(&g1, &qy_g1_generator);
    draw_scalar(&scalar, random);
    qy_g1_power(&p->points[i], &g1, &scalar, 1);
    qy_g2_from_affine(&g2, &qy_g2_generator);
    draw_scalar(&scalar, random);
    qy_g2_power(&g2, &g2, &scalar);
    qy_g2_to_affine(&affine, &g2);
    qy_pairing_lines_init(&p->lines[i], &affine);
    p->pointers[i] = &p->lines[i];
  }
}

static void expect_equal(const pairs *p, size_t count)
{
  qy_fq12 got;
  qy_fq12 want;
  qy_lanes_pairing_product(&got, p->points, p->pointers, count);
  qy_path_portable.pairing_product(&want, p->points, p->pointers, count);
  assert_memory_equal(&got, &want, sizeof(got));
}

static void products_of_any_number_agree(void **state)
{
  (void)state;
  test_random random = {31};
  static pairs p;
  for (int round = 0; round < 3; round++) {
    draw(&p, &random);
    for (size_t count = 1; count <= PAIRS; count++) {
      expect_equal(&p, count);
    }
  }
}

static void infinity_gives_one(void **state)
{
  (void)state;
  test_random random = {32};
  static pairs p;
  draw(&p, &random);
  for (size_t count = 1; count <= PAIRS; count++) {
    qy_g1_set_infinity(&p.points[count - 1]);
    expect_equal(&p, count);
  }
  qy_fq12 one;
  qy_fq12 got;
  qy_fq12_set_one(&one);
  qy_lanes_pairing_product(&got, p.points, p.pointers, PAIRS);
  assert_memory_equal(&got, &one, sizeof(one));
}

/* e(a P, Q) e(-P, a Q) = 1: a relation that no factor survives. */
static void it_is_bilinear(void **state)
{
  (void)state;
  test_random random = {33};
  static pairs p;
  qy_fp scalar;
  qy_g2 g2;
  qy_g2_affine affine;
  qy_fq12 one;
  qy_fq12 got;
  draw(&p, &random);
  draw_scalar(&scalar, &random);
  qy_g1_neg(&p.points[1], &p.points[0]);
  qy_g1_power(&p.points[0], &p.points[0], &scalar, 1);
  qy_pairing_lines_init(&p.lines[0], &qy_g2_generator);
  qy_g2_from_affine(&g2, &qy_g2_generator);
  qy_g2_power(&g2, &g2, &scalar);
  qy_g2_to_affine(&affine, &g2);
  qy_pairing_lines_init(&p.lines[1], &affine);
  qy_fq12_set_one(&one);
  qy_lanes_pairing_product(&got, p.points, p.pointers, 2);
  assert_memory_equal(&got, &one, sizeof(one));
  qy_lanes_pairing_product(&got, p.points, p.pointers, 1);
  assert_memory_not_equal(&got, &one, sizeof(one));
}

static void lines_agree(void **state)
{
  (void)state;
  test_random random = {34};
  static qy_pairing_lines got;
  static qy_pairing_lines want;
  for (int round = 0; round < 4; round++) {
    qy_g2_affine affine = qy_g2_generator;
    if (round > 0) {
      qy_fp scalar;
      qy_g2 g2;
      draw_scalar(&scalar, &random);
      qy_g2_from_affine(&g2, &affine);
      qy_g2_power(&g2, &g2, &scalar);
      qy_g2_to_affine(&affine, &g2);
    }
    qy_lanes_pairing_lines_init(&got, &affine);
    qy_path_portable.pairing_lines_init(&want, &affine);
    assert_memory_equal(&got, &want, sizeof(got));
  }
}

static void the_subgroup_is_told_apart(void **state)
{
  (void)state;
  test_random random = {35};
  const qy_random source = test_random_source(&random);
  qy_g2_affine point = {0};
  size_t outside = 0;
  assert_true(qy_lanes_g2_in_subgroup(&qy_g2_generator));
  assert_true(qy_lanes_g2_in_subgroup(&point)); /* infinity */
  for (int round = 0; round < 8; round++) {     /* no such point lies on the twist, but the formulas do not ask */
    uint8_t bytes[64];
    qy_fq *coordinates[4] = {&point.x.c0, &point.x.c1, &point.y.c0, &point.y.c1};
    for (int i = 0; i < 4; i++) {
      assert_ok(source.fill(source.context, bytes, sizeof(bytes), NULL));
      qy_fq_reduce(coordinates[i], bytes, sizeof(bytes));
    }
    outside += qy_lanes_g2_in_subgroup(&point) ? 0 : 1;
  }
  assert_int_equal(outside, 8);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_of_any_number_agree),
      cmocka_unit_test(infinity_gives_one),
      cmocka_unit_test(it_is_bilinear),
      cmocka_unit_test(lines_agree),
      cmocka_unit_test(the_subgroup_is_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
