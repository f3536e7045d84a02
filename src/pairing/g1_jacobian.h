/* SPDX-License-Identifier: Apache-2.0 */
/* G1 in Jacobian coordinates (jacobian_formulas.h). */
#ifndef QY_PAIRING_G1_JACOBIAN_H
#define QY_PAIRING_G1_JACOBIAN_H

#include <pairing/g1.h>

typedef struct qy_g1_jacobian { /* (x / z^2, y / z^3) */
  qy_fq x;
  qy_fq y;
  qy_fq z;
} qy_g1_jacobian;

void qy_g1_jacobian_from_affine(qy_g1_jacobian *r, const qy_g1_affine *a);
void qy_g1_jacobian_double(qy_g1_jacobian *r, const qy_g1_jacobian *a);
/* For a and b that are neither equal nor opposite nor at infinity. */
void qy_g1_jacobian_add_distinct(qy_g1_jacobian *r, const qy_g1_jacobian *a, const qy_g1_affine *b);
/* For any a, and b not at infinity; branches on both. */
void qy_g1_jacobian_add_public(qy_g1_jacobian *r, const qy_g1_jacobian *a, const qy_g1_affine *b);
/* r = a, given 1 / z. */
void qy_g1_jacobian_to_affine(qy_g1_affine *r, const qy_g1_jacobian *a, const qy_fq *inverse);
void qy_g1_jacobian_from_g1(qy_g1_jacobian *r, const qy_g1 *a);
void qy_g1_from_jacobian(qy_g1 *r, const qy_g1_jacobian *a);

#endif
