/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas: Bernstein and Lange, Explicit-Formulas Database, "dbl-2001-b" for a = -3, and the mixed addition of Cohen,
 * Miyaji and Ono 1998. */
#include <crypto/p256_point.h>

#include <string.h>

#include <base/inverse.h>

typedef qy_p256_field field;

/* p = 2^256 - 2^224 + 2^192 + 2^96 - 1, and n; -1/p modulo 2^64 is 1. */
static const qy_mont_modulus prime = {{0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001}, 1};
const qy_mont_modulus qy_p256_order = {{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000},
                                       0xccd1c8aaee00bc4f};
static const field one = {{0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe}};
static const field r_squared = {{0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd}};

const qy_p256_affine qy_p256_generator = {
    {{0x79e730d418a9143c, 0x75ba95fc5fedb601, 0x79fb732b77622510, 0x18905f76a53755c6}},
    {{0xddf25357ce95560a, 0x8b4ab8e4ba19e45c, 0xd2e88688dd21f325, 0x8571ff1825885d85}}};

/* ---- The field ---- */

/* r = t / 2^256 modulo p, for t below 2^256 p. To cancel the lowest limb k, k p is added: k (2^256 - 2^224 + 2^192) to
 * the limbs above, k 2^96, and k itself vanishes. */
QY_INLINE void reduce(field *r, uint64_t t[8])
{
  uint64_t top = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    const uint64_t k = t[i];
    qy_u128 sum = (qy_u128)t[i + 1] + (k << 32);
    t[i + 1] = (uint64_t)sum;
    sum = (qy_u128)t[i + 2] + (k >> 32) + (uint64_t)(sum >> 64);
    t[i + 2] = (uint64_t)sum;
    sum = (qy_u128)k * prime.limb[3] + t[i + 3] + (uint64_t)(sum >> 64);
    t[i + 3] = (uint64_t)sum;
    t[i + 4] = qy_add_carry(t[i + 4], (uint64_t)(sum >> 64), &top);
  }
  qy_mont_reduce_once(r->limb, t + 4, top, &prime);
}

static void mul(field *r, const field *a, const field *b)
{
  uint64_t t[8];
  qy_wide_mul(t, a->limb, b->limb);
  reduce(r, t);
}

static void sqr(field *r, const field *a)
{
  uint64_t t[8];
  qy_wide_sqr(t, a->limb);
  reduce(r, t);
}

QY_INLINE void add(field *r, const field *a, const field *b)
{
  qy_mont_add(r->limb, a->limb, b->limb, &prime);
}

QY_INLINE void sub(field *r, const field *a, const field *b)
{
  qy_mont_sub(r->limb, a->limb, b->limb, &prime);
}

static bool is_zero(const field *a)
{
  return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static bool equal(const field *a, const field *b)
{
  return memcmp(a, b, sizeof(*a)) == 0;
}

static void invert(field *r, const field *a)
{
  /* of a R it is to be R / a: the inverse is multiplied by R^2 */
  static const qy_inverse_modulus modulus = {
      .modulus = {{0x7ffffffffffffff, 0x1fffffffff, 0, 0x7ff800000008000, 0xfffff}},
      .inverse = 0x7ffffffffffffff,
      .factor = {{0x3, 0x7ffff7fffffffe0, 0x7fffffffffffbff, 0x27ffffffeffff, 0}}};
  qy_inverse(r->limb, a->limb, &modulus);
}

/* ---- Points ---- */

void qy_p256_affine_of(qy_p256_affine *r, const qy_p256_public *key)
{
  field plain;
  qy_limbs_load(plain.limb, key->bytes);
  mul(&r->x, &plain, &r_squared);
  qy_limbs_load(plain.limb, key->bytes + 32);
  mul(&r->y, &plain, &r_squared);
}

void qy_p256_from_affine(qy_p256_jacobian *r, const qy_p256_affine *a)
{
  *r = (qy_p256_jacobian){a->x, a->y, one};
}

bool qy_p256_is_infinity(const qy_p256_jacobian *a)
{
  return is_zero(&a->z);
}

/* Infinity stays infinity, for its z is 0. No point has y 0: the order is odd. */
void qy_p256_double(qy_p256_jacobian *r)
{
  field delta;
  field gamma;
  field beta;
  field alpha;
  field t;
  sqr(&delta, &r->z);
  sqr(&gamma, &r->y);
  mul(&beta, &r->x, &gamma);
  sub(&t, &r->x, &delta);
  add(&alpha, &r->x, &delta);
  mul(&alpha, &alpha, &t);
  add(&t, &alpha, &alpha);
  add(&alpha, &t, &alpha); /* 3 (x - delta) (x + delta) */
  add(&r->z, &r->y, &r->z);
  sqr(&r->z, &r->z);
  sub(&r->z, &r->z, &gamma);
  sub(&r->z, &r->z, &delta); /* 2 y z */
  add(&beta, &beta, &beta);
  add(&beta, &beta, &beta);
  add(&t, &beta, &beta);
  sqr(&r->x, &alpha);
  sub(&r->x, &r->x, &t); /* alpha^2 - 8 beta */
  sub(&t, &beta, &r->x);
  mul(&t, &alpha, &t);
  sqr(&gamma, &gamma);
  add(&gamma, &gamma, &gamma);
  add(&gamma, &gamma, &gamma);
  add(&gamma, &gamma, &gamma);
  sub(&r->y, &t, &gamma); /* alpha (4 beta - x) - 8 gamma^2 */
}

void qy_p256_add(qy_p256_jacobian *r, const qy_p256_affine *a, bool negative)
{
  static const field zero;
  field y = a->y;
  field h;
  field s;
  field t;
  field v;
  if (negative) {
    sub(&y, &zero, &a->y);
  }
  if (qy_p256_is_infinity(r)) {
    *r = (qy_p256_jacobian){a->x, y, one};
    return;
  }
  sqr(&t, &r->z);
  mul(&h, &a->x, &t);
  sub(&h, &h, &r->x); /* 0: the same x */
  mul(&t, &t, &r->z);
  mul(&s, &y, &t);
  sub(&s, &s, &r->y); /* 0 as well: the same point, else its opposite */
  if (is_zero(&h)) {
    if (is_zero(&s)) {
      qy_p256_double(r);
    } else {
      r->z = zero;
    }
    return;
  }
  mul(&r->z, &r->z, &h);
  sqr(&t, &h);
  mul(&v, &r->x, &t);
  mul(&t, &t, &h);
  mul(&r->y, &r->y, &t);
  sqr(&r->x, &s);
  sub(&r->x, &r->x, &t);
  sub(&r->x, &r->x, &v);
  sub(&r->x, &r->x, &v); /* s^2 - h^3 - 2 v */
  sub(&v, &v, &r->x);
  mul(&v, &v, &s);
  sub(&r->y, &v, &r->y); /* s (v - x) - y h^3 */
}

/* One inversion for all: products of the first, the first two, ..., and back. */
void qy_p256_to_affine_many(qy_p256_affine *r, const qy_p256_jacobian *a, qy_p256_field *scratch, size_t count)
{
  field product = one;
  for (size_t i = 0; i < count; i++) {
    scratch[i] = product;
    mul(&product, &product, &a[i].z);
  }
  invert(&product, &product);
  for (size_t i = count; i-- > 0;) {
    field inverse;
    field squared;
    mul(&inverse, &product, &scratch[i]);
    mul(&product, &product, &a[i].z);
    sqr(&squared, &inverse);
    mul(&r[i].x, &a[i].x, &squared);
    mul(&squared, &squared, &inverse);
    mul(&r[i].y, &a[i].y, &squared);
  }
}

/* x / z^2 = r without an inversion. */
static bool matches(const qy_p256_jacobian *a, const field *r)
{
  field z_squared;
  field expected;
  sqr(&z_squared, &a->z);
  mul(&expected, r, &r_squared);
  mul(&expected, &expected, &z_squared);
  return equal(&expected, &a->x);
}

bool qy_p256_has_x(const qy_p256_jacobian *a, const uint64_t r[4])
{
  field x;
  uint64_t carry = 0;
  if (qy_p256_is_infinity(a)) {
    return false;
  }
  memcpy(&x, r, sizeof(x));
  if (matches(a, &x)) {
    return true;
  }
  for (int i = 0; i < 4; i++) {
    x.limb[i] = qy_add_carry(x.limb[i], qy_p256_order.limb[i], &carry);
  }
  return carry == 0 && qy_limbs_below(x.limb, &prime) != 0 && matches(a, &x); /* x - n is r too */
}
