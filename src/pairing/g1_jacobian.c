/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/g1_jacobian.h>

void qy_g1_jacobian_double(qy_g1_jacobian *r, const qy_g1_jacobian *a)
{
  /* d = 4 x y^2, e = 3 x^2; x' = e^2 - 2 d, y' = e (d - x') - 8 y^4, z' = 2 y z. In an order in which few wait. */
  qy_fq yy;
  qy_fq d;
  qy_fq e;
  qy_fq ee;
  qy_fq t;
  qy_fq_sqr(&t, &a->x);
  qy_fq_sqr(&yy, &a->y);
  qy_fq_add(&e, &t, &t);
  qy_fq_add(&e, &e, &t);
  qy_fq_add(&yy, &yy, &yy);
  qy_fq_sqr(&ee, &e);
  qy_fq_mul(&d, &a->x, &yy);
  qy_fq_mul(&r->z, &a->y, &a->z);
  qy_fq_add(&d, &d, &d);
  qy_fq_sub(&ee, &ee, &d);
  qy_fq_sub(&r->x, &ee, &d);
  qy_fq_sub(&d, &d, &r->x);
  qy_fq_sqr(&yy, &yy);
  qy_fq_mul(&t, &e, &d);
  qy_fq_add(&r->z, &r->z, &r->z);
  qy_fq_add(&yy, &yy, &yy);
  qy_fq_sub(&r->y, &t, &yy);
}

/* Of h and s, the differences of b and a in x and y, times z^2 and z^3: x' = s^2 - h^3 - 2 x h^2,
 * y' = s (x h^2 - x') - y h^3, z' = z h. In an order in which few wait. */
QY_INLINE void add(qy_g1_jacobian *r, const qy_g1_jacobian *a, const qy_g1_affine *b, bool may_be_equal)
{
  qy_fq zz;
  qy_fq zzz;
  qy_fq h;
  qy_fq hh;
  qy_fq hhh;
  qy_fq s;
  qy_fq ss;
  qy_fq_sqr(&zz, &a->z);
  qy_fq_mul(&h, &b->x, &zz);
  qy_fq_mul(&zzz, &zz, &a->z);
  qy_fq_sub(&h, &h, &a->x);
  qy_fq_sqr(&hh, &h);
  qy_fq_mul(&s, &b->y, &zzz);
  qy_fq_mul(&hhh, &hh, &h);
  qy_fq_sub(&s, &s, &a->y);
  if (may_be_equal && qy_fq_is_zero(&h) != 0 && qy_fq_is_zero(&s) != 0) {
    qy_g1_jacobian_double(r, a);
    return;
  }
  qy_fq_mul(&hh, &a->x, &hh);
  qy_fq_sqr(&ss, &s);
  qy_fq_mul(&r->z, &a->z, &h);
  qy_fq_sub(&ss, &ss, &hhh);
  qy_fq_mul(&hhh, &a->y, &hhh);
  qy_fq_sub(&ss, &ss, &hh);
  qy_fq_sub(&r->x, &ss, &hh);
  qy_fq_sub(&hh, &hh, &r->x);
  qy_fq_mul(&s, &s, &hh);
  qy_fq_sub(&r->y, &s, &hhh);
}

void qy_g1_jacobian_add_distinct(qy_g1_jacobian *r, const qy_g1_jacobian *a, const qy_g1_affine *b)
{
  add(r, a, b, false);
}

void qy_g1_jacobian_add_public(qy_g1_jacobian *r, const qy_g1_jacobian *a, const qy_g1_affine *b)
{
  if (qy_fq_is_zero(&a->z) != 0) {
    qy_g1_jacobian_from_affine(r, b);
    return;
  }
  add(r, a, b, true); /* of opposite points: h = 0 makes z 0 */
}

void qy_g1_jacobian_from_affine(qy_g1_jacobian *r, const qy_g1_affine *a)
{
  *r = (qy_g1_jacobian){a->x, a->y, qy_fq_one};
}

void qy_g1_jacobian_to_affine(qy_g1_affine *r, const qy_g1_jacobian *a, const qy_fq *inverse)
{
  qy_fq square;
  qy_fq_sqr(&square, inverse);
  qy_fq_mul(&r->x, &a->x, &square);
  qy_fq_mul(&square, &square, inverse);
  qy_fq_mul(&r->y, &a->y, &square);
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
