/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers of public points with public scalars: each scalar is halved by the curve's endomorphism, the halves
 * are written in width-5 non-adjacent form, and all share their doublings. Branches on its arguments. */
#include <pairing/g1_odd_powers.h>

#include <string.h>

#include <pairing/g1_halves.h>
#include <pairing/g1_products.h>

#define NAF_LENGTH 128
#define BATCH QY_G1_ODD_POWERS_MAX_BATCH /* points whose powers are made together */
_Static_assert(BATCH >= QY_G1_MAX_TERMS, "a product in one batch");

typedef struct term {
  const qy_g1_odd_powers *powers; /* NULL for infinity */
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

static void term_init(term *t, const qy_g1_odd_powers *powers, const qy_fp *scalar)
{
  qy_g1_halves halves;
  t->powers = powers;
  qy_g1_halves_of(&halves, scalar);
  naf_of(t->digits[0], &halves, 0);
  naf_of(t->digits[1], &halves, 1);
}

static void add_digit(qy_g1_jacobian *sum, const qy_g1_odd_powers *powers, int half, int digit)
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
  qy_g1_odd_powers tables[BATCH];
  const qy_g1_affine *made[BATCH];
  qy_g1_jacobian jacobian[BATCH];
  term all[BATCH] = {{0}};
  size_t known = 0; /* distinct points so far, infinity left out */
  for (size_t i = 0; i < terms * count; i++) {
    const bool infinity = qy_g1_affine_is_infinity(&points[i]) != 0;
    size_t which = 0;
    while (which < known && memcmp(made[which], &points[i], sizeof(points[i])) != 0) {
      which++;
    }
    if (which == known && !infinity) {
      qy_g1_jacobian_from_affine(&jacobian[known], &points[i]);
      made[known++] = &points[i];
    }
    term_init(&all[i], infinity ? NULL : &tables[which], &scalars[i]);
  }
  qy_g1_odd_powers_init(tables, jacobian, known);
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
