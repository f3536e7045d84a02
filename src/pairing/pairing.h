/* SPDX-License-Identifier: Apache-2.0 */
/* The optimal ate pairing of FP256BN, G1 x G2 -> GT, with the exact final exponent (q^12 - 1) / p: EPID hashes pairing
 * values, so that a fixed power of the pairing, as fast libraries compute it, would not do. */
#ifndef QY_PAIRING_PAIRING_H
#define QY_PAIRING_PAIRING_H

#include <pairing/fq12.h>
#include <pairing/g1.h>
#include <pairing/g2.h>

#define QY_PAIRING_LINES 83

/* The lines of the Miller loop of one point of G2; line k at the point (x, y) of G1 is 1 + (-x/y) slope[k] w +
 * (1/y) offset[k] w^3, up to factors that the final exponentiation removes. About 21 KiB. */
typedef struct qy_pairing_lines {
  struct {
    qy_fq2 slope;
    qy_fq2 offset;
  } line[QY_PAIRING_LINES];
} qy_pairing_lines;

/* The point is public, in the subgroup and not at infinity. */
void qy_pairing_lines_init(qy_pairing_lines *lines, const qy_g2_affine *point);

#define QY_PAIRING_MAX_PAIRS 4
/* r = product of pairing(points[i], the point of lines[i]), one final exponentiation in all; a point of G1 at
 * infinity gives 1. Nothing branches on the points of G1. */
void qy_pairing_product(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count);

#endif
