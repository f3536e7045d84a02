/* SPDX-License-Identifier: Apache-2.0 */
/* Eight powers, of one point each, in Jacobian coordinates. Their additions are not for equal or opposite points, and meet
 * none: before the digit d of one half is taken in, the sum so far is point^(m + n lambda), m and n being what the digits
 * before stand for, and the next multiple of 16 of one of them at least. Were it point^(+-d) or point^(+-d lambda), then
 * (m -+ d, n) or (m, n -+ d) would be in the lattice of g1_halves.h. They are too short for that, both numbers below
 * 2^127 or little above, unless they are 0, which the digits' sizes leave only where the sum and d are 0. Those two cases
 * are seen from the digits, and decided by masks. */
#include <pairing/lanes/lanes_g1.h>

#include <base/secret.h>

#define ENTRIES 8 /* powers 1 to 8 */

typedef struct table {
  qy_lanes x[2][ENTRIES]; /* of the points and of their images */
  qy_lanes y[ENTRIES];
  qy_lanes z; /* of them all: entries are Jacobian with this third coordinate */
} table;

/* Powers 1 to 8, each with its own z. */
static void fill_powers(qy_lanes_g1 powers[ENTRIES], const qy_lanes_g1_affine *base)
{
  powers[0] = (qy_lanes_g1){base->x, base->y, qy_lanes_all(&qy_lanes_one)};
  for (int i = 1; i < ENTRIES; i += 2) {
    qy_lanes_g1_double_jacobian(&powers[i], &powers[i / 2]);
    if (i + 1 < ENTRIES) {
      qy_lanes_g1_add_jacobian(&powers[i + 1], &powers[i], base);
    }
  }
}

/* Brings all to one z, the product of theirs: entry i is multiplied by the product of the others' z. */
static void fill_table(table *t, const qy_lanes_g1_affine *base, bool images)
{
  qy_lanes_g1 powers[ENTRIES];
  qy_lanes before[ENTRIES];
  qy_lanes after = qy_lanes_all(&qy_lanes_one);
  fill_powers(powers, base);
  before[0] = after;
  for (int i = 1; i < ENTRIES; i++) {
    before[i] = qy_lanes_mul(before[i - 1], powers[i - 1].z);
  }
  t->z = qy_lanes_mul(before[ENTRIES - 1], powers[ENTRIES - 1].z);
  for (int i = ENTRIES - 1; i >= 0; i--) {
    const qy_lanes_g1_affine entry = qy_lanes_g1_rescale(&powers[i], qy_lanes_mul(before[i], after));
    t->x[0][i] = entry.x;
    if (images) {
      t->x[1][i] = qy_lanes_fold(qy_lanes_mul(entry.x, qy_lanes_all(&qy_lanes_g1_beta)));
    }
    t->y[i] = qy_lanes_canonical(entry.y);
    after = qy_lanes_mul(after, powers[i].z);
  }
  qy_wipe(powers, sizeof(powers));
  qy_wipe(before, sizeof(before));
}

/* r = the entry of that size, touching all of them; some entry for size 0. */
static void scan(qy_lanes_g1_affine *r, const table *t, int half, qy_vec size, qy_vec negative)
{
  qy_lanes_g1_affine entry = {t->x[half][0], t->y[0]};
  for (int i = 1; i < ENTRIES; i++) {
    const qy_vec mask = qy_vec_mask_equal(size, qy_vec_all((uint64_t)i + 1));
    entry.x = qy_lanes_select(mask, t->x[half][i], entry.x);
    entry.y = qy_lanes_select(mask, t->y[i], entry.y);
  }
  entry.y = qy_lanes_negate_if(entry.y, negative);
  *r = entry;
}

/* sum = sum entry where the size of the digit is not 0; the entry itself where there was no sum before. */
static void take_in(qy_lanes_g1 *sum, qy_vec *begun, const qy_lanes_g1_affine *entry, qy_vec size)
{
  const qy_vec nothing = qy_vec_mask_equal(size, qy_vec_zero());
  const qy_lanes_g1 first = {entry->x, entry->y, qy_lanes_all(&qy_lanes_one)};
  qy_lanes_g1 next;
  qy_lanes_g1_add_jacobian(&next, sum, entry);
  next = qy_lanes_g1_select(*begun, &next, &first);
  *sum = qy_lanes_g1_select(nothing, sum, &next);
  *begun = qy_vec_or(*begun, qy_vec_xor(nothing, qy_vec_all(~(uint64_t)0)));
}

/* From Jacobian coordinates, infinity where the mask is zero. */
static void finish(qy_lanes_g1 *r, const qy_lanes_g1 *sum, qy_lanes z_of_table, qy_vec finite)
{
  const qy_lanes z = qy_lanes_mul(sum->z, z_of_table);
  const qy_lanes_g1 point = {qy_lanes_mul(sum->x, z), sum->y, qy_lanes_mul(z, qy_lanes_sqr(z))};
  const qy_lanes_g1 infinity = qy_lanes_g1_infinity();
  *r = qy_lanes_g1_select(finite, &point, &infinity);
}

void qy_lanes_g1_powers(qy_lanes_g1 *r, const qy_lanes_g1 *base, const qy_lanes_g1_digits *digits, int halves)
{
  struct {
    table table;
    qy_lanes_g1_affine entry;
    qy_lanes_g1 sum;
  } s;
  qy_vec begun = qy_vec_zero();
  const qy_lanes_g1_affine affine = {base->x, base->y};
  fill_table(&s.table, &affine, halves > 1);
  s.sum = (qy_lanes_g1){s.table.x[0][0], s.table.y[0], qy_lanes_all(&qy_lanes_one)};
  for (int i = QY_G1_HALVES_DIGITS - 1; i >= 0; i--) {
    for (int j = 0; j < QY_G1_HALVES_BITS && i < QY_G1_HALVES_DIGITS - 1; j++) {
      qy_lanes_g1_double_jacobian(&s.sum, &s.sum);
    }
    for (int half = 0; half < halves; half++) {
      qy_vec negative;
      const qy_vec size = qy_lanes_g1_digit(&negative, digits, half, i);
      scan(&s.entry, &s.table, half, size, negative);
      take_in(&s.sum, &begun, &s.entry, size);
    }
  }
  const qy_vec at_infinity = qy_vec_mask_equal(base->z.limb[0], qy_vec_zero());
  finish(r, &s.sum, s.table.z, qy_vec_select(at_infinity, qy_vec_zero(), begun));
  qy_wipe(&s, sizeof(s));
}
