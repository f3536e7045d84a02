/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers for secret points and scalars: scalars in halves, 32 windows of 4 bits, tables scanned whole. */
#include <pairing/g1_odd_powers.h>

#include <base/secret.h>
#include <pairing/g1_halves.h>

/* ---- several points: complete formulas, for nobody knows what one is to another ---- */

#define ENTRIES 9 /* powers 0 to 8 */

/* The powers of one point and, differing from them in x alone, of its image under the endomorphism. */
typedef struct term {
  qy_g1 table[ENTRIES];
  qy_fq images[ENTRIES];
  qy_g1_halves halves;
} term;

static void term_init(term *t, const qy_g1 *point, const qy_fp *scalar)
{
  qy_g1_halves_of(&t->halves, scalar);
  qy_g1_halves_bias(&t->halves);
  qy_g1_set_infinity(&t->table[0]);
  t->table[1] = *point;
  for (int i = 2; i < ENTRIES; i += 2) {
    qy_g1_double(&t->table[i], &t->table[i / 2]);
    if (i + 1 < ENTRIES) {
      qy_g1_add(&t->table[i + 1], &t->table[i], point);
    }
  }
  for (int i = 0; i < ENTRIES; i++) {
    qy_fq_mul(&t->images[i], &t->table[i].x, &qy_g1_beta);
  }
}

/* r = the power that a digit of one half asks for, touching every entry. */
static void scan(qy_g1 *r, const term *t, int half, int window)
{
  uint64_t negative;
  const uint64_t size = qy_g1_halves_digit(&negative, &t->halves, half, window);
  const uint64_t image = qy_mask_of((uint64_t)half);
  *r = t->table[0];
  for (uint64_t i = 1; i < ENTRIES; i++) {
    const uint64_t mask = qy_mask_zero(i ^ size);
    qy_g1_select(r, &t->table[i], mask);
    qy_fq_select(&r->x, &t->images[i], mask & image);
  }
  qy_fq_negate_if(&r->y, negative);
}

static void power_of_several(qy_g1 *r, const qy_g1 *points, const qy_fp *scalars, size_t count)
{
  struct {
    term terms[QY_G1_MAX_TERMS];
    qy_g1 entry;
  } s;
  for (size_t i = 0; i < count; i++) {
    term_init(&s.terms[i], &points[i], &scalars[i]);
  }
  qy_g1_set_infinity(r);
  for (int window = QY_G1_HALVES_DIGITS - 1; window >= 0; window--) {
    for (int i = 0; i < 4 && window < QY_G1_HALVES_DIGITS - 1; i++) {
      qy_g1_double(r, r);
    }
    for (size_t i = 0; i < 2 * count; i++) {
      scan(&s.entry, &s.terms[i / 2], (int)(i % 2), window);
      qy_g1_add(r, r, &s.entry);
    }
  }
  qy_wipe(&s, sizeof(s));
}

/* ---- one point ----
 * Each half of the scalar, made odd, is a sum of 32 odd digits below 16 in size, so that none is 0. The sum so far is
 * point^(m + n lambda) with m and n at most 2^127 in size. When a digit d of the first half is added, m is a multiple of
 * 16 but not 0; were the sum equal or opposite to point^d, then (m -+ d, n), which is not (0, 0), would be in the lattice
 * of g1_halves.h, but that has none so short. It is the same with n and the second half. So the formulas need no
 * exceptions, until what made the halves odd is taken away. */

#define WINDOWS 32
#define ODDS QY_G1_ODD_POWERS

typedef struct work {
  qy_g1 point;
  qy_g1_halves halves;
  qy_g1_odd_powers powers;
  qy_g1_jacobian jacobian; /* the point, and then the sum */
  qy_g1_affine entry;
  qy_g1 next;
} work;

/* The power that digit i of a half made odd asks for: 2 u - 15 with the four bits u of half the number. */
static void pick(work *w, int which, int i)
{
  const qy_u128 half = (qy_u128)w->halves.size[which][1] << 64 | w->halves.size[which][0];
  /* of the highest digit, what is beyond the number counts as one more bit */
  const uint64_t u = (uint64_t)(half >> (4 * i + 1) | (i == WINDOWS - 1 ? ODDS : 0)) & (2 * ODDS - 1);
  const uint64_t negative = qy_mask_zero(u / ODDS);
  const uint64_t index = (u ^ negative) & (ODDS - 1);
  w->entry = (qy_g1_affine){qy_fq_zero, qy_fq_zero};
  for (uint64_t j = 0; j < ODDS; j++) {
    const uint64_t mask = qy_mask_zero(j ^ index);
    qy_fq_select(&w->entry.x, which == 0 ? &w->powers.entries[j].x : &w->powers.images[j], mask);
    qy_fq_select(&w->entry.y, &w->powers.entries[j].y, mask);
  }
  qy_fq_negate_if(&w->entry.y, negative ^ w->halves.negative[which]);
}

/* r = r / the point, or its image, where a half was even. */
static void take_away(qy_g1 *r, work *w, int which)
{
  const uint64_t even = qy_mask_of(~w->halves.size[which][0] & 1);
  qy_g1 odd = w->point;
  if (which == 1) {
    qy_fq_mul(&odd.x, &odd.x, &qy_g1_beta);
  }
  qy_fq_negate_if(&odd.y, ~w->halves.negative[which]);
  qy_g1_add(&w->next, r, &odd);
  qy_g1_select(r, &w->next, even);
  qy_wipe(&odd, sizeof(odd));
}

static void power_of_one(qy_g1 *r, const qy_g1 *point, const qy_fp *scalar)
{
  work w = {.point = *point};
  qy_g1_halves_of(&w.halves, scalar);
  qy_g1_jacobian_from_g1(&w.jacobian, point);
  qy_g1_odd_powers_init(&w.powers, &w.jacobian, 1);
  pick(&w, 0, WINDOWS - 1);
  qy_g1_jacobian_from_affine(&w.jacobian, &w.entry);
  for (int i = 2 * WINDOWS - 2; i >= 0; i--) { /* the second half's digit before the first half's */
    if (i % 2 == 1) {
      for (int j = 0; j < 4; j++) {
        qy_g1_jacobian_double(&w.jacobian, &w.jacobian);
      }
    }
    pick(&w, i % 2 == 1 ? 0 : 1, i / 2);
    qy_g1_jacobian_add_distinct(&w.jacobian, &w.jacobian, &w.entry);
  }
  qy_g1_from_jacobian(r, &w.jacobian);
  take_away(r, &w, 0);
  take_away(r, &w, 1);
  qy_g1_set_infinity(&w.next);
  qy_g1_select(r, &w.next, qy_g1_is_infinity(&w.point));
  qy_wipe(&w, sizeof(w));
}

void qy_g1_power(qy_g1 *r, const qy_g1 *points, const qy_fp *scalars, size_t count)
{
  if (count == 1) {
    power_of_one(r, points, scalars);
  } else {
    power_of_several(r, points, scalars, count);
  }
}
