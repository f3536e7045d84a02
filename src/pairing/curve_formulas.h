/* SPDX-License-Identifier: Apache-2.0 */
/* Complete projective formulas for y^2 = x^3 + b (Renes, Costello, Batina 2016, algorithms 7, 8 and 9), one text for G1
 * over Fq and G2 over Fq2; complete because neither curve has a point of order two. Include it once, with these
 * defined: POINT, AFFINE (types with x y z, and x y), FIELD (their coordinates' type), F(op) (the name of a field
 * operation), MUL_3B(r, a) (multiplication by 3b) and NAME(what) (the functions' names). Not guarded on purpose. */

void NAME(add)(POINT *r, const POINT *a, const POINT *b)
{
  FIELD t0;
  FIELD t1;
  FIELD t2;
  FIELD t3;
  FIELD t4;
  FIELD x;
  FIELD y;
  FIELD z;
  F(mul)(&t0, &a->x, &b->x);
  F(mul)(&t1, &a->y, &b->y);
  F(mul)(&t2, &a->z, &b->z);
  F(add)(&t3, &a->x, &a->y);
  F(add)(&t4, &b->x, &b->y);
  F(mul)(&t3, &t3, &t4);
  F(add)(&t4, &t0, &t1);
  F(sub)(&t3, &t3, &t4);
  F(add)(&t4, &a->y, &a->z);
  F(add)(&x, &b->y, &b->z);
  F(mul)(&t4, &t4, &x);
  F(add)(&x, &t1, &t2);
  F(sub)(&t4, &t4, &x);
  F(add)(&x, &a->x, &a->z);
  F(add)(&y, &b->x, &b->z);
  F(mul)(&x, &x, &y);
  F(add)(&y, &t0, &t2);
  F(sub)(&y, &x, &y);
  F(add)(&x, &t0, &t0);
  F(add)(&t0, &x, &t0);
  MUL_3B(&t2, &t2);
  F(add)(&z, &t1, &t2);
  F(sub)(&t1, &t1, &t2);
  MUL_3B(&y, &y);
  F(mul)(&x, &t4, &y);
  F(mul)(&t2, &t3, &t1);
  F(sub)(&r->x, &t2, &x);
  F(mul)(&y, &y, &t0);
  F(mul)(&t1, &t1, &z);
  F(add)(&r->y, &t1, &y);
  F(mul)(&t0, &t0, &t3);
  F(mul)(&z, &z, &t4);
  F(add)(&r->z, &z, &t0);
}

void NAME(add_affine)(POINT *r, const POINT *a, const AFFINE *b)
{
  FIELD t0;
  FIELD t1;
  FIELD t2;
  FIELD t3;
  FIELD t4;
  FIELD x;
  FIELD y;
  FIELD z;
  F(mul)(&t0, &a->x, &b->x);
  F(mul)(&t1, &a->y, &b->y);
  F(add)(&t3, &b->x, &b->y);
  F(add)(&t4, &a->x, &a->y);
  F(mul)(&t3, &t3, &t4);
  F(add)(&t4, &t0, &t1);
  F(sub)(&t3, &t3, &t4);
  F(mul)(&t4, &b->y, &a->z);
  F(add)(&t4, &t4, &a->y);
  F(mul)(&y, &b->x, &a->z);
  F(add)(&y, &y, &a->x);
  F(add)(&x, &t0, &t0);
  F(add)(&t0, &x, &t0);
  MUL_3B(&t2, &a->z);
  F(add)(&z, &t1, &t2);
  F(sub)(&t1, &t1, &t2);
  MUL_3B(&y, &y);
  F(mul)(&x, &t4, &y);
  F(mul)(&t2, &t3, &t1);
  F(sub)(&r->x, &t2, &x);
  F(mul)(&y, &y, &t0);
  F(mul)(&t1, &t1, &z);
  F(add)(&r->y, &t1, &y);
  F(mul)(&t0, &t0, &t3);
  F(mul)(&z, &z, &t4);
  F(add)(&r->z, &z, &t0);
}

void NAME(double)(POINT *r, const POINT *a)
{
  FIELD t0;
  FIELD t1;
  FIELD t2;
  FIELD x;
  FIELD y;
  FIELD z;
  F(sqr)(&t0, &a->y);
  F(add)(&z, &t0, &t0);
  F(add)(&z, &z, &z);
  F(add)(&z, &z, &z);
  F(mul)(&t1, &a->y, &a->z);
  F(sqr)(&t2, &a->z);
  MUL_3B(&t2, &t2);
  F(mul)(&x, &t2, &z);
  F(add)(&y, &t0, &t2);
  F(mul)(&z, &t1, &z);
  F(add)(&t1, &t2, &t2);
  F(add)(&t2, &t1, &t2);
  F(sub)(&t0, &t0, &t2);
  F(mul)(&y, &t0, &y);
  F(mul)(&t1, &a->x, &a->y);
  F(add)(&r->y, &x, &y);
  F(mul)(&x, &t0, &t1);
  F(add)(&r->x, &x, &x);
  r->z = z;
}

void NAME(neg)(POINT *r, const POINT *a)
{
  r->x = a->x;
  F(neg)(&r->y, &a->y);
  r->z = a->z;
}

uint64_t NAME(is_infinity)(const POINT *a)
{
  return F(is_zero)(&a->z);
}

uint64_t NAME(equal)(const POINT *a, const POINT *b)
{
  FIELD left;
  FIELD right;
  F(mul)(&left, &a->x, &b->z);
  F(mul)(&right, &b->x, &a->z);
  const uint64_t x = F(equal)(&left, &right);
  F(mul)(&left, &a->y, &b->z);
  F(mul)(&right, &b->y, &a->z);
  const uint64_t y = F(equal)(&left, &right);
  return x & y & ~(F(is_zero)(&a->z) ^ F(is_zero)(&b->z));
}

void NAME(select)(POINT *r, const POINT *a, uint64_t mask)
{
  F(select)(&r->x, &a->x, mask);
  F(select)(&r->y, &a->y, mask);
  F(select)(&r->z, &a->z, mask);
}
