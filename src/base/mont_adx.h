/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic that mont.h declares, for CPUs with BMI2 and ADX. mulx leaves the flags alone, adcx and adox carry
 * through CF and OF, so that the low and the high halves of a row of products are added in two chains at once. xor of a
 * register with itself clears both carries; mov keeps them. */
#ifndef QY_BASE_MONT_ADX_H
#define QY_BASE_MONT_ADX_H

#include <base/mont.h>

/* One instruction a line; t and r name registers of limbs, the least first; lo, hi, spare and rdx hold what passes. */
/* clang-format off */

/* high:low += rdx * factor */
#define QY_ADX_PRODUCT(factor, low, high) \
  "mulx " factor ", %[lo], %[hi]\n\t" \
  "adcx %[lo], " low "\n\t" \
  "adox %[hi], " high "\n\t"

/* t4..t0 = a * b[0] */
#define QY_ADX_FIRST_ROW(t0, t1, t2, t3, t4) \
  "mov (%[b]), %%rdx\n\t" \
  "mulx (%[a]), " t0 ", " t1 "\n\t" \
  "mulx 8(%[a]), %[lo], " t2 "\n\t" \
  "add %[lo], " t1 "\n\t" \
  "mulx 16(%[a]), %[lo], " t3 "\n\t" \
  "adc %[lo], " t2 "\n\t" \
  "mulx 24(%[a]), %[lo], " t4 "\n\t" \
  "adc %[lo], " t3 "\n\t" \
  "adc $0, " t4 "\n\t"

/* t4..t0 = t3..t0 + a * b[i] */
#define QY_ADX_WIDE_ROW(i, t0, t1, t2, t3, t4) \
  "mov 8*" #i "(%[b]), %%rdx\n\t" \
  "xor %k[lo], %k[lo]\n\t" \
  QY_ADX_PRODUCT("(%[a])", t0, t1) \
  QY_ADX_PRODUCT("8(%[a])", t1, t2) \
  QY_ADX_PRODUCT("16(%[a])", t2, t3) \
  "mulx 24(%[a]), %[lo], " t4 "\n\t" \
  "adcx %[lo], " t3 "\n\t" \
  "mov $0, %k[lo]\n\t" \
  "adox %[lo], " t4 "\n\t" \
  "adcx %[lo], " t4 "\n\t"

/* t4..t0 += a * b[i], for t below 2m, which keeps it below 2^320. */
#define QY_ADX_ROW(i, t0, t1, t2, t3, t4) \
  "mov 8*" #i "(%[b]), %%rdx\n\t" \
  "xor %k[lo], %k[lo]\n\t" \
  QY_ADX_PRODUCT("(%[a])", t0, t1) \
  QY_ADX_PRODUCT("8(%[a])", t1, t2) \
  QY_ADX_PRODUCT("16(%[a])", t2, t3) \
  QY_ADX_PRODUCT("24(%[a])", t3, t4) \
  "mov $0, %k[lo]\n\t" \
  "adcx %[lo], " t4 "\n\t"

/* t4..t0 += m * k with the k that makes t0 zero; what is carried out of t4 is left in OF and CF. */
#define QY_ADX_CANCEL(t0, t1, t2, t3, t4) \
  "mov %[inverse], %%rdx\n\t" \
  "imul " t0 ", %%rdx\n\t" \
  "xor %k[lo], %k[lo]\n\t" \
  QY_ADX_PRODUCT("%[m0]", t0, t1) \
  QY_ADX_PRODUCT("%[m1]", t1, t2) \
  QY_ADX_PRODUCT("%[m2]", t2, t3) \
  QY_ADX_PRODUCT("%[m3]", t3, t4) \
  "adcx " t0 ", " t4 "\n\t"

/* The same, and t0 becomes what is carried: the number goes on as t0 t4..t1. */
#define QY_ADX_REDUCE(t0, t1, t2, t3, t4) \
  QY_ADX_CANCEL(t0, t1, t2, t3, t4) \
  "adox " t0 ", " t0 "\n\t" \
  "adc $0, " t0 "\n\t"

/* The same for t4 0 or 1, out of which nothing is carried; then adds the next limb. */
#define QY_ADX_REDUCE_NEXT(t0, t1, t2, t3, t4, next) \
  QY_ADX_CANCEL(t0, t1, t2, t3, t4) \
  "add " next ", " t4 "\n\t" \
  "adc $0, " t0 "\n\t"

/* top t3..t0 -= m unless that is negative. A top of -1 does as well as one of 1. */
#define QY_ADX_REDUCE_ONCE(t0, t1, t2, t3, top, s0, s1, s2, s3) \
  "mov " t0 ", " s0 "\n\t" \
  "mov " t1 ", " s1 "\n\t" \
  "mov " t2 ", " s2 "\n\t" \
  "mov " t3 ", " s3 "\n\t" \
  "sub %[m0], " s0 "\n\t" \
  "sbb %[m1], " s1 "\n\t" \
  "sbb %[m2], " s2 "\n\t" \
  "sbb %[m3], " s3 "\n\t" \
  "sbb $0, " top "\n\t" \
  "cmovnc " s0 ", " t0 "\n\t" \
  "cmovnc " s1 ", " t1 "\n\t" \
  "cmovnc " s2 ", " t2 "\n\t" \
  "cmovnc " s3 ", " t3 "\n\t"

/* r4 r0 r1 r2 = r7..r0 / R; n5 to n7 are where r5 to r7 are. */
#define QY_ADX_REDC(n5, n6, n7) \
  QY_ADX_REDUCE("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[r4]") \
  QY_ADX_REDUCE_NEXT("%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]", n5) \
  QY_ADX_REDUCE_NEXT("%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r1]", n6) \
  QY_ADX_REDUCE_NEXT("%[r3]", "%[r4]", "%[r0]", "%[r1]", "%[r2]", n7) \
  QY_ADX_REDUCE_ONCE("%[r4]", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[lo]", "%[hi]", "%%rdx", "%[spare]")

/* r4 r0 r1 r2 = a b / R: after each row one step of the reduction, so that five limbs are enough. */
#define QY_ADX_MUL \
  QY_ADX_FIRST_ROW("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[r4]") \
  QY_ADX_REDUCE("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[r4]") \
  QY_ADX_ROW(1, "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]") \
  QY_ADX_REDUCE("%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r0]") \
  QY_ADX_ROW(2, "%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r1]") \
  QY_ADX_REDUCE("%[r2]", "%[r3]", "%[r4]", "%[r0]", "%[r1]") \
  QY_ADX_ROW(3, "%[r3]", "%[r4]", "%[r0]", "%[r1]", "%[r2]") \
  QY_ADX_REDUCE("%[r3]", "%[r4]", "%[r0]", "%[r1]", "%[r2]") \
  QY_ADX_REDUCE_ONCE("%[r4]", "%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[lo]", "%[hi]", "%%rdx", "%[spare]")

/* r7..r0 = a b */
#define QY_ADX_WIDE_MUL \
  QY_ADX_FIRST_ROW("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[r4]") \
  QY_ADX_WIDE_ROW(1, "%[r1]", "%[r2]", "%[r3]", "%[r4]", "%[r5]") \
  QY_ADX_WIDE_ROW(2, "%[r2]", "%[r3]", "%[r4]", "%[r5]", "%[r6]") \
  QY_ADX_WIDE_ROW(3, "%[r3]", "%[r4]", "%[r5]", "%[r6]", "%[r7]")

/* r6..r1 = the products off the diagonal of a square, with r5 in spare; r7 = 0 */
#define QY_ADX_OFF_DIAGONAL \
  "mov (%[a]), %%rdx\n\t" \
  "mulx 8(%[a]), %[r1], %[r2]\n\t" \
  "mulx 16(%[a]), %[lo], %[r3]\n\t" \
  "add %[lo], %[r2]\n\t" \
  "mulx 24(%[a]), %[lo], %[r4]\n\t" \
  "adc %[lo], %[r3]\n\t" \
  "adc $0, %[r4]\n\t" \
  "mov 8(%[a]), %%rdx\n\t" \
  "xor %k[r7], %k[r7]\n\t" \
  QY_ADX_PRODUCT("16(%[a])", "%[r3]", "%[r4]") \
  "mulx 24(%[a]), %[lo], %[spare]\n\t" \
  "adcx %[lo], %[r4]\n\t" \
  "mov 16(%[a]), %%rdx\n\t" \
  "mulx 24(%[a]), %[lo], %[r6]\n\t" \
  "adcx %[lo], %[spare]\n\t" \
  "adox %[r7], %[spare]\n\t" \
  "adcx %[r7], %[r6]\n\t" \
  "adox %[r7], %[r6]\n\t"

/* high:low = 2 high:low + a[i]^2 */
#define QY_ADX_DOUBLE_ADD_SQUARE(i, low, high) \
  "mov 8*" #i "(%[a]), %%rdx\n\t" \
  "mulx %%rdx, %[lo], %[hi]\n\t" \
  "adcx " low ", " low "\n\t" \
  "adox %[lo], " low "\n\t" \
  "adcx " high ", " high "\n\t" \
  "adox %[hi], " high "\n\t"

/* r4 r0 r1 r2 = a^2 / R */
#define QY_ADX_SQR \
  QY_ADX_OFF_DIAGONAL \
  "xor %k[r0], %k[r0]\n\t" \
  QY_ADX_DOUBLE_ADD_SQUARE(0, "%[r0]", "%[r1]") \
  QY_ADX_DOUBLE_ADD_SQUARE(1, "%[r2]", "%[r3]") \
  QY_ADX_DOUBLE_ADD_SQUARE(2, "%[r4]", "%[spare]") \
  QY_ADX_DOUBLE_ADD_SQUARE(3, "%[r6]", "%[r7]") \
  QY_ADX_REDC("%[spare]", "%[r6]", "%[r7]")

/* r3..r0 = r3..r0 + b mod m */
#define QY_ADX_ADD \
  "add (%[b]), %[r0]\n\t" \
  "adc 8(%[b]), %[r1]\n\t" \
  "adc 16(%[b]), %[r2]\n\t" \
  "adc 24(%[b]), %[r3]\n\t" \
  "sbb %[top], %[top]\n\t" \
  QY_ADX_REDUCE_ONCE("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[top]", "%[s0]", "%[s1]", "%[s2]", "%[s3]")

/* t3..t0 += m if the last subtraction borrowed */
#define QY_ADX_ADD_IF_BORROW(t0, t1, t2, t3) \
  "sbb %[s0], %[s0]\n\t" \
  "mov %[s0], %[s1]\n\t" \
  "mov %[s0], %[s2]\n\t" \
  "mov %[s0], %[s3]\n\t" \
  "and %[m0], %[s0]\n\t" \
  "and %[m1], %[s1]\n\t" \
  "and %[m2], %[s2]\n\t" \
  "and %[m3], %[s3]\n\t" \
  "add %[s0], " t0 "\n\t" \
  "adc %[s1], " t1 "\n\t" \
  "adc %[s2], " t2 "\n\t" \
  "adc %[s3], " t3 "\n\t"

/* r3..r0 = r3..r0 - b mod m */
#define QY_ADX_SUB \
  "sub (%[b]), %[r0]\n\t" \
  "sbb 8(%[b]), %[r1]\n\t" \
  "sbb 16(%[b]), %[r2]\n\t" \
  "sbb 24(%[b]), %[r3]\n\t" \
  QY_ADX_ADD_IF_BORROW("%[r0]", "%[r1]", "%[r2]", "%[r3]")

/* r = a + b mod m R: the low halves, and then the high ones as above. */
#define QY_ADX_WIDE_ADD \
  "mov (%[a]), %[r0]\n\t" \
  "mov 8(%[a]), %[r1]\n\t" \
  "mov 16(%[a]), %[r2]\n\t" \
  "mov 24(%[a]), %[r3]\n\t" \
  "add (%[b]), %[r0]\n\t" \
  "adc 8(%[b]), %[r1]\n\t" \
  "adc 16(%[b]), %[r2]\n\t" \
  "adc 24(%[b]), %[r3]\n\t" \
  "mov %[r0], (%[r])\n\t" \
  "mov %[r1], 8(%[r])\n\t" \
  "mov %[r2], 16(%[r])\n\t" \
  "mov %[r3], 24(%[r])\n\t" \
  "mov 32(%[a]), %[r0]\n\t" \
  "mov 40(%[a]), %[r1]\n\t" \
  "mov 48(%[a]), %[r2]\n\t" \
  "mov 56(%[a]), %[r3]\n\t" \
  "adc 32(%[b]), %[r0]\n\t" \
  "adc 40(%[b]), %[r1]\n\t" \
  "adc 48(%[b]), %[r2]\n\t" \
  "adc 56(%[b]), %[r3]\n\t" \
  "sbb %[top], %[top]\n\t" \
  QY_ADX_REDUCE_ONCE("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[top]", "%[s0]", "%[s1]", "%[s2]", "%[s3]")

/* r7..r0 = r7..r0 - b mod m R */
#define QY_ADX_WIDE_SUB \
  "sub (%[b]), %[r0]\n\t" \
  "sbb 8(%[b]), %[r1]\n\t" \
  "sbb 16(%[b]), %[r2]\n\t" \
  "sbb 24(%[b]), %[r3]\n\t" \
  "sbb 32(%[b]), %[r4]\n\t" \
  "sbb 40(%[b]), %[r5]\n\t" \
  "sbb 48(%[b]), %[r6]\n\t" \
  "sbb 56(%[b]), %[r7]\n\t" \
  QY_ADX_ADD_IF_BORROW("%[r4]", "%[r5]", "%[r6]", "%[r7]")

/* clang-format on */

#define QY_ADX_NUMBER(a, size) "m"(*(const uint64_t(*)[size])(a))
#define QY_ADX_MODULUS(m) [m0] "m"((m)->limb[0]), [m1] "m"((m)->limb[1]), [m2] "m"((m)->limb[2]), [m3] "m"((m)->limb[3])

QY_INLINE void qy_limbs_set(uint64_t r[4], uint64_t r0, uint64_t r1, uint64_t r2, uint64_t r3)
{
  r[0] = r0;
  r[1] = r1;
  r[2] = r2;
  r[3] = r3;
}

QY_INLINE void qy_mont_reduce_once(uint64_t r[4], const uint64_t a[4], uint64_t carry, const qy_mont_modulus *m)
{
  uint64_t top = carry;
  uint64_t r0 = a[0];
  uint64_t r1 = a[1];
  uint64_t r2 = a[2];
  uint64_t r3 = a[3];
  uint64_t s0;
  uint64_t s1;
  uint64_t s2;
  uint64_t s3;
  __asm__(QY_ADX_REDUCE_ONCE("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[top]", "%[s0]", "%[s1]", "%[s2]", "%[s3]")
          : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [top] "+&r"(top), [s0] "=&r"(s0),
            [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3)
          : QY_ADX_MODULUS(m)
          : "cc");
  qy_limbs_set(r, r0, r1, r2, r3);
}

QY_INLINE void qy_mont_add(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m)
{
  uint64_t r0 = a[0];
  uint64_t r1 = a[1];
  uint64_t r2 = a[2];
  uint64_t r3 = a[3];
  uint64_t s0;
  uint64_t s1;
  uint64_t s2;
  uint64_t s3;
  uint64_t top;
  __asm__(QY_ADX_ADD
          : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [s0] "=&r"(s0), [s1] "=&r"(s1),
            [s2] "=&r"(s2), [s3] "=&r"(s3), [top] "=&r"(top)
          : [b] "r"(b), QY_ADX_NUMBER(b, 4), QY_ADX_MODULUS(m)
          : "cc");
  qy_limbs_set(r, r0, r1, r2, r3);
}

QY_INLINE void qy_mont_sub(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m)
{
  uint64_t r0 = a[0];
  uint64_t r1 = a[1];
  uint64_t r2 = a[2];
  uint64_t r3 = a[3];
  uint64_t s0;
  uint64_t s1;
  uint64_t s2;
  uint64_t s3;
  __asm__(QY_ADX_SUB
          : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [s0] "=&r"(s0), [s1] "=&r"(s1),
            [s2] "=&r"(s2), [s3] "=&r"(s3)
          : [b] "r"(b), QY_ADX_NUMBER(b, 4), QY_ADX_MODULUS(m)
          : "cc");
  qy_limbs_set(r, r0, r1, r2, r3);
}

QY_INLINE void qy_wide_add(uint64_t r[8], const uint64_t a[8], const uint64_t b[8], const qy_mont_modulus *m)
{
  uint64_t r0;
  uint64_t r1;
  uint64_t r2;
  uint64_t r3;
  uint64_t s0;
  uint64_t s1;
  uint64_t s2;
  uint64_t s3;
  uint64_t top;
  __asm__(QY_ADX_WIDE_ADD
          : [low] "=m"(*(uint64_t(*)[4])r), [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3),
            [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [top] "=&r"(top)
          : [a] "r"(a), QY_ADX_NUMBER(a, 8), [b] "r"(b), QY_ADX_NUMBER(b, 8), [r] "r"(r), QY_ADX_MODULUS(m)
          : "cc");
  qy_limbs_set(r + 4, r0, r1, r2, r3);
}

QY_INLINE void qy_wide_sub(uint64_t r[8], const uint64_t a[8], const uint64_t b[8], const qy_mont_modulus *m)
{
  uint64_t r0 = a[0];
  uint64_t r1 = a[1];
  uint64_t r2 = a[2];
  uint64_t r3 = a[3];
  uint64_t r4 = a[4];
  uint64_t r5 = a[5];
  uint64_t r6 = a[6];
  uint64_t r7 = a[7];
  uint64_t s0;
  uint64_t s1;
  uint64_t s2;
  uint64_t s3;
  __asm__(QY_ADX_WIDE_SUB
          : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [r4] "+&r"(r4), [r5] "+&r"(r5),
            [r6] "+&r"(r6), [r7] "+&r"(r7), [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3)
          : [b] "r"(b), QY_ADX_NUMBER(b, 8), QY_ADX_MODULUS(m)
          : "cc");
  qy_limbs_set(r, r0, r1, r2, r3);
  qy_limbs_set(r + 4, r4, r5, r6, r7);
}

QY_INLINE void qy_mont_mul(uint64_t r[4], const uint64_t a[4], const uint64_t b[4], const qy_mont_modulus *m)
{
  uint64_t r0;
  uint64_t r1;
  uint64_t r2;
  uint64_t r3;
  uint64_t r4;
  uint64_t lo;
  uint64_t hi;
  uint64_t spare;
  __asm__(QY_ADX_MUL
          : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [lo] "=&r"(lo),
            [hi] "=&r"(hi), [spare] "=&r"(spare)
          : [a] "r"(a), QY_ADX_NUMBER(a, 4), [b] "r"(b), QY_ADX_NUMBER(b, 4),
            QY_ADX_MODULUS(m), [inverse] "m"(m->inverse)
          : "rdx", "cc");
  qy_limbs_set(r, r4, r0, r1, r2);
}

QY_INLINE void qy_mont_sqr(uint64_t r[4], const uint64_t a[4], const qy_mont_modulus *m)
{
  uint64_t r0;
  uint64_t r1;
  uint64_t r2;
  uint64_t r3;
  uint64_t r4;
  uint64_t spare;
  uint64_t r6;
  uint64_t r7;
  uint64_t lo;
  uint64_t hi;
  __asm__(QY_ADX_SQR
          : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [spare] "=&r"(spare),
            [r6] "=&r"(r6), [r7] "=&r"(r7), [lo] "=&r"(lo), [hi] "=&r"(hi)
          : [a] "r"(a), QY_ADX_NUMBER(a, 4), QY_ADX_MODULUS(m), [inverse] "m"(m->inverse)
          : "rdx", "cc");
  qy_limbs_set(r, r4, r0, r1, r2);
}

QY_INLINE void qy_wide_mul(uint64_t r[8], const uint64_t a[4], const uint64_t b[4])
{
  uint64_t r0;
  uint64_t r1;
  uint64_t r2;
  uint64_t r3;
  uint64_t r4;
  uint64_t r5;
  uint64_t r6;
  uint64_t r7;
  uint64_t lo;
  uint64_t hi;
  __asm__(QY_ADX_WIDE_MUL
          : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [r4] "=&r"(r4), [r5] "=&r"(r5),
            [r6] "=&r"(r6), [r7] "=&r"(r7), [lo] "=&r"(lo), [hi] "=&r"(hi)
          : [a] "r"(a), QY_ADX_NUMBER(a, 4), [b] "r"(b), QY_ADX_NUMBER(b, 4)
          : "rdx", "cc");
  qy_limbs_set(r, r0, r1, r2, r3);
  qy_limbs_set(r + 4, r4, r5, r6, r7);
}

QY_INLINE void qy_mont_redc(uint64_t r[4], const uint64_t a[8], const qy_mont_modulus *m)
{
  uint64_t r0 = a[0];
  uint64_t r1 = a[1];
  uint64_t r2 = a[2];
  uint64_t r3 = a[3];
  uint64_t r4 = a[4];
  uint64_t lo;
  uint64_t hi;
  uint64_t spare;
  __asm__(QY_ADX_REDC("40(%[a])", "48(%[a])", "56(%[a])")
          : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [r4] "+&r"(r4), [lo] "=&r"(lo),
            [hi] "=&r"(hi), [spare] "=&r"(spare)
          : [a] "r"(a), QY_ADX_NUMBER(a, 8), QY_ADX_MODULUS(m), [inverse] "m"(m->inverse)
          : "rdx", "cc");
  qy_limbs_set(r, r4, r0, r1, r2);
}

#endif
