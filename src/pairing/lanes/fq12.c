/* SPDX-License-Identifier: Apache-2.0 */
/* Products of polynomials in w of degree 2 over Fq4 are taken at five points: 1, -1, i, -i, whose powers cost nothing,
 * and infinity; from the values the product comes back by a Fourier transform of length four, four times too large. A
 * product in Fq4 is three in Fq2 (Karatsuba: x x', y y' and (x + y)(x' + y')), so that there are 15 products in Fq2, in
 * two groups of eight lanes:
 *
 *   group 0   x at 1, -1, i, -i; y at 1, -1, i, -i
 *   group 1   x + y at 1, -1, i, -i; x, y and x + y at infinity; nothing
 *
 * A product in Fq2 is three in Fq, or two if it is a square. All that is linear goes limb by limb without carries; the
 * bounds in comments are multiples of q, and of limbs multiples of 2^52. */
#include <pairing/lanes/fq12.h>

/* Masks of lanes. */
#define LOW 0x0fu
#define HIGH 0xf0u

/* One limb of eight elements of Fq2. */
typedef struct part {
  qy_vec re;
  qy_vec im;
} part;

/* Eight elements of Fq2 in each group, loose. */
typedef struct values {
  qy_lanes re[2];
  qy_lanes im[2];
} values;

QY_VEC_INLINE part part_add(part a, part b)
{
  return (part){qy_vec_add(a.re, b.re), qy_vec_add(a.im, b.im)};
}

/* a + b in these lanes, `other` elsewhere */
QY_VEC_INLINE part part_add_in(unsigned lanes, part other, part a, part b)
{
  return (part){qy_vec_add_in(lanes, other.re, a.re, b.re), qy_vec_add_in(lanes, other.im, a.im, b.im)};
}

QY_VEC_INLINE part part_sub_in(unsigned lanes, part other, part a, part b)
{
  return (part){qy_vec_sub_in(lanes, other.re, a.re, b.re), qy_vec_sub_in(lanes, other.im, a.im, b.im)};
}

/* a - b in these lanes, a + b elsewhere */
QY_VEC_INLINE part part_add_sub(unsigned lanes, part a, part b)
{
  return (part){qy_vec_add_sub(lanes, a.re, b.re), qy_vec_add_sub(lanes, a.im, b.im)};
}

QY_VEC_INLINE part part_permute(part a, qy_vec index)
{
  return (part){qy_vec_permute(a.re, index), qy_vec_permute(a.im, index)};
}

QY_VEC_INLINE part part_permute2(part a, part b, qy_vec index)
{
  return (part){qy_vec_permute2(a.re, b.re, index), qy_vec_permute2(a.im, b.im, index)};
}

/* (1 + i) a, which is xi a - a */
QY_VEC_INLINE part part_mul_one_i(part a)
{
  return (part){qy_vec_sub(a.re, a.im), qy_vec_add(a.re, a.im)};
}

/* A multiple of q in each lane; one limb of it. */
QY_VEC_INLINE qy_vec multiples(int limb, const uint8_t of[8])
{
  const uint64_t q = qy_lanes_q.limb[limb];
  return qy_vec_of(of[0] * q, of[1] * q, of[2] * q, of[3] * q, of[4] * q, of[5] * q, of[6] * q, of[7] * q);
}

QY_VEC_INLINE qy_vec swap_halves(void)
{
  return qy_vec_of(4, 5, 6, 7, 0, 1, 2, 3);
}

/* ---- values at the points ---- */

/* Group 0, below 4.01: x and y of A0 + u A1 + u^2 A2 for u = 1, -1, i, -i. */
QY_VEC_INLINE part at_units(part a, int limb)
{
  /* as often as something is subtracted, and once more if it is: numbers below 1.001 can exceed q a little */
  static const uint8_t raise_re[8] = {0, 2, 3, 2, 0, 2, 3, 2};
  static const uint8_t raise_im[8] = {0, 2, 2, 3, 0, 2, 2, 3};
  const qy_vec rotated = qy_vec_of(1, 1, 9, 9, 5, 5, 13, 13);
  const part a0 = part_permute(a, qy_vec_of(0, 0, 0, 0, 4, 4, 4, 4));
  const part a2 = part_permute(a, qy_vec_of(2, 2, 2, 2, 6, 6, 6, 6));
  const part even = part_add_sub(0xcc, a0, a2);
  /* u A1: re, -re, -im, re and im, -im, re, -re; signs with the addition */
  const qy_vec odd_re = qy_vec_permute2(a.re, a.im, rotated);
  const qy_vec odd_im = qy_vec_permute2(a.im, a.re, rotated);
  const part sum = {qy_vec_add_sub(0x66, even.re, odd_re), qy_vec_add_sub(0xaa, even.im, odd_im)};
  return part_add(sum, (part){multiples(limb, raise_re), multiples(limb, raise_im)});
}

/* Group 1, below 7.01: x + y of group 0, of which one multiple of q too many is taken back; A2 at infinity. */
QY_VEC_INLINE part at_rest(part a, part units, int limb)
{
  static const uint8_t lower[8] = {0, 1, 1, 1, 0, 0, 0, 0};
  const part first = part_permute2(units, a, qy_vec_of(0, 1, 2, 3, 10, 14, 10, 10));
  const part second = part_permute2(units, a, qy_vec_of(4, 5, 6, 7, 10, 14, 14, 14));
  const part sum = part_add_in(LOW | 0x40, first, first, second);
  const qy_vec q = multiples(limb, lower);
  return (part){qy_vec_sub(sum.re, q), qy_vec_sub(sum.im, q)};
}

QY_VEC_INLINE values evaluate(const qy_lanes_fq12 *a)
{
  values v;
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    const part limb = {a->re.limb[i], a->im.limb[i]};
    const part units = at_units(limb, i);
    const part rest = at_rest(limb, units, i);
    v.re[0].limb[i] = units.re;
    v.im[0].limb[i] = units.im;
    v.re[1].limb[i] = rest.re;
    v.im[1].limb[i] = rest.im;
  }
  return v;
}

/* ---- and back ---- */

/* Karatsuba's end: from x x' and y y' (group 0) and (x + y)(x' + y') (the low lanes of group 1) to the product in Fq4,
 * whose parts are x x' + xi y y' and (x + y)(x' + y') - x x' - y y'. */
QY_VEC_INLINE part join_fq4(part group0, part group1)
{
  const part swapped = part_permute(group0, swap_halves());
  const part outer = part_permute2(part_mul_one_i(swapped), group1, qy_vec_of(0, 1, 2, 3, 8, 9, 10, 11));
  return part_add_sub(HIGH, outer, part_add(group0, swapped));
}

/* From values at 1, -1, i, -i to four times the coefficients of 1, u, u^2, u^3 (those of u^4 added to the first). */
QY_VEC_INLINE part transform_back(part v)
{
  const part twin = part_permute(v, qy_vec_of(1, 0, 3, 2, 5, 4, 7, 6));
  /* sums, and differences of values at 1 and -1, at i and -i, the real part of the last negative */
  const qy_vec re = qy_vec_sub_in(0x88, qy_vec_add_sub(0x22, twin.re, v.re), v.re, twin.re);
  const qy_vec im = qy_vec_add_sub(0xaa, twin.im, v.im);
  /* the last difference times -i */
  const part turned = {qy_vec_blend(0x88, re, im), qy_vec_blend(0x88, im, re)};
  const part across = part_permute(turned, qy_vec_of(2, 3, 0, 1, 6, 7, 4, 5));
  return part_add_sub(0xcc, across, turned);
}

/* w^3 = s: c0 + c4 in the first coefficient becomes c0 + s c3, c1 becomes c1 + s c4, where c4 is the product at
 * infinity, and s (x + y s) = xi y + x s. */
QY_VEC_INLINE part wrap(part c, part group1)
{
  /* in the high lanes X = x x', Y = y y' and S = (x + y)(x' + y'), times 4 as the rest; c4 is X + xi Y, S - X - Y */
  const part infinity = {qy_vec_shift_left(group1.re, 2), qy_vec_shift_left(group1.im, 2)};
  const part both = part_add(infinity, part_permute(infinity, qy_vec_of(1, 0, 3, 2, 5, 4, 7, 6)));
  /* lane 0: y3 - Y; lane 1: S - (X + Y); lane 4: x3 - (S - X - Y); lane 5: Y */
  part t = part_permute2(c, infinity, qy_vec_of(7, 14, 2, 3, 3, 13, 6, 7));
  t = part_sub_in(0x13, t, t, part_permute2(infinity, both, qy_vec_of(5, 12, 2, 3, 6, 5, 6, 7)));
  t = part_add_in(0x10, t, t, both);
  /* all but the one in lane 4 times xi; then X is left, to be taken from lane 0 and given to lane 5 */
  const part x = part_permute(infinity, qy_vec_of(4, 4, 4, 4, 4, 4, 4, 4));
  c = part_add_in(0x33, c, c, t);
  c = part_add_in(0x23, c, c, part_mul_one_i(t));
  c = part_sub_in(0x01, c, c, x);
  return part_add_in(0x20, c, c, x);
}

/* The products are below 15.3, those at infinity below 5: what comes out is within 360. Their limbs are below 28, and at
 * most 68 of them are summed: within 2^63. */
QY_VEC_INLINE void interpolate(qy_lanes_fq12 *r, const values *v)
{
  qy_lanes_fq12 c;
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    const part group0 = {v->re[0].limb[i], v->im[0].limb[i]};
    const part group1 = {v->re[1].limb[i], v->im[1].limb[i]};
    const part limb = wrap(transform_back(join_fq4(group0, group1)), group1);
    c.re.limb[i] = limb.re;
    c.im.limb[i] = limb.im;
  }
  r->re = qy_lanes_fold_loose(c.re);
  r->im = qy_lanes_fold_loose(c.im);
}

/* ---- products ---- */

void qy_lanes_factor_init(qy_lanes_factor *r, const qy_lanes_fq12 *a)
{
  static const uint64_t above[2] = {5, 8};      /* re */
  static const uint64_t above_sum[2] = {9, 15}; /* re + im */
  const values v = evaluate(a);
  QY_UNROLL
  for (int g = 0; g < 2; g++) {
    const qy_lanes difference = qy_lanes_sub(v.im[g], v.re[g]);
    const qy_lanes minus_sum = qy_lanes_neg(qy_lanes_add(v.re[g], v.im[g]));
    r->re[g] = qy_lanes_carry_factor(v.re[g]);
    r->difference[g] = qy_lanes_carry_factor(qy_lanes_add_q(difference, above[g]));
    r->minus_sum[g] = qy_lanes_carry_factor(qy_lanes_add_q(minus_sum, above_sum[g]));
  }
}

void qy_lanes_fq12_mul(qy_lanes_fq12 *r, const qy_lanes_fq12 *a, const qy_lanes_factor *b)
{
  values v = evaluate(a);
  QY_UNROLL
  for (int g = 0; g < 2; g++) {
    const qy_lanes sum = qy_lanes_carry_factor(qy_lanes_add(v.re[g], v.im[g]));
    const qy_lanes re = qy_lanes_carry_factor(v.re[g]);
    const qy_lanes im = qy_lanes_carry_factor(v.im[g]);
    /* (re + im) re' - im (re' + im') and (re + im) re' + re (im' - re') */
    const qy_lanes_wide shared = qy_lanes_wide_mul(sum, b->re[g]);
    v.re[g] = qy_lanes_reduce_loose(qy_lanes_wide_madd(shared, im, b->minus_sum[g]));
    v.im[g] = qy_lanes_reduce_loose(qy_lanes_wide_madd(shared, re, b->difference[g]));
  }
  interpolate(r, &v);
}

void qy_lanes_fq12_sqr(qy_lanes_fq12 *r, const qy_lanes_fq12 *a)
{
  static const uint64_t above[2] = {5, 8};
  values v = evaluate(a);
  QY_UNROLL
  for (int g = 0; g < 2; g++) {
    const qy_lanes sum = qy_lanes_carry_factor(qy_lanes_add(v.re[g], v.im[g]));
    const qy_lanes difference = qy_lanes_sub(v.re[g], v.im[g]);
    const qy_lanes twice = qy_lanes_carry_factor(qy_lanes_double(v.re[g]));
    const qy_lanes im = qy_lanes_carry_factor(v.im[g]);
    v.re[g] =
        qy_lanes_reduce_loose(qy_lanes_wide_mul(sum, qy_lanes_carry_factor(qy_lanes_add_q(difference, above[g]))));
    v.im[g] = qy_lanes_reduce_loose(qy_lanes_wide_mul(twice, im));
  }
  interpolate(r, &v);
}

/* ---- squares in the cyclotomic subgroup ---- */

/* A multiple of a: of these lanes in both parts. */
QY_VEC_INLINE part part_scale(part a, qy_vec by)
{
  return (part){qy_vec_mul(a.re, by), qy_vec_mul(a.im, by)};
}

#define MINUS(n) (0 - (uint64_t)(n))

/* A square in Fq4 is two products in Fq2: with P = x y and Q = (x + y)(x + xi y) it is Q - (1 + xi) P + 2 P s. The left
 * factors, twice, are x + y in the low lanes and x in the high lanes, the right factors x + xi y and y. */
typedef struct halves {
  qy_lanes_fq12 left;  /* below 4.01 */
  qy_lanes_fq12 right; /* above -1.01, below 4.01 */
} halves;

QY_VEC_INLINE halves split_squares(const qy_lanes_fq12 *a)
{
  halves h;
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    const part limb = {a->re.limb[i], a->im.limb[i]};
    const part swapped = part_permute(limb, swap_halves());
    const part sum = part_add_in(LOW, swapped, limb, swapped);
    const part right = part_add_in(LOW, limb, sum, part_mul_one_i(swapped));
    h.left.re.limb[i] = qy_vec_add(sum.re, sum.re);
    h.left.im.limb[i] = qy_vec_add(sum.im, sum.im);
    h.right.re.limb[i] = right.re;
    h.right.im.limb[i] = right.im;
  }
  return h;
}

/* With A = (w^0, w^3), B = (w^1, w^4), C = (w^2, w^5) in Fq4 and the conjugate of x + y s being x - y s, the square is
 * 3 A^2 - 2 conj A, 3 s C^2 + 2 conj B, 3 B^2 - 2 conj C. In terms of 2 Q (the low lanes) and 2 P (the high lanes),
 * with the four that R = 2^258 asks for, the first terms are
 *
 *   w^0 w^1 w^2   6 Q_A - 6 (3 + i) P_A   12 (2 + i) P_C          6 Q_B - 6 (3 + i) P_B
 *   w^3 w^4 w^5   12 P_A                  6 Q_C - 6 (3 + i) P_C   12 P_B */
QY_VEC_INLINE part join_squares(part products, part a)
{
  const part one = part_permute(products, qy_vec_of(0, 6, 1, 3, 4, 2, 5, 7));
  const part two = part_permute(products, qy_vec_of(4, 6, 5, 7, 4, 6, 5, 7));
  part t = part_scale(one, qy_vec_of(6, 24, 6, 0, 12, 6, 12, 0));
  t = part_add(t, part_scale(two, qy_vec_of(MINUS(18), 0, MINUS(18), 0, 0, MINUS(18), 0, 0)));
  const part turned = part_scale(two, qy_vec_of(6, MINUS(12), 6, 0, 0, 6, 0, 0)); /* times -i */
  t = (part){qy_vec_add(t.re, turned.im), qy_vec_sub(t.im, turned.re)};
  return part_add(t, part_scale(a, qy_vec_of(MINUS(2), 2, MINUS(2), 0, 2, MINUS(2), 2, 0)));
}

void qy_lanes_fq12_cyclotomic_sqr(qy_lanes_fq12 *r, const qy_lanes_fq12 *a)
{
  const halves h = split_squares(a);
  const qy_lanes sum = qy_lanes_carry_factor(qy_lanes_add(h.left.re, h.left.im));
  const qy_lanes right = qy_lanes_carry_factor(qy_lanes_add_q(h.right.re, 2));
  const qy_lanes_wide shared = qy_lanes_wide_mul(sum, right);
  /* 9q less the real part, from which the other factors come */
  const qy_lanes less = qy_lanes_add_q(qy_lanes_neg(h.right.re), 9);
  const qy_lanes im = qy_lanes_carry_factor(h.left.im);
  const qy_lanes minus_sum = qy_lanes_carry_factor(qy_lanes_sub(less, h.right.im));
  const qy_lanes real = qy_lanes_reduce_loose(qy_lanes_wide_madd(shared, im, minus_sum));
  const qy_lanes re = qy_lanes_carry_factor(h.left.re);
  const qy_lanes difference = qy_lanes_carry_factor(qy_lanes_add(less, h.right.im));
  const qy_lanes imaginary = qy_lanes_reduce_loose(qy_lanes_wide_madd(shared, re, difference));
  qy_lanes_fq12 c;
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    const part limb = join_squares((part){real.limb[i], imaginary.limb[i]}, (part){a->re.limb[i], a->im.limb[i]});
    c.re.limb[i] = limb.re;
    c.im.limb[i] = limb.im;
  }
  r->re = qy_lanes_fold_loose(c.re);
  r->im = qy_lanes_fold_loose(c.im);
}

/* ---- automorphisms ---- */

void qy_lanes_fq12_conjugate(qy_lanes_fq12 *r, const qy_lanes_fq12 *a)
{
  const unsigned odd = 0x52; /* w^1, w^3 and w^5 */
  r->re = qy_lanes_blend(odd, a->re, qy_lanes_fold(qy_lanes_ready(qy_lanes_neg(a->re), 2)));
  r->im = qy_lanes_blend(odd, a->im, qy_lanes_fold(qy_lanes_ready(qy_lanes_neg(a->im), 2)));
}

/* xi^(k (q-1) / 6) for k = 0 1 2 - 3 4 5 -, limb by limb (R = 2^260), and xi^(k (q^2-1) / 6), which is real. */
static const uint64_t frobenius_re[5][8] = {{0xd224512ccfed0, 0x506b50d6186ef, 0xf688af53e76d3, 0xf688af53e76d3,
                                             0xbdd4bbd5f9762, 0xe443d2ee42dff, 0x1239c533d20d5, 0x1239c533d20d5},
                                            {0x4ed67f57d2cd6, 0x3279bdde95156, 0x20788f56b963f, 0x20788f56b963f,
                                             0x3c056c203da06, 0x9cea9208f52f1, 0xe9e51229ba797, 0xe9e51229ba797},
                                            {0x8e5b60f3239a0, 0x88a9c6e8adae6, 0xc146f2785f4a6, 0xc146f2785f4a6,
                                             0x8b13127cc36e2, 0x63e22582f8bf7, 0x5670133a745a0, 0x5670133a745a0},
                                            {0xf32b91a0da111, 0xad2acac9a6cd9, 0xbc18d20adf5e, 0xbc18d20adf5e,
                                             0x9016a44982a08, 0xa28355f00083, 0xef3163737300, 0xef3163737300},
                                            {0x30, 0x6eb443aea13e, 0x288ffb6cedb, 0x288ffb6cedb, 0x601d3a722ad7,
                                             0x3ff5b7fd8346, 0xdad003f2fff9, 0xdad003f2fff9}};
static const uint64_t frobenius_im[5][8] = {
    {0x0, 0xc5985dac99611, 0x601da1753eba3, 0x601da1753eba3, 0x7ba977abf2ec4, 0xc50c62d064f02, 0xf1d9a7e9876d5,
     0xf1d9a7e9876d5},
    {0x0, 0x43612fd2f063b, 0x5169273c19ca3, 0x5169273c19ca3, 0x780ad8407b40d, 0x7192648b3ce1e, 0xdc5b48501d808,
     0xdc5b48501d808},
    {0x0, 0xdba277d39128f, 0xbc187b36e0e2e, 0xbc187b36e0e2e, 0x162624f986dc4, 0x80b96cc93d021, 0x216aa1f9ed9cc,
     0x216aa1f9ed9cc},
    {0x0, 0x919da44912280, 0x6748d7a861088, 0x6748d7a861088, 0x202d489305411, 0x3be1861ef682d, 0x2d98347017ac,
     0x2d98347017ac},
    {0x0, 0x32ff73213a15, 0x325820c38ec, 0x325820c38ec, 0xc03a74e455af, 0x4ca8f451a42d, 0x4b954480d37, 0x4b954480d37}};
static const uint64_t frobenius2_re[5][8] = {{0xd224512ccfed0, 0xbca15f52f616a, 0xea7d0e262629a, 0xea7d0e262629a,
                                              0xc0b969c063143, 0xd63c5b9a3cea9, 0xa860acc70cd79, 0xa860acc70cd79},
                                             {0x4ed67f57d2cd6, 0xc8039cfae7eb5, 0x792d1da3151de, 0x792d1da3151de,
                                              0xac3c18b2b005b, 0x330efb0f9ae7c, 0x81e57a676db53, 0x81e57a676db53},
                                             {0x8e5b60f3239a0, 0xded6c5386f744, 0x507b64454bda4, 0x507b64454bda4,
                                              0x58bee8fdaa2c5, 0x84384b85e521, 0x969ee5ab81ec1, 0x969ee5ab81ec1},
                                             {0xf32b91a0da111, 0xe185a099d7ce8, 0xee5a0ef8fdbd7, 0xee5a0ef8fdbd7,
                                              0xfda1b545184dd, 0xf47a64c1a906, 0x27337ecf4a17, 0x27337ecf4a17},
                                             {0x30, 0x66648723c430, 0x66648723c3ff, 0x66648723c3ff, 0xffffffffffcb,
                                              0x999b78dc3bcc, 0x999b78dc3bfd, 0x999b78dc3bfd}};

static qy_lanes table_load(const uint64_t table[5][8])
{
  qy_lanes r;
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    r.limb[i] = qy_vec_load(table[i]);
  }
  return r;
}

void qy_lanes_fq12_frobenius(qy_lanes_fq12 *r, const qy_lanes_fq12 *a)
{
  const qy_lanes re = table_load(frobenius_re);
  const qy_lanes im = table_load(frobenius_im);
  /* conj(a) c: re re' + im im' and re im' - im re' */
  const qy_lanes minus_im = qy_lanes_ready(qy_lanes_neg(a->im), 2);
  const qy_lanes_wide real = qy_lanes_wide_madd(qy_lanes_wide_mul(a->re, re), a->im, im);
  const qy_lanes_wide imaginary = qy_lanes_wide_madd(qy_lanes_wide_mul(a->re, im), minus_im, re);
  r->re = qy_lanes_fold(qy_lanes_reduce(real));
  r->im = qy_lanes_fold(qy_lanes_reduce(imaginary));
}

void qy_lanes_fq12_frobenius2(qy_lanes_fq12 *r, const qy_lanes_fq12 *a)
{
  const qy_lanes factor = table_load(frobenius2_re);
  r->re = qy_lanes_fold(qy_lanes_mul(a->re, factor));
  r->im = qy_lanes_fold(qy_lanes_mul(a->im, factor));
}

/* ---- in and out ---- */

/* The coefficient of each lane. */
#define LANES_OF(a, part, none)                                                                     \
  {                                                                                                 \
    &(a)->c[0].c[0].part, &(a)->c[1].c[0].part, &(a)->c[0].c[1].part, (none), &(a)->c[1].c[1].part, \
        &(a)->c[0].c[2].part, &(a)->c[1].c[2].part, (none)                                          \
  }

void qy_lanes_fq12_load(qy_lanes_fq12 *r, const qy_fq12 *a)
{
  /* qy_lanes_load brings them to R = 2^260 */
  static const qy_lanes_constant quarter = {{0xb489144b33fb4, 0x13b59fd5f4b35, 0x6396d83cc8e68, 0x3ccae46836844, 0xc}};
  const qy_fq *const re[8] = LANES_OF(a, c0, &qy_fq_zero);
  const qy_fq *const im[8] = LANES_OF(a, c1, &qy_fq_zero);
  r->re = qy_lanes_fold(qy_lanes_mul(qy_lanes_load(re), qy_lanes_all(&quarter)));
  r->im = qy_lanes_fold(qy_lanes_mul(qy_lanes_load(im), qy_lanes_all(&quarter)));
}

void qy_lanes_fq12_store(qy_fq12 *r, const qy_lanes_fq12 *a)
{
  qy_fq none;
  qy_fq *const re[8] = LANES_OF(r, c0, &none);
  qy_fq *const im[8] = LANES_OF(r, c1, &none);
  qy_lanes_store(re, qy_lanes_carry(qy_lanes_shift(a->re, 2)));
  qy_lanes_store(im, qy_lanes_carry(qy_lanes_shift(a->im, 2)));
}
