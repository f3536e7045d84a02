/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements of Fq2, one a lane. */
#ifndef QY_PAIRING_LANES_FQ2_H
#define QY_PAIRING_LANES_FQ2_H

#include <pairing/lanes/lanes.h>

typedef struct qy_lanes_fq2 {
  qy_lanes re;
  qy_lanes im;
} qy_lanes_fq2;

/* Ready, for a and b ready. */
QY_VEC_INLINE qy_lanes_fq2 qy_lanes_fq2_sum(const qy_lanes_fq2 *a, const qy_lanes_fq2 *b)
{
  return (qy_lanes_fq2){qy_lanes_carry(qy_lanes_add(a->re, b->re)), qy_lanes_carry(qy_lanes_add(a->im, b->im))};
}

/* Loose. */
QY_VEC_INLINE qy_lanes_fq2 qy_lanes_fq2_sub(const qy_lanes_fq2 *a, const qy_lanes_fq2 *b)
{
  return (qy_lanes_fq2){qy_lanes_sub(a->re, b->re), qy_lanes_sub(a->im, b->im)};
}

/* As qy_lanes_fold_loose. */
QY_VEC_INLINE qy_lanes_fq2 qy_lanes_fq2_fold(const qy_lanes_fq2 *a)
{
  return (qy_lanes_fq2){qy_lanes_fold_loose(a->re), qy_lanes_fold_loose(a->im)};
}

/* For a and b ready and below 6: loose, below 12. */
void qy_lanes_fq2_mul(qy_lanes_fq2 *r, const qy_lanes_fq2 *a, const qy_lanes_fq2 *b);
/* As qy_lanes_mul. */
void qy_lanes_fq2_mul_fq(qy_lanes_fq2 *r, const qy_lanes_fq2 *a, const qy_lanes *b);

/* From a vector for each of eight elements to one for each of their eight lanes, of any words: row i becomes column i.
 */
void qy_lanes_transpose(qy_vec row[8]);

#endif
