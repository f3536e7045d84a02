/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: points of P-256 for signatures that are verified often. Everything here is public, and takes
 * as long as it takes: never put a secret in. Numbers modulo p are in Montgomery form (base/mont.h). */
#ifndef QY_CRYPTO_P256_POINT_H
#define QY_CRYPTO_P256_POINT_H

#include <base/mont.h>
#include <crypto/p256.h>

typedef struct qy_p256_field {
  uint64_t limb[4];
} qy_p256_field;

/* Never infinity. */
typedef struct qy_p256_affine {
  qy_p256_field x;
  qy_p256_field y;
} qy_p256_affine;

/* (x / z^2, y / z^3); infinity where z is 0. */
typedef struct qy_p256_jacobian {
  qy_p256_field x;
  qy_p256_field y;
  qy_p256_field z;
} qy_p256_jacobian;

extern const qy_p256_affine qy_p256_generator;

/* A point that was checked (qy_p256_check_point). */
void qy_p256_affine_of(qy_p256_affine *r, const qy_p256_public *key);
void qy_p256_from_affine(qy_p256_jacobian *r, const qy_p256_affine *a);
bool qy_p256_is_infinity(const qy_p256_jacobian *a);
/* r = 2 r */
void qy_p256_double(qy_p256_jacobian *r);
/* r = r + a, or r - a; whatever the two are to each other. */
void qy_p256_add(qy_p256_jacobian *r, const qy_p256_affine *a, bool negative);
/* None may be infinity. `scratch` holds `count` numbers. */
void qy_p256_to_affine_many(qy_p256_affine *r, const qy_p256_jacobian *a, qy_p256_field *scratch, size_t count);
/* Whether x(a), taken modulo the order n, is `r`, which is below n. Infinity has no x. */
bool qy_p256_has_x(const qy_p256_jacobian *a, const uint64_t r[4]);

extern const qy_mont_modulus qy_p256_order; /* n */

#endif
