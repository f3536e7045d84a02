/* SPDX-License-Identifier: Apache-2.0 */
/* Products of powers of any points, secret or not: scalars in halves, 32 windows of 4 bits, tables scanned whole. A lane
 * takes as little of the work as there are lanes for. */
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

/* r = in lane i the product of terms i width to i width + width - 1, of which some may have to do with each other: by
 * complete formulas. */
static void products_in_lanes(qy_lanes_g1 *r, term *terms, const qy_g1_affine *points, const qy_fp *scalars,
                              size_t width, size_t parts)
{
  const qy_g1_affine *in[8];
  for (size_t j = 0; j < width; j++) {
    for (size_t lane = 0; lane < 8; lane++) {
      const size_t from = lane < parts ? lane * width + j : j;
      in[lane] = &points[from];
      qy_lanes_g1_set_scalar(&terms[j].digits, lane, &scalars[from]);
    }
    const qy_lanes_g1 base = qy_lanes_g1_load_affine(in);
    fill_table(&terms[j], &base);
  }
  evaluate(r, terms, width);
}

/* ---- how the work is laid over lanes ---- */

/* r = the parts of products, one to a lane. Each part is of `width` terms, and there are up to `parts` of them. */
typedef void run_parts(qy_lanes_g1 *r, term *terms, const qy_g1_affine *points, const qy_fp *scalars, size_t width,
                       size_t parts);

static void quarters(qy_lanes_g1 *r, term *terms, const qy_g1_affine *points, const qy_fp *scalars, size_t width,
                     size_t parts)
{
  (void)terms;
  (void)width;
  qy_lanes_g1_powers_by_quarters(r, points, scalars, parts);
}

static void halves(qy_lanes_g1 *r, term *terms, const qy_g1_affine *points, const qy_fp *scalars, size_t width,
                   size_t parts)
{
  (void)terms;
  (void)width;
  qy_lanes_g1_powers_by_halves(r, points, scalars, parts);
}

static void wholes(qy_lanes_g1 *r, term *terms, const qy_g1_affine *points, const qy_fp *scalars, size_t width,
                   size_t parts)
{
  (void)terms;
  (void)width;
  qy_lanes_g1_powers(r, points, scalars, parts);
}

typedef struct layout {
  size_t width;
  size_t parts;
  size_t cost; /* of a run: microseconds on a Zen 4, of which the ratios matter */
  run_parts *run;
} layout;

/* The cheapest for these shapes, among those whose width divides `terms`. */
static const layout *choose(size_t terms, size_t count)
{
  static const layout layouts[] = {
      {1, 2, 27, quarters},
      {1, 4, 39, halves},
      {1, 8, 51, wholes},
      {2, 8, 79, products_in_lanes},
      {3, 8, 105, products_in_lanes},
      {4, 8, 132, products_in_lanes},
  };
  const layout *best = NULL;
  size_t best_cost = SIZE_MAX;
  for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
    const layout *l = &layouts[i];
    const size_t parts = terms / l->width * count;
    const size_t cost = (parts + l->parts - 1) / l->parts * l->cost;
    if (terms % l->width == 0 && cost < best_cost) {
      best = l;
      best_cost = cost;
    }
  }
  return best;
}

static void store(qy_g1 out[8], const qy_lanes_g1 *points)
{
  qy_g1 *const each[8] = {&out[0], &out[1], &out[2], &out[3], &out[4], &out[5], &out[6], &out[7]};
  qy_lanes_g1_store(each, points);
}

void qy_lanes_g1_products(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  struct {
    term terms[QY_G1_MAX_TERMS];
    qy_lanes_g1 in_lanes;
    qy_g1 parts[8];
  } s;
  const layout *l = choose(terms, count);
  const size_t end = terms * count;
  for (size_t at = 0; at < end;) {
    const size_t left = (end - at) / l->width;
    const size_t parts = left < l->parts ? left : l->parts;
    l->run(&s.in_lanes, s.terms, points + at, scalars + at, l->width, parts);
    store(s.parts, &s.in_lanes);
    for (size_t i = 0; i < parts; i++) {
      qy_g1 *product = &r[at / terms];
      if (at % terms == 0) {
        *product = s.parts[i];
      } else {
        qy_g1_add(product, product, &s.parts[i]);
      }
      at += l->width;
    }
  }
  qy_wipe(&s, sizeof(s));
}

void qy_lanes_g1_products_public(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_lanes_g1_products(r, points, scalars, terms, count);
}
