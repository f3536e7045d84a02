/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic that mont.h declares, in plain C. */
#ifndef QY_BASE_MONT_PORTABLE_H
#define QY_BASE_MONT_PORTABLE_H

#include <base/mont.h>

QY_INLINE void qy_mont_reduce_once(uint64_t r[4], const uint64_t a[4], uint64_t carry, const qy_mont_modulus *m)
{
  uint64_t t[4];
  uint64_t borrow = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    t[i] = qy_sub_borrow(a[i], m->limb[i], &borrow);
  }
  const uint64_t keep = qy_mask_of(borrow & (carry ^ 1));
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    r[i] = t[i] ^ (keep & (t[i] ^ a[i]));
  }
}

QY_INLINE void qy_mont_add(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m)
{
  uint64_t t[4];
  uint64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    t[i] = qy_add_carry(a[i], b[i], &carry);
  }
  qy_mont_reduce_once(r, t, carry, m);
}

QY_INLINE void qy_mont_sub(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m)
{
  uint64_t t[4];
  uint64_t borrow = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    t[i] = qy_sub_borrow(a[i], b[i], &borrow);
  }
  const uint64_t mask = qy_mask_of(borrow);
  uint64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    r[i] = qy_add_carry(t[i], m->limb[i] & mask, &carry);
  }
}

/* The whole 512-bit product. */
QY_INLINE void qy_wide_mul(uint64_t r[8], const uint64_t a[4], const uint64_t b[4])
{
  uint64_t carry = 0;
  QY_UNROLL
  for (int j = 0; j < 4; j++) {
    const qy_u128 t = (qy_u128)a[0] * b[j] + carry;
    r[j] = (uint64_t)t;
    carry = (uint64_t)(t >> 64);
  }
  r[4] = carry;
  QY_UNROLL
  for (int i = 1; i < 4; i++) {
    carry = 0;
    QY_UNROLL
    for (int j = 0; j < 4; j++) {
      const qy_u128 t = (qy_u128)a[i] * b[j] + r[i + j] + carry;
      r[i + j] = (uint64_t)t;
      carry = (uint64_t)(t >> 64);
    }
    r[i + 4] = carry;
  }
}

QY_INLINE void qy_wide_sqr(uint64_t r[8], const uint64_t a[4])
{
  qy_u128 t;
  uint64_t carry;
  /* the products off the diagonal */
  t = (qy_u128)a[0] * a[1];
  r[1] = (uint64_t)t;
  t = (qy_u128)a[0] * a[2] + (uint64_t)(t >> 64);
  r[2] = (uint64_t)t;
  t = (qy_u128)a[0] * a[3] + (uint64_t)(t >> 64);
  r[3] = (uint64_t)t;
  r[4] = (uint64_t)(t >> 64);
  t = (qy_u128)a[1] * a[2] + r[3];
  r[3] = (uint64_t)t;
  t = (qy_u128)a[1] * a[3] + r[4] + (uint64_t)(t >> 64);
  r[4] = (uint64_t)t;
  carry = (uint64_t)(t >> 64);
  t = (qy_u128)a[2] * a[3] + carry;
  r[5] = (uint64_t)t;
  r[6] = (uint64_t)(t >> 64);
  /* doubled, plus the diagonal */
  r[7] = r[6] >> 63;
  QY_UNROLL
  for (int i = 6; i > 1; i--) {
    r[i] = r[i] << 1 | r[i - 1] >> 63;
  }
  r[1] <<= 1;
  t = (qy_u128)a[0] * a[0];
  r[0] = (uint64_t)t;
  carry = 0;
  r[1] = qy_add_carry(r[1], (uint64_t)(t >> 64), &carry);
  QY_UNROLL
  for (int i = 1; i < 4; i++) {
    t = (qy_u128)a[i] * a[i];
    r[2 * i] = qy_add_carry(r[2 * i], (uint64_t)t, &carry);
    r[2 * i + 1] = qy_add_carry(r[2 * i + 1], (uint64_t)(t >> 64), &carry);
  }
}

/* r = a / R mod m, for a below m * R. */
QY_INLINE void qy_mont_redc(uint64_t r[4], const uint64_t a[8], const qy_mont_modulus *m)
{
  uint64_t t[8];
  QY_UNROLL
  for (int i = 0; i < 8; i++) {
    t[i] = a[i];
  }
  uint64_t top = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    const uint64_t k = t[i] * m->inverse;
    uint64_t carry = (uint64_t)(((qy_u128)k * m->limb[0] + t[i]) >> 64);
    QY_UNROLL
    for (int j = 1; j < 4; j++) {
      const qy_u128 s = (qy_u128)k * m->limb[j] + t[i + j] + carry;
      t[i + j] = (uint64_t)s;
      carry = (uint64_t)(s >> 64);
    }
    t[i + 4] = qy_add_carry(t[i + 4], carry, &top);
  }
  qy_mont_reduce_once(r, t + 4, top, m);
}

QY_INLINE void qy_mont_mul(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m)
{
  uint64_t t[8];
  qy_wide_mul(t, a, b);
  qy_mont_redc(r, t, m);
}

QY_INLINE void qy_mont_sqr(uint64_t r[4], const uint64_t a[4], const qy_mont_modulus *m)
{
  uint64_t t[8];
  qy_wide_sqr(t, a);
  qy_mont_redc(r, t, m);
}

QY_INLINE void qy_wide_add(uint64_t r[8], const uint64_t a[8], const uint64_t b[8], const qy_mont_modulus *m)
{
  uint64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < 8; i++) {
    r[i] = qy_add_carry(a[i], b[i], &carry);
  }
  qy_mont_reduce_once(r + 4, r + 4, carry, m);
}

QY_INLINE void qy_wide_sub(uint64_t r[8], const uint64_t a[8], const uint64_t b[8], const qy_mont_modulus *m)
{
  uint64_t borrow = 0;
  QY_UNROLL
  for (int i = 0; i < 8; i++) {
    r[i] = qy_sub_borrow(a[i], b[i], &borrow);
  }
  const uint64_t mask = qy_mask_of(borrow);
  uint64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    r[i + 4] = qy_add_carry(r[i + 4], m->limb[i] & mask, &carry);
  }
}

#endif
