/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/lanes/twist.h>

/* Lanes of slots, for masks. */
#define SLOT(i) (3u << (2 * (i)))

/* Which slots to take: 0 to 3 of the first vector, 4 to 7 of the second. */
QY_VEC_INLINE qy_vec slots(uint64_t s0, uint64_t s1, uint64_t s2, uint64_t s3)
{
  return qy_vec_of(2 * s0, 2 * s0 + 1, 2 * s1, 2 * s1 + 1, 2 * s2, 2 * s2 + 1, 2 * s3, 2 * s3 + 1);
}

QY_VEC_INLINE qy_lanes pick(qy_lanes a, uint64_t s0, uint64_t s1, uint64_t s2, uint64_t s3)
{
  return qy_lanes_permute(a, slots(s0, s1, s2, s3));
}

QY_VEC_INLINE qy_lanes pick2(qy_lanes a, qy_lanes b, uint64_t s0, uint64_t s1, uint64_t s2, uint64_t s3)
{
  return qy_lanes_permute2(a, b, slots(s0, s1, s2, s3));
}

/* a + b in these lanes, a elsewhere */
QY_VEC_INLINE qy_lanes add_in(unsigned lanes, qy_lanes a, qy_lanes b)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_add_in(lanes, a.limb[i], a.limb[i], b.limb[i]);
  }
  return a;
}

QY_VEC_INLINE qy_lanes sub_in(unsigned lanes, qy_lanes a, qy_lanes b)
{
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_sub_in(lanes, a.limb[i], a.limb[i], b.limb[i]);
  }
  return a;
}

/* Each slot times a small integer. */
QY_VEC_INLINE qy_lanes times(qy_lanes a, int s0, int s1, int s2, int s3)
{
  const uint64_t k[4] = {(uint64_t)(int64_t)s0, (uint64_t)(int64_t)s1, (uint64_t)(int64_t)s2, (uint64_t)(int64_t)s3};
  const qy_vec by = qy_vec_of(k[0], k[0], k[1], k[1], k[2], k[2], k[3], k[3]);
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    a.limb[i] = qy_vec_mul(a.limb[i], by);
  }
  return a;
}

/* The squares of all slots, loose and below 3.5, for a below 2.01: (re + im)(re - im) and 2 re im. */
QY_VEC_INLINE qy_lanes squares(qy_lanes a)
{
  const qy_lanes swapped = qy_lanes_permute(a, qy_vec_of(1, 0, 3, 2, 5, 4, 7, 6));
  const qy_lanes left = qy_lanes_add(qy_lanes_permute(a, qy_vec_of(0, 0, 2, 2, 4, 4, 6, 6)), swapped);
  qy_lanes right = sub_in(0x55, a, swapped);
  QY_UNROLL
  for (int i = 0; i < 5; i++) {
    const uint64_t raise = 3 * qy_lanes_q.limb[i];
    right.limb[i] = qy_vec_add(right.limb[i], qy_vec_of(raise, 0, raise, 0, raise, 0, raise, 0));
  }
  return qy_lanes_reduce_loose(qy_lanes_wide_mul(qy_lanes_carry_factor(left), qy_lanes_carry_factor(right)));
}

/* The products of slots 0 and of slots 1, loose, in slots 0 and 1; both twice in slots 2 and 3. For a below 3.1 and b
 * below 1.001 within 5. */
QY_VEC_INLINE qy_lanes products(qy_lanes a, qy_lanes b)
{
  const qy_lanes left = qy_lanes_permute(a, qy_vec_of(0, 1, 0, 1, 2, 3, 2, 3));
  const qy_lanes right = qy_lanes_permute(b, qy_vec_of(0, 1, 1, 0, 2, 3, 3, 2));
  const qy_lanes four = qy_lanes_reduce_loose(qy_lanes_wide_mul(left, right));
  const qy_lanes even = qy_lanes_permute(four, qy_vec_of(0, 2, 4, 6, 0, 2, 4, 6));
  const qy_lanes odd = qy_lanes_permute(four, qy_vec_of(1, 3, 5, 7, 1, 3, 5, 7));
  return sub_in(0x55, add_in(0xaa, even, odd), odd);
}

void qy_lanes_twist_load(qy_lanes *r, const qy_g2_affine *a)
{
  const qy_fq *const in[8] = {&a->x.c0, &a->x.c1, &a->y.c0, &a->y.c1, &qy_fq_one, &qy_fq_zero, &qy_fq_one, &qy_fq_zero};
  *r = qy_lanes_fold(qy_lanes_load(in));
}

void qy_lanes_twist_store(qy_fq2 coordinates[3], const qy_lanes *a)
{
  qy_fq none[2];
  qy_fq *const out[8] = {&coordinates[0].c0, &coordinates[0].c1, &coordinates[1].c0, &coordinates[1].c1,
                         &coordinates[2].c0, &coordinates[2].c1, &none[0],           &none[1]};
  qy_lanes_store(out, *a);
}

void qy_lanes_twist_neg(qy_lanes *r, const qy_lanes *a)
{
  *r = qy_lanes_fold_loose(times(*a, 1, -1, 1, 1));
}

void qy_lanes_twist_double(qy_lanes *r, qy_lanes *line, const qy_lanes *a)
{
  /* x^2, y^2, (y + z)^2; then X = x^2, Y = y^2, x + Y, z' = 2 y z */
  const qy_lanes first = squares(qy_lanes_carry(add_in(SLOT(2), pick(*a, 0, 1, 1, 1), *a)));
  qy_lanes t = pick(first, 0, 1, 1, 2);
  t = add_in(SLOT(2), t, pick(*a, 0, 0, 0, 0));
  t = sub_in(SLOT(3), t, qy_lanes_add(pick(first, 1, 1, 1, 1), *a));
  const qy_lanes second = qy_lanes_fold_loose(t);
  /* X^2, Y^2, (x + Y)^2, z'^2; f = 2 x Y: x' = 9 X^2 - 4 f, u = 2 f - x' */
  const qy_lanes third = squares(second);
  const qy_lanes f =
      qy_lanes_sub(qy_lanes_sub(pick(third, 2, 2, 2, 2), pick(third, 1, 1, 1, 1)), pick(second, 0, 0, 0, 0));
  const qy_lanes xx = pick(third, 0, 0, 0, 0);
  t = qy_lanes_add(times(f, 6, -4, 0, 0), times(xx, -9, 9, 0, 0));
  t = add_in(SLOT(2) | SLOT(3), t, pick2(second, third, 3, 3, 3, 7));
  const qy_lanes fourth = qy_lanes_fold_loose(t); /* u, x', z', z'^2 */
  /* e = 3 X: y' = e u - 8 Y^2; and e z^2 for the line */
  const qy_lanes e = qy_lanes_carry(times(pick(second, 0, 0, 0, 0), 3, 3, 3, 3));
  const qy_lanes fifth = products(e, pick2(fourth, *a, 0, 7, 0, 7));
  t = pick2(fourth, fifth, 1, 4, 2, 3);
  t = sub_in(SLOT(1), t, qy_lanes_shift(third, 3));
  if (line != NULL) { /* e z^2, e x - 2 Y, z' z^2 */
    const qy_lanes sixth = products(pick2(e, fourth, 0, 6, 0, 6), pick(*a, 0, 3, 0, 3));
    qy_lanes l = pick2(fifth, sixth, 1, 4, 5, 5);
    l = sub_in(SLOT(1), l, qy_lanes_double(second));
    *line = qy_lanes_fold_loose(l);
  }
  *r = qy_lanes_fold_loose(t);
}

void qy_lanes_twist_add(qy_lanes *r, qy_lanes *line, const qy_lanes *a, const qy_lanes *b)
{
  /* x_b z^2, z^3; then h = x_b z^2 - x, z^3 */
  qy_lanes t = products(pick2(*b, *a, 0, 6, 0, 6), pick(*a, 3, 3, 3, 3));
  const qy_lanes first = qy_lanes_fold_loose(sub_in(SLOT(0), t, *a));
  /* y_b z^3, z h; then h, s = y_b z^3 - y, z' = z h */
  t = products(pick2(*b, *a, 1, 6, 1, 6), pick(first, 1, 0, 1, 0));
  t = pick2(first, t, 0, 4, 5, 5);
  const qy_lanes second = qy_lanes_fold_loose(sub_in(SLOT(1), t, *a));
  /* h^2, s^2, z'^2 */
  const qy_lanes third = qy_lanes_fold_loose(squares(second));
  /* h^3, v = x h^2; then x' = s^2 - h^3 - 2 v, v - x', h^3 */
  t = products(pick2(second, *a, 0, 4, 0, 4), pick(third, 0, 0, 0, 0));
  const qy_lanes hhh = times(pick(t, 0, 0, 0, 0), -1, 1, 1, 0);
  const qy_lanes v = times(pick(t, 1, 1, 1, 1), -2, 3, 0, 0);
  const qy_lanes ss = times(pick(third, 1, 1, 1, 1), 1, -1, 0, 0);
  const qy_lanes fourth = qy_lanes_fold_loose(qy_lanes_add(qy_lanes_add(ss, hhh), v));
  /* y' = s (v - x') - y h^3 */
  const qy_lanes fifth = products(pick2(second, *a, 1, 5, 1, 5), pick(fourth, 1, 2, 1, 2));
  t = qy_lanes_blend(SLOT(2) | SLOT(3), pick2(fourth, fifth, 0, 4, 0, 4), pick2(second, third, 2, 2, 2, 6));
  t = sub_in(SLOT(1), t, fifth);
  if (line != NULL) { /* s, s x_b - y_b z', z' */
    const qy_lanes sixth = products(pick(second, 1, 2, 1, 2), *b);
    qy_lanes l = pick2(second, sixth, 1, 4, 2, 2);
    l = sub_in(SLOT(1), l, sixth);
    *line = qy_lanes_fold_loose(l);
  }
  *r = qy_lanes_fold_loose(t);
}
