/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas for y^2 = x^3 + b over points (x / z^2, y / z^3), z = 0 being infinity: cheaper than those of
 * curve_formulas.h, for where equal and opposite points cannot meet or may be seen. Steps stand in an order in which few
 * wait for the one before. One text for G1 and G2; include it once, with these defined: JACOBIAN, AFFINE (types with
 * x y z, and x y), FIELD, F(op) and ONE (their coordinates' type, the name of a field operation, 1), and NAME(what) (the
 * functions' names). Not guarded on purpose. */

void NAME(from_affine)(JACOBIAN *r, const AFFINE *a)
{
  *r = (JACOBIAN){a->x, a->y, ONE};
}

/* d = 4 x y^2, e = 3 x^2; x' = e^2 - 2 d, y' = e (d - x') - 8 y^4, z' = 2 y z. */
void NAME(double)(JACOBIAN *r, const JACOBIAN *a)
{
  FIELD yy;
  FIELD d;
  FIELD e;
  FIELD ee;
  FIELD t;
  F(sqr)(&t, &a->x);
  F(sqr)(&yy, &a->y);
  F(add)(&e, &t, &t);
  F(add)(&e, &e, &t);
  F(add)(&yy, &yy, &yy);
  F(sqr)(&ee, &e);
  F(mul)(&d, &a->x, &yy);
  F(mul)(&r->z, &a->y, &a->z);
  F(add)(&d, &d, &d);
  F(sub)(&ee, &ee, &d);
  F(sub)(&r->x, &ee, &d);
  F(sub)(&d, &d, &r->x);
  F(sqr)(&yy, &yy);
  F(mul)(&t, &e, &d);
  F(add)(&r->z, &r->z, &r->z);
  F(add)(&yy, &yy, &yy);
  F(sub)(&r->y, &t, &yy);
}

/* Of h and s, the differences of b and a in x and y, times z^2 and z^3: x' = s^2 - h^3 - 2 x h^2,
 * y' = s (x h^2 - x') - y h^3, z' = z h. */
QY_INLINE void NAME(add_unless_equal)(JACOBIAN *r, const JACOBIAN *a, const AFFINE *b, bool may_be_equal)
{
  FIELD zz;
  FIELD zzz;
  FIELD h;
  FIELD hh;
  FIELD hhh;
  FIELD s;
  FIELD ss;
  F(sqr)(&zz, &a->z);
  F(mul)(&h, &b->x, &zz);
  F(mul)(&zzz, &zz, &a->z);
  F(sub)(&h, &h, &a->x);
  F(sqr)(&hh, &h);
  F(mul)(&s, &b->y, &zzz);
  F(mul)(&hhh, &hh, &h);
  F(sub)(&s, &s, &a->y);
  if (may_be_equal && F(is_zero)(&h) != 0 && F(is_zero)(&s) != 0) {
    NAME(double)(r, a);
    return;
  }
  F(mul)(&hh, &a->x, &hh);
  F(sqr)(&ss, &s);
  F(mul)(&r->z, &a->z, &h);
  F(sub)(&ss, &ss, &hhh);
  F(mul)(&hhh, &a->y, &hhh);
  F(sub)(&ss, &ss, &hh);
  F(sub)(&r->x, &ss, &hh);
  F(sub)(&hh, &hh, &r->x);
  F(mul)(&s, &s, &hh);
  F(sub)(&r->y, &s, &hhh);
}

/* For any a, and b not at infinity; branches on both. */
void NAME(add_public)(JACOBIAN *r, const JACOBIAN *a, const AFFINE *b)
{
  if (F(is_zero)(&a->z) != 0) {
    NAME(from_affine)(r, b);
    return;
  }
  NAME(add_unless_equal)(r, a, b, true); /* of opposite points: h = 0 makes z 0 */
}
