/* SPDX-License-Identifier: Apache-2.0 */
/* One element of Fq12 spread over lanes: the real parts of its six coefficients over Fq2 in one group of eight lanes,
 * the imaginary parts in another. With s = w^3, s^2 = xi, it is A0 + A1 w + A2 w^2 over Fq4 = Fq2[s], where Aj =
 * x_j + y_j s; lanes 0 to 2 hold x_0 x_1 x_2 (of w^0 w^1 w^2), lanes 4 to 6 hold y_0 y_1 y_2 (of w^3 w^4 w^5), lanes 3
 * and 7 nothing that matters.
 *
 * All are ready and below 1.001 in every lane; Montgomery's R is 2^258 here, for products come out four times too
 * large (fq12.c), and 2^258 4 / 2^260 is 1. Results may overlap arguments. Nothing branches on a value. */
#ifndef QY_PAIRING_LANES_FQ12_H
#define QY_PAIRING_LANES_FQ12_H

#include <pairing/fq12.h>
#include <pairing/lanes/lanes.h>

typedef struct qy_lanes_fq12 {
  qy_lanes re;
  qy_lanes im;
} qy_lanes_fq12;

/* A factor made ready for multiplication, by any number of others: its values at the points of fq12.c in two groups of
 * lanes, of each the real part, the imaginary part less the real part, and minus their sum. */
typedef struct qy_lanes_factor {
  qy_lanes re[2];
  qy_lanes difference[2];
  qy_lanes minus_sum[2];
} qy_lanes_factor;

void qy_lanes_fq12_load(qy_lanes_fq12 *r, const qy_fq12 *a);
void qy_lanes_fq12_store(qy_fq12 *r, const qy_lanes_fq12 *a);
void qy_lanes_factor_init(qy_lanes_factor *r, const qy_lanes_fq12 *a);
void qy_lanes_fq12_mul(qy_lanes_fq12 *r, const qy_lanes_fq12 *a, const qy_lanes_factor *b);
void qy_lanes_fq12_sqr(qy_lanes_fq12 *r, const qy_lanes_fq12 *a);
/* For a in the cyclotomic subgroup. */
void qy_lanes_fq12_cyclotomic_sqr(qy_lanes_fq12 *r, const qy_lanes_fq12 *a);
/* a^(q^6): w becomes -w. */
void qy_lanes_fq12_conjugate(qy_lanes_fq12 *r, const qy_lanes_fq12 *a);
/* a^q and a^(q^2) */
void qy_lanes_fq12_frobenius(qy_lanes_fq12 *r, const qy_lanes_fq12 *a);
void qy_lanes_fq12_frobenius2(qy_lanes_fq12 *r, const qy_lanes_fq12 *a);

#endif
