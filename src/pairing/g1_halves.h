/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars in halves (Gallant, Lambert, Vanstone 2001): the map (x, y) -> (beta x, y), beta a third root of 1, raises
 * points of G1 to the power lambda, and every scalar is first + lambda second mod p with both below 2^127 in size.
 * Nothing here branches on a value or divides. */
#ifndef QY_PAIRING_G1_HALVES_H
#define QY_PAIRING_G1_HALVES_H

#include <pairing/fp.h>
#include <pairing/fq.h>

static const qy_fq qy_g1_beta = {{0xfa0e4b7ed9a5d3fa, 0xf2d164ef300b3983, 0x43ff969627c49945, 0xd999b78dc3ba449b}};

/* Sizes, least word first, and masks of what is negative; [0] is first, [1] second. */
typedef struct qy_g1_halves {
  uint64_t size[2][2];
  uint64_t negative[2];
} qy_g1_halves;

/* Size and sign of a number in two's complement. */
QY_INLINE void qy_g1_half_set(qy_g1_halves *r, int which, qy_u128 value)
{
  const uint64_t negative = qy_mask_of((uint64_t)(value >> 127));
  const qy_u128 mask = (qy_u128)negative << 64 | negative;
  const qy_u128 size = (value ^ mask) - mask;
  r->size[which][0] = (uint64_t)size;
  r->size[which][1] = (uint64_t)(size >> 64);
  r->negative[which] = negative;
}

/* Of a number below p. */
QY_INLINE void qy_g1_halves_of_limbs(qy_g1_halves *r, const uint64_t k[4])
{
  /* (a1, -b1) and (b1, a2) are a short basis of {(x, y) : x + lambda y = 0 mod p}; a2 and b1 also times 2^320 / p */
  static const qy_u128 a1 = (qy_u128)0xfffffffffffe7866 << 64 | 0x3af0036e1b054003;
  static const qy_u128 a2 = (qy_u128)0xfffffffffffe7867 << 64 | 0x0bf5eeee7c669004;
  static const uint64_t b1 = 0xd105eb8061615001;
  static const uint64_t scaled_a2[4] = {0x4fac153abc9b3109, 0xc50ffc943c01d450, 0x0000000000018799, 1};
  static const uint64_t scaled_b1[4] = {0x859835ddce889a09, 0xd105eb806163cf7b, 0, 0};
  uint64_t wide[8];
  /* (scalar, 0) is nearest to c1 (a1, -b1) + c2 (b1, a2) with c1 = scalar a2 / p and c2 = scalar b1 / p, rounded; what is
   * left is below (a1 + b1) / 2 and (a2 + b1) / 2 in size, both 2^79 below 2^127. All that matters is modulo 2^128. */
  qy_wide_mul(wide, k, scaled_a2);
  const qy_u128 c1 = ((qy_u128)wide[6] << 64 | wide[5]) + (wide[4] >> 63);
  qy_wide_mul(wide, k, scaled_b1);
  const uint64_t c2 = wide[5] + (wide[4] >> 63);
  qy_g1_half_set(r, 0, ((qy_u128)k[1] << 64 | k[0]) - c1 * a1 - (qy_u128)c2 * b1);
  qy_g1_half_set(r, 1, c1 * b1 - c2 * a2);
}

QY_INLINE void qy_g1_halves_of(qy_g1_halves *r, const qy_fp *scalar)
{
  uint64_t limbs[4];
  qy_fp_limbs(limbs, scalar);
  qy_g1_halves_of_limbs(r, limbs);
}

/* ---- Digits of the halves: 32 of [-7, 8] in base 16 ---- */

#define QY_G1_HALVES_DIGITS 32
#define QY_G1_HALVES_BITS 4

/* Adds 7 to every digit, so that none depends on a carry; sizes are below 2^127, and so this stays below 2^128. */
QY_INLINE void qy_g1_halves_bias(qy_g1_halves *r)
{
  const qy_u128 sevens = (qy_u128)0x7777777777777777 << 64 | 0x7777777777777777;
  for (int i = 0; i < 2; i++) {
    const qy_u128 size = ((qy_u128)r->size[i][1] << 64 | r->size[i][0]) + sevens;
    r->size[i][0] = (uint64_t)size;
    r->size[i][1] = (uint64_t)(size >> 64);
  }
}

/* The size of a digit, from biased halves, and the mask of whether it is negative, the sign of the half included. */
QY_INLINE uint64_t qy_g1_halves_digit(uint64_t *negative, const qy_g1_halves *biased, int half, int i)
{
  const uint64_t digit = ((biased->size[half][i / 16] >> (QY_G1_HALVES_BITS * (i % 16))) & 15) - 7;
  const uint64_t sign = qy_mask_of(digit >> 63);
  *negative = sign ^ biased->negative[half];
  return (digit ^ sign) - sign;
}

#endif
