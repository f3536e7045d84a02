/* SPDX-License-Identifier: Apache-2.0 */
/* Many powers in G1 at once: what a signature, a verification or a list asks for in one call, so that it can be spread
 * over the lanes of a vector. Functions named _public branch on all their arguments; the others take secret scalars,
 * and secret points where it says so. Points may be at infinity unless it says otherwise. */
#ifndef QY_PAIRING_G1_PRODUCTS_H
#define QY_PAIRING_G1_PRODUCTS_H

#include <pairing/g1.h>

/* r[i] = the product over j below `terms` of points[i terms + j]^scalars[i terms + j], for i below `count`. `terms` is at
 * most QY_G1_MAX_TERMS. Points and scalars are secret. */
void qy_g1_products(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count);
void qy_g1_products_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count);

/* The same with one row of bases for all: r[i] = the product of bases[j]^scalars[i terms + j]. The bases are public. */
void qy_g1_products_shared(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count);
void qy_g1_products_shared_public(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms,
                                  size_t count);

/* A power of a base with a table, and the product that takes it in. */
typedef struct qy_g1_fixed_power {
  size_t product;
  const qy_g1_table *table;
  const qy_fp *scalar;
} qy_g1_fixed_power;

/* r[powers[i].product] = itself * table^scalar, for each power; r must be set. r and the scalars are secret, and the
 * entries of the tables may be; which table is used where is not. */
void qy_g1_fixed_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count);
void qy_g1_fixed_products_public(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count);

/* The index of the first of `count` scalars, 32 big-endian bytes each, with base^scalar = target; `count` if there is
 * none. Numbers from p on match nothing. The base is not at infinity. All public. */
size_t qy_g1_search(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count);

#endif
