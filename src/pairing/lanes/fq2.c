/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/lanes/fq2.h>

void qy_lanes_fq2_mul(qy_lanes_fq2 *r, const qy_lanes_fq2 *a, const qy_lanes_fq2 *b)
{
  /* (re + im) re' - im (re' + im') and (re + im) re' + re (im' - re') */
  const qy_lanes sum = qy_lanes_carry_factor(qy_lanes_add(a->re, a->im));
  const qy_lanes less = qy_lanes_add_q(qy_lanes_neg(b->re), 12);
  const qy_lanes minus_sum = qy_lanes_carry_factor(qy_lanes_sub(less, b->im));
  const qy_lanes difference = qy_lanes_carry_factor(qy_lanes_sub(qy_lanes_add_q(b->im, 6), b->re));
  const qy_lanes_wide shared = qy_lanes_wide_mul(sum, b->re);
  const qy_lanes real = qy_lanes_reduce_loose(qy_lanes_wide_madd(shared, a->im, minus_sum));
  r->im = qy_lanes_reduce_loose(qy_lanes_wide_madd(shared, a->re, difference));
  r->re = real;
}

void qy_lanes_fq2_mul_fq(qy_lanes_fq2 *r, const qy_lanes_fq2 *a, const qy_lanes *b)
{
  r->re = qy_lanes_mul(a->re, *b);
  r->im = qy_lanes_mul(a->im, *b);
}

void qy_lanes_transpose(qy_vec row[8])
{
  const qy_vec even = qy_vec_of(0, 8, 2, 10, 4, 12, 6, 14);
  const qy_vec odd = qy_vec_of(1, 9, 3, 11, 5, 13, 7, 15);
  const qy_vec even2 = qy_vec_of(0, 1, 8, 9, 4, 5, 12, 13);
  const qy_vec odd2 = qy_vec_of(2, 3, 10, 11, 6, 7, 14, 15);
  const qy_vec low = qy_vec_of(0, 1, 2, 3, 8, 9, 10, 11);
  const qy_vec high = qy_vec_of(4, 5, 6, 7, 12, 13, 14, 15);
  qy_vec t[8];
  qy_vec u[8];
  QY_UNROLL
  for (int i = 0; i < 8; i += 2) {
    t[i] = qy_vec_permute2(row[i], row[i + 1], even);
    t[i + 1] = qy_vec_permute2(row[i], row[i + 1], odd);
  }
  QY_UNROLL
  for (int i = 0; i < 8; i += 4) {
    u[i] = qy_vec_permute2(t[i], t[i + 2], even2);
    u[i + 1] = qy_vec_permute2(t[i + 1], t[i + 3], even2);
    u[i + 2] = qy_vec_permute2(t[i], t[i + 2], odd2);
    u[i + 3] = qy_vec_permute2(t[i + 1], t[i + 3], odd2);
  }
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    row[i] = qy_vec_permute2(u[i], u[i + 4], low);
    row[i + 4] = qy_vec_permute2(u[i], u[i + 4], high);
  }
}
