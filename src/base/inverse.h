/* SPDX-License-Identifier: Apache-2.0 */
/* Inverses modulo a prime that fills 256 bits, in constant time. */
#ifndef QY_BASE_INVERSE_H
#define QY_BASE_INVERSE_H

#include <stdint.h>

/* Signed limbs of 59 bits, least first: the value is the sum of limb[i] 2^(59 i), and every limb but the last is in
 * [0, 2^59). */
#define QY_INVERSE_LIMBS 5
typedef struct qy_inverse_number {
  int64_t limb[QY_INVERSE_LIMBS];
} qy_inverse_number;

typedef struct qy_inverse_modulus {
  qy_inverse_number modulus;
  uint64_t inverse;         /* modulus^-1 mod 2^59 */
  qy_inverse_number factor; /* what every inverse is multiplied by */
} qy_inverse_modulus;

/* r = factor / a modulo the prime, and 0 for 0; a is below the prime, and so is r. */
void qy_inverse(uint64_t r[4], const uint64_t a[4], const qy_inverse_modulus *m);

#endif
