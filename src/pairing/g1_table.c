/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of a fixed base: 64 additions and no doubling. */
#include <pairing/g1.h>

#include <base/secret.h>

void qy_g1_table_init(qy_g1_table *table, const qy_g1_affine *base)
{
  enum { BATCH = QY_G1_MAX_BATCH / QY_G1_TABLE_ENTRIES };
  qy_g1 step; /* base^(16^i) */
  qy_g1 rows[BATCH][QY_G1_TABLE_ENTRIES];
  qy_g1_from_affine(&step, base);
  for (int i = 0; i < QY_G1_TABLE_WINDOWS; i++) {
    qy_g1 *row = rows[i % BATCH];
    row[0] = step;
    for (int j = 1; j < QY_G1_TABLE_ENTRIES; j++) {
      qy_g1_add(&row[j], &row[j - 1], &step);
    }
    qy_g1_double(&step, &row[QY_G1_TABLE_ENTRIES - 1]);
    if (i % BATCH == BATCH - 1) {
      qy_g1_to_affine_many(table->entries[i + 1 - BATCH], rows[0], QY_G1_MAX_BATCH);
    }
  }
}

/* Writes |scalar| as 64 digits of [-7, 8] in base 16, where a scalar above p / 2 is negated first, so that the last
 * digit needs no carry; returns the mask of that negation. */
static uint64_t digits_of(int8_t digits[64], const qy_fp *scalar)
{
  struct {
    uint64_t limbs[4];
    uint64_t negative[4];
    qy_fp minus;
  } s;
  qy_fp_neg(&s.minus, scalar);
  qy_fp_limbs(s.limbs, scalar);
  qy_fp_limbs(s.negative, &s.minus);
  /* p is just below 2^256: of k and p - k at least one is below 2^255 */
  const uint64_t negated = qy_mask_of(s.limbs[3] >> 63);
  qy_mont_select(s.limbs, s.negative, negated);
  int carry = 0;
  for (int i = 0; i < 64; i++) {
    const int digit = (int)((s.limbs[i / 16] >> (4 * (i % 16))) & 15) + carry;
    carry = (8 - digit) >> 31 & 1; /* 1 when the digit is above 8 */
    digits[i] = (int8_t)(digit - 16 * carry);
  }
  qy_wipe(&s, sizeof(s));
  return negated;
}

/* r = row[|digit| - 1] with the digit's sign, touching every entry; some entry when the digit is 0. */
static void scan(qy_g1_affine *r, const qy_g1_affine row[QY_G1_TABLE_ENTRIES], int digit, uint64_t negate)
{
  const int sign = digit >> 31; /* -1 or 0 */
  const uint64_t size = (uint64_t)((digit ^ sign) - sign);
  *r = row[0];
  for (uint64_t i = 1; i < QY_G1_TABLE_ENTRIES; i++) {
    const uint64_t mask = qy_mask_zero((i + 1) ^ size);
    qy_fq_select(&r->x, &row[i].x, mask);
    qy_fq_select(&r->y, &row[i].y, mask);
  }
  qy_fq_negate_if(&r->y, qy_mask_of((uint64_t)sign & 1) ^ negate);
}

void qy_g1_table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  struct {
    int8_t digits[64];
    qy_g1_affine entry;
    qy_g1 sum;
  } s;
  const uint64_t negate = digits_of(s.digits, scalar);
  for (int i = 0; i < QY_G1_TABLE_WINDOWS; i++) {
    scan(&s.entry, table->entries[i], s.digits[i], negate);
    qy_g1_add_affine(&s.sum, r, &s.entry);
    qy_g1_select(r, &s.sum, ~qy_mask_zero((uint64_t)(int64_t)s.digits[i]));
  }
  qy_wipe(&s, sizeof(s));
}

void qy_g1_table_power_public(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  int8_t digits[64];
  const uint64_t negate = digits_of(digits, scalar);
  for (int i = 0; i < QY_G1_TABLE_WINDOWS; i++) {
    if (digits[i] != 0) {
      qy_g1_affine entry = table->entries[i][(digits[i] < 0 ? -digits[i] : digits[i]) - 1];
      qy_fq_negate_if(&entry.y, negate ^ (digits[i] < 0 ? qy_mask_of(1) : 0));
      qy_g1_add_affine(r, r, &entry);
    }
  }
}
