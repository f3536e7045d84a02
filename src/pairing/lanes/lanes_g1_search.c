/* SPDX-License-Identifier: Apache-2.0 */
/* Which scalar of a list makes a power of one base: eight scalars to a vector, and hundreds of vectors' additions to
 * an inversion, so that they are done in affine coordinates. All public.
 *
 * Each half of a scalar is made odd by adding 1 to it where needed, and the target is multiplied to match. Odd numbers
 * below 2^127 in size are sums of odd digits, one for each window, of which none is 0; the table holds odd powers.
 * No sum meets its equal or opposite, which affine addition could not take: within a half the earlier windows' sum is
 * an odd multiple of a lower power of two than the later windows' sum. The two halves of a scalar, at last, would be
 * such a pair only if they were a point of the lattice that g1_halves.h tells of, and all of those but 0 are longer. */
#include <pairing/lanes/lanes_g1.h>

#include <stdlib.h>
#include <string.h>

#include <pairing/g1_halves.h>

#define ROW 8              /* odd powers 1, 3, ... 15, one to a lane */
#define MAX_POWERS 4096    /* of 16 windows, 2 halves and 128 odd powers */
#define MAX_CHAIN 80       /* of 16 windows and 5 rows */
#define BATCH 512          /* additions of the first level to an inversion */
#define SPAN 32            /* vectors of scalars in a batch, at most */
#define FEW 8              /* that no table pays for: these are powers of their own */
#define WIDE_PAYS_FROM 128 /* so many pay for windows of 8 bits; fewer get 4 */

typedef struct search {
  size_t bits;                    /* of a window: 4 or 8 */
  size_t windows;                 /* in a half: 32 or 16 */
  size_t odds;                    /* odd powers in a window: 8 or 128 */
  qy_g1_affine table[MAX_POWERS]; /* [window][half][odd power], in the form of qy_g1_table */
  qy_lanes_g1 chain[MAX_CHAIN];
  qy_lanes inverses[MAX_CHAIN];
  qy_lanes_g1_affine multiples[MAX_CHAIN];
  size_t extension;               /* the level of the table that is being made */
  uint64_t digits[SPAN][2][2][8]; /* of a batch's scalars: [vector][half][word][lane] */
  qy_g1_affine targets[8];        /* four, twice; as the table */
  const qy_fq *target[SPAN][8];
  qy_lanes_g1_affine sums[BATCH];
  qy_lanes scratch[BATCH];
} search;

/* ---- many additions at the price of one inversion ---- */

/* The two points that addition i is of, coordinates below 1.001: at first only x, then, `whole`, the points. */
typedef void load_pair(qy_lanes_g1_affine pair[2], search *s, size_t i, bool whole);

QY_VEC_INLINE qy_lanes step_of(const qy_lanes_g1_affine pair[2])
{
  return qy_lanes_ready(qy_lanes_sub(pair[1].x, pair[0].x), 2);
}

/* The sum of both, whose x differ, from 1 / (x1 - x0); below 1.001. */
QY_VEC_INLINE qy_lanes_g1_affine sum_of(const qy_lanes_g1_affine pair[2], qy_lanes inverse_step)
{
  const qy_lanes rise = qy_lanes_ready_factor(qy_lanes_sub(pair[1].y, pair[0].y), 2);
  const qy_lanes slope = qy_lanes_mul(rise, inverse_step);
  const qy_lanes less_x = qy_lanes_add_q(qy_lanes_neg(qy_lanes_add(pair[0].x, pair[1].x)), 3);
  const qy_lanes x = qy_lanes_fold(qy_lanes_reduce(qy_lanes_wide_add_loose(qy_lanes_wide_sqr(slope), less_x)));
  const qy_lanes run = qy_lanes_ready_factor(qy_lanes_sub(pair[0].x, x), 2);
  const qy_lanes less_y = qy_lanes_add_q(qy_lanes_neg(pair[0].y), 2);
  const qy_lanes y = qy_lanes_fold(qy_lanes_reduce(qy_lanes_wide_add_loose(qy_lanes_wide_mul(slope, run), less_y)));
  return (qy_lanes_g1_affine){x, y};
}

/* sums[i] = the sum of pair i, for i below count. Pairs may be of sums: those of pair i from place i on. */
QY_INLINE void add_pairs(search *s, qy_lanes_g1_affine *sums, size_t count, load_pair *load)
{
  qy_lanes_g1_affine pair[2];
  qy_lanes product = qy_lanes_all(&qy_lanes_one);
  qy_lanes unused[1];
  for (size_t i = count; i-- > 0;) {
    load(pair, s, i, false);
    s->scratch[i] = product;
    product = qy_lanes_mul(product, step_of(pair));
  }
  qy_lanes_inverse_many(&product, unused, 1);
  for (size_t i = 0; i < count; i++) {
    load(pair, s, i, true);
    const qy_lanes inverse = qy_lanes_mul(product, s->scratch[i]);
    product = qy_lanes_mul(product, step_of(pair));
    sums[i] = sum_of(pair, inverse);
  }
}

/* ---- the table ---- */

/* Doubles the first row of odd powers again and again. Of each window it keeps the row itself and, for windows of 8 bits,
 * 2^4 to 2^7 times that: multiples[window + windows k] is 2^(3 + k) times, for k above 0. */
static void multiples_init(search *s, const qy_g1_affine *base)
{
  const size_t kept = s->windows * (s->bits - 3);
  qy_g1 first;
  qy_g1 step;
  qy_lanes_g1 row;
  qy_g1_from_affine(&first, base);
  qy_g1_double(&step, &first);
  qy_lanes_g1_progression(&row, &first, &step);
  for (size_t i = 0; i < s->windows * s->bits; i++) {
    const size_t bit = i % s->bits;
    const size_t place = i / s->bits + s->windows * (bit == 0 ? 0 : bit - 3);
    if (bit == 0 || bit > 3) {
      s->chain[place] = row;
      s->inverses[place] = row.z;
    }
    row = qy_lanes_g1_twice_jacobian(&row);
  }
  qy_lanes_inverse_many(s->inverses, s->scratch, kept);
  for (size_t i = 0; i < kept; i++) {
    s->multiples[i] = qy_lanes_g1_rescale(&s->chain[i], s->inverses[i]);
  }
}

/* What is there of the odd powers, and 2^(3 + extension) times the window's base, which is in lane 0. */
QY_VEC_INLINE void load_extension(qy_lanes_g1_affine pair[2], search *s, size_t i, bool whole)
{
  (void)whole;
  const qy_vec first = qy_vec_zero();
  const qy_lanes_g1_affine *multiple = &s->multiples[s->windows * s->extension + i % s->windows];
  pair[0] = s->sums[i];
  pair[1] = (qy_lanes_g1_affine){qy_lanes_permute(multiple->x, first), qy_lanes_permute(multiple->y, first)};
}

static qy_g1_affine *powers_of(search *s, size_t window, size_t half)
{
  return &s->table[(2 * window + half) * s->odds];
}

static void table_init(search *s, const qy_g1_affine *base)
{
  multiples_init(s, base);
  memcpy(s->sums, s->multiples, s->windows * sizeof(s->sums[0]));
  size_t rows = 1;
  for (s->extension = 1; s->extension + 3 < s->bits; s->extension++) {
    add_pairs(s, s->sums + s->windows * rows, s->windows * rows, load_extension);
    rows *= 2;
  }
  const qy_lanes beta = qy_lanes_all(&qy_lanes_g1_beta);
  for (size_t i = 0; i < s->windows * rows; i++) {
    const size_t window = i % s->windows;
    const size_t from = i / s->windows * ROW;
    const qy_lanes_g1_affine image = {qy_lanes_mul(s->sums[i].x, beta), s->sums[i].y};
    qy_lanes_g1_store_entries(powers_of(s, window, 0) + from, &s->sums[i]);
    qy_lanes_g1_store_entries(powers_of(s, window, 1) + from, &image);
  }
}

/* target, target base, target base^lambda and target base base^lambda. */
static void targets_init(search *s, const qy_g1_affine *base, const qy_g1_affine *target)
{
  qy_g1_affine image = *base;
  qy_g1_affine affine[4];
  qy_g1 all[4];
  const qy_g1_affine *in[8];
  qy_fq_mul(&image.x, &image.x, &qy_g1_beta);
  qy_g1_from_affine(&all[0], target);
  qy_g1_add_affine(&all[1], &all[0], base);
  qy_g1_add_affine(&all[2], &all[0], &image);
  qy_g1_add_affine(&all[3], &all[1], &image);
  qy_g1_to_affine_many(affine, all, 4);
  for (size_t i = 0; i < 8; i++) {
    in[i] = &affine[i % 4];
  }
  const qy_lanes_g1 loaded = qy_lanes_g1_load_affine(in);
  const qy_lanes_g1_affine out = {loaded.x, loaded.y};
  qy_lanes_g1_store_entries(s->targets, &out);
}

/* ---- a batch of scalars ---- */

/* Makes a half odd, and writes it with digits in base 2^bits that stand for the odd ones: u for 2u - (2^bits - 1). Returns
 * whether 1 was added. */
static size_t digits_of(uint64_t words[2][8], size_t lane, const qy_g1_halves *halves, int half)
{
  const uint64_t size = halves->size[half][0];
  const qy_u128 mask = (qy_u128)halves->negative[half] << 64 | halves->negative[half];
  const qy_u128 value = (((qy_u128)halves->size[half][1] << 64 | size) ^ mask) - mask;
  /* (value + 2^128 - 1) / 2, for value odd and signed */
  words[0][lane] = (uint64_t)(value >> 1);
  words[1][lane] = ((uint64_t)(value >> 65) | halves->negative[half] << 63) ^ (uint64_t)1 << 63;
  return (size & 1) ^ 1;
}

/* What is no scalar counts as 0 here; matches are looked at again. */
static void load_scalar(search *s, size_t place, const uint8_t *scalar)
{
  uint64_t limbs[4] = {0, 0, 0, 0};
  qy_g1_halves halves;
  if (scalar != NULL && memcmp(scalar, qy_fp_order, QY_FP_SIZE) < 0) {
    qy_limbs_load(limbs, scalar);
  }
  qy_g1_halves_of_limbs(&halves, limbs);
  const size_t first = digits_of(s->digits[place / 8][0], place % 8, &halves, 0);
  const size_t second = digits_of(s->digits[place / 8][1], place % 8, &halves, 1);
  s->target[place / 8][place % 8] = &s->targets[first + 2 * second].x;
}

/* One coordinate of the powers that a window's digits ask for, of one half of eight scalars. */
QY_VEC_INLINE qy_lanes look_up(const search *s, const uint64_t words[2][8], size_t half, size_t window, bool y)
{
  const qy_g1_affine *powers = &s->table[(2 * window + half) * s->odds];
  const size_t place = window * s->bits;
  const qy_vec word = qy_vec_shift_right(qy_vec_load(words[place / 64]), (unsigned)(place % 64));
  const qy_vec digit = qy_vec_and(word, qy_vec_all(2 * s->odds - 1));
  const qy_vec signed_index = qy_vec_sub(digit, qy_vec_all(s->odds)); /* ~i for minus the odd power i */
  const qy_vec negative = qy_vec_shift_right_signed(signed_index, 63);
  const qy_vec index = qy_vec_xor(signed_index, negative);
  return y ? qy_lanes_negate_if(qy_lanes_g1_gather(powers->y.limb, index), negative)
           : qy_lanes_g1_gather(powers->x.limb, index);
}

/* Pairs of neighbouring windows: the first level. Both x wait in the place of the sum. */
QY_VEC_INLINE void load_windows(qy_lanes_g1_affine pair[2], search *s, size_t i, bool whole)
{
  const size_t half = i % s->windows / (s->windows / 2);
  const size_t window = i % (s->windows / 2) * 2;
  const uint64_t(*words)[8] = (const uint64_t(*)[8])s->digits[i / s->windows][half];
  qy_lanes_g1_affine *waiting = &s->sums[i];
  if (whole) {
    pair[0] = (qy_lanes_g1_affine){waiting->x, look_up(s, words, half, window, true)};
    pair[1] = (qy_lanes_g1_affine){waiting->y, look_up(s, words, half, window + 1, true)};
  } else {
    pair[0].x = waiting->x = look_up(s, words, half, window, false);
    pair[1].x = waiting->y = look_up(s, words, half, window + 1, false);
  }
}

/* Pairs of neighbouring sums: all other levels. */
QY_VEC_INLINE void load_sums(qy_lanes_g1_affine pair[2], search *s, size_t i, bool whole)
{
  (void)whole;
  pair[0] = s->sums[2 * i];
  pair[1] = s->sums[2 * i + 1];
}

/* sums[i] = the powers of vector i, for i below `vectors`. */
static void evaluate(search *s, size_t vectors)
{
  size_t count = vectors * s->windows;
  add_pairs(s, s->sums, count, load_windows);
  while (count > vectors) {
    count /= 2;
    add_pairs(s, s->sums, count, load_sums);
  }
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

/* The lanes where the sum of a vector has the x of its target. */
static void compare(uint64_t same[8], const search *s, size_t vector)
{
  qy_vec words[4];
  qy_lanes_gather(words, s->target[vector]);
  const qy_lanes difference = qy_lanes_sub(s->sums[vector].x, qy_lanes_split(words));
  qy_vec_store(same, qy_lanes_is_zero(qy_lanes_ready(difference, 1)));
}

/* As qy_g1_search, for at most a batch. */
static size_t search_batch(search *s, const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars,
                           size_t count)
{
  const size_t vectors = (count + 7) / 8;
  for (size_t i = 0; i < 8 * vectors; i++) {
    load_scalar(s, i, i < count ? scalars + QY_FP_SIZE * i : NULL);
  }
  evaluate(s, vectors);
  uint64_t same[8];
  for (size_t i = 0; i < count; i++) {
    if (i % 8 == 0) {
      compare(same, s, i / 8);
    }
    if (same[i % 8] != 0 && matches(base, target, scalars + QY_FP_SIZE * i)) {
      return i;
    }
  }
  return count;
}

static size_t search_by_table(search *s, const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars,
                              size_t count)
{
  s->bits = count >= WIDE_PAYS_FROM ? 8 : 4;
  s->windows = 128 / s->bits;
  s->odds = (size_t)1 << (s->bits - 1);
  table_init(s, base);
  targets_init(s, base, target);
  const size_t batch = BATCH / s->windows * 8;
  for (size_t i = 0; i < count; i += batch) {
    const size_t here = count - i < batch ? count - i : batch;
    const size_t found = search_batch(s, base, target, scalars + QY_FP_SIZE * i, here);
    if (found < here) {
      return i + found;
    }
  }
  return count;
}

/* The same for a few scalars. */
static size_t search_few(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count)
{
  qy_g1_affine bases[FEW];
  qy_fp powers[FEW] = {{{0}}};
  bool valid[FEW];
  qy_g1 all[FEW];
  qy_g1 wanted;
  for (size_t i = 0; i < FEW; i++) {
    bases[i] = *base;
  }
  for (size_t i = 0; i < count; i++) {
    valid[i] = qy_fp_decode(&powers[i], scalars + QY_FP_SIZE * i);
  }
  qy_lanes_g1_products(all, bases, powers, 1, count);
  qy_g1_from_affine(&wanted, target);
  for (size_t i = 0; i < count; i++) {
    if (valid[i] && qy_g1_equal(&all[i], &wanted) != 0) {
      return i;
    }
  }
  return count;
}

size_t qy_lanes_g1_search(const qy_g1_affine *base, const qy_g1_affine *target, const uint8_t *scalars, size_t count)
{
  if (count == 1) {
    return qy_g1_search(base, target, scalars, 1);
  }
  if (count <= FEW) {
    return search_few(base, target, scalars, count);
  }
  /* aligned_alloc wants a multiple of the alignment, which the emulated vectors do not give the structure. */
  search *s = aligned_alloc(64, (sizeof(*s) + 63) / 64 * 64);
  if (s == NULL) {
    return qy_g1_search(base, target, scalars, count);
  }
  const size_t found = search_by_table(s, base, target, scalars, count);
  free(s);
  return found;
}
