/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers of any points, secret or not: scalars in halves, 32 windows of 4 bits, complete formulas, tables
 * scanned whole. A lane takes as much of the work as keeps all eight busy: half of a term, or one term, or several
 * that share their doublings. */
#include <pairing/lanes/lanes_g1.h>

#include <base/secret.h>

#define ENTRIES 8 /* powers 1 to 8 */

/* One term in every lane. Tables hold coordinates below 1.001; an image differs from its point in x alone. */
typedef struct term {
  qy_lanes x[2][ENTRIES];
  qy_lanes y[ENTRIES];
  qy_lanes z[ENTRIES];
  qy_lanes_g1_digits digits;
} term;

/* How products are laid over lanes: each lane takes `halves` of the 2 `terms` halves of its product. */
typedef struct layout {
  size_t halves; /* 1, or an even number that divides 2 terms */
  size_t lanes;  /* in all */
} layout;

/* The table of the eight points in `base`. */
static void fill_table(term *t, const qy_lanes_g1 *base)
{
  qy_lanes_g1 powers[ENTRIES];
  powers[0] = *base;
  for (int i = 1; i < ENTRIES; i += 2) {
    qy_lanes_g1_double(&powers[i], &powers[i / 2]);
    if (i + 1 < ENTRIES) {
      qy_lanes_g1_add(&powers[i + 1], &powers[i], base);
    }
  }
  for (int i = 0; i < ENTRIES; i++) {
    t->x[0][i] = qy_lanes_fold(powers[i].x);
    t->x[1][i] = qy_lanes_fold(qy_lanes_mul(powers[i].x, qy_lanes_all(&qy_lanes_g1_beta)));
    t->y[i] = qy_lanes_canonical(powers[i].y);
    t->z[i] = qy_lanes_fold(powers[i].z);
  }
  qy_wipe(powers, sizeof(powers));
}

/* Lanes 2i and 2i + 1 get the halves of term i, and the image for a base of the second. */
static void load_halves(qy_lanes_g1 *base, qy_lanes_g1_digits *digits, const qy_g1_affine *points, const qy_fp *scalars,
                        size_t count)
{
  const qy_g1_affine *in[8];
  qy_g1_halves halves;
  for (size_t i = 0; i < 4; i++) {
    const size_t from = i < count ? i : 0;
    in[2 * i] = in[2 * i + 1] = &points[from];
    qy_g1_halves_of(&halves, &scalars[from]);
    qy_g1_halves_bias(&halves);
    qy_lanes_g1_set_half(digits, 0, 2 * i, &halves, 0);
    qy_lanes_g1_set_half(digits, 0, 2 * i + 1, &halves, 1);
  }
  *base = qy_lanes_g1_load_affine(in);
  const qy_lanes images = qy_lanes_fold(qy_lanes_mul(base->x, qy_lanes_all(&qy_lanes_g1_beta)));
  base->x = qy_lanes_blend(0xaa, base->x, images);
  qy_wipe(&halves, sizeof(halves));
}

/* Lane i gets term i * stride. */
static void load_terms(qy_lanes_g1 *base, qy_lanes_g1_digits *digits, const qy_g1_affine *points, const qy_fp *scalars,
                       size_t stride, size_t count)
{
  const qy_g1_affine *in[8];
  qy_g1_halves halves;
  for (size_t i = 0; i < 8; i++) {
    const size_t from = i < count ? i * stride : 0;
    in[i] = &points[from];
    qy_g1_halves_of(&halves, &scalars[from]);
    qy_g1_halves_bias(&halves);
    qy_lanes_g1_set_half(digits, 0, i, &halves, 0);
    qy_lanes_g1_set_half(digits, 1, i, &halves, 1);
  }
  *base = qy_lanes_g1_load_affine(in);
  qy_wipe(&halves, sizeof(halves));
}

/* r = the power that each lane's digit asks for, touching every entry. */
static void scan(qy_lanes_g1 *r, const term *t, int half, int i)
{
  qy_vec negative;
  const qy_vec size = qy_lanes_g1_digit(&negative, &t->digits, half, i);
  qy_lanes_g1 entry = qy_lanes_g1_infinity();
  for (int j = 0; j < ENTRIES; j++) {
    const qy_vec mask = qy_vec_mask_equal(size, qy_vec_all((uint64_t)j + 1));
    entry.x = qy_lanes_select(mask, t->x[half][j], entry.x);
    entry.y = qy_lanes_select(mask, t->y[j], entry.y);
    entry.z = qy_lanes_select(mask, t->z[j], entry.z);
  }
  entry.y = qy_lanes_negate_if(entry.y, negative);
  *r = entry;
}

/* r = in each lane the product of what its terms hold, for terms that may have to do with each other. */
static void evaluate(qy_lanes_g1 *r, const term *terms, size_t count)
{
  qy_lanes_g1 entry;
  *r = qy_lanes_g1_infinity();
  for (int i = QY_G1_HALVES_DIGITS - 1; i >= 0; i--) {
    for (int j = 0; j < QY_G1_HALVES_BITS && i < QY_G1_HALVES_DIGITS - 1; j++) {
      qy_lanes_g1_double(r, r);
    }
    for (size_t j = 0; j < 2 * count; j++) {
      scan(&entry, &terms[j / 2], (int)(j % 2), i);
      qy_lanes_g1_add(r, r, &entry);
    }
  }
  qy_wipe(&entry, sizeof(entry));
}

/* The layout that costs least, in lane additions: doublings once for eight lanes, tables and additions for what a
 * lane takes. */
static layout choose(size_t terms, size_t count)
{
  enum { DOUBLINGS = 85, HALF = 34, TABLE = 7 };
  layout best = {0, 0};
  size_t best_cost = SIZE_MAX;
  for (size_t halves = 1; halves <= 2 * terms; halves += 1 + (halves > 1)) {
    if (2 * terms % halves != 0) {
      continue;
    }
    const size_t lanes = count * (2 * terms / halves);
    const size_t cost = (lanes + 7) / 8 * (DOUBLINGS + HALF * halves + TABLE * ((halves + 1) / 2));
    if (cost < best_cost) {
      best_cost = cost;
      best = (layout){halves, lanes};
    }
  }
  return best;
}

/* Eight lanes or fewer, from the first term given; returns how many parts of products come out. */
static size_t run(qy_g1 parts[8], term *terms, const qy_g1_affine *points, const qy_fp *scalars, size_t halves,
                  size_t lanes)
{
  qy_g1 *const out[8] = {&parts[0], &parts[1], &parts[2], &parts[3], &parts[4], &parts[5], &parts[6], &parts[7]};
  qy_lanes_g1 base;
  qy_lanes_g1 r;
  if (halves == 1) {
    load_halves(&base, &terms[0].digits, points, scalars, lanes / 2);
    qy_lanes_g1_powers(&r, &base, &terms[0].digits, 1);
    qy_lanes_g1_fold_pairs(&r, &r, &r);
  } else if (halves == 2) {
    load_terms(&base, &terms[0].digits, points, scalars, 1, lanes);
    qy_lanes_g1_powers(&r, &base, &terms[0].digits, 2);
  } else {
    for (size_t i = 0; i < halves / 2; i++) {
      load_terms(&base, &terms[i].digits, points + i, scalars + i, halves / 2, lanes);
      fill_table(&terms[i], &base);
    }
    evaluate(&r, terms, halves / 2);
  }
  qy_lanes_g1_store(out, &r);
  qy_wipe(&base, sizeof(base));
  qy_wipe(&r, sizeof(r));
  return halves == 1 ? lanes / 2 : lanes;
}

void qy_lanes_g1_products(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  struct {
    term terms[QY_G1_MAX_TERMS];
    qy_g1 parts[8];
  } s;
  const layout l = choose(terms, count);
  const size_t terms_of_part = l.halves == 1 ? 1 : l.halves / 2;
  size_t at = 0;
  for (size_t lane = 0; lane < l.lanes; lane += 8) {
    const size_t lanes = l.lanes - lane < 8 ? l.lanes - lane : 8;
    const size_t parts = run(s.parts, s.terms, points + at, scalars + at, l.halves, lanes);
    for (size_t i = 0; i < parts; i++) {
      qy_g1 *product = &r[at / terms];
      if (at % terms == 0) {
        *product = s.parts[i];
      } else {
        qy_g1_add(product, product, &s.parts[i]);
      }
      at += terms_of_part;
    }
  }
  qy_wipe(&s, sizeof(s));
}

void qy_lanes_g1_products_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  /* a single power is quicker out of the lanes, where its digits may be sparse */
  if (terms == 1 && count == 1) {
    qy_g1_products_public(r, points, scalars, 1, 1);
  } else {
    qy_lanes_g1_products(r, points, scalars, terms, count);
  }
}
