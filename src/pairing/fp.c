/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/fp.h>

#include <string.h>

#include <base/inverse.h>
#include <base/secret.h>
#include <crypto/random.h>
#include <pairing/declassify.h>

static const qy_mont_modulus modulus = {
    {0xf62d536cd10b500d, 0x0cdc65fb1299921a, 0x46e5f25eee71a49e, 0xfffffffffffcf0cd}, 0x09826627c9c6813b};
static const qy_fp zero = {{0, 0, 0, 0}};
static const qy_fp one = {{0x09d2ac932ef4aff3, 0xf3239a04ed666de5, 0xb91a0da1118e5b61, 0x0000000000030f32}};
static const qy_fp r_squared = {{0xaf948aa38f4c4808, 0xbd789efd26123232, 0x117fd17ceb526be7, 0x2bfc4998fb8f407a}};

const uint8_t qy_fp_order[QY_FP_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xf0, 0xcd, 0x46, 0xe5, 0xf2,
                                         0x5e, 0xee, 0x71, 0xa4, 0x9e, 0x0c, 0xdc, 0x65, 0xfb, 0x12, 0x99,
                                         0x92, 0x1a, 0xf6, 0x2d, 0x53, 0x6c, 0xd1, 0x0b, 0x50, 0x0d};

void qy_fp_add(qy_fp *r, const qy_fp *a, const qy_fp *b)
{
  qy_mont_add(r->limb, a->limb, b->limb, &modulus);
}

void qy_fp_sub(qy_fp *r, const qy_fp *a, const qy_fp *b)
{
  qy_mont_sub(r->limb, a->limb, b->limb, &modulus);
}

void qy_fp_neg(qy_fp *r, const qy_fp *a)
{
  qy_fp_sub(r, &zero, a);
}

void qy_fp_mul(qy_fp *r, const qy_fp *a, const qy_fp *b)
{
  qy_mont_mul(r->limb, a->limb, b->limb, &modulus);
}

void qy_fp_inverse(qy_fp *r, const qy_fp *a)
{
  /* of a R it is to be R / a: the inverse is multiplied by R^2 */
  static const qy_inverse_modulus order = {
      .modulus = {{0x62d536cd10b500d, 0x38cbf625332435e, 0x7c97bb9c6927833, 0x7fffffe7866a372, 0xfffff}},
      .inverse = 0x67d99d836397ec5,
      .factor = {{0x7948aa38f4c4808, 0x713dfa4c2464655, 0x745f3ad49af9ef5, 0x4cc7dc7a03d08bf, 0x2bfc4}}};
  qy_inverse(r->limb, a->limb, &order);
}

uint64_t qy_fp_equal(const qy_fp *a, const qy_fp *b)
{
  return qy_mask_zero((a->limb[0] ^ b->limb[0]) | (a->limb[1] ^ b->limb[1]) | (a->limb[2] ^ b->limb[2]) |
                      (a->limb[3] ^ b->limb[3]));
}

uint64_t qy_fp_is_zero(const qy_fp *a)
{
  return qy_fp_equal(a, &zero);
}

void qy_fp_set_u64(qy_fp *r, uint64_t value)
{
  const qy_fp plain = {{value, 0, 0, 0}};
  qy_fp_mul(r, &plain, &r_squared);
}

bool qy_fp_decode(qy_fp *r, const uint8_t bytes[QY_FP_SIZE])
{
  QY_SCOPED_FP(raw);
  qy_limbs_load(raw.limb, bytes);
  const uint64_t below = qy_limbs_below(raw.limb, &modulus);
  qy_fp_mul(r, &raw, &r_squared);
  for (int i = 0; i < 4; i++) {
    r->limb[i] &= below;
  }
  return qy_declassify(below) != 0;
}

void qy_fp_limbs(uint64_t limbs[4], const qy_fp *a)
{
  static const qy_fp one_plain = {{1, 0, 0, 0}};
  qy_mont_mul(limbs, a->limb, one_plain.limb, &modulus);
}

void qy_fp_encode(uint8_t bytes[QY_FP_SIZE], const qy_fp *a)
{
  QY_SCOPED_FP(plain);
  qy_fp_limbs(plain.limb, a);
  qy_limbs_store(bytes, plain.limb);
}

void qy_fp_reduce(qy_fp *r, const uint8_t *bytes, size_t size)
{
  uint8_t padded[64] = {0};
  QY_SCOPED_FP(high);
  QY_SCOPED_FP(low);
  memcpy(padded + (64 - size), bytes, size);
  qy_limbs_load(high.limb, padded);
  qy_limbs_load(low.limb, padded + 32);
  qy_wipe(padded, sizeof(padded));
  /* 2^256 is below 2p, so that one subtraction reduces each half */
  qy_mont_reduce_once(high.limb, high.limb, 0, &modulus);
  qy_mont_reduce_once(low.limb, low.limb, 0, &modulus);
  qy_fp_mul(&high, &high, &r_squared);
  qy_fp_mul(&high, &high, &r_squared);
  qy_fp_mul(&low, &low, &r_squared);
  qy_fp_add(r, &high, &low);
}

#define DRAW 64          /* bytes for one scalar */
#define DRAWN_AT_ONCE 16 /* scalars */

static qy_status draw(qy_fp *r, uint8_t *bytes, size_t count, const qy_random *random, qy_error *why)
{
  QY_TRY(qy_random_fill(random, bytes, DRAW * count, why));
  for (size_t i = 0; i < count; i++) {
    qy_fp_reduce(&r[i], bytes + DRAW * i, DRAW);
    qy_mont_select(r[i].limb, one.limb, qy_fp_is_zero(&r[i]));
  }
  return QY_OK;
}

qy_status qy_fp_random(qy_fp *r, const qy_random *random, qy_error *why)
{
  uint8_t bytes[DRAW];
  *r = zero;
  const qy_status status = draw(r, bytes, 1, random, why);
  qy_wipe(bytes, sizeof(bytes));
  return status;
}

qy_status qy_fp_random_many(qy_fp *r, size_t count, const qy_random *random, qy_error *why)
{
  uint8_t bytes[DRAW * DRAWN_AT_ONCE];
  qy_status status = QY_OK;
  for (size_t i = 0; i < count; i++) {
    r[i] = zero;
  }
  for (size_t i = 0; i < count && status == QY_OK; i += DRAWN_AT_ONCE) {
    status = draw(&r[i], bytes, count - i < DRAWN_AT_ONCE ? count - i : DRAWN_AT_ONCE, random, why);
  }
  qy_wipe(bytes, sizeof(bytes));
  return status;
}

void qy_fp_clear(qy_fp *a)
{
  qy_wipe(a, sizeof(*a));
}
