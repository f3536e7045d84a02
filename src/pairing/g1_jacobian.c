/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/g1_jacobian.h>

#define JACOBIAN qy_g1_jacobian
#define AFFINE qy_g1_affine
#define FIELD qy_fq
#define F(operation) qy_fq_##operation
#define ONE qy_fq_one
#define NAME(what) qy_g1_jacobian_##what
#include <pairing/jacobian_formulas.h>

void qy_g1_jacobian_add_distinct(qy_g1_jacobian *r, const qy_g1_jacobian *a, const qy_g1_affine *b)
{
  qy_g1_jacobian_add_unless_equal(r, a, b, false);
}

void qy_g1_jacobian_to_affine(qy_g1_affine *r, const qy_g1_jacobian *a, const qy_fq *inverse)
{
  qy_fq square;
  qy_fq_sqr(&square, inverse);
  qy_fq_mul(&r->x, &a->x, &square);
  qy_fq_mul(&square, &square, inverse);
  qy_fq_mul(&r->y, &a->y, &square);
}

void qy_g1_jacobian_from_g1(qy_g1_jacobian *r, const qy_g1 *a)
{
  /* (X Z : Y Z^2 : Z) of (X : Y : Z) */
  qy_fq zz;
  qy_fq_sqr(&zz, &a->z);
  qy_fq_mul(&r->x, &a->x, &a->z);
  qy_fq_mul(&r->y, &a->y, &zz);
  r->z = a->z;
}

void qy_g1_from_jacobian(qy_g1 *r, const qy_g1_jacobian *a)
{
  /* (x z : y : z^3); at infinity, (0 : y : 0) */
  qy_fq zz;
  qy_fq_sqr(&zz, &a->z);
  qy_fq_mul(&r->x, &a->x, &a->z);
  r->y = a->y;
  qy_fq_mul(&r->z, &zz, &a->z);
}
