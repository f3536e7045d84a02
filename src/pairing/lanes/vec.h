/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of eight 64-bit lanes, and the few operations that the lane arithmetic is written over. Two bodies: AVX-512
 * with IFMA, and, with QY_LANES_EMULATED, plain C, so that valgrind, sanitizers and CPUs without IFMA can run the same
 * text. Lane 0 comes first in memory. The time of no operation depends on a value. */
#ifndef QY_PAIRING_LANES_VEC_H
#define QY_PAIRING_LANES_VEC_H

#include <stdint.h>

#include <pairing/mont.h>

#if defined(QY_LANES_EMULATED) || defined(QUOTARY_SANITIZED)
/* Calls on purpose: inlined, a product of field elements is ten thousand lines for the compiler, and far more when each
 * operation is watched. */
#define QY_VEC_INLINE static __attribute__((noinline, unused))
#else
#define QY_VEC_INLINE QY_INLINE
#endif

#ifdef QY_LANES_EMULATED

typedef struct qy_vec {
  uint64_t lane[8];
} qy_vec;

#define QY_VEC_EACH(expression) \
  qy_vec r;                     \
  for (int i = 0; i < 8; i++) { \
    r.lane[i] = (expression);   \
  }                             \
  return r

QY_VEC_INLINE qy_vec qy_vec_zero(void)
{
  QY_VEC_EACH(0);
}

/* x in every lane */
QY_VEC_INLINE qy_vec qy_vec_all(uint64_t x)
{
  QY_VEC_EACH(x);
}

/* lane by lane; for constants */
QY_VEC_INLINE qy_vec qy_vec_of(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                               uint64_t a6, uint64_t a7)
{
  return (qy_vec){{a0, a1, a2, a3, a4, a5, a6, a7}};
}

QY_VEC_INLINE qy_vec qy_vec_load(const uint64_t words[8])
{
  QY_VEC_EACH(words[i]);
}

QY_VEC_INLINE void qy_vec_store(uint64_t words[8], qy_vec a)
{
  for (int i = 0; i < 8; i++) {
    words[i] = a.lane[i];
  }
}

/* lanes 0 to 3 from one place, 4 to 7 from another */
QY_VEC_INLINE qy_vec qy_vec_load_halves(const uint64_t low[4], const uint64_t high[4])
{
  QY_VEC_EACH(i < 4 ? low[i] : high[i - 4]);
}

QY_VEC_INLINE void qy_vec_store_halves(uint64_t low[4], uint64_t high[4], qy_vec a)
{
  for (int i = 0; i < 4; i++) {
    low[i] = a.lane[i];
    high[i] = a.lane[i + 4];
  }
}

QY_VEC_INLINE qy_vec qy_vec_add(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(a.lane[i] + b.lane[i]);
}

QY_VEC_INLINE qy_vec qy_vec_sub(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(a.lane[i] - b.lane[i]);
}

/* the low 64 bits of the products */
QY_VEC_INLINE qy_vec qy_vec_mul(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(a.lane[i] * b.lane[i]);
}

/* In the next three `lanes` is a constant, of which bit i stands for lane i. a + b in these lanes, `other` elsewhere: */
QY_VEC_INLINE qy_vec qy_vec_add_in(unsigned lanes, qy_vec other, qy_vec a, qy_vec b)
{
  QY_VEC_EACH((lanes >> i & 1) != 0 ? a.lane[i] + b.lane[i] : other.lane[i]);
}

/* a - b in these lanes, `other` elsewhere */
QY_VEC_INLINE qy_vec qy_vec_sub_in(unsigned lanes, qy_vec other, qy_vec a, qy_vec b)
{
  QY_VEC_EACH((lanes >> i & 1) != 0 ? a.lane[i] - b.lane[i] : other.lane[i]);
}

/* a - b in these lanes, a + b elsewhere */
QY_VEC_INLINE qy_vec qy_vec_add_sub(unsigned lanes, qy_vec a, qy_vec b)
{
  QY_VEC_EACH((lanes >> i & 1) != 0 ? a.lane[i] - b.lane[i] : a.lane[i] + b.lane[i]);
}

QY_VEC_INLINE qy_vec qy_vec_and(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(a.lane[i] & b.lane[i]);
}

QY_VEC_INLINE qy_vec qy_vec_or(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(a.lane[i] | b.lane[i]);
}

QY_VEC_INLINE qy_vec qy_vec_xor(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(a.lane[i] ^ b.lane[i]);
}

/* mask ? a : b, bit by bit */
QY_VEC_INLINE qy_vec qy_vec_select(qy_vec mask, qy_vec a, qy_vec b)
{
  QY_VEC_EACH(b.lane[i] ^ (mask.lane[i] & (a.lane[i] ^ b.lane[i])));
}

QY_VEC_INLINE qy_vec qy_vec_shift_left(qy_vec a, unsigned bits)
{
  QY_VEC_EACH(a.lane[i] << bits);
}

QY_VEC_INLINE qy_vec qy_vec_shift_right(qy_vec a, unsigned bits)
{
  QY_VEC_EACH(a.lane[i] >> bits);
}

/* the sign bit comes in from the left */
QY_VEC_INLINE qy_vec qy_vec_shift_right_signed(qy_vec a, unsigned bits)
{
  QY_VEC_EACH((uint64_t)((int64_t)a.lane[i] >> bits));
}

/* sum + the low 52 bits of the product of the low 52 bits of a and b */
QY_VEC_INLINE qy_vec qy_vec_madd_low(qy_vec sum, qy_vec a, qy_vec b)
{
  const uint64_t mask = ((uint64_t)1 << 52) - 1;
  QY_VEC_EACH(sum.lane[i] + (((a.lane[i] & mask) * (b.lane[i] & mask)) & mask));
}

/* sum + that product shifted right by 52 */
QY_VEC_INLINE qy_vec qy_vec_madd_high(qy_vec sum, qy_vec a, qy_vec b)
{
  const uint64_t mask = ((uint64_t)1 << 52) - 1;
  QY_VEC_EACH(sum.lane[i] + (uint64_t)(((qy_u128)(a.lane[i] & mask) * (b.lane[i] & mask)) >> 52));
}

/* lane i of the result is lane index[i] of a; index below 8 */
QY_VEC_INLINE qy_vec qy_vec_permute(qy_vec a, qy_vec index)
{
  QY_VEC_EACH(a.lane[index.lane[i] & 7]);
}

/* Lane i of the result is words[index[i]]. This alone shows its index, in the addresses that it reads: for what is
 * public. */
QY_VEC_INLINE qy_vec qy_vec_gather(const uint64_t *words, qy_vec index)
{
  QY_VEC_EACH(words[index.lane[i]]);
}

/* index 0 to 7 takes from a, 8 to 15 from b */
QY_VEC_INLINE qy_vec qy_vec_permute2(qy_vec a, qy_vec b, qy_vec index)
{
  QY_VEC_EACH((index.lane[i] & 8) != 0 ? b.lane[index.lane[i] & 7] : a.lane[index.lane[i] & 7]);
}

/* lane i of b where bit i of `lanes` is set, else of a; `lanes` is a constant */
QY_VEC_INLINE qy_vec qy_vec_blend(unsigned lanes, qy_vec a, qy_vec b)
{
  QY_VEC_EACH((lanes >> i & 1) != 0 ? b.lane[i] : a.lane[i]);
}

/* all ones in lanes where a = b, else zero */
QY_VEC_INLINE qy_vec qy_vec_mask_equal(qy_vec a, qy_vec b)
{
  QY_VEC_EACH(qy_mask_zero(a.lane[i] ^ b.lane[i]));
}

#undef QY_VEC_EACH

#else

#include <immintrin.h>

typedef __m512i qy_vec;

QY_VEC_INLINE qy_vec qy_vec_zero(void)
{
  return _mm512_setzero_si512();
}

QY_VEC_INLINE qy_vec qy_vec_all(uint64_t x)
{
  return _mm512_set1_epi64((long long)x);
}

QY_VEC_INLINE qy_vec qy_vec_of(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                               uint64_t a6, uint64_t a7)
{
  return _mm512_setr_epi64((long long)a0, (long long)a1, (long long)a2, (long long)a3, (long long)a4, (long long)a5,
                           (long long)a6, (long long)a7);
}

QY_VEC_INLINE qy_vec qy_vec_load(const uint64_t words[8])
{
  return _mm512_loadu_si512(words);
}

QY_VEC_INLINE void qy_vec_store(uint64_t words[8], qy_vec a)
{
  _mm512_storeu_si512(words, a);
}

QY_VEC_INLINE qy_vec qy_vec_load_halves(const uint64_t low[4], const uint64_t high[4])
{
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)low)),
                            _mm256_loadu_si256((const __m256i *)high), 1);
}

QY_VEC_INLINE void qy_vec_store_halves(uint64_t low[4], uint64_t high[4], qy_vec a)
{
  _mm256_storeu_si256((__m256i *)low, _mm512_castsi512_si256(a));
  _mm256_storeu_si256((__m256i *)high, _mm512_extracti64x4_epi64(a, 1));
}

QY_VEC_INLINE qy_vec qy_vec_add(qy_vec a, qy_vec b)
{
  return _mm512_add_epi64(a, b);
}

QY_VEC_INLINE qy_vec qy_vec_sub(qy_vec a, qy_vec b)
{
  return _mm512_sub_epi64(a, b);
}

QY_VEC_INLINE qy_vec qy_vec_mul(qy_vec a, qy_vec b)
{
  return _mm512_mullo_epi64(a, b);
}

QY_VEC_INLINE qy_vec qy_vec_add_in(unsigned lanes, qy_vec other, qy_vec a, qy_vec b)
{
  return _mm512_mask_add_epi64(other, (__mmask8)lanes, a, b);
}

QY_VEC_INLINE qy_vec qy_vec_sub_in(unsigned lanes, qy_vec other, qy_vec a, qy_vec b)
{
  return _mm512_mask_sub_epi64(other, (__mmask8)lanes, a, b);
}

QY_VEC_INLINE qy_vec qy_vec_add_sub(unsigned lanes, qy_vec a, qy_vec b)
{
  return _mm512_mask_sub_epi64(_mm512_add_epi64(a, b), (__mmask8)lanes, a, b);
}

QY_VEC_INLINE qy_vec qy_vec_and(qy_vec a, qy_vec b)
{
  return _mm512_and_si512(a, b);
}

QY_VEC_INLINE qy_vec qy_vec_or(qy_vec a, qy_vec b)
{
  return _mm512_or_si512(a, b);
}

QY_VEC_INLINE qy_vec qy_vec_xor(qy_vec a, qy_vec b)
{
  return _mm512_xor_si512(a, b);
}

QY_VEC_INLINE qy_vec qy_vec_select(qy_vec mask, qy_vec a, qy_vec b)
{
  return _mm512_ternarylogic_epi64(mask, a, b, 0xca);
}

QY_VEC_INLINE qy_vec qy_vec_shift_left(qy_vec a, unsigned bits)
{
  return _mm512_slli_epi64(a, bits);
}

QY_VEC_INLINE qy_vec qy_vec_shift_right(qy_vec a, unsigned bits)
{
  return _mm512_srli_epi64(a, bits);
}

QY_VEC_INLINE qy_vec qy_vec_shift_right_signed(qy_vec a, unsigned bits)
{
  return _mm512_srai_epi64(a, bits);
}

QY_VEC_INLINE qy_vec qy_vec_madd_low(qy_vec sum, qy_vec a, qy_vec b)
{
  return _mm512_madd52lo_epu64(sum, a, b);
}

QY_VEC_INLINE qy_vec qy_vec_madd_high(qy_vec sum, qy_vec a, qy_vec b)
{
  return _mm512_madd52hi_epu64(sum, a, b);
}

QY_VEC_INLINE qy_vec qy_vec_permute(qy_vec a, qy_vec index)
{
  return _mm512_permutexvar_epi64(index, a);
}

QY_VEC_INLINE qy_vec qy_vec_gather(const uint64_t *words, qy_vec index)
{
  return _mm512_i64gather_epi64(index, words, 8);
}

QY_VEC_INLINE qy_vec qy_vec_permute2(qy_vec a, qy_vec b, qy_vec index)
{
  return _mm512_permutex2var_epi64(a, index, b);
}

QY_VEC_INLINE qy_vec qy_vec_blend(unsigned lanes, qy_vec a, qy_vec b)
{
  return _mm512_mask_blend_epi64((__mmask8)lanes, a, b);
}

QY_VEC_INLINE qy_vec qy_vec_mask_equal(qy_vec a, qy_vec b)
{
  return _mm512_movm_epi64(_mm512_cmpeq_epi64_mask(a, b));
}

#endif

#endif
