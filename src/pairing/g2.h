/* SPDX-License-Identifier: Apache-2.0 */
/* G2: the subgroup of order p of the twist y^2 = x^3 + 3 / xi over Fq2. The twist has p (2q - p) points: a point that
 * is only on the curve may lie outside the subgroup. Projective, complete formulas, nothing branches on a value. */
#ifndef QY_PAIRING_G2_H
#define QY_PAIRING_G2_H

#include <pairing/fp.h>
#include <pairing/fq.h>

#define QY_G2_SIZE 128

typedef struct qy_g2 {
  qy_fq2 x;
  qy_fq2 y;
  qy_fq2 z;
} qy_g2;

typedef struct qy_g2_affine { /* infinity is (0, 0) */
  qy_fq2 x;
  qy_fq2 y;
} qy_g2_affine;

extern const qy_g2_affine qy_g2_generator;

void qy_g2_set_infinity(qy_g2 *r);
void qy_g2_from_affine(qy_g2 *r, const qy_g2_affine *a);
void qy_g2_to_affine(qy_g2_affine *r, const qy_g2 *a);
void qy_g2_add(qy_g2 *r, const qy_g2 *a, const qy_g2 *b);
void qy_g2_add_affine(qy_g2 *r, const qy_g2 *a, const qy_g2_affine *b); /* b not at infinity */
void qy_g2_double(qy_g2 *r, const qy_g2 *a);
void qy_g2_neg(qy_g2 *r, const qy_g2 *a);
/* Masks. */
uint64_t qy_g2_is_infinity(const qy_g2 *a);
uint64_t qy_g2_equal(const qy_g2 *a, const qy_g2 *b);
uint64_t qy_g2_affine_is_infinity(const qy_g2_affine *a);
void qy_g2_select(qy_g2 *r, const qy_g2 *a, uint64_t mask);
/* r = a^scalar, the scalar secret. */
void qy_g2_power(qy_g2 *r, const qy_g2 *a, const qy_fp *scalar);
/* The q-power Frobenius carried to the twist: on G2 it is the power by q. */
void qy_g2_frobenius(qy_g2_affine *r, const qy_g2_affine *a);
/* Whether a point of the curve has order p or is at infinity (public). */
bool qy_g2_in_subgroup(const qy_g2_affine *a);
/* The same of a that is not at infinity, given its power by t. */
bool qy_g2_in_subgroup_by(const qy_g2_affine *a, const qy_g2 *power);

/* 128 bytes x0 x1 y0 y1 with x = x0 + x1 i; all zeros is infinity. Returns whether all are below q and the point is on
 * the curve or at infinity, not whether it is in the subgroup. r is infinity otherwise. */
bool qy_g2_decode(qy_g2_affine *r, const uint8_t bytes[QY_G2_SIZE]);
void qy_g2_affine_encode(uint8_t bytes[QY_G2_SIZE], const qy_g2_affine *a);

#endif
