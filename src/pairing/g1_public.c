/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers of public points with public scalars: each scalar is halved by the curve's endomorphism
 * (Gallant, Lambert, Vanstone 2001), the halves are written in width-5 non-adjacent form, and all share their
 * doublings. Branches on its arguments. */
#include <pairing/g1.h>

#include <pairing/g1_halves.h>

#define NAF_LENGTH 128
#define NAF_ENTRIES 8 /* odd powers 1, 3, ... 15 */

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

static void add_entry(qy_g1 *r, const qy_g1 table[NAF_ENTRIES], int digit)
{
  if (digit > 0) {
    qy_g1_add(r, r, &table[digit / 2]);
  } else if (digit < 0) {
    qy_g1 negative;
    qy_g1_neg(&negative, &table[-digit / 2]);
    qy_g1_add(r, r, &negative);
  }
}

void qy_g1_power_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count)
{
  qy_g1 tables[2 * QY_G1_MAX_TERMS][NAF_ENTRIES];
  int8_t digits[2 * QY_G1_MAX_TERMS][NAF_LENGTH];
  for (size_t i = 0; i < count; i++) {
    qy_g1 *table = tables[2 * i];
    qy_g1 *image = tables[2 * i + 1];
    qy_g1 square;
    qy_g1_halves halves;
    qy_g1_halves_of(&halves, &scalars[i]);
    naf_of(digits[2 * i], &halves, 0);
    naf_of(digits[2 * i + 1], &halves, 1);
    qy_g1_from_affine(&table[0], &points[i]);
    qy_g1_double(&square, &table[0]);
    for (int j = 1; j < NAF_ENTRIES; j++) {
      qy_g1_add(&table[j], &table[j - 1], &square);
    }
    for (int j = 0; j < NAF_ENTRIES; j++) {
      image[j] = table[j];
      qy_fq_mul(&image[j].x, &image[j].x, &qy_g1_beta);
    }
  }
  qy_g1_set_infinity(r);
  for (int bit = NAF_LENGTH - 1; bit >= 0; bit--) {
    qy_g1_double(r, r);
    for (size_t i = 0; i < 2 * count; i++) {
      add_entry(r, tables[i], digits[i][bit]);
    }
  }
}
