/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a path, and all entries of every path's table against those of the portable one: the same inputs, secret
 * and public, awkward and random, give the same bytes. A path that this CPU cannot take is said to be left out. */
#include "vectors.h"

#include <string.h>

#include <pairing/path.h>

enum { POINTS = 12, PAIRS = QY_PAIRING_MAX_PAIRS, ROOM = 64 * 1024 };
static const char *const names[] = {"adx", "ifma"};

typedef struct inputs {
  qy_g1 points[POINTS];
  qy_g1_affine affine[POINTS]; /* the fourth at infinity */
  qy_fp scalars[POINTS];
  qy_fq elements[POINTS];
  uint8_t encoded[POINTS][QY_FP_SIZE];
  qy_g2_affine twist[PAIRS];
} inputs;

/* What a path makes of them, encoded. */
typedef struct outputs {
  uint8_t bytes[ROOM];
  size_t size;
} outputs;

static void put_fq(outputs *o, const qy_fq *a)
{
  assert_true(o->size + QY_FQ_SIZE <= ROOM);
  qy_fq_encode(o->bytes + o->size, a);
  o->size += QY_FQ_SIZE;
}

static void put_number(outputs *o, uint64_t number)
{
  assert_true(o->size + sizeof(number) <= ROOM);
  memcpy(o->bytes + o->size, &number, sizeof(number));
  o->size += sizeof(number);
}

static void put_points(outputs *o, const qy_g1 *points, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    assert_true(o->size + QY_G1_SIZE <= ROOM);
    qy_g1_encode(o->bytes + o->size, &points[i]);
    o->size += QY_G1_SIZE;
  }
}

static qy_fp scalar_of(uint64_t value)
{
  qy_fp r;
  qy_fp_set_u64(&r, value);
  return r;
}

/* 0, 1, p - 1, 2 and (p + 1) / 2, then random ones. */
static qy_fp scalar_at(size_t i, qy_random *source)
{
  qy_fp r = scalar_of(i < 4 ? (i < 2 ? i : i - 1) : 2);
  if (i == 2) {
    qy_fp_neg(&r, &r);
  } else if (i == 4) {
    qy_fp_inverse(&r, &r);
  } else if (i > 4) {
    assert_ok(qy_fp_random(&r, source, NULL));
  }
  return r;
}

static void inputs_init(inputs *in)
{
  test_random random = {41};
  qy_random source = test_random_source(&random);
  qy_g1 point;
  qy_g2 other;
  qy_g1_from_affine(&point, &qy_g1_generator);
  qy_g2_from_affine(&other, &qy_g2_generator);
  for (size_t i = 0; i < POINTS; i++) {
    const qy_fp k = scalar_of(7 * i + 3);
    in->scalars[i] = scalar_at(i, &source);
    qy_fp_encode(in->encoded[i], &in->scalars[i]);
    qy_g1_power(&in->points[i], &point, i == 3 ? &in->scalars[0] : &k, 1);
    qy_g1_to_affine(&in->affine[i], &in->points[i]);
    in->elements[i] = in->affine[(i + 1) % 3].x;
    qy_fq_mul_small(&in->elements[i], &in->elements[i], i % 5); /* every fifth is 0 */
  }
  for (size_t i = 0; i < PAIRS; i++) {
    qy_g2_to_affine(&in->twist[i], &other);
    qy_g2_power(&other, &other, &in->scalars[5 + i]);
  }
}

static void run_fields(outputs *o, const inputs *in)
{
  qy_fq elements[POINTS];
  qy_fq scratch[POINTS];
  memcpy(elements, in->elements, sizeof(elements));
  qy_fq_inverse_many(elements, scratch, POINTS);
  for (size_t i = 0; i < POINTS; i++) {
    qy_fq root;
    put_fq(o, &elements[i]);
    put_number(o, qy_fq_sqrt(&root, &in->elements[i]));
    put_fq(o, &root);
  }
}

static void run_g1(outputs *o, const inputs *in)
{
  qy_g1 r[POINTS];
  qy_g1_affine affine[POINTS];
  qy_g1_to_affine_many(affine, in->points, POINTS);
  for (size_t i = 0; i < POINTS; i++) {
    put_fq(o, &affine[i].x);
    put_fq(o, &affine[i].y);
    qy_g1_power(&r[0], &in->points[i], &in->scalars[POINTS - 1 - i], 1);
    qy_g1_power_public(&r[1], &in->affine[i], &in->scalars[POINTS - 1 - i], 1);
    put_points(o, r, 2);
  }
  for (size_t terms = 1; terms <= QY_G1_MAX_TERMS; terms++) {
    const size_t count = POINTS / terms;
    qy_g1_power(&r[0], in->points, in->scalars, terms);
    qy_g1_power_public(&r[1], in->affine, in->scalars, terms);
    put_points(o, r, 2);
    qy_g1_products(r, in->affine, in->scalars, terms, count);
    put_points(o, r, count);
    qy_g1_products_public(r, in->affine, in->scalars, terms, count);
    put_points(o, r, count);
    qy_g1_products_shared(r, in->affine, in->scalars, terms, count);
    put_points(o, r, count);
    qy_g1_products_shared_public(r, in->affine, in->scalars, terms, count);
    put_points(o, r, count);
  }
  put_number(o, qy_g1_search(&qy_g1_generator, &in->affine[5], in->encoded[0], POINTS));
  qy_g1_power(&r[0], &in->points[7], &in->scalars[8], 1);
  qy_g1_to_affine(&affine[0], &r[0]);
  put_number(o, qy_g1_search(&in->affine[7], &affine[0], in->encoded[0], POINTS));
}

static void run_tables(outputs *o, const inputs *in)
{
  static qy_g1_table table;
  qy_g1_fixed_power powers[POINTS];
  qy_g1 r[POINTS];
  qy_g1_table_init(&table, &in->affine[6]);
  for (size_t i = 0; i < POINTS; i++) {
    powers[i] = (qy_g1_fixed_power){i * i % 5, &table, &in->scalars[i]};
    r[i] = in->points[i];
    qy_g1_table_power(&r[i], &table, &in->scalars[i]);
    qy_g1_table_power_public(&r[i], &table, &in->scalars[i]);
  }
  put_points(o, r, POINTS);
  qy_g1_fixed_products(r, powers, POINTS);
  put_points(o, r, 5);
  qy_g1_fixed_products_public(r, powers, POINTS);
  put_points(o, r, 5);
}

static void run_pairings(outputs *o, const inputs *in)
{
  static qy_pairing_lines lines[PAIRS];
  const qy_pairing_lines *pointers[PAIRS];
  for (size_t i = 0; i < PAIRS; i++) {
    qy_g2 power;
    qy_g2_affine affine;
    put_number(o, qy_g2_in_subgroup(&in->twist[i]));
    qy_g2_from_affine(&power, &in->twist[i]);
    qy_g2_power(&power, &power, &in->scalars[i]);
    qy_g2_to_affine(&affine, &power);
    put_fq(o, &affine.x.c0);
    put_fq(o, &affine.y.c1);
    qy_pairing_lines_init(&lines[i], &in->twist[i]);
    pointers[i] = &lines[i];
  }
  for (size_t first = 0; first < POINTS; first += PAIRS) {
    for (size_t count = 0; count <= PAIRS; count++) {
      qy_fq12 r;
      qy_pairing_product(&r, in->points + first, pointers, count);
      assert_true(o->size + QY_FQ12_SIZE <= ROOM);
      qy_fq12_encode(o->bytes + o->size, &r);
      o->size += QY_FQ12_SIZE;
    }
  }
}

static void run(outputs *o, const inputs *in)
{
  o->size = 0;
  run_fields(o, in);
  run_g1(o, in);
  run_tables(o, in);
  run_pairings(o, in);
}

static void every_path_gives_the_same_bytes(void **state)
{
  (void)state;
  static inputs in;
  static outputs expected;
  static outputs got;
  assert_true(qy_path_choose("portable", NULL));
  inputs_init(&in);
  run(&expected, &in);
  assert_true(expected.size > 10000);
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (!qy_path_choose(names[i], NULL)) {
      print_message("left out: the path %s is not for this CPU\n", names[i]);
      continue;
    }
    run(&got, &in);
    assert_int_equal(got.size, expected.size);
    assert_memory_equal(got.bytes, expected.bytes, expected.size);
  }
}

static void a_path_is_chosen_by_name(void **state)
{
  (void)state;
  bool known = true;
  assert_true(qy_path_choose("portable", &known));
  assert_true(known);
  assert_string_equal(qy_path_chosen()->name, "portable");
  assert_false(qy_path_choose("abacus", &known));
  assert_false(known);
  assert_string_equal(qy_path_chosen()->name, "portable");
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    const bool taken = qy_path_choose(names[i], &known);
    assert_true(!taken || known);
    assert_true(!taken || qy_path_chosen()->supported());
    assert_true(!taken || strcmp(qy_path_chosen()->name, names[i]) == 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_path_is_chosen_by_name),
                                     cmocka_unit_test(every_path_gives_the_same_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
