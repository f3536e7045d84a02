/* SPDX-License-Identifier: Apache-2.0 */
/* The tower above Fq2: Fq6 = Fq2[v]/(v^3 - xi) with xi = 2 + i, Fq12 = Fq6[w]/(w^2 - v). The target group GT is the
 * subgroup of order p of Fq12. Results may overlap arguments; nothing branches on a value. */
#ifndef QY_PAIRING_FQ12_H
#define QY_PAIRING_FQ12_H

#include <pairing/fq.h>

#define QY_FQ12_SIZE 384

typedef struct qy_fq6 { /* c[0] + c[1] v + c[2] v^2 */
  qy_fq2 c[3];
} qy_fq6;

typedef struct qy_fq12 { /* c[0] + c[1] w */
  qy_fq6 c[2];
} qy_fq12;

void qy_fq12_set_one(qy_fq12 *r);
void qy_fq12_mul(qy_fq12 *r, const qy_fq12 *a, const qy_fq12 *b);
void qy_fq12_sqr(qy_fq12 *r, const qy_fq12 *a);
/* r = a * (1 + b w + c w^3), the shape of a line. */
void qy_fq12_mul_line(qy_fq12 *r, const qy_fq12 *a, const qy_fq2 *b, const qy_fq2 *c);
void qy_fq12_inverse(qy_fq12 *r, const qy_fq12 *a);
/* a^(q^6): w becomes -w. In the cyclotomic subgroup this is the inverse. */
void qy_fq12_conjugate(qy_fq12 *r, const qy_fq12 *a);
/* a^(q^power), power 1, 2 or 3. */
void qy_fq12_frobenius(qy_fq12 *r, const qy_fq12 *a, int power);
/* a^2 for a in the cyclotomic subgroup (order q^4 - q^2 + 1). Source: Granger and Scott 2010. */
void qy_fq12_cyclotomic_sqr(qy_fq12 *r, const qy_fq12 *a);
/* Mask. */
uint64_t qy_fq12_equal(const qy_fq12 *a, const qy_fq12 *b);
/* 12 numbers: the half of w^0, then that of w^1; in each v^0, v^1, v^2; of each the real part first. */
void qy_fq12_encode(uint8_t bytes[QY_FQ12_SIZE], const qy_fq12 *a);

#endif
