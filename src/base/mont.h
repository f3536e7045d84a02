/* SPDX-License-Identifier: Apache-2.0 */
/* 256-bit Montgomery arithmetic (R = 2^256) for moduli that fill 256 bits: four 64-bit limbs, least first. The modulus
 * is an argument, so that the base field and the scalar field share this text; both instances are inlined with their
 * constants. No branch, index or division depends on a value. */
#ifndef QY_BASE_MONT_H
#define QY_BASE_MONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define QY_INLINE static inline __attribute__((always_inline))

/* gcc leaves loops of four alone at -O2, and then keeps their arrays in memory. */
#if defined(__clang__)
#define QY_UNROLL _Pragma("clang loop unroll(full)")
#else
#define QY_UNROLL _Pragma("GCC unroll 8")
#endif

typedef unsigned __int128 qy_u128;

/* The modulus, and -modulus^-1 mod 2^64. */
typedef struct qy_mont_modulus {
  uint64_t limb[4];
  uint64_t inverse;
} qy_mont_modulus;

/* a + b + *carry, and a - b - *borrow; what is carried is 0 or 1, in and out. gcc makes chains of adc and sbb of the
 * intrinsics, and not of the arithmetic beside them. */
#ifdef __x86_64__
QY_INLINE uint64_t qy_add_carry(uint64_t a, uint64_t b, uint64_t *carry)
{
  unsigned long long sum;
  *carry = _addcarry_u64((unsigned char)*carry, a, b, &sum);
  return sum;
}

QY_INLINE uint64_t qy_sub_borrow(uint64_t a, uint64_t b, uint64_t *borrow)
{
  unsigned long long difference;
  *borrow = _subborrow_u64((unsigned char)*borrow, a, b, &difference);
  return difference;
}
#else
QY_INLINE uint64_t qy_add_carry(uint64_t a, uint64_t b, uint64_t *carry)
{
  const qy_u128 sum = (qy_u128)a + b + *carry;
  *carry = (uint64_t)(sum >> 64);
  return (uint64_t)sum;
}

QY_INLINE uint64_t qy_sub_borrow(uint64_t a, uint64_t b, uint64_t *borrow)
{
  const qy_u128 difference = (qy_u128)a - b - *borrow;
  *borrow = (uint64_t)(difference >> 64) & 1;
  return (uint64_t)difference;
}
#endif

/* Hides a mask from the optimiser, which could otherwise turn masking back into a branch. */
QY_INLINE uint64_t qy_mask_barrier(uint64_t mask)
{
  __asm__("" : "+r"(mask));
  return mask;
}

/* All ones for true, zero for false. */
QY_INLINE uint64_t qy_mask_of(uint64_t bit)
{
  return qy_mask_barrier((uint64_t)0 - bit);
}

/* All ones when x is 0. */
QY_INLINE uint64_t qy_mask_zero(uint64_t x)
{
  return qy_mask_of(((~x & (x - 1)) >> 63) & 1);
}

/* r = mask ? a : r */
QY_INLINE void qy_mont_select(uint64_t r[4], const uint64_t a[4], uint64_t mask)
{
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    r[i] ^= mask & (r[i] ^ a[i]);
  }
}

/* ---- What each path of room pairing does its own way; everybody else takes mont_portable.h ---- */

/* r = carry:a - m if that is not negative, else a: brings anything below 2m below m. */
QY_INLINE void qy_mont_reduce_once(uint64_t r[4], const uint64_t a[4], uint64_t carry, const qy_mont_modulus *m);
QY_INLINE void qy_mont_add(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m);
QY_INLINE void qy_mont_sub(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m);
/* r = a b / R */
QY_INLINE void qy_mont_mul(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m);
QY_INLINE void qy_mont_sqr(uint64_t r[4], const uint64_t a[4], const qy_mont_modulus *m);
/* The whole 512-bit product. */
QY_INLINE void qy_wide_mul(uint64_t r[8], const uint64_t a[4], const uint64_t b[4]);
/* Modulo m R, for a and b below it. */
QY_INLINE void qy_wide_add(uint64_t r[8], const uint64_t a[8], const uint64_t b[8], const qy_mont_modulus *m);
QY_INLINE void qy_wide_sub(uint64_t r[8], const uint64_t a[8], const uint64_t b[8], const qy_mont_modulus *m);
/* r = a / R mod m, for a below m R. */
QY_INLINE void qy_mont_redc(uint64_t r[4], const uint64_t a[8], const qy_mont_modulus *m);

/* How a whole multiplication is best compiled: compilers run out of registers when they inline the C. */
#ifdef QY_PATH_ADX
#include <base/mont_adx.h>
#define QY_MONT_CALL QY_INLINE
#else
#include <base/mont_portable.h>
#define QY_MONT_CALL static __attribute__((noinline, unused))
#endif

/* Big-endian bytes to limbs and back; no reduction. */
QY_INLINE void qy_limbs_load(uint64_t r[4], const uint8_t bytes[32])
{
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    uint64_t limb = 0;
    QY_UNROLL
    for (int j = 0; j < 8; j++) {
      limb = limb << 8 | bytes[8 * (3 - i) + j];
    }
    r[i] = limb;
  }
}

QY_INLINE void qy_limbs_store(uint8_t bytes[32], const uint64_t a[4])
{
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    QY_UNROLL
    for (int j = 0; j < 8; j++) {
      bytes[8 * (3 - i) + j] = (uint8_t)(a[i] >> (8 * (7 - j)));
    }
  }
}

/* All ones when a is below m. */
QY_INLINE uint64_t qy_limbs_below(const uint64_t a[4], const qy_mont_modulus *m)
{
  uint64_t borrow = 0;
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    (void)qy_sub_borrow(a[i], m->limb[i], &borrow);
  }
  return qy_mask_of(borrow);
}

#endif
