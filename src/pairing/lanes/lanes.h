/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements of Fq side by side, one a lane, in Montgomery form with R = 2^260 and five limbs of 52 bits.
 *
 * An element is an integer that stands for its residue: q is added and subtracted lazily. It is `ready` when it lies in
 * [0, 2^260), which is a little above 16q, and its limbs are below 2^52: so multiplication wants it. Sums, differences
 * and multiples are `loose`: limbs are signed 64-bit numbers, and the whole may be negative. qy_lanes_ready makes a
 * loose element ready again, adding a multiple of q that keeps it from being negative. Bounds are stated in multiples
 * of q; "below B" says that a value lies in [0, Bq). Nothing branches on a value. */
#ifndef QY_PAIRING_LANES_LANES_H
#define QY_PAIRING_LANES_LANES_H

#include <pairing/fq.h>
#include <pairing/lanes/vec.h>

#define QY_LANES_LIMB_BITS 52

typedef struct qy_lanes {
  qy_vec limb[5];
} qy_lanes;

/* (What maps limb by limb is written out below: gcc 12 keeps in memory what loops fill, and a quarter of the time of a
 * point addition went into that.) */

/* Sums of products, of which the reduction is still to come: column k weighs 2^(52k). Columns are signed and wrap
 * nowhere as long as fewer than 200 products are added and subtracted. */
typedef struct qy_lanes_wide {
  qy_vec column[10];
} qy_lanes_wide;

/* The five limbs of one number, for all lanes. */
typedef struct qy_lanes_constant {
  uint64_t limb[5];
} qy_lanes_constant;

static const qy_lanes_constant qy_lanes_q = {
    {0x92ddbaed33013, 0xfb12980a82d32, 0xe71a49f0cdc65, 0xf0cd46e5f25ee, 0x0fffffffffffc}};
/* R mod q: the element 1 */
static const qy_lanes_constant qy_lanes_one = {
    {0xd224512ccfed0, 0x4ed67f57d2cd6, 0x8e5b60f3239a0, 0xf32b91a0da111, 0x0000000000030}};

QY_VEC_INLINE qy_lanes qy_lanes_all(const qy_lanes_constant *value)
{
  return (qy_lanes){{qy_vec_all(value->limb[0]), qy_vec_all(value->limb[1]), qy_vec_all(value->limb[2]),
                     qy_vec_all(value->limb[3]), qy_vec_all(value->limb[4])}};
}

QY_VEC_INLINE qy_lanes qy_lanes_zero(void)
{
  return (qy_lanes){{qy_vec_zero(), qy_vec_zero(), qy_vec_zero(), qy_vec_zero(), qy_vec_zero()}};
}

/* ---- loose arithmetic ---- */

QY_VEC_INLINE qy_lanes qy_lanes_add(qy_lanes a, qy_lanes b)
{
  return (qy_lanes){{qy_vec_add(a.limb[0], b.limb[0]), qy_vec_add(a.limb[1], b.limb[1]),
                     qy_vec_add(a.limb[2], b.limb[2]), qy_vec_add(a.limb[3], b.limb[3]),
                     qy_vec_add(a.limb[4], b.limb[4])}};
}

QY_VEC_INLINE qy_lanes qy_lanes_sub(qy_lanes a, qy_lanes b)
{
  return (qy_lanes){{qy_vec_sub(a.limb[0], b.limb[0]), qy_vec_sub(a.limb[1], b.limb[1]),
                     qy_vec_sub(a.limb[2], b.limb[2]), qy_vec_sub(a.limb[3], b.limb[3]),
                     qy_vec_sub(a.limb[4], b.limb[4])}};
}

QY_VEC_INLINE qy_lanes qy_lanes_neg(qy_lanes a)
{
  return qy_lanes_sub(qy_lanes_zero(), a);
}

/* a 2^bits, for bits of 1 or a few */
QY_VEC_INLINE qy_lanes qy_lanes_shift(qy_lanes a, unsigned bits)
{
  return (qy_lanes){{qy_vec_shift_left(a.limb[0], bits), qy_vec_shift_left(a.limb[1], bits),
                     qy_vec_shift_left(a.limb[2], bits), qy_vec_shift_left(a.limb[3], bits),
                     qy_vec_shift_left(a.limb[4], bits)}};
}

QY_VEC_INLINE qy_lanes qy_lanes_double(qy_lanes a)
{
  return qy_lanes_add(a, a);
}

/* a + multiple q, with limbs that are loose */
QY_VEC_INLINE qy_lanes qy_lanes_add_q(qy_lanes a, uint64_t multiple)
{
  return (qy_lanes){{qy_vec_add(a.limb[0], qy_vec_all(multiple * qy_lanes_q.limb[0])),
                     qy_vec_add(a.limb[1], qy_vec_all(multiple * qy_lanes_q.limb[1])),
                     qy_vec_add(a.limb[2], qy_vec_all(multiple * qy_lanes_q.limb[2])),
                     qy_vec_add(a.limb[3], qy_vec_all(multiple * qy_lanes_q.limb[3])),
                     qy_vec_add(a.limb[4], qy_vec_all(multiple * qy_lanes_q.limb[4]))}};
}

/* ---- ready again ---- */

/* Carries between limbs: the same integer, which lies in [0, 2^260), with limbs below 2^52. (An integer that does not
 * keeps its value too; the excess is in the top limb, which is then negative or above 2^52.) */
QY_VEC_INLINE qy_lanes qy_lanes_carry(qy_lanes a)
{
  const qy_vec mask = qy_vec_all(((uint64_t)1 << QY_LANES_LIMB_BITS) - 1);
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    a.limb[i + 1] = qy_vec_add(a.limb[i + 1], qy_vec_shift_right_signed(a.limb[i], QY_LANES_LIMB_BITS));
    a.limb[i] = qy_vec_and(a.limb[i], mask);
  }
  return a;
}

/* The same where the result is only multiplied, which takes the low 52 bits of each limb: what is above stays. */
QY_VEC_INLINE qy_lanes qy_lanes_carry_factor(qy_lanes a)
{
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    a.limb[i + 1] = qy_vec_add(a.limb[i + 1], qy_vec_shift_right_signed(a.limb[i], QY_LANES_LIMB_BITS));
  }
  return a;
}

/* From loose in [-multiple q, (16 - multiple) q) to ready. */
QY_VEC_INLINE qy_lanes qy_lanes_ready(qy_lanes a, uint64_t multiple)
{
  return qy_lanes_carry(qy_lanes_add_q(a, multiple));
}

/* From ready to ready and below 1.001, for a price far below a multiplication's: q is 2^256 - c with c below 2^210, so
 * that what is above 2^256 comes back as a multiple of c. */
QY_VEC_INLINE qy_lanes qy_lanes_fold(qy_lanes a)
{
  static const qy_lanes_constant c = {
      {0x6d224512ccfed, 0x04ed67f57d2cd, 0x18e5b60f3239a, 0x0f32b91a0da11, 0x0000000000003}};
  const qy_vec excess = qy_vec_shift_right(a.limb[4], 48);
  a.limb[4] = qy_vec_and(a.limb[4], qy_vec_all(((uint64_t)1 << 48) - 1));
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_madd_low(a.limb[i], excess, qy_vec_all(c.limb[i]));
    if (i < 4) {
      a.limb[i + 1] = qy_vec_madd_high(a.limb[i + 1], excess, qy_vec_all(c.limb[i]));
    }
  }
  return qy_lanes_carry(a);
}

/* From loose in [-512q, 512q], limbs within 2^62, to ready and below 1.001. */
QY_VEC_INLINE qy_lanes qy_lanes_fold_loose(qy_lanes a)
{
  static const qy_lanes_constant c = {
      {0x6d224512ccfed, 0x04ed67f57d2cd, 0x18e5b60f3239a, 0x0f32b91a0da11, 0x0000000000003}};
  /* What stays in the top limb is 2^16 at least, more than lower limbs and multiples of c could take from it. */
  const qy_vec reserve = qy_vec_all((uint64_t)1 << 16);
  const qy_vec excess = qy_vec_shift_right_signed(qy_vec_sub(a.limb[4], reserve), 48);
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    a.limb[i] = qy_vec_add(a.limb[i], qy_vec_mul(excess, qy_vec_all(c.limb[i])));
  }
  a.limb[4] = qy_vec_sub(a.limb[4], qy_vec_mul(excess, qy_vec_all(((uint64_t)1 << 48) - c.limb[4])));
  return qy_lanes_carry(a);
}

/* From ready to the residue below q itself. */
QY_VEC_INLINE qy_lanes qy_lanes_canonical(qy_lanes a)
{
  a = qy_lanes_fold(a);
  qy_lanes less = qy_lanes_carry(qy_lanes_sub(a, qy_lanes_all(&qy_lanes_q)));
  const qy_vec negative = qy_vec_shift_right_signed(less.limb[4], 63);
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_select(negative, a.limb[i], less.limb[i]);
  }
  return a;
}

/* ---- products ---- */

QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_zero(void)
{
  return (qy_lanes_wide){{qy_vec_zero(), qy_vec_zero(), qy_vec_zero(), qy_vec_zero(), qy_vec_zero(), qy_vec_zero(),
                          qy_vec_zero(), qy_vec_zero(), qy_vec_zero(), qy_vec_zero()}};
}

/* sum + a b, for a and b ready */
QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_madd(qy_lanes_wide sum, qy_lanes a, qy_lanes b)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    QY_UNROLL
    for (int j = 0; j < 5; j++) {
      sum.column[i + j] = qy_vec_madd_low(sum.column[i + j], a.limb[j], b.limb[i]);
    }
    QY_UNROLL
    for (int j = 0; j < 5; j++) {
      sum.column[i + j + 1] = qy_vec_madd_high(sum.column[i + j + 1], a.limb[j], b.limb[i]);
    }
  }
  return sum;
}

QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_mul(qy_lanes a, qy_lanes b)
{
  return qy_lanes_wide_madd(qy_lanes_wide_zero(), a, b);
}

QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_sqr(qy_lanes a)
{
  qy_lanes_wide r = qy_lanes_wide_zero();
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    QY_UNROLL
    for (int j = i + 1; j < 5; j++) {
      r.column[i + j] = qy_vec_madd_low(r.column[i + j], a.limb[i], a.limb[j]);
      r.column[i + j + 1] = qy_vec_madd_high(r.column[i + j + 1], a.limb[i], a.limb[j]);
    }
  }
  QY_UNROLL
  for (int i = 1; i < 9; i++) {
    r.column[i] = qy_vec_add(r.column[i], r.column[i]);
  }
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    r.column[2 * i] = qy_vec_madd_low(r.column[2 * i], a.limb[i], a.limb[i]);
    r.column[2 * i + 1] = qy_vec_madd_high(r.column[2 * i + 1], a.limb[i], a.limb[i]);
  }
  return r;
}

QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_add(qy_lanes_wide a, qy_lanes_wide b)
{
  return (qy_lanes_wide){{qy_vec_add(a.column[0], b.column[0]), qy_vec_add(a.column[1], b.column[1]),
                          qy_vec_add(a.column[2], b.column[2]), qy_vec_add(a.column[3], b.column[3]),
                          qy_vec_add(a.column[4], b.column[4]), qy_vec_add(a.column[5], b.column[5]),
                          qy_vec_add(a.column[6], b.column[6]), qy_vec_add(a.column[7], b.column[7]),
                          qy_vec_add(a.column[8], b.column[8]), qy_vec_add(a.column[9], b.column[9])}};
}

QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_sub(qy_lanes_wide a, qy_lanes_wide b)
{
  return (qy_lanes_wide){{qy_vec_sub(a.column[0], b.column[0]), qy_vec_sub(a.column[1], b.column[1]),
                          qy_vec_sub(a.column[2], b.column[2]), qy_vec_sub(a.column[3], b.column[3]),
                          qy_vec_sub(a.column[4], b.column[4]), qy_vec_sub(a.column[5], b.column[5]),
                          qy_vec_sub(a.column[6], b.column[6]), qy_vec_sub(a.column[7], b.column[7]),
                          qy_vec_sub(a.column[8], b.column[8]), qy_vec_sub(a.column[9], b.column[9])}};
}

/* a 2^bits, which counts as so many products */
QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_shift(qy_lanes_wide a, unsigned bits)
{
  return (qy_lanes_wide){{qy_vec_shift_left(a.column[0], bits), qy_vec_shift_left(a.column[1], bits),
                          qy_vec_shift_left(a.column[2], bits), qy_vec_shift_left(a.column[3], bits),
                          qy_vec_shift_left(a.column[4], bits), qy_vec_shift_left(a.column[5], bits),
                          qy_vec_shift_left(a.column[6], bits), qy_vec_shift_left(a.column[7], bits),
                          qy_vec_shift_left(a.column[8], bits), qy_vec_shift_left(a.column[9], bits)}};
}

/* sum + a R, for a loose: after the reduction a has been added. With a multiple of q this keeps a result from being
 * negative. */
QY_VEC_INLINE qy_lanes_wide qy_lanes_wide_add_loose(qy_lanes_wide sum, qy_lanes a)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    sum.column[5 + i] = qy_vec_add(sum.column[5 + i], a.limb[i]);
  }
  return sum;
}

/* Montgomery's reduction: the sum divided by R. From a sum in [A q^2, B q^2), A may be negative, to the interval from
 * A/16 q to (B/16 + 2) q. Loose: of n products, limbs are below (9n + 10) 2^52. */
QY_VEC_INLINE qy_lanes qy_lanes_reduce_loose(qy_lanes_wide sum)
{
  /* n = -q^-1 mod 2^52, and (nq + 1) / 2^52. The multiple nq of q ends in 52 ones, so that adding it column[i] times
   * clears column i and nothing is to be computed before; the upper limbs of what is added are those of the second
   * number. Four columns go that way; the fifth, by q itself, brings the size down again. */
  static const uint64_t n = 0xc964e0537e5e5;
  static const qy_lanes_constant multiple = {
      {0x9d115a7cee21e, 0x403a8a4b74c89, 0x6725ff18212c4, 0xe7dc8e8e6b1ae, 0x0c964e0537e5b}};
  qy_vec *t = sum.column;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    t[i + 1] = qy_vec_add(t[i + 1], qy_vec_shift_right_signed(t[i], QY_LANES_LIMB_BITS));
    QY_UNROLL
    for (int j = 0; j < 5; j++) {
      t[i + 1 + j] = qy_vec_madd_low(t[i + 1 + j], t[i], qy_vec_all(multiple.limb[j]));
    }
    QY_UNROLL
    for (int j = 0; j < 5; j++) {
      t[i + 2 + j] = qy_vec_madd_high(t[i + 2 + j], t[i], qy_vec_all(multiple.limb[j]));
    }
  }
  const qy_vec k = qy_vec_madd_low(qy_vec_zero(), t[4], qy_vec_all(n));
  QY_UNROLL
  for (int j = 0; j < 5; j++) {
    t[4 + j] = qy_vec_madd_low(t[4 + j], k, qy_vec_all(qy_lanes_q.limb[j]));
    t[5 + j] = qy_vec_madd_high(t[5 + j], k, qy_vec_all(qy_lanes_q.limb[j]));
  }
  t[5] = qy_vec_add(t[5], qy_vec_shift_right_signed(t[4], QY_LANES_LIMB_BITS));
  return (qy_lanes){{t[5], t[6], t[7], t[8], t[9]}};
}

/* The same with carries: ready if the interval is within [0, 16q). */
QY_VEC_INLINE qy_lanes qy_lanes_reduce(qy_lanes_wide sum)
{
  return qy_lanes_carry(qy_lanes_reduce_loose(sum));
}

/* a b / R, for a and b ready, below A and B: ready, below A B / 16 + 2 (so below 3 for factors below 4). */
QY_VEC_INLINE qy_lanes qy_lanes_mul(qy_lanes a, qy_lanes b)
{
  return qy_lanes_reduce(qy_lanes_wide_mul(a, b));
}

QY_VEC_INLINE qy_lanes qy_lanes_sqr(qy_lanes a)
{
  return qy_lanes_reduce(qy_lanes_wide_sqr(a));
}

/* ---- between lanes ---- */

/* lane i of the result is lane index[i] of a, in every limb */
QY_VEC_INLINE qy_lanes qy_lanes_permute(qy_lanes a, qy_vec index)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_permute(a.limb[i], index);
  }
  return a;
}

/* index 0 to 7 takes from a, 8 to 15 from b */
QY_VEC_INLINE qy_lanes qy_lanes_permute2(qy_lanes a, qy_lanes b, qy_vec index)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_permute2(a.limb[i], b.limb[i], index);
  }
  return a;
}

/* lane i of b where bit i of `lanes`, a constant, is set; else of a */
QY_VEC_INLINE qy_lanes qy_lanes_blend(unsigned lanes, qy_lanes a, qy_lanes b)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_blend(lanes, a.limb[i], b.limb[i]);
  }
  return a;
}

/* a in lanes where the mask is all ones, b where it is zero */
QY_VEC_INLINE qy_lanes qy_lanes_select(qy_vec mask, qy_lanes a, qy_lanes b)
{
  return (qy_lanes){{qy_vec_select(mask, a.limb[0], b.limb[0]), qy_vec_select(mask, a.limb[1], b.limb[1]),
                     qy_vec_select(mask, a.limb[2], b.limb[2]), qy_vec_select(mask, a.limb[3], b.limb[3]),
                     qy_vec_select(mask, a.limb[4], b.limb[4])}};
}

/* Mask of the lanes where a, ready, is a multiple of q. */
QY_VEC_INLINE qy_vec qy_lanes_is_zero(qy_lanes a)
{
  a = qy_lanes_canonical(a);
  const qy_vec low = qy_vec_or(qy_vec_or(a.limb[0], a.limb[1]), qy_vec_or(a.limb[2], a.limb[3]));
  return qy_vec_mask_equal(qy_vec_or(low, a.limb[4]), qy_vec_zero());
}

/* ---- in and out ---- */

/* Four words of each of eight numbers, to and fro: word w of all numbers becomes vector w. */
QY_VEC_INLINE void qy_lanes_gather(qy_vec words[4], const qy_fq *const in[8])
{
  const qy_vec low = qy_vec_of(0, 4, 8, 12, 1, 5, 9, 13);
  const qy_vec high = qy_vec_of(2, 6, 10, 14, 3, 7, 11, 15);
  const qy_vec first = qy_vec_of(0, 1, 2, 3, 8, 9, 10, 11);
  const qy_vec second = qy_vec_of(4, 5, 6, 7, 12, 13, 14, 15);
  qy_vec pair[4];
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    pair[i] = qy_vec_load_halves(in[2 * i]->limb, in[2 * i + 1]->limb);
  }
  const qy_vec low03 = qy_vec_permute2(pair[0], pair[1], low);
  const qy_vec low47 = qy_vec_permute2(pair[2], pair[3], low);
  const qy_vec high03 = qy_vec_permute2(pair[0], pair[1], high);
  const qy_vec high47 = qy_vec_permute2(pair[2], pair[3], high);
  words[0] = qy_vec_permute2(low03, low47, first);
  words[1] = qy_vec_permute2(low03, low47, second);
  words[2] = qy_vec_permute2(high03, high47, first);
  words[3] = qy_vec_permute2(high03, high47, second);
}

QY_VEC_INLINE void qy_lanes_scatter(qy_fq *const out[8], const qy_vec words[4])
{
  const qy_vec low = qy_vec_of(0, 8, 1, 9, 2, 10, 3, 11);
  const qy_vec high = qy_vec_of(4, 12, 5, 13, 6, 14, 7, 15);
  const qy_vec even = qy_vec_of(0, 1, 8, 9, 2, 3, 10, 11);
  const qy_vec odd = qy_vec_of(4, 5, 12, 13, 6, 7, 14, 15);
  const qy_vec low01 = qy_vec_permute2(words[0], words[1], low);
  const qy_vec low23 = qy_vec_permute2(words[2], words[3], low);
  const qy_vec high01 = qy_vec_permute2(words[0], words[1], high);
  const qy_vec high23 = qy_vec_permute2(words[2], words[3], high);
  qy_vec_store_halves(out[0]->limb, out[1]->limb, qy_vec_permute2(low01, low23, even));
  qy_vec_store_halves(out[2]->limb, out[3]->limb, qy_vec_permute2(low01, low23, odd));
  qy_vec_store_halves(out[4]->limb, out[5]->limb, qy_vec_permute2(high01, high23, even));
  qy_vec_store_halves(out[6]->limb, out[7]->limb, qy_vec_permute2(high01, high23, odd));
}

/* 256-bit integers of four words as five limbs. */
QY_VEC_INLINE qy_lanes qy_lanes_split(const qy_vec words[4])
{
  const qy_vec mask = qy_vec_all(((uint64_t)1 << QY_LANES_LIMB_BITS) - 1);
  qy_lanes r;
  r.limb[0] = qy_vec_and(words[0], mask);
  QY_UNROLL
  for (int i = 1; i < 4; i++) {
    const unsigned taken = 64 - 12 * (unsigned)i; /* bits of the lower word that are in lower limbs */
    r.limb[i] = qy_vec_or(qy_vec_shift_right(words[i - 1], taken), qy_vec_shift_left(words[i], 64 - taken));
    r.limb[i] = qy_vec_and(r.limb[i], mask);
  }
  r.limb[4] = qy_vec_shift_right(words[3], 16);
  return r;
}

/* From limbs below 2^52, the whole below 2^256. */
QY_VEC_INLINE void qy_lanes_join(qy_vec words[4], qy_lanes a)
{
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    const unsigned taken = 12 * (unsigned)i; /* bits of the lower limb that are in lower words */
    words[i] =
        qy_vec_or(qy_vec_shift_right(a.limb[i], taken), qy_vec_shift_left(a.limb[i + 1], QY_LANES_LIMB_BITS - taken));
  }
}

/* Elements of the room's form (R = 2^256, reduced) into lanes: ready, below 3. */
QY_VEC_INLINE qy_lanes qy_lanes_load(const qy_fq *const in[8])
{
  /* 2^264 mod q: the product divided by 2^260 is 2^4 times what came in */
  static const qy_lanes_constant scale = {
      {0x224512ccfed00, 0xed67f57d2cd6d, 0xe5b60f3239a04, 0x32b91a0da1118, 0x000000000030f}};
  qy_vec words[4];
  qy_lanes_gather(words, in);
  return qy_lanes_mul(qy_lanes_split(words), qy_lanes_all(&scale));
}

/* And back; a is ready. */
QY_VEC_INLINE void qy_lanes_store(qy_fq *const out[8], qy_lanes a)
{
  /* 2^256 mod q */
  static const qy_lanes_constant scale = {
      {0x6d224512ccfed, 0x04ed67f57d2cd, 0x18e5b60f3239a, 0x0f32b91a0da11, 0x0000000000003}};
  qy_vec words[4];
  qy_lanes_join(words, qy_lanes_canonical(qy_lanes_mul(a, qy_lanes_all(&scale))));
  qy_lanes_scatter(out, words);
}

/* The same for eight elements in a row. */
QY_VEC_INLINE qy_lanes qy_lanes_load_row(const qy_fq in[8])
{
  const qy_fq *const each[8] = {&in[0], &in[1], &in[2], &in[3], &in[4], &in[5], &in[6], &in[7]};
  return qy_lanes_load(each);
}

QY_VEC_INLINE void qy_lanes_store_row(qy_fq out[8], qy_lanes a)
{
  qy_fq *const each[8] = {&out[0], &out[1], &out[2], &out[3], &out[4], &out[5], &out[6], &out[7]};
  qy_lanes_store(each, a);
}

#endif
