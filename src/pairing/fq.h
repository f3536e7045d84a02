/* SPDX-License-Identifier: Apache-2.0 */
/* The base field Fq of FP256BN, q = 36t^4 + 36t^3 + 24t^2 + 6t + 1 with t = -0x6882F5C030B0A801 (TCG's BN_P256), and
 * its extension Fq2 = Fq[i]/(i^2 + 1). Elements are kept reduced, in Montgomery form with R = 2^256; hash to curve
 * relies on that form. Results may overlap arguments. Masks are all ones for true. Nothing here branches on a value. */
#ifndef QY_PAIRING_FQ_H
#define QY_PAIRING_FQ_H

#include <pairing/mont.h>

#define QY_FQ_SIZE 32

typedef struct qy_fq {
  uint64_t limb[4];
} qy_fq;

typedef struct qy_fq2 { /* c0 + c1 i */
  qy_fq c0;
  qy_fq c1;
} qy_fq2;

static const qy_mont_modulus qy_fq_modulus = {
    {0xd3292ddbaed33013, 0x0cdc65fb12980a82, 0x46e5f25eee71a49f, 0xfffffffffffcf0cd}, 0xad6c964e0537e5e5};

#define QY_FQ_ONE                                                                    \
  {                                                                                  \
    {                                                                                \
      0x2cd6d224512ccfed, 0xf3239a04ed67f57d, 0xb91a0da1118e5b60, 0x0000000000030f32 \
    }                                                                                \
  }
static const qy_fq qy_fq_zero = {{0, 0, 0, 0}};
static const qy_fq qy_fq_one = QY_FQ_ONE;

QY_INLINE void qy_fq_add(qy_fq *r, const qy_fq *a, const qy_fq *b)
{
  qy_mont_add(r->limb, a->limb, b->limb, &qy_fq_modulus);
}

QY_INLINE void qy_fq_sub(qy_fq *r, const qy_fq *a, const qy_fq *b)
{
  qy_mont_sub(r->limb, a->limb, b->limb, &qy_fq_modulus);
}

QY_INLINE void qy_fq_neg(qy_fq *r, const qy_fq *a)
{
  qy_fq_sub(r, &qy_fq_zero, a);
}

QY_MONT_CALL void qy_fq_mul(qy_fq *r, const qy_fq *a, const qy_fq *b)
{
  qy_mont_mul(r->limb, a->limb, b->limb, &qy_fq_modulus);
}

QY_MONT_CALL void qy_fq_sqr(qy_fq *r, const qy_fq *a)
{
  qy_mont_sqr(r->limb, a->limb, &qy_fq_modulus);
}

QY_INLINE uint64_t qy_fq_is_zero(const qy_fq *a)
{
  return qy_mask_zero(a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]);
}

QY_INLINE uint64_t qy_fq_equal(const qy_fq *a, const qy_fq *b)
{
  return qy_mask_zero((a->limb[0] ^ b->limb[0]) | (a->limb[1] ^ b->limb[1]) | (a->limb[2] ^ b->limb[2]) |
                      (a->limb[3] ^ b->limb[3]));
}

/* r = mask ? a : r */
QY_INLINE void qy_fq_select(qy_fq *r, const qy_fq *a, uint64_t mask)
{
  qy_mont_select(r->limb, a->limb, mask);
}

/* r = mask ? -r : r */
QY_INLINE void qy_fq_negate_if(qy_fq *r, uint64_t mask)
{
  qy_fq negative;
  qy_fq_neg(&negative, r);
  qy_fq_select(r, &negative, mask);
}

/* r = a / 2 */
QY_INLINE void qy_fq_half(qy_fq *r, const qy_fq *a)
{
  const uint64_t odd = qy_mask_of(a->limb[0] & 1);
  uint64_t t[5];
  uint64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    t[i] = qy_add_carry(a->limb[i], qy_fq_modulus.limb[i] & odd, &carry);
  }
  t[4] = carry;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    r->limb[i] = t[i] >> 1 | t[i + 1] << 63;
  }
}

/* r = a * k for k below 2^16: the part beyond 2^256 is folded back by 2^256 mod q, which is below 2^210. */
QY_INLINE void qy_fq_mul_small(qy_fq *r, const qy_fq *a, uint64_t k)
{
  uint64_t t[4];
  uint64_t high = 0;
  uint64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    const qy_u128 s = (qy_u128)a->limb[i] * k + high;
    t[i] = (uint64_t)s;
    high = (uint64_t)(s >> 64);
  }
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    const qy_u128 s = (qy_u128)high * qy_fq_one.limb[i] + t[i] + carry;
    t[i] = (uint64_t)s;
    carry = (uint64_t)(s >> 64);
  }
  qy_mont_reduce_once(r->limb, t, carry, &qy_fq_modulus);
}

/* a^(q-2): the inverse, and 0 of 0. */
void qy_fq_inverse(qy_fq *r, const qy_fq *a);
/* Inverts `count` elements at the price of one, zeros staying zeros; `scratch` has `count` elements. */
void qy_fq_inverse_many(qy_fq *elements, qy_fq *scratch, size_t count);
/* r = a^((q+1)/4); returns the mask of whether r^2 = a. */
uint64_t qy_fq_sqrt(qy_fq *r, const qy_fq *a);
/* Big-endian bytes; returns whether they are below q (a public decision). r is 0 otherwise. */
bool qy_fq_decode(qy_fq *r, const uint8_t bytes[QY_FQ_SIZE]);
void qy_fq_encode(uint8_t bytes[QY_FQ_SIZE], const qy_fq *a);
/* A big-endian number of up to 64 bytes, reduced. */
void qy_fq_reduce(qy_fq *r, const uint8_t *bytes, size_t size);

/* ---- Fq2 ---- */

QY_INLINE void qy_fq2_add(qy_fq2 *r, const qy_fq2 *a, const qy_fq2 *b)
{
  qy_fq_add(&r->c0, &a->c0, &b->c0);
  qy_fq_add(&r->c1, &a->c1, &b->c1);
}

QY_INLINE void qy_fq2_sub(qy_fq2 *r, const qy_fq2 *a, const qy_fq2 *b)
{
  qy_fq_sub(&r->c0, &a->c0, &b->c0);
  qy_fq_sub(&r->c1, &a->c1, &b->c1);
}

QY_INLINE void qy_fq2_neg(qy_fq2 *r, const qy_fq2 *a)
{
  qy_fq_neg(&r->c0, &a->c0);
  qy_fq_neg(&r->c1, &a->c1);
}

/* The q-power Frobenius. */
QY_INLINE void qy_fq2_conjugate(qy_fq2 *r, const qy_fq2 *a)
{
  r->c0 = a->c0;
  qy_fq_neg(&r->c1, &a->c1);
}

/* r = a * xi with xi = 2 + i. */
QY_INLINE void qy_fq2_mul_xi(qy_fq2 *r, const qy_fq2 *a)
{
  qy_fq real;
  qy_fq imaginary;
  qy_fq_add(&real, &a->c0, &a->c0);
  qy_fq_sub(&real, &real, &a->c1);
  qy_fq_add(&imaginary, &a->c1, &a->c1);
  qy_fq_add(&r->c1, &imaginary, &a->c0);
  r->c0 = real;
}

QY_INLINE uint64_t qy_fq2_is_zero(const qy_fq2 *a)
{
  return qy_fq_is_zero(&a->c0) & qy_fq_is_zero(&a->c1);
}

QY_INLINE uint64_t qy_fq2_equal(const qy_fq2 *a, const qy_fq2 *b)
{
  return qy_fq_equal(&a->c0, &b->c0) & qy_fq_equal(&a->c1, &b->c1);
}

QY_INLINE void qy_fq2_select(qy_fq2 *r, const qy_fq2 *a, uint64_t mask)
{
  qy_fq_select(&r->c0, &a->c0, mask);
  qy_fq_select(&r->c1, &a->c1, mask);
}

/* ---- Products before their reduction ---- */

/* Sums of products that are reduced once. Values modulo q 2^256. */
typedef struct qy_fq_wide {
  uint64_t limb[8];
} qy_fq_wide;

typedef struct qy_fq2_wide {
  qy_fq_wide c0;
  qy_fq_wide c1;
} qy_fq2_wide;

void qy_fq2_wide_mul(qy_fq2_wide *r, const qy_fq2 *a, const qy_fq2 *b);
/* r = (x + y)(u + z) - xu - yz, the cross terms of a product, given xu and yz */
void qy_fq2_wide_cross(qy_fq2_wide *r, const qy_fq2 *x, const qy_fq2 *y, const qy_fq2 *u, const qy_fq2 *z,
                       const qy_fq2_wide *xu, const qy_fq2_wide *yz);
void qy_fq2_wide_sqr(qy_fq2_wide *r, const qy_fq2 *a);
void qy_fq2_wide_add(qy_fq2_wide *r, const qy_fq2_wide *a, const qy_fq2_wide *b);
void qy_fq2_wide_sub(qy_fq2_wide *r, const qy_fq2_wide *a, const qy_fq2_wide *b);
/* r = a - b - c */
void qy_fq2_wide_sub_both(qy_fq2_wide *r, const qy_fq2_wide *a, const qy_fq2_wide *b, const qy_fq2_wide *c);
/* r = a xi; r is not a. */
void qy_fq2_wide_mul_xi(qy_fq2_wide *r, const qy_fq2_wide *a);
/* r = a / 2^256 */
void qy_fq2_reduce(qy_fq2 *r, const qy_fq2_wide *a);

/* ---- Fq2 again ---- */

void qy_fq2_mul(qy_fq2 *r, const qy_fq2 *a, const qy_fq2 *b);
void qy_fq2_sqr(qy_fq2 *r, const qy_fq2 *a);
void qy_fq2_mul_fq(qy_fq2 *r, const qy_fq2 *a, const qy_fq *b);
/* 0 of 0. */
void qy_fq2_inverse(qy_fq2 *r, const qy_fq2 *a);

#endif
