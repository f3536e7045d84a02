/* SPDX-License-Identifier: Apache-2.0 */
/* The small odd powers of points of G1, from which larger ones are put together. */
#ifndef QY_PAIRING_G1_ODD_POWERS_H
#define QY_PAIRING_G1_ODD_POWERS_H

#include <pairing/g1_jacobian.h>

#define QY_G1_ODD_POWERS 8
typedef struct qy_g1_odd_powers {
  qy_g1_affine entries[QY_G1_ODD_POWERS]; /* powers 1, 3, ... 15 */
  qy_fq images[QY_G1_ODD_POWERS];         /* the x of their images under the endomorphism, which have the same y */
} qy_g1_odd_powers;

/* Those of several points, at the price of one inversion. Zeros for infinity. Shows nothing of the points. */
#define QY_G1_ODD_POWERS_MAX_BATCH 8
void qy_g1_odd_powers_init(qy_g1_odd_powers *r, const qy_g1_jacobian *points, size_t count);

#endif
