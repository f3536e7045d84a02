/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/g2.h>

#include <base/secret.h>
#include <pairing/g2_jacobian.h>

/* 9 / xi */
static const qy_fq2 three_b = {{{0xf5e2a07436f5cc90, 0x3d3eb9a95e1977f6, 0x50535ed0382df136, 0x66666666667030a2}},
                               {{0x5837dda1935849cb, 0xee3d0926638b4e87, 0x1ebc42f6d25aac03, 0xccccccccccc4d87c}}};

#define POINT qy_g2
#define AFFINE qy_g2_affine
#define FIELD qy_fq2
#define F(operation) qy_fq2_##operation
#define MUL_3B(r, a) qy_fq2_mul((r), (a), &three_b)
#define NAME(what) qy_g2_##what
#include <pairing/curve_formulas.h>

/* 3 / xi */
static const qy_fq2 b = {{{0xdebc540e86deb992, 0xc7a7d7352bc32efe, 0x4a0a6bda0705be26, 0xccccccccccce0614}},
                         {{0x63cb03d46b63d34a, 0xa9087a607cb67303, 0x21e0bc71eaeec58b, 0x999999999995edc3}}};

/* xi^(2(q-1)/6) and xi^(3(q-1)/6) */
static const qy_fq2 frobenius_x = {{{0x3c369186a339e47f, 0x946de9fd68f77f46, 0x8b499e185e4bd147, 0xf0288ffb6cead27c}},
                                   {{0x4299fb1b955b3bcc, 0x52ef82807800fd9c, 0xfff219498846a2d0, 0xf0325820c38be834}}};
static const qy_fq2 frobenius_y = {{{0x9e007a7e0919f782, 0xe4cd2de0abf5c895, 0xb6944fa55d9219f5, 0xa601d3a722ab8f81}},
                                   {{0x68d7c7206360bef1, 0xbcbdf5c6455386a8, 0x2642acebccb28f4c, 0x4c03a74e455a2e36}}};

const qy_g2_affine qy_g2_generator = {
    {{{0xeaf723d242a26ae7, 0x31d44cbfd4228c62, 0x3b9fb68d310d014e, 0xe5dab48416c3a8ad}},
     {{0x0600f5cc5ef8168e, 0x28f3859e86dadb75, 0x89aa480e73666756, 0x8b24b934b792cef0}}},
    {{{0x9d11a25857674a45, 0x67c33492d762049f, 0xdf1f5b58c7acceb4, 0x8c5dd6ee3270c76b}},
     {{0x025c95b09ae498c9, 0xa331305b7ef3a5ba, 0x95ae9b8ddfa65c8f, 0x033372da4a28b8a5}}}};

void qy_g2_set_infinity(qy_g2 *r)
{
  *r = (qy_g2){0};
  r->y.c0 = qy_fq_one;
}

uint64_t qy_g2_affine_is_infinity(const qy_g2_affine *a)
{
  return qy_fq2_is_zero(&a->x) & qy_fq2_is_zero(&a->y);
}

void qy_g2_from_affine(qy_g2 *r, const qy_g2_affine *a)
{
  const uint64_t infinity = qy_g2_affine_is_infinity(a);
  *r = (qy_g2){.x = a->x, .y = a->y};
  qy_fq_select(&r->y.c0, &qy_fq_one, infinity);
  r->z.c0 = qy_fq_one;
  qy_fq_select(&r->z.c0, &qy_fq_zero, infinity);
}

void qy_g2_to_affine(qy_g2_affine *r, const qy_g2 *a)
{
  qy_fq2 inverse; /* 0 of 0, so that infinity becomes (0, 0) by itself */
  qy_fq2_inverse(&inverse, &a->z);
  qy_fq2_mul(&r->x, &a->x, &inverse);
  qy_fq2_mul(&r->y, &a->y, &inverse);
}

void qy_g2_power(qy_g2 *r, const qy_g2 *a, const qy_fp *scalar)
{
  struct {
    qy_g2 table[16];
    uint64_t limbs[4];
    qy_g2 entry;
  } s;
  qy_fp_limbs(s.limbs, scalar);
  qy_g2_set_infinity(&s.table[0]);
  for (int j = 1; j < 16; j++) {
    qy_g2_add(&s.table[j], &s.table[j - 1], a);
  }
  qy_g2_set_infinity(r);
  for (int window = 63; window >= 0; window--) {
    for (int j = 0; j < 4; j++) {
      qy_g2_double(r, r);
    }
    const uint64_t digit = (s.limbs[window / 16] >> (4 * (window % 16))) & 15;
    s.entry = s.table[0];
    for (uint64_t j = 1; j < 16; j++) {
      qy_g2_select(&s.entry, &s.table[j], qy_mask_zero(j ^ digit));
    }
    qy_g2_add(r, r, &s.entry);
  }
  qy_wipe(&s, sizeof(s));
}

void qy_g2_frobenius(qy_g2_affine *r, const qy_g2_affine *a)
{
  qy_fq2_conjugate(&r->x, &a->x);
  qy_fq2_conjugate(&r->y, &a->y);
  qy_fq2_mul(&r->x, &r->x, &frobenius_x);
  qy_fq2_mul(&r->y, &r->y, &frobenius_y);
}

static void frobenius(qy_g2 *r, const qy_g2 *a)
{
  qy_fq2_conjugate(&r->x, &a->x);
  qy_fq2_conjugate(&r->y, &a->y);
  qy_fq2_conjugate(&r->z, &a->z);
  qy_fq2_mul(&r->x, &r->x, &frobenius_x);
  qy_fq2_mul(&r->y, &r->y, &frobenius_y);
}

/* r = a^t for a not at infinity, which it shows; digits in non-adjacent form. */
static void power_t(qy_g2 *r, const qy_g2_affine *a)
{
  static const qy_u128 minus_t = 0x6882F5C030B0A801;
  qy_g2_affine negative = *a;
  qy_g2_jacobian x;
  qy_fq2_neg(&negative.y, &a->y);
  qy_g2_jacobian_from_affine(&x, &negative);
  for (int bit = 62; bit >= 0; bit--) { /* below the leading digit of 3 |t| - |t|, each over 2 */
    const uint64_t plus = (uint64_t)(3 * minus_t >> (bit + 1)) & 1;
    const uint64_t minus = (uint64_t)(minus_t >> (bit + 1)) & 1;
    qy_g2_jacobian_double(&x, &x);
    if (plus != minus) {
      qy_g2_jacobian_add_public(&x, &x, plus != 0 ? &negative : a);
    }
  }
  qy_g2_from_jacobian(r, &x);
}

bool qy_g2_in_subgroup_by(const qy_g2_affine *a, const qy_g2 *power)
{
  /* Q is in G2 just when [t+1]Q + psi([t]Q) + psi^2([t]Q) = psi^3([2t]Q). Source: Dai, Lin, Zhao, Zhou 2022. */
  qy_g2 left;
  qy_g2 image;
  qy_g2_add_affine(&left, power, a);
  frobenius(&image, power);
  qy_g2_add(&left, &left, &image);
  frobenius(&image, &image);
  qy_g2_add(&left, &left, &image);
  frobenius(&image, &image);
  qy_g2_double(&image, &image);
  return qy_g2_equal(&left, &image) != 0;
}

bool qy_g2_in_subgroup(const qy_g2_affine *a)
{
  qy_g2 power;
  if (qy_g2_affine_is_infinity(a) != 0) {
    return true;
  }
  power_t(&power, a);
  return qy_g2_in_subgroup_by(a, &power);
}

bool qy_g2_decode(qy_g2_affine *r, const uint8_t bytes[QY_G2_SIZE])
{
  qy_g2_affine point;
  qy_fq2 left;
  qy_fq2 right;
  *r = (qy_g2_affine){0};
  if (!qy_fq_decode(&point.x.c0, bytes) || !qy_fq_decode(&point.x.c1, bytes + 32) ||
      !qy_fq_decode(&point.y.c0, bytes + 64) || !qy_fq_decode(&point.y.c1, bytes + 96)) {
    return false;
  }
  qy_fq2_sqr(&left, &point.y);
  qy_fq2_sqr(&right, &point.x);
  qy_fq2_mul(&right, &right, &point.x);
  qy_fq2_add(&right, &right, &b);
  if ((qy_fq2_equal(&left, &right) | qy_g2_affine_is_infinity(&point)) == 0) {
    return false;
  }
  *r = point;
  return true;
}

void qy_g2_affine_encode(uint8_t bytes[QY_G2_SIZE], const qy_g2_affine *a)
{
  qy_fq_encode(bytes, &a->x.c0);
  qy_fq_encode(bytes + 32, &a->x.c1);
  qy_fq_encode(bytes + 64, &a->y.c0);
  qy_fq_encode(bytes + 96, &a->y.c1);
}
