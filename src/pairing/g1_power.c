/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers for secret points and scalars: scalars in halves, 32 windows of 4 bits, tables scanned whole. */
#include <pairing/g1.h>

#include <base/secret.h>
#include <pairing/g1_halves.h>

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

void qy_g1_power(qy_g1 *r, const qy_g1 *points, const qy_fp *scalars, size_t count)
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
