/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/fq.h>

#include <string.h>

#include <base/inverse.h>
#include <pairing/declassify.h>

static const qy_fq r_squared = {{0xfac8c6101092b98f, 0xdb90d49cd7f91154, 0x4f325fc732bf3141, 0x4de578ea0e56a005}};

/* a^e by windows of four bits; e is public, whichever it is. */
static void power_public(qy_fq *r, const qy_fq *a, const uint64_t e[4])
{
  qy_fq table[16];
  table[0] = qy_fq_one;
  for (int i = 1; i < 16; i++) {
    qy_fq_mul(&table[i], &table[i - 1], a);
  }
  qy_fq x = table[e[3] >> 60];
  for (int i = 62; i >= 0; i--) {
    for (int j = 0; j < 4; j++) {
      qy_fq_sqr(&x, &x);
    }
    const unsigned digit = (unsigned)(e[i / 16] >> (4 * (i % 16))) & 15;
    if (digit != 0) {
      qy_fq_mul(&x, &x, &table[digit]);
    }
  }
  *r = x;
}

void qy_fq_inverse(qy_fq *r, const qy_fq *a)
{
  /* of a R it is to be R / a: the inverse is multiplied by R^2 */
  static const qy_inverse_modulus modulus = {
      .modulus = {{0x3292ddbaed33013, 0x38cbf625301505a, 0x7c97bb9c6927c33, 0x7fffffe7866a372, 0xfffff}},
      .inverse = 0x29369b1fac81a1b,
      .factor = {{0x2c8c6101092b98f, 0x21a939aff222a9f, 0x17f1ccafcc5076e, 0x475072b5002a799, 0x4de57}}};
  qy_inverse(r->limb, a->limb, &modulus);
}

void qy_fq_inverse_many(qy_fq *elements, qy_fq *scratch, size_t count)
{
  qy_fq product = qy_fq_one;
  for (size_t i = 0; i < count; i++) {
    scratch[i] = product;
    qy_fq factor = elements[i];
    qy_fq_select(&factor, &qy_fq_one, qy_fq_is_zero(&elements[i]));
    qy_fq_mul(&product, &product, &factor);
  }
  qy_fq_inverse(&product, &product);
  for (size_t i = count; i-- > 0;) {
    const uint64_t zero = qy_fq_is_zero(&elements[i]);
    qy_fq factor = elements[i];
    qy_fq_select(&factor, &qy_fq_one, zero);
    qy_fq_mul(&elements[i], &product, &scratch[i]);
    qy_fq_select(&elements[i], &qy_fq_zero, zero);
    qy_fq_mul(&product, &product, &factor);
  }
}

uint64_t qy_fq_sqrt(qy_fq *r, const qy_fq *a)
{
  static const uint64_t q_plus_1_over_4[4] = {0xb4ca4b76ebb4cc05, 0xc337197ec4a602a0, 0x51b97c97bb9c6927,
                                              0x3fffffffffff3c33};
  qy_fq root;
  qy_fq square;
  power_public(&root, a, q_plus_1_over_4);
  qy_fq_sqr(&square, &root);
  const uint64_t found = qy_fq_equal(&square, a);
  *r = root;
  return found;
}

bool qy_fq_decode(qy_fq *r, const uint8_t bytes[QY_FQ_SIZE])
{
  qy_fq raw;
  qy_limbs_load(raw.limb, bytes);
  if (qy_declassify(qy_limbs_below(raw.limb, &qy_fq_modulus)) == 0) {
    *r = qy_fq_zero;
    return false;
  }
  qy_fq_mul(r, &raw, &r_squared);
  return true;
}

void qy_fq_encode(uint8_t bytes[QY_FQ_SIZE], const qy_fq *a)
{
  static const qy_fq one_plain = {{1, 0, 0, 0}};
  qy_fq plain;
  qy_fq_mul(&plain, a, &one_plain);
  qy_limbs_store(bytes, plain.limb);
}

void qy_fq_reduce(qy_fq *r, const uint8_t *bytes, size_t size)
{
  uint8_t padded[64] = {0};
  qy_fq high;
  qy_fq low;
  memcpy(padded + (64 - size), bytes, size);
  qy_limbs_load(high.limb, padded);
  qy_limbs_load(low.limb, padded + 32);
  /* 2^256 is below 2q, so that one subtraction reduces each half */
  qy_mont_reduce_once(high.limb, high.limb, 0, &qy_fq_modulus);
  qy_mont_reduce_once(low.limb, low.limb, 0, &qy_fq_modulus);
  qy_fq_mul(&high, &high, &r_squared);
  qy_fq_mul(&high, &high, &r_squared);
  qy_fq_mul(&low, &low, &r_squared);
  qy_fq_add(r, &high, &low);
}

/* Karatsuba's three products instead of four. */
QY_MONT_CALL void wide_mul(qy_fq_wide *r0, qy_fq_wide *r1, const qy_fq2 *a, const qy_fq2 *b)
{
  qy_fq_wide real;
  qy_fq_wide imaginary;
  qy_fq_wide mixed;
  qy_fq s;
  qy_fq t;
  qy_fq_add(&s, &a->c0, &a->c1);
  qy_fq_add(&t, &b->c0, &b->c1);
  qy_wide_mul(real.limb, a->c0.limb, b->c0.limb);
  qy_wide_mul(imaginary.limb, a->c1.limb, b->c1.limb);
  qy_wide_mul(mixed.limb, s.limb, t.limb);
  qy_wide_sub(mixed.limb, mixed.limb, real.limb, &qy_fq_modulus);
  qy_wide_sub(r1->limb, mixed.limb, imaginary.limb, &qy_fq_modulus);
  qy_wide_sub(r0->limb, real.limb, imaginary.limb, &qy_fq_modulus);
}

void qy_fq2_wide_mul(qy_fq2_wide *r, const qy_fq2 *a, const qy_fq2 *b)
{
  wide_mul(&r->c0, &r->c1, a, b);
}

void qy_fq2_wide_cross(qy_fq2_wide *r, const qy_fq2 *x, const qy_fq2 *y, const qy_fq2 *u, const qy_fq2 *z,
                       const qy_fq2_wide *xu, const qy_fq2_wide *yz)
{
  qy_fq2 s;
  qy_fq2 t;
  qy_fq_wide real;
  qy_fq_wide imaginary;
  qy_fq2_add(&s, x, y);
  qy_fq2_add(&t, u, z);
  wide_mul(&real, &imaginary, &s, &t);
  qy_wide_sub(real.limb, real.limb, xu->c0.limb, &qy_fq_modulus);
  qy_wide_sub(r->c0.limb, real.limb, yz->c0.limb, &qy_fq_modulus);
  qy_wide_sub(imaginary.limb, imaginary.limb, xu->c1.limb, &qy_fq_modulus);
  qy_wide_sub(r->c1.limb, imaginary.limb, yz->c1.limb, &qy_fq_modulus);
}

void qy_fq2_wide_sqr(qy_fq2_wide *r, const qy_fq2 *a)
{
  qy_fq sum;
  qy_fq difference;
  qy_fq twice;
  qy_fq_add(&sum, &a->c0, &a->c1);
  qy_fq_sub(&difference, &a->c0, &a->c1);
  qy_fq_add(&twice, &a->c0, &a->c0);
  qy_wide_mul(r->c0.limb, sum.limb, difference.limb);
  qy_wide_mul(r->c1.limb, twice.limb, a->c1.limb);
}

void qy_fq2_wide_add(qy_fq2_wide *r, const qy_fq2_wide *a, const qy_fq2_wide *b)
{
  qy_wide_add(r->c0.limb, a->c0.limb, b->c0.limb, &qy_fq_modulus);
  qy_wide_add(r->c1.limb, a->c1.limb, b->c1.limb, &qy_fq_modulus);
}

void qy_fq2_wide_sub(qy_fq2_wide *r, const qy_fq2_wide *a, const qy_fq2_wide *b)
{
  qy_wide_sub(r->c0.limb, a->c0.limb, b->c0.limb, &qy_fq_modulus);
  qy_wide_sub(r->c1.limb, a->c1.limb, b->c1.limb, &qy_fq_modulus);
}

void qy_fq2_wide_sub_both(qy_fq2_wide *r, const qy_fq2_wide *a, const qy_fq2_wide *b, const qy_fq2_wide *c)
{
  qy_fq_wide t;
  qy_wide_sub(t.limb, a->c0.limb, b->c0.limb, &qy_fq_modulus);
  qy_wide_sub(r->c0.limb, t.limb, c->c0.limb, &qy_fq_modulus);
  qy_wide_sub(t.limb, a->c1.limb, b->c1.limb, &qy_fq_modulus);
  qy_wide_sub(r->c1.limb, t.limb, c->c1.limb, &qy_fq_modulus);
}

void qy_fq2_wide_mul_xi(qy_fq2_wide *r, const qy_fq2_wide *a)
{
  qy_wide_add(r->c0.limb, a->c0.limb, a->c0.limb, &qy_fq_modulus);
  qy_wide_sub(r->c0.limb, r->c0.limb, a->c1.limb, &qy_fq_modulus);
  qy_wide_add(r->c1.limb, a->c1.limb, a->c1.limb, &qy_fq_modulus);
  qy_wide_add(r->c1.limb, r->c1.limb, a->c0.limb, &qy_fq_modulus);
}

void qy_fq2_reduce(qy_fq2 *r, const qy_fq2_wide *a)
{
  qy_mont_redc(r->c0.limb, a->c0.limb, &qy_fq_modulus);
  qy_mont_redc(r->c1.limb, a->c1.limb, &qy_fq_modulus);
}

void qy_fq2_mul(qy_fq2 *r, const qy_fq2 *a, const qy_fq2 *b)
{
  qy_fq_wide real;
  qy_fq_wide imaginary;
  wide_mul(&real, &imaginary, a, b);
  qy_mont_redc(r->c0.limb, real.limb, &qy_fq_modulus);
  qy_mont_redc(r->c1.limb, imaginary.limb, &qy_fq_modulus);
}

void qy_fq2_sqr(qy_fq2 *r, const qy_fq2 *a)
{
  qy_fq sum;
  qy_fq difference;
  qy_fq twice;
  qy_fq_add(&sum, &a->c0, &a->c1);
  qy_fq_sub(&difference, &a->c0, &a->c1);
  qy_fq_add(&twice, &a->c0, &a->c0);
  qy_fq_mul(&r->c1, &twice, &a->c1);
  qy_fq_mul(&r->c0, &sum, &difference);
}

void qy_fq2_mul_fq(qy_fq2 *r, const qy_fq2 *a, const qy_fq *b)
{
  const qy_fq factor = *b;
  qy_fq_mul(&r->c0, &a->c0, &factor);
  qy_fq_mul(&r->c1, &a->c1, &factor);
}

void qy_fq2_inverse(qy_fq2 *r, const qy_fq2 *a)
{
  qy_fq norm;
  qy_fq square;
  qy_fq_sqr(&norm, &a->c0);
  qy_fq_sqr(&square, &a->c1);
  qy_fq_add(&norm, &norm, &square);
  qy_fq_inverse(&norm, &norm);
  qy_fq_mul(&r->c0, &a->c0, &norm);
  qy_fq_mul(&r->c1, &a->c1, &norm);
  qy_fq_neg(&r->c1, &r->c1);
}
