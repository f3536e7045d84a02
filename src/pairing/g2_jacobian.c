/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/g2_jacobian.h>

static const qy_fq2 one = {QY_FQ_ONE, {{0, 0, 0, 0}}};

#define JACOBIAN qy_g2_jacobian
#define AFFINE qy_g2_affine
#define FIELD qy_fq2
#define F(operation) qy_fq2_##operation
#define ONE one
#define NAME(what) qy_g2_jacobian_##what
#include <pairing/jacobian_formulas.h>

void qy_g2_from_jacobian(qy_g2 *r, const qy_g2_jacobian *a)
{
  /* (x z : y : z^3); at infinity, (0 : y : 0) */
  qy_fq2 zz;
  qy_fq2_sqr(&zz, &a->z);
  qy_fq2_mul(&r->x, &a->x, &a->z);
  r->y = a->y;
  qy_fq2_mul(&r->z, &zz, &a->z);
}
