/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers of public points with public scalars: each scalar is halved by the curve's endomorphism
 * (Gallant, Lambert, Vanstone 2001), the halves are written in width-5 non-adjacent form, and all share their
 * doublings. Branches on its arguments. */
#include <pairing/g1.h>

#include <string.h>

#define NAF_LENGTH 132
#define NAF_ENTRIES 8 /* odd powers 1, 3, ... 15 */

/* (x, y) -> (beta x, y) raises to the power lambda, a third root of 1 modulo p. */
static const qy_fq beta = {{0xfa0e4b7ed9a5d3fa, 0xf2d164ef300b3983, 0x43ff969627c49945, 0xd999b78dc3ba449b}};

/* A short basis of {(x, y) : x + lambda y = 0 mod p}: (a1, -b1) and (b1, a2); and b1, a2 times 2^320 / p. */
static const uint64_t basis_a1[4] = {0x3af0036e1b054003, 0xfffffffffffe7866, 0, 0};
static const uint64_t basis_a2[4] = {0x0bf5eeee7c669004, 0xfffffffffffe7867, 0, 0};
static const uint64_t basis_b1[4] = {0xd105eb8061615001, 0, 0, 0};
static const uint64_t scaled_a2[4] = {0x4fac153abc9b3109, 0xc50ffc943c01d450, 0x0000000000018799, 1};
static const uint64_t scaled_b1[4] = {0x859835ddce889a09, 0xd105eb806163cf7b, 0, 0};

/* r = r - a b modulo 2^256, or r + a b */
static void subtract_product(uint64_t r[4], const uint64_t a[4], const uint64_t b[4])
{
  uint64_t product[8];
  uint64_t borrow = 0;
  qy_wide_mul(product, a, b);
  for (int i = 0; i < 4; i++) {
    r[i] = qy_sub_borrow(r[i], product[i], &borrow);
  }
}

static void add_product(uint64_t r[4], const uint64_t a[4], const uint64_t b[4])
{
  uint64_t product[8];
  uint64_t carry = 0;
  qy_wide_mul(product, a, b);
  for (int i = 0; i < 4; i++) {
    r[i] = qy_add_carry(r[i], product[i], &carry);
  }
}

/* Turns two's complement into a magnitude; returns whether it was negative. */
static bool take_sign(uint64_t a[4])
{
  if ((a[3] >> 63) == 0) {
    return false;
  }
  uint64_t borrow = 0;
  for (int i = 0; i < 4; i++) {
    a[i] = qy_sub_borrow(0, a[i], &borrow);
  }
  return true;
}

/* Width-5 non-adjacent form of a number below 2^130, negated if asked. */
static void naf_of(int8_t naf[NAF_LENGTH], uint64_t a[4], bool negative)
{
  for (int i = 0; i < NAF_LENGTH; i++) {
    int digit = 0;
    if ((a[0] & 1) != 0) {
      digit = (int)(a[0] & 31);
      digit = digit > 15 ? digit - 32 : digit;
      uint64_t carry = 0;
      const uint64_t back = digit < 0 ? (uint64_t)-digit : 0;
      a[0] -= digit > 0 ? (uint64_t)digit : 0;
      a[0] = qy_add_carry(a[0], back, &carry);
      a[1] = qy_add_carry(a[1], 0, &carry);
      a[2] = qy_add_carry(a[2], 0, &carry);
    }
    naf[i] = (int8_t)(negative ? -digit : digit);
    a[0] = a[0] >> 1 | a[1] << 63;
    a[1] = a[1] >> 1 | a[2] << 63;
    a[2] = a[2] >> 1;
  }
}

/* scalar = first + lambda second mod p, both below 2^129 in size */
static void split(int8_t first[NAF_LENGTH], int8_t second[NAF_LENGTH], const qy_fp *scalar)
{
  uint64_t k[4];
  uint64_t wide[8];
  uint64_t c1[4] = {0};
  uint64_t c2[4] = {0};
  uint64_t half[4] = {0};
  qy_fp_limbs(k, scalar);
  qy_wide_mul(wide, k, scaled_a2);
  memcpy(c1, wide + 5, 3 * sizeof(uint64_t));
  qy_wide_mul(wide, k, scaled_b1);
  memcpy(c2, wide + 5, 3 * sizeof(uint64_t));
  subtract_product(k, c1, basis_a1);
  subtract_product(k, c2, basis_b1);
  add_product(half, c1, basis_b1);
  subtract_product(half, c2, basis_a2);
  const bool first_negative = take_sign(k);
  const bool second_negative = take_sign(half);
  naf_of(first, k, first_negative);
  naf_of(second, half, second_negative);
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
    split(digits[2 * i], digits[2 * i + 1], &scalars[i]);
    qy_g1_from_affine(&table[0], &points[i]);
    qy_g1_double(&square, &table[0]);
    for (int j = 1; j < NAF_ENTRIES; j++) {
      qy_g1_add(&table[j], &table[j - 1], &square);
    }
    for (int j = 0; j < NAF_ENTRIES; j++) {
      image[j] = table[j];
      qy_fq_mul(&image[j].x, &image[j].x, &beta);
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
