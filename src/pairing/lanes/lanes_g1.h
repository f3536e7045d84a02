/* SPDX-License-Identifier: Apache-2.0 */
/* Eight points of G1 side by side: the complete formulas of curve_formulas.h over lanes. They work on an isomorphic
 * curve, (x, y) -> (u^2 x, u^3 y) with 9 u^6 = -2, whose 3b is -2 and not 9: no multiple to be reduced then. The way in and
 * out multiplies each coordinate by a constant as it is. Infinity is (0 : 1 : 0).
 *
 * What the formulas give is ready, with x below 7.5, y below 8.4 and z below 5 (lanes.h tells of such bounds); so may
 * be what they take. Second arguments of additions are `folded`: below 1.001, as qy_lanes_fold makes
 * them. */
#ifndef QY_PAIRING_LANES_LANES_G1_H
#define QY_PAIRING_LANES_LANES_G1_H

#include <base/secret.h>
#include <pairing/g1_halves.h>
#include <pairing/g1_products.h>
#include <pairing/lanes/lanes.h>

typedef struct qy_lanes_g1 {
  qy_lanes x;
  qy_lanes y;
  qy_lanes z;
} qy_lanes_g1;

typedef struct qy_lanes_g1_affine {
  qy_lanes x;
  qy_lanes y;
} qy_lanes_g1_affine;

/* qy_g1_beta, in this form */
static const qy_lanes_constant qy_lanes_g1_beta = {
    {0xd63c5b9a3cea9, 0x330efb0f9ae7c, 0x084384b85e521, 0x0f47a64c1a906, 0x0999b78dc3bcc}};

QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_infinity(void)
{
  return (qy_lanes_g1){qy_lanes_zero(), qy_lanes_all(&qy_lanes_one), qy_lanes_zero()};
}

/* a where the mask is all ones, b where it is zero */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_select(qy_vec mask, const qy_lanes_g1 *a, const qy_lanes_g1 *b)
{
  return (qy_lanes_g1){qy_lanes_select(mask, a->x, b->x), qy_lanes_select(mask, a->y, b->y),
                       qy_lanes_select(mask, a->z, b->z)};
}

QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_fold(const qy_lanes_g1 *a)
{
  return (qy_lanes_g1){qy_lanes_fold(a->x), qy_lanes_fold(a->y), qy_lanes_fold(a->z)};
}

/* ---- in and out ---- */

/* qy_lanes_load with another scale. */
QY_VEC_INLINE qy_lanes qy_lanes_g1_load_scaled(const qy_fq *const in[8], const qy_lanes_constant *scale)
{
  qy_vec words[4];
  qy_lanes_gather(words, in);
  return qy_lanes_mul(qy_lanes_split(words), qy_lanes_all(scale));
}

QY_VEC_INLINE void qy_lanes_g1_store_scaled(qy_fq *const out[8], qy_lanes a, const qy_lanes_constant *scale)
{
  qy_vec words[4];
  qy_lanes_join(words, qy_lanes_canonical(qy_lanes_mul(a, qy_lanes_all(scale))));
  qy_lanes_scatter(out, words);
}

/* 2^264 u^2 and 2^264 u^3 mod q */
static const qy_lanes_constant qy_lanes_g1_x_in = {
    {0x7f286eebb60f2, 0x0d43012fdba32, 0x33b56adb6e0a5, 0x8ecc5e958fae0, 0x0ff7ea02a6408}};
static const qy_lanes_constant qy_lanes_g1_y_in = {
    {0xb7cacdb415533, 0xefac6623fd6f4, 0x15b66e07c6f0c, 0xe85df3f09767e, 0x06dab4a5529be}};

/* Eight points, any of which may be at infinity; below 1. */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_load_affine(const qy_g1_affine *const in[8])
{
  const qy_fq *x[8];
  const qy_fq *y[8];
  uint64_t infinity[8];
  for (int i = 0; i < 8; i++) {
    x[i] = &in[i]->x;
    y[i] = &in[i]->y;
    infinity[i] = qy_g1_affine_is_infinity(in[i]);
  }
  const qy_vec mask = qy_vec_load(infinity);
  const qy_lanes one = qy_lanes_all(&qy_lanes_one);
  return (qy_lanes_g1){qy_lanes_canonical(qy_lanes_g1_load_scaled(x, &qy_lanes_g1_x_in)),
                       qy_lanes_select(mask, one, qy_lanes_canonical(qy_lanes_g1_load_scaled(y, &qy_lanes_g1_y_in))),
                       qy_lanes_select(mask, qy_lanes_zero(), one)};
}

/* Eight points; below 3. */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_load(const qy_g1 *const in[8])
{
  const qy_fq *x[8];
  const qy_fq *y[8];
  const qy_fq *z[8];
  for (int i = 0; i < 8; i++) {
    x[i] = &in[i]->x;
    y[i] = &in[i]->y;
    z[i] = &in[i]->z;
  }
  return (qy_lanes_g1){qy_lanes_g1_load_scaled(x, &qy_lanes_g1_x_in), qy_lanes_g1_load_scaled(y, &qy_lanes_g1_y_in),
                       qy_lanes_load(z)};
}

QY_VEC_INLINE void qy_lanes_g1_store(qy_g1 *const out[8], const qy_lanes_g1 *a)
{
  /* 2^256 u^-2 and 2^256 u^-3 mod q */
  static const qy_lanes_constant scale_x = {
      {0x542d984285ada, 0x8a2673480315e, 0x4b0d3818decab, 0xcb60f4f949d28, 0x0218d198da9e3}};
  static const qy_lanes_constant scale_y = {
      {0xdb5245ae94166, 0x2d501467c7496, 0xba90543326172, 0xfcb315b366ba9, 0x0b2927d3180c1}};
  qy_fq *x[8];
  qy_fq *y[8];
  qy_fq *z[8];
  for (int i = 0; i < 8; i++) {
    x[i] = &out[i]->x;
    y[i] = &out[i]->y;
    z[i] = &out[i]->z;
  }
  qy_lanes_g1_store_scaled(x, a->x, &scale_x);
  qy_lanes_g1_store_scaled(y, a->y, &scale_y);
  qy_lanes_store(z, a->z);
}

/* ---- the group ---- */

/* mask ? -a : a, for a at most q; so is the result */
QY_VEC_INLINE qy_lanes qy_lanes_negate_if(qy_lanes a, qy_vec mask)
{
  return qy_lanes_select(mask, qy_lanes_ready(qy_lanes_neg(a), 1), a);
}

/* qy_lanes_ready where the result is only multiplied. */
QY_VEC_INLINE qy_lanes qy_lanes_ready_factor(qy_lanes a, uint64_t multiple)
{
  return qy_lanes_carry_factor(qy_lanes_add_q(a, multiple));
}

/* a b + b a', from the products a b and a' b' and the product of the sums */
QY_VEC_INLINE qy_lanes qy_lanes_g1_cross(qy_lanes a, qy_lanes a2, qy_lanes b, qy_lanes b2, qy_lanes_wide ab,
                                         qy_lanes_wide ab2)
{
  const qy_lanes_wide sums =
      qy_lanes_wide_mul(qy_lanes_carry(qy_lanes_add(a, a2)), qy_lanes_carry(qy_lanes_add(b, b2)));
  return qy_lanes_reduce(qy_lanes_wide_sub(qy_lanes_wide_sub(sums, ab), ab2));
}

/* The end of both additions: from x1 x2, y1 y2, z1 z2 and the sums x1 y2 + x2 y1, y1 z2 + y2 z1 and x1 z2 + x2 z1. */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_add_end(qy_lanes xx, qy_lanes yy, qy_lanes zz, qy_lanes xy, qy_lanes yz,
                                              qy_lanes xz)
{
  const qy_lanes xx3 = qy_lanes_carry_factor(qy_lanes_add(qy_lanes_double(xx), xx));
  const qy_lanes zz2 = qy_lanes_double(zz);
  const qy_lanes xz2 = qy_lanes_carry_factor(qy_lanes_double(xz));
  const qy_lanes sum = qy_lanes_carry_factor(qy_lanes_add(yy, zz2));           /* y1 y2 - 3b z1 z2 */
  const qy_lanes difference = qy_lanes_ready_factor(qy_lanes_sub(yy, zz2), 5); /* y1 y2 + 3b z1 z2 */
  const qy_lanes_wide x = qy_lanes_wide_madd(qy_lanes_wide_mul(xy, sum), yz, xz2);
  const qy_lanes_wide y = qy_lanes_wide_sub(qy_lanes_wide_mul(sum, difference), qy_lanes_wide_mul(xz2, xx3));
  const qy_lanes_wide z = qy_lanes_wide_madd(qy_lanes_wide_mul(difference, yz), xx3, xy);
  const qy_lanes offset = qy_lanes_add_q(qy_lanes_zero(), 3); /* what is taken off y is below 3 */
  return (qy_lanes_g1){qy_lanes_reduce(x), qy_lanes_reduce(qy_lanes_wide_add_loose(y, offset)), qy_lanes_reduce(z)};
}

/* a b; b is folded */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_sum(const qy_lanes_g1 *a, const qy_lanes_g1 *b)
{
  const qy_lanes_wide xx = qy_lanes_wide_mul(a->x, b->x);
  const qy_lanes_wide yy = qy_lanes_wide_mul(a->y, b->y);
  const qy_lanes_wide zz = qy_lanes_wide_mul(a->z, b->z);
  const qy_lanes xy = qy_lanes_g1_cross(a->x, a->y, b->x, b->y, xx, yy);
  const qy_lanes yz = qy_lanes_g1_cross(a->y, a->z, b->y, b->z, yy, zz);
  const qy_lanes xz = qy_lanes_g1_cross(a->x, a->z, b->x, b->z, xx, zz);
  return qy_lanes_g1_add_end(qy_lanes_reduce(xx), qy_lanes_reduce(yy), qy_lanes_reduce(zz), xy, yz, xz);
}

/* a b; b is folded, and not at infinity */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_sum_affine(const qy_lanes_g1 *a, const qy_lanes_g1_affine *b)
{
  const qy_lanes_wide xx = qy_lanes_wide_mul(a->x, b->x);
  const qy_lanes_wide yy = qy_lanes_wide_mul(a->y, b->y);
  const qy_lanes xy = qy_lanes_g1_cross(a->x, a->y, b->x, b->y, xx, yy);
  const qy_lanes yz = qy_lanes_fold(qy_lanes_carry(qy_lanes_add(a->y, qy_lanes_mul(a->z, b->y))));
  const qy_lanes xz = qy_lanes_fold(qy_lanes_carry(qy_lanes_add(a->x, qy_lanes_mul(a->z, b->x))));
  return qy_lanes_g1_add_end(qy_lanes_reduce(xx), qy_lanes_reduce(yy), qy_lanes_fold(a->z), xy, yz, xz);
}

/* a^2 */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_twice(const qy_lanes_g1 *a)
{
  const qy_lanes yy = qy_lanes_fold(qy_lanes_sqr(a->y));
  const qy_lanes zz = qy_lanes_fold(qy_lanes_sqr(a->z));
  const qy_lanes xy = qy_lanes_mul(a->x, a->y);
  const qy_lanes yz = qy_lanes_mul(a->y, a->z);
  const qy_lanes zz2 = qy_lanes_double(zz);
  const qy_lanes zz6 = qy_lanes_add(qy_lanes_double(zz2), zz2);
  const qy_lanes sum = qy_lanes_carry_factor(qy_lanes_add(yy, zz6));           /* y^2 - 9b z^2 */
  const qy_lanes difference = qy_lanes_ready_factor(qy_lanes_sub(yy, zz2), 3); /* y^2 + 3b z^2 */
  const qy_lanes_wide x = qy_lanes_wide_mul(xy, sum);
  const qy_lanes_wide yyzz = qy_lanes_wide_mul(yy, zz);
  const qy_lanes_wide y = qy_lanes_wide_sub(qy_lanes_wide_mul(sum, difference), qy_lanes_wide_shift(yyzz, 4));
  const qy_lanes_wide z = qy_lanes_wide_mul(yy, yz);
  const qy_lanes offset = qy_lanes_add_q(qy_lanes_zero(), 2); /* what is taken off y is below 2 */
  return (qy_lanes_g1){qy_lanes_reduce(qy_lanes_wide_shift(x, 1)), qy_lanes_reduce(qy_lanes_wide_add_loose(y, offset)),
                       qy_lanes_reduce(qy_lanes_wide_shift(z, 3))};
}

/* ---- secret scalars ---- */

/* The halves (g1_halves.h) of eight scalars, biased: [half][word][lane]. */
typedef struct qy_lanes_g1_digits {
  uint64_t size[2][2][8];
  uint64_t negative[2][8];
} qy_lanes_g1_digits;

/* Lane i is both halves of the scalar. */
QY_VEC_INLINE void qy_lanes_g1_set_scalar(qy_lanes_g1_digits *d, size_t lane, const qy_fp *scalar)
{
  qy_g1_halves halves;
  qy_g1_halves_of(&halves, scalar);
  qy_g1_halves_bias(&halves);
  for (int half = 0; half < 2; half++) {
    d->size[half][0][lane] = halves.size[half][0];
    d->size[half][1][lane] = halves.size[half][1];
    d->negative[half][lane] = halves.negative[half];
  }
  qy_wipe(&halves, sizeof(halves));
}

/* The size of biased digit i of each word, and the mask of whether it is negative, the sign of the half included. */
QY_VEC_INLINE qy_vec qy_lanes_g1_digit_at(qy_vec *negative, qy_vec words, qy_vec negative_half, int i)
{
  const qy_vec biased = qy_vec_and(qy_vec_shift_right(words, QY_G1_HALVES_BITS * (unsigned)i), qy_vec_all(15));
  const qy_vec digit = qy_vec_sub(biased, qy_vec_all(7));
  const qy_vec sign = qy_vec_shift_right_signed(digit, 63);
  *negative = qy_vec_xor(sign, negative_half);
  return qy_vec_sub(qy_vec_xor(digit, sign), sign);
}

/* As qy_g1_halves_digit, in every lane. */
QY_VEC_INLINE qy_vec qy_lanes_g1_digit(qy_vec *negative, const qy_lanes_g1_digits *d, int half, int i)
{
  return qy_lanes_g1_digit_at(negative, qy_vec_load(d->size[half][i / 16]), qy_vec_load(d->negative[half]), i % 16);
}

/* ---- Jacobian coordinates: (X : Y : Z) is (X / Z^2, Y / Z^3); quicker doublings, for points not at infinity ---- */

/* a^2; coordinates below 5.7, 5.9 and 7.7, as may be those of a. */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_twice_jacobian(const qy_lanes_g1 *a)
{
  const qy_lanes xx = qy_lanes_fold(qy_lanes_sqr(a->x));
  const qy_lanes yy = qy_lanes_fold(qy_lanes_sqr(a->y));
  const qy_lanes slope = qy_lanes_carry_factor(qy_lanes_add(qy_lanes_double(xx), xx));
  const qy_lanes_wide xyy = qy_lanes_wide_mul(a->x, yy);
  const qy_lanes_wide x = qy_lanes_wide_sub(qy_lanes_wide_sqr(slope), qy_lanes_wide_shift(xyy, 3));
  const qy_lanes x3 = qy_lanes_reduce(qy_lanes_wide_add_loose(x, qy_lanes_add_q(qy_lanes_zero(), 3)));
  const qy_lanes chord = qy_lanes_ready_factor(qy_lanes_sub(qy_lanes_shift(qy_lanes_reduce(xyy), 2), x3), 6);
  const qy_lanes_wide yyyy8 = qy_lanes_wide_shift(qy_lanes_wide_sqr(yy), 3);
  const qy_lanes_wide y = qy_lanes_wide_sub(qy_lanes_wide_mul(slope, chord), yyyy8);
  const qy_lanes_wide z = qy_lanes_wide_shift(qy_lanes_wide_mul(a->y, a->z), 1);
  return (qy_lanes_g1){x3, qy_lanes_reduce(qy_lanes_wide_add_loose(y, qy_lanes_add_q(qy_lanes_zero(), 1))),
                       qy_lanes_reduce(z)};
}

/* a b, neither of them at infinity, nor equal, nor opposite; b is folded. Bounds as above. */
QY_VEC_INLINE qy_lanes_g1 qy_lanes_g1_sum_jacobian(const qy_lanes_g1 *a, const qy_lanes_g1_affine *b)
{
  const qy_lanes zz = qy_lanes_fold(qy_lanes_sqr(a->z));
  const qy_lanes x2 = qy_lanes_mul(b->x, zz);
  const qy_lanes y2 = qy_lanes_mul(b->y, qy_lanes_mul(a->z, zz));
  const qy_lanes step = qy_lanes_ready_factor(qy_lanes_sub(x2, a->x), 6);
  const qy_lanes rise = qy_lanes_ready_factor(qy_lanes_sub(y2, a->y), 6);
  const qy_lanes square = qy_lanes_fold(qy_lanes_sqr(step));
  const qy_lanes cube = qy_lanes_mul(step, square);
  const qy_lanes corner = qy_lanes_mul(a->x, square);
  const qy_lanes less = qy_lanes_neg(qy_lanes_add(cube, qy_lanes_double(corner)));
  const qy_lanes_wide x = qy_lanes_wide_add_loose(qy_lanes_wide_sqr(rise), qy_lanes_add_q(less, 8));
  const qy_lanes x3 = qy_lanes_fold(qy_lanes_reduce(x));
  const qy_lanes run = qy_lanes_ready_factor(qy_lanes_sub(corner, x3), 2);
  const qy_lanes_wide y = qy_lanes_wide_sub(qy_lanes_wide_mul(rise, run), qy_lanes_wide_mul(a->y, cube));
  return (qy_lanes_g1){x3, qy_lanes_reduce(qy_lanes_wide_add_loose(y, qy_lanes_add_q(qy_lanes_zero(), 1))),
                       qy_lanes_mul(a->z, step)};
}

/* The first two coordinates of a with its third multiplied by a factor, below 1.001; affine ones when that is 1 / Z. */
QY_VEC_INLINE qy_lanes_g1_affine qy_lanes_g1_rescale(const qy_lanes_g1 *a, qy_lanes factor)
{
  const qy_lanes square = qy_lanes_sqr(factor);
  return (qy_lanes_g1_affine){qy_lanes_fold(qy_lanes_mul(a->x, square)),
                              qy_lanes_fold(qy_lanes_mul(a->y, qy_lanes_mul(square, factor)))};
}

/* ---- entries of tables: affine points in the form of the lanes, below q, in four words a coordinate ---- */

QY_VEC_INLINE qy_lanes qy_lanes_g1_load_entries_x(const qy_g1_affine *const in[8])
{
  const qy_fq *x[8];
  qy_vec words[4];
  for (int i = 0; i < 8; i++) {
    x[i] = &in[i]->x;
  }
  qy_lanes_gather(words, x);
  return qy_lanes_split(words);
}

QY_VEC_INLINE qy_lanes_g1_affine qy_lanes_g1_load_entries(const qy_g1_affine *const in[8])
{
  const qy_fq *y[8];
  qy_vec words[4];
  for (int i = 0; i < 8; i++) {
    y[i] = &in[i]->y;
  }
  qy_lanes_gather(words, y);
  return (qy_lanes_g1_affine){qy_lanes_g1_load_entries_x(in), qy_lanes_split(words)};
}

/* One coordinate of entry index[i], for each lane i, from the first entry's words. Shows the index. */
QY_VEC_INLINE qy_lanes qy_lanes_g1_gather(const uint64_t *first, qy_vec index)
{
  qy_vec words[4];
  const qy_vec offset = qy_vec_shift_left(index, 3); /* entries are of eight words */
  for (int i = 0; i < 4; i++) {
    words[i] = qy_vec_gather(first + i, offset);
  }
  return qy_lanes_split(words);
}

/* Eight in a row; a is ready. */
QY_VEC_INLINE void qy_lanes_g1_store_entries(qy_g1_affine out[8], const qy_lanes_g1_affine *a)
{
  qy_fq *x[8];
  qy_fq *y[8];
  qy_vec words[4];
  for (int i = 0; i < 8; i++) {
    x[i] = &out[i].x;
    y[i] = &out[i].y;
  }
  qy_lanes_join(words, qy_lanes_canonical(a->x));
  qy_lanes_scatter(x, words);
  qy_lanes_join(words, qy_lanes_canonical(a->y));
  qy_lanes_scatter(y, words);
}

/* ---- the same out of line, for what calls them often ---- */

/* b is folded. */
void qy_lanes_g1_add(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1 *b);
/* b is folded, and not at infinity. */
void qy_lanes_g1_add_affine(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1_affine *b);
void qy_lanes_g1_double(qy_lanes_g1 *r, const qy_lanes_g1 *a);
void qy_lanes_g1_double_jacobian(qy_lanes_g1 *r, const qy_lanes_g1 *a);
/* As qy_lanes_g1_sum_jacobian. */
void qy_lanes_g1_add_jacobian(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1_affine *b);
/* Lanes 0 to 3 of r are the products of neighbours in a, lanes 4 to 7 those in b. */
void qy_lanes_g1_fold_pairs(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1 *b);

/* Lane i of r is points[i]^scalars[i], for i below count: of up to 8, 4 or 2 powers, the fewer the quicker. Points and
 * scalars may be secret. */
void qy_lanes_g1_powers(qy_lanes_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count);
void qy_lanes_g1_powers_by_halves(qy_lanes_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count);
void qy_lanes_g1_powers_by_quarters(qy_lanes_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count);
/* first, first step, first step^2 and so on, one to a lane, none of them at infinity: with z of 1, below 1. Public. */
void qy_lanes_g1_progression(qy_lanes_g1 *r, const qy_g1 *first, const qy_g1 *step);
/* Inverts in every lane `count` elements at the price of one, none of which is 0 or secret to be told from 0: ready to
 * ready. `scratch` has `count` elements. */
void qy_lanes_inverse_many(qy_lanes *elements, qy_lanes *scratch, size_t count);

/* ---- what the path of lanes does in the place of g1.h and g1_products.h ---- */

/* Tables of this path hold coordinates as lanes do, below q: for window i below 32, entry j of row i is
 * base^((j + 1) 16^i), and its image by the endomorphism is in row 32 + i. */
void qy_lanes_g1_table_init(qy_g1_table *table, const qy_g1_affine *base);
void qy_lanes_g1_table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);
void qy_lanes_g1_table_power_public(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);
void qy_lanes_g1_fixed_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count);
void qy_lanes_g1_fixed_products_public(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count);
void qy_lanes_g1_products_shared(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count);
void qy_lanes_g1_products_shared_public(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms,
                                        size_t count);
void qy_lanes_g1_products(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count);
void qy_lanes_g1_products_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms,
                                 size_t count);
size_t qy_lanes_g1_search(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count);

#endif
