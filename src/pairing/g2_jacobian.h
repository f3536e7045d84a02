/* SPDX-License-Identifier: Apache-2.0 */
/* The twist in Jacobian coordinates (jacobian_formulas.h). */
#ifndef QY_PAIRING_G2_JACOBIAN_H
#define QY_PAIRING_G2_JACOBIAN_H

#include <pairing/g2.h>

typedef struct qy_g2_jacobian { /* (x / z^2, y / z^3) */
  qy_fq2 x;
  qy_fq2 y;
  qy_fq2 z;
} qy_g2_jacobian;

void qy_g2_jacobian_from_affine(qy_g2_jacobian *r, const qy_g2_affine *a);
void qy_g2_jacobian_double(qy_g2_jacobian *r, const qy_g2_jacobian *a);
/* For any a, and b not at infinity; branches on both. */
void qy_g2_jacobian_add_public(qy_g2_jacobian *r, const qy_g2_jacobian *a, const qy_g2_affine *b);
void qy_g2_from_jacobian(qy_g2 *r, const qy_g2_jacobian *a);

#endif
