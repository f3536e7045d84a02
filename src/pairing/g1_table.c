/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of a fixed base without a doubling. A scalar is halved by the endomorphism, and each half, made odd, is a sum
 * of 21 odd digits below 64 in size and of 2^126: one addition for each digit, to a sum for each half. No digit is 0,
 * and no entry is ever equal or opposite to the sum that it is added to, which is larger: what is added up from the top
 * stays above 2^(6 i + 6) while the digits of window i are below 2^(6 i + 6). So the formulas need no exceptions, until
 * the halves come together. */
#include <pairing/g1_jacobian.h>

#include <string.h>

#include <base/secret.h>
#include <pairing/g1_halves.h>

#define WINDOWS QY_G1_TABLE_ODD_WINDOWS
#define ODDS QY_G1_TABLE_ODDS
#define BITS 6

/* ---- making a table ---- */

/* The powers 2^i of the base, from which all entries are added up. */
#define POWERS (BITS * WINDOWS + 1)

static void powers_of_two(qy_g1_affine r[POWERS], const qy_g1_affine *base)
{
  qy_g1_jacobian powers[POWERS];
  qy_fq inverses[POWERS];
  qy_fq scratch[POWERS];
  qy_g1_jacobian_from_affine(&powers[0], base);
  inverses[0] = powers[0].z;
  for (int i = 1; i < POWERS; i++) {
    qy_g1_jacobian_double(&powers[i], &powers[i - 1]);
    inverses[i] = powers[i].z;
  }
  qy_fq_inverse_many(inverses, scratch, POWERS);
  for (int i = 0; i < POWERS; i++) {
    qy_g1_jacobian_to_affine(&r[i], &powers[i], &inverses[i]);
  }
}

/* r = a + b for points that are neither equal nor opposite, given 1 / (b.x - a.x) */
static void add_by_slope(qy_g1_affine *r, const qy_g1_affine *a, const qy_g1_affine *b, const qy_fq *inverse)
{
  qy_fq slope;
  qy_fq x;
  qy_fq_sub(&slope, &b->y, &a->y);
  qy_fq_mul(&slope, &slope, inverse);
  qy_fq_sqr(&x, &slope);
  qy_fq_sub(&x, &x, &a->x);
  qy_fq_sub(&x, &x, &b->x);
  qy_fq_sub(&r->y, &a->x, &x);
  qy_fq_mul(&r->y, &r->y, &slope);
  qy_fq_sub(&r->y, &r->y, &a->y);
  r->x = x;
}

/* From the first `known` odd powers of every window as many more, base^(2 known 64^i) times each, all at the price of
 * one inversion. */
static void extend(qy_g1_table *table, const qy_g1_affine powers[POWERS], int known)
{
  qy_fq inverses[WINDOWS * ODDS / 2];
  qy_fq scratch[WINDOWS * ODDS / 2];
  const int level = __builtin_ctz((unsigned)(2 * known));
  for (int i = 0; i < WINDOWS; i++) {
    for (int j = 0; j < known; j++) {
      qy_fq_sub(&inverses[i * known + j], &powers[BITS * i + level].x, &table->odd[i][j].x);
    }
  }
  qy_fq_inverse_many(inverses, scratch, (size_t)(WINDOWS * known));
  for (int i = 0; i < WINDOWS; i++) {
    for (int j = 0; j < known; j++) {
      add_by_slope(&table->odd[i][known + j], &table->odd[i][j], &powers[BITS * i + level], &inverses[i * known + j]);
    }
  }
}

void qy_g1_table_init(qy_g1_table *table, const qy_g1_affine *base)
{
  qy_g1_affine powers[POWERS];
  powers_of_two(powers, base);
  for (int i = 0; i < WINDOWS; i++) {
    table->odd[i][0] = powers[BITS * i];
  }
  table->top = powers[POWERS - 1];
  for (int known = 1; known < ODDS; known *= 2) {
    extend(table, powers, known);
  }
}

/* ---- using one ---- */

/* A point (x / zz, y / zzz), with zz^3 = zzz^2. */
typedef struct sum {
  qy_fq x;
  qy_fq y;
  qy_fq zz;
  qy_fq zzz;
} sum;

/* Of h and s, the differences in x and y: x' = s^2 - h^3 - 2 x h^2, y' = s (x h^2 - x') - y h^3. In an order in which
 * few wait. */
static void sum_add(sum *r, const qy_g1_affine *b)
{
  qy_fq h;
  qy_fq hh;
  qy_fq hhh;
  qy_fq s;
  qy_fq t;
  qy_fq_mul(&h, &b->x, &r->zz);
  qy_fq_mul(&s, &b->y, &r->zzz);
  qy_fq_sub(&h, &h, &r->x);
  qy_fq_sqr(&hh, &h);
  qy_fq_sub(&s, &s, &r->y);
  qy_fq_sqr(&t, &s);
  qy_fq_mul(&hhh, &hh, &h);
  qy_fq_mul(&h, &r->x, &hh);
  qy_fq_mul(&r->zz, &r->zz, &hh);
  qy_fq_sub(&t, &t, &hhh);
  qy_fq_mul(&hh, &r->y, &hhh);
  qy_fq_sub(&t, &t, &h);
  qy_fq_sub(&r->x, &t, &h);
  qy_fq_sub(&h, &h, &r->x);
  qy_fq_mul(&r->zzz, &r->zzz, &hhh);
  qy_fq_mul(&s, &s, &h);
  qy_fq_sub(&r->y, &s, &hh);
}

static void sum_to_g1(qy_g1 *r, const sum *a)
{
  qy_fq_mul(&r->x, &a->x, &a->zzz);
  qy_fq_mul(&r->y, &a->y, &a->zz);
  qy_fq_mul(&r->z, &a->zz, &a->zzz);
}

/* r = row[index], touching every entry. */
static void scan(qy_g1_affine *r, const qy_g1_affine row[ODDS], uint32_t index)
{
  typedef uint32_t words __attribute__((vector_size(16), aligned(8), may_alias));
  enum { VECTORS = sizeof(*r) / sizeof(words) };
  const words one = {1, 1, 1, 1};
  const words wanted = {index, index, index, index};
  const words *entry = (const words *)row;
  words *found = (words *)r;
  words at = {0};
  words sums[VECTORS] = {{0}};
  for (int i = 0; i < ODDS; i++) {
    const words mask = (words)(at == wanted);
    QY_UNROLL
    for (int j = 0; j < VECTORS; j++) {
      sums[j] |= entry[j] & mask;
    }
    entry += VECTORS;
    at += one;
  }
  QY_UNROLL
  for (int j = 0; j < VECTORS; j++) {
    found[j] = sums[j];
  }
}

/* Known to the compiler wherever it is asked: a processor that guessed the branch to what is public would read the
 * table at a secret's place, and a timing test sees that. */
typedef enum publicity { SECRET, PUBLIC } publicity;

/* What passes while a power is taken. */
typedef struct work {
  qy_g1_halves halves;
  sum sum;
  qy_g1_affine entry;
  qy_g1 power;
  qy_g1 next;
} work;

/* The entry for digit i of a half made odd: digits of 2 u - 63 with the bits u of windows of half the number. */
QY_INLINE void pick(work *w, const qy_g1_table *table, qy_u128 half, int i, publicity kind)
{
  const uint32_t u = (uint32_t)(half >> (BITS * i + 1)) & (2 * ODDS - 1);
  const uint32_t negative = (u / ODDS) ^ 1;
  const uint32_t index = (u ^ (0 - negative)) & (ODDS - 1);
  if (kind == PUBLIC) {
    w->entry = table->odd[i][index];
  } else {
    scan(&w->entry, table->odd[i], index);
  }
  qy_fq_negate_if(&w->entry.y, qy_mask_of(negative));
}

/* r = r * the power that one half asks for */
QY_INLINE void take_in(qy_g1 *r, work *w, const qy_g1_table *table, int which, publicity kind)
{
  const qy_u128 half = (qy_u128)w->halves.size[which][1] << 64 | w->halves.size[which][0];
  const uint64_t even = qy_mask_of((uint64_t)~half & 1);
  w->sum = (sum){table->top.x, table->top.y, qy_fq_one, qy_fq_one};
  for (int i = WINDOWS - 1; i >= 0; i--) {
    pick(w, table, half, i, kind);
    sum_add(&w->sum, &w->entry);
  }
  sum_to_g1(&w->power, &w->sum);
  /* one less for an even half, by formulas that know infinity */
  if (kind == SECRET || even != 0) {
    w->entry = table->odd[0][0];
    qy_fq_neg(&w->entry.y, &w->entry.y);
    qy_g1_add_affine(&w->next, &w->power, &w->entry);
    qy_g1_select(&w->power, &w->next, even);
  }
  if (which == 1) {
    qy_fq_mul(&w->power.x, &w->power.x, &qy_g1_beta);
  }
  qy_fq_negate_if(&w->power.y, w->halves.negative[which]);
  qy_g1_add(r, r, &w->power);
}

QY_INLINE void table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar, publicity kind)
{
  work w = {.entry = table->top};
  qy_g1_halves_of(&w.halves, scalar);
  take_in(r, &w, table, 0, kind);
  take_in(r, &w, table, 1, kind);
  if (kind == SECRET) {
    qy_wipe(&w, sizeof(w));
  }
}

void qy_g1_table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  table_power(r, table, scalar, SECRET);
}

void qy_g1_table_power_public(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  table_power(r, table, scalar, PUBLIC);
}
