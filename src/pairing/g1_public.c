/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers of public points with public scalars: each scalar is halved by the curve's endomorphism, the halves
 * are written in width-5 non-adjacent form, and all share their doublings. Branches on its arguments. */
#include <pairing/g1_jacobian.h>

#include <string.h>

#include <pairing/g1_halves.h>
#include <pairing/g1_products.h>

#define NAF_LENGTH 128
#define ENTRIES 8 /* odd powers 1, 3, ... 15 */
#define BATCH 8   /* points whose tables are made together, at the price of one inversion */
_Static_assert(BATCH >= QY_G1_MAX_TERMS, "a product in one batch");

/* The powers of one point, and of its image under the endomorphism, which differ in x alone. */
typedef struct odd_powers {
  qy_g1_affine entries[ENTRIES];
  qy_fq images[ENTRIES];
} odd_powers;

typedef struct term {
  const odd_powers *powers; /* NULL for infinity */
  int8_t digits[2][NAF_LENGTH];
} term;

/* Width-5 non-adjacent form of one half. */
static void naf_of(int8_t naf[NAF_LENGTH], const qy_g1_halves *halves, int half)
{
  qy_u128 rest = (qy_u128)halves->size[half][1] << 64 | halves->size[half][0];
  for (int i = 0; i < NAF_LENGTH; i++) {
    int digit = 0;
    if ((rest & 1) != 0) {
      digit = (int)(rest & 31);
      digit = digit > 15 ? digit - 32 : digit;
      rest -= (qy_u128)digit;
    }
    naf[i] = (int8_t)(halves->negative[half] != 0 ? -digit : digit);
    rest >>= 1;
  }
}

static void term_init(term *t, const odd_powers *powers, const qy_fp *scalar)
{
  qy_g1_halves halves;
  t->powers = powers;
  qy_g1_halves_of(&halves, scalar);
  naf_of(t->digits[0], &halves, 0);
  naf_of(t->digits[1], &halves, 1);
}

/* Odd powers, still with their z. They are added up on the isomorphic curve on which the square of the point has z = 1:
 * its formulas are the same. */
static void multiply_out(qy_g1_jacobian r[ENTRIES], const qy_g1_affine *point)
{
  qy_g1_jacobian square;
  qy_g1_affine step;
  qy_fq zz;
  qy_g1_jacobian_from_affine(&r[0], point);
  qy_g1_jacobian_double(&square, &r[0]);
  step = (qy_g1_affine){square.x, square.y};
  qy_fq_sqr(&zz, &square.z);
  qy_fq_mul(&r[0].x, &r[0].x, &zz);
  qy_fq_mul(&zz, &zz, &square.z);
  qy_fq_mul(&r[0].y, &r[0].y, &zz);
  for (int i = 1; i < ENTRIES; i++) {
    qy_g1_jacobian_add_distinct(&r[i], &r[i - 1], &step);
  }
  for (int i = 0; i < ENTRIES; i++) {
    qy_fq_mul(&r[i].z, &r[i].z, &square.z);
  }
}

/* No point is at infinity. */
static void powers_init(odd_powers *r, const qy_g1_affine *const *points, size_t count)
{
  qy_g1_jacobian odd[BATCH][ENTRIES];
  qy_fq inverses[BATCH][ENTRIES];
  qy_fq scratch[BATCH * ENTRIES];
  for (size_t i = 0; i < count; i++) {
    multiply_out(odd[i], points[i]);
    for (int j = 0; j < ENTRIES; j++) {
      inverses[i][j] = odd[i][j].z;
    }
  }
  qy_fq_inverse_many(inverses[0], scratch, count * ENTRIES);
  for (size_t i = 0; i < count; i++) {
    for (int j = 0; j < ENTRIES; j++) {
      qy_g1_jacobian_to_affine(&r[i].entries[j], &odd[i][j], &inverses[i][j]);
      qy_fq_mul(&r[i].images[j], &r[i].entries[j].x, &qy_g1_beta);
    }
  }
}

static void add_digit(qy_g1_jacobian *sum, const odd_powers *powers, int half, int digit)
{
  const int entry = (digit < 0 ? -digit : digit) / 2;
  qy_g1_affine point = powers->entries[entry];
  if (half == 1) {
    point.x = powers->images[entry];
  }
  if (digit < 0) {
    qy_fq_neg(&point.y, &point.y);
  }
  qy_g1_jacobian_add_public(sum, sum, &point);
}

static void product(qy_g1 *r, const term *terms, size_t count)
{
  qy_g1_jacobian sum = {qy_fq_one, qy_fq_one, qy_fq_zero};
  for (int bit = NAF_LENGTH - 1; bit >= 0; bit--) {
    if (qy_fq_is_zero(&sum.z) == 0) {
      qy_g1_jacobian_double(&sum, &sum);
    }
    for (size_t i = 0; i < 2 * count; i++) {
      const term *t = &terms[i / 2];
      if (t->digits[i % 2][bit] != 0 && t->powers != NULL) {
        add_digit(&sum, t->powers, (int)(i % 2), t->digits[i % 2][bit]);
      }
    }
  }
  qy_g1_from_jacobian(r, &sum);
}

/* Products whose terms are at most BATCH in all. */
static void batch(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  odd_powers tables[BATCH];
  const qy_g1_affine *made[BATCH];
  term all[BATCH] = {{0}};
  size_t known = 0; /* distinct points so far, infinity left out */
  for (size_t i = 0; i < terms * count; i++) {
    const bool infinity = qy_g1_affine_is_infinity(&points[i]) != 0;
    size_t which = 0;
    while (which < known && memcmp(made[which], &points[i], sizeof(points[i])) != 0) {
      which++;
    }
    if (which == known && !infinity) {
      made[known++] = &points[i];
    }
    term_init(&all[i], infinity ? NULL : &tables[which], &scalars[i]);
  }
  powers_init(tables, made, known);
  for (size_t i = 0; i < count; i++) {
    product(&r[i], all + i * terms, terms);
  }
}

void qy_g1_products_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  const size_t step = BATCH / (terms == 0 ? 1 : terms);
  for (size_t done = 0; done < count; done += step) {
    batch(r + done, points + done * terms, scalars + done * terms, terms, count - done < step ? count - done : step);
  }
}

void qy_g1_power_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count)
{
  qy_g1_products_public(r, points, scalars, count, 1);
}
