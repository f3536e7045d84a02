/* SPDX-License-Identifier: Apache-2.0 */
/* Which scalar of a list makes a power of one base, in affine coordinates: a thousand additions share an inversion, so
 * that each costs six multiplications. All public.
 *
 * A scalar is halved by the endomorphism. Each half is made odd by adding 1 to it where needed, and the target is
 * multiplied to match. Odd numbers below 2^127 in size are sums of odd digits, one for each window, of which none is 0;
 * the table holds odd powers. Neighbours are added until there is one sum for each half, and no sum meets its equal or
 * opposite, which affine addition could not take: the earlier windows' sum is an odd multiple of a lower power of two
 * than the later windows' sum. Whether both halves make the target shows without adding them: three points are on one
 * line if their sum is 0. What lies on a line by chance is looked at again. */
#include <pairing/g1_products.h>

#include <stdlib.h>
#include <string.h>

#include <pairing/g1_halves.h>

#define HALF_BITS 128
#define MAX_POWERS 2048   /* of 16 windows and 128 odd powers */
#define MAX_POINTS 2048   /* a batch: windows of both halves, for so many scalars as there is room for */
#define TABLE_PAYS_FROM 4 /* fewer scalars are raised to powers one by one */
#define WIDE_PAYS_FROM 64 /* so many pay for windows of 8 bits; fewer get 4 */

typedef struct search {
  size_t bits;                     /* of a window: 4 or 8 */
  size_t windows;                  /* in a half: 32 or 16 */
  size_t odds;                     /* odd powers in a window: 8 or 128 */
  qy_g1_affine powers[MAX_POWERS]; /* [window][j]: base^((2 j + 1) 2^(bits window)) */
  qy_fq images[MAX_POWERS];        /* their x times beta: the powers of base^lambda */
  qy_g1_affine twos[HALF_BITS];
  qy_g1_affine targets[4];         /* the target, times base, times base^lambda, times both; inverted */
  uint8_t target[MAX_POINTS];      /* of each scalar in a batch */
  qy_g1_affine points[MAX_POINTS]; /* [scalar][half][window] */
  qy_fq inverses[MAX_POINTS / 2];
  qy_fq scratch[MAX_POINTS / 2];
} search;

/* r = a + b, given 1 / (b.x - a.x) */
static void add_by_slope(qy_g1_affine *r, const qy_g1_affine *a, const qy_g1_affine *b, const qy_fq *inverse)
{
  qy_fq slope;
  qy_fq x;
  qy_fq y;
  qy_fq_sub(&slope, &b->y, &a->y);
  qy_fq_mul(&slope, &slope, inverse);
  qy_fq_sqr(&x, &slope);
  qy_fq_sub(&x, &x, &a->x);
  qy_fq_sub(&x, &x, &b->x);
  qy_fq_sub(&y, &a->x, &x);
  qy_fq_mul(&y, &y, &slope);
  qy_fq_sub(&r->y, &y, &a->y);
  r->x = x;
}

/* ---- the table ---- */

/* twos[i] = base^(2^i) */
static void make_twos(search *s, const qy_g1_affine *base)
{
  qy_g1 chain[HALF_BITS];
  qy_g1_from_affine(&chain[0], base);
  s->inverses[0] = chain[0].z;
  for (size_t i = 1; i < HALF_BITS; i++) {
    qy_g1_double(&chain[i], &chain[i - 1]);
    s->inverses[i] = chain[i].z;
  }
  qy_fq_inverse_many(s->inverses, s->scratch, HALF_BITS);
  for (size_t i = 0; i < HALF_BITS; i++) {
    qy_fq_mul(&s->twos[i].x, &chain[i].x, &s->inverses[i]);
    qy_fq_mul(&s->twos[i].y, &chain[i].y, &s->inverses[i]);
  }
}

/* From the first `known` odd powers of every window as many more, by adding 2 known times its first. */
static void extend(search *s, size_t known)
{
  const size_t level = (size_t)__builtin_ctzl(2 * known);
  for (size_t i = 0; i < s->windows * known; i++) {
    qy_fq_sub(&s->inverses[i], &s->twos[s->bits * (i / known) + level].x,
              &s->powers[s->odds * (i / known) + i % known].x);
  }
  qy_fq_inverse_many(s->inverses, s->scratch, s->windows * known);
  for (size_t i = 0; i < s->windows * known; i++) {
    qy_g1_affine *row = &s->powers[s->odds * (i / known)];
    add_by_slope(&row[known + i % known], &row[i % known], &s->twos[s->bits * (i / known) + level], &s->inverses[i]);
  }
}

static void table_init(search *s, const qy_g1_affine *base)
{
  make_twos(s, base);
  for (size_t i = 0; i < s->windows; i++) {
    s->powers[s->odds * i] = s->twos[s->bits * i];
  }
  for (size_t known = 1; known < s->odds; known *= 2) {
    extend(s, known);
  }
  for (size_t i = 0; i < s->windows * s->odds; i++) {
    qy_fq_mul(&s->images[i], &s->powers[i].x, &qy_g1_beta);
  }
}

/* One at infinity stays (0, 0): no sum of odd halves is 0, so that whatever it seems to match is none. */
static void targets_init(search *s, const qy_g1_affine *base, const qy_g1_affine *target)
{
  qy_g1_affine image = *base;
  qy_g1 all[4];
  qy_fq_mul(&image.x, &image.x, &qy_g1_beta);
  qy_g1_from_affine(&all[0], target);
  qy_g1_add_affine(&all[1], &all[0], base);
  qy_g1_add_affine(&all[2], &all[0], &image);
  qy_g1_add_affine(&all[3], &all[1], &image);
  qy_g1_to_affine_many(s->targets, all, 4);
  for (size_t i = 0; i < 4; i++) {
    qy_fq_neg(&s->targets[i].y, &s->targets[i].y);
  }
}

/* ---- a batch of scalars ---- */

/* The powers that one half asks for, of each window. Digits in base 2^bits stand for odd ones: u for 2u - (2^bits - 1).
 * Returns whether 1 was added. */
static size_t load_half(qy_g1_affine *points, const search *s, const qy_g1_halves *halves, int half)
{
  const qy_u128 size = (qy_u128)halves->size[half][1] << 64 | halves->size[half][0];
  const qy_u128 mask = (qy_u128)halves->negative[half] << 64 | halves->negative[half];
  const qy_u128 value = (size ^ mask) - mask;
  /* (value + 2^128 - 1) / 2, for value odd and signed */
  qy_u128 digits = (value >> 1 | (mask & (qy_u128)1 << 127)) ^ (qy_u128)1 << 127;
  for (size_t i = 0; i < s->windows; i++) {
    const size_t digit = (size_t)digits & (2 * s->odds - 1);
    const size_t entry = s->odds * i + (digit < s->odds ? s->odds - 1 - digit : digit - s->odds);
    points[i].x = half == 0 ? s->powers[entry].x : s->images[entry];
    points[i].y = s->powers[entry].y;
    qy_fq_negate_if(&points[i].y, qy_mask_of(digit < s->odds));
    digits >>= s->bits;
  }
  return (halves->size[half][0] & 1) ^ 1;
}

/* What is no scalar counts as 0 here; matches are looked at again. */
static void load_scalar(search *s, size_t place, const uint8_t *scalar)
{
  uint64_t limbs[4] = {0, 0, 0, 0};
  qy_g1_halves halves;
  qy_g1_affine *points = &s->points[2 * s->windows * place];
  if (memcmp(scalar, qy_fp_order, QY_FP_SIZE) < 0) {
    qy_limbs_load(limbs, scalar);
  }
  qy_g1_halves_of_limbs(&halves, limbs);
  const size_t first = load_half(points, s, &halves, 0);
  const size_t second = load_half(points + s->windows, s, &halves, 1);
  s->target[place] = (uint8_t)(first + 2 * second);
}

/* points[i] = points[2i] + points[2i + 1] */
static void add_neighbours(search *s, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    qy_fq_sub(&s->inverses[i], &s->points[2 * i + 1].x, &s->points[2 * i].x);
  }
  qy_fq_inverse_many(s->inverses, s->scratch, count);
  for (size_t i = 0; i < count; i++) {
    add_by_slope(&s->points[i], &s->points[2 * i], &s->points[2 * i + 1], &s->inverses[i]);
  }
}

/* The three are on one line. */
static bool are_aligned(const qy_g1_affine *a, const qy_g1_affine *b, const qy_g1_affine *c)
{
  qy_fq left;
  qy_fq right;
  qy_fq difference;
  qy_fq_sub(&left, &b->y, &a->y);
  qy_fq_sub(&difference, &c->x, &a->x);
  qy_fq_mul(&left, &left, &difference);
  qy_fq_sub(&right, &c->y, &a->y);
  qy_fq_sub(&difference, &b->x, &a->x);
  qy_fq_mul(&right, &right, &difference);
  return qy_fq_equal(&left, &right) != 0;
}

static bool matches(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalar)
{
  qy_fp k;
  qy_g1 power;
  qy_g1 wanted;
  if (!qy_fp_decode(&k, scalar)) {
    return false;
  }
  qy_g1_power_public(&power, base, &k, 1);
  qy_g1_from_affine(&wanted, target);
  return qy_g1_equal(&power, &wanted) != 0;
}

/* As qy_g1_search, for at most a batch. */
static size_t search_batch(search *s, const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars,
                           size_t count)
{
  for (size_t i = 0; i < count; i++) {
    load_scalar(s, i, scalars + QY_FP_SIZE * i);
  }
  for (size_t sums = count * s->windows; sums >= 2 * count; sums /= 2) {
    add_neighbours(s, sums);
  }
  for (size_t i = 0; i < count; i++) {
    if (are_aligned(&s->points[2 * i], &s->points[2 * i + 1], &s->targets[s->target[i]]) &&
        matches(base, target, scalars + QY_FP_SIZE * i)) {
      return i;
    }
  }
  return count;
}

static size_t search_by_table(search *s, const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars,
                              size_t count)
{
  s->bits = count >= WIDE_PAYS_FROM ? 8 : 4;
  s->windows = HALF_BITS / s->bits;
  s->odds = (size_t)1 << (s->bits - 1);
  table_init(s, base);
  targets_init(s, base, target);
  const size_t batch = MAX_POINTS / (2 * s->windows);
  for (size_t i = 0; i < count; i += batch) {
    const size_t here = count - i < batch ? count - i : batch;
    const size_t found = search_batch(s, base, target, scalars + QY_FP_SIZE * i, here);
    if (found < here) {
      return i + found;
    }
  }
  return count;
}

size_t qy_g1_search(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count)
{
  search *s = count < TABLE_PAYS_FROM ? NULL : malloc(sizeof(*s));
  if (s == NULL) {
    size_t i = 0;
    while (i < count && !matches(base, target, scalars + QY_FP_SIZE * i)) {
      i++;
    }
    return i;
  }
  const size_t found = search_by_table(s, base, target, scalars, count);
  free(s);
  return found;
}
