/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of fixed bases. A scalar's halves have 32 digits each, which are spread over the lanes, eight to each: eight
 * additions, and then the lanes of up to eight products are folded together. */
#include <pairing/lanes/lanes_g1.h>

#include <string.h>

#include <base/secret.h>

#define HALF_WINDOWS (QY_G1_TABLE_WINDOWS / 2) /* of the base; as many follow for its image by the endomorphism */
#define STEPS (QY_G1_TABLE_WINDOWS / 8)        /* windows to a lane */

/* Known to the compiler wherever it is asked: a processor that guessed the branch to what is public would read the
 * table at a secret's place. */
typedef enum publicity { SECRET, PUBLIC } publicity;

/* ---- making a table ---- */

void qy_lanes_g1_table_init(qy_g1_table *table, const qy_g1_affine *base)
{
  qy_lanes_g1 rows[HALF_WINDOWS];
  qy_lanes inverses[HALF_WINDOWS];
  qy_lanes scratch[HALF_WINDOWS];
  qy_g1 first;
  qy_g1_from_affine(&first, base);
  qy_lanes_g1_progression(&rows[0], &first, &first);
  inverses[0] = rows[0].z;
  for (int i = 1; i < HALF_WINDOWS; i++) {
    rows[i] = rows[i - 1];
    for (int j = 0; j < QY_G1_HALVES_BITS; j++) {
      qy_lanes_g1_double_jacobian(&rows[i], &rows[i]);
    }
    inverses[i] = rows[i].z;
  }
  qy_lanes_inverse_many(inverses, scratch, HALF_WINDOWS);
  for (int i = 0; i < HALF_WINDOWS; i++) {
    const qy_lanes_g1_affine row = qy_lanes_g1_rescale(&rows[i], inverses[i]);
    const qy_lanes_g1_affine image = {qy_lanes_mul(row.x, qy_lanes_all(&qy_lanes_g1_beta)), row.y};
    qy_lanes_g1_store_entries(table->entries[i], &row);
    qy_lanes_g1_store_entries(table->entries[HALF_WINDOWS + i], &image);
  }
}

/* ---- using one ---- */

/* A power that a lane's product of all lanes is to take in: the biased digits, eight to a lane from the lowest on. */
typedef struct pending {
  qy_lanes_g1 *sum;
  const qy_g1_table *table;
  uint64_t digits[8];
  uint64_t negative[8];
} pending;

static void pending_set(pending *p, qy_lanes_g1 *sum, const qy_g1_fixed_power *power)
{
  qy_g1_halves halves;
  qy_g1_halves_of(&halves, power->scalar);
  qy_g1_halves_bias(&halves);
  p->sum = sum;
  p->table = power->table;
  for (int lane = 0; lane < 8; lane++) {
    const int half = lane / 4;
    p->digits[lane] = (uint32_t)(halves.size[half][lane / 2 % 2] >> (32 * (lane % 2)));
    p->negative[lane] = halves.negative[half];
  }
  qy_wipe(&halves, sizeof(halves));
}

static const qy_g1_affine *row_of(const qy_g1_table *table, int lane, int step)
{
  return table->entries[STEPS * lane + step];
}

static qy_vec load_entry(const qy_g1_affine *entry)
{
  uint64_t words[8];
  memcpy(words, entry, sizeof(words));
  return qy_vec_load(words);
}

/* out[lane] = the entry of that size, touching all of the row; some entry when the size is 0. */
static void scan(qy_g1_affine out[8], const qy_g1_table *table, int step, qy_vec size)
{
  uint64_t masks[QY_G1_TABLE_ENTRIES][8];
  for (uint64_t i = 0; i < QY_G1_TABLE_ENTRIES; i++) {
    qy_vec_store(masks[i], qy_vec_mask_equal(size, qy_vec_all(i + 1)));
  }
  for (int lane = 0; lane < 8; lane++) {
    const qy_g1_affine *row = row_of(table, lane, step);
    qy_vec entry = load_entry(&row[0]);
    for (int i = 1; i < QY_G1_TABLE_ENTRIES; i++) {
      entry = qy_vec_select(qy_vec_all(masks[i][lane]), load_entry(&row[i]), entry);
    }
    qy_vec_store_halves(out[lane].x.limb, out[lane].y.limb, entry);
  }
}

QY_INLINE qy_lanes_g1_affine pick(const qy_g1_table *table, int step, qy_vec size, publicity kind)
{
  const qy_g1_affine *in[8];
  qy_g1_affine scanned[8];
  uint64_t sizes[8];
  if (kind == SECRET) {
    scan(scanned, table, step, size);
  } else {
    qy_vec_store(sizes, size);
  }
  for (int lane = 0; lane < 8; lane++) {
    in[lane] = kind == SECRET ? &scanned[lane] : row_of(table, lane, step) + (sizes[lane] == 0 ? 0 : sizes[lane] - 1);
  }
  return qy_lanes_g1_load_entries(in);
}

/* sum = sum entry, where the size of the digit is not 0. */
static void add_entry(qy_lanes_g1 *sum, const qy_lanes_g1_affine *entry, qy_vec size)
{
  const qy_lanes_g1 next = qy_lanes_g1_sum_affine(sum, entry);
  *sum = qy_lanes_g1_select(qy_vec_mask_equal(size, qy_vec_zero()), sum, &next);
}

/* Takes in one digit of every lane. */
QY_INLINE void take_step(const pending *p, int step, publicity kind)
{
  qy_lanes_g1_affine entry;
  qy_vec negative;
  const qy_vec size = qy_lanes_g1_digit_at(&negative, qy_vec_load(p->digits), qy_vec_load(p->negative), step);
  entry = pick(p->table, step, size, kind);
  entry.y = qy_lanes_negate_if(entry.y, negative);
  add_entry(p->sum, &entry, size);
}

/* Step by step for all, so that the rows of a table that several share stay near. */
QY_INLINE void take_in(pending *all, size_t count, publicity kind)
{
  for (int step = 0; step < STEPS; step++) {
    for (size_t i = 0; i < count; i++) {
      take_step(&all[i], step, kind);
    }
  }
}

static void take_in_secret(pending *all, size_t count)
{
  take_in(all, count, SECRET);
}

static void take_in_public(pending *all, size_t count)
{
  take_in(all, count, PUBLIC);
}

/* Lane i of sums[0] becomes the product of all lanes of sums[i], for up to 8 of them. */
static void fold(qy_lanes_g1 sums[8], size_t count)
{
  for (int step = 0; step < 3; step++) {
    for (size_t i = 0; i < count; i += 2) {
      const qy_lanes_g1 *other = &sums[i + 1 < count ? i + 1 : i];
      qy_lanes_g1_fold_pairs(&sums[i / 2], &sums[i], other);
    }
    count = (count + 1) / 2;
  }
}

/* r[i] = itself times lane i of `factors`, where r[i] is to change. */
static void multiply(qy_g1 *r, const qy_lanes_g1 *factors, const bool changes[8])
{
  struct {
    qy_lanes_g1 product;
    qy_g1 unused;
  } s;
  qy_g1 *lanes[8];
  qy_g1_set_infinity(&s.unused);
  for (size_t i = 0; i < 8; i++) {
    lanes[i] = changes[i] ? &r[i] : &s.unused;
  }
  const qy_lanes_g1 folded = qy_lanes_g1_fold(factors);
  s.product = qy_lanes_g1_load((const qy_g1 *const *)lanes);
  qy_lanes_g1_add(&s.product, &s.product, &folded);
  qy_lanes_g1_store(lanes, &s.product);
  qy_wipe(&s, sizeof(s));
}

/* The products from `first` on, up to 8 of them. */
QY_INLINE void eight_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count, size_t first, size_t width,
                              publicity kind)
{
  struct {
    qy_lanes_g1 sums[8];
    pending waiting[16];
  } s;
  size_t waiting = 0;
  bool changes[8] = {false};
  for (size_t i = 0; i < width; i++) {
    s.sums[i] = qy_lanes_g1_infinity();
  }
  for (size_t i = 0; i < count; i++) {
    const size_t product = powers[i].product - first;
    if (product < width) {
      pending_set(&s.waiting[waiting++], &s.sums[product], &powers[i]);
      changes[product] = true;
    }
    if (waiting == 16 || i == count - 1) {
      (kind == SECRET ? take_in_secret : take_in_public)(s.waiting, waiting);
      waiting = 0;
    }
  }
  fold(s.sums, width);
  multiply(r + first, &s.sums[0], changes);
  qy_wipe(&s, sizeof(s));
}

QY_INLINE void fixed_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count, publicity kind)
{
  size_t end = 0;
  for (size_t i = 0; i < count; i++) {
    end = powers[i].product < end ? end : powers[i].product + 1;
  }
  for (size_t first = 0; first < end; first += 8) {
    eight_products(r, powers, count, first, end - first < 8 ? end - first : 8, kind);
  }
}

void qy_lanes_g1_fixed_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count)
{
  fixed_products(r, powers, count, SECRET);
}

void qy_lanes_g1_fixed_products_public(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count)
{
  fixed_products(r, powers, count, PUBLIC);
}

void qy_lanes_g1_table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  const qy_g1_fixed_power power = {0, table, scalar};
  fixed_products(r, &power, 1, SECRET);
}

void qy_lanes_g1_table_power_public(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar)
{
  const qy_g1_fixed_power power = {0, table, scalar};
  fixed_products(r, &power, 1, PUBLIC);
}

/* ---- products with shared bases ---- */

/* Tables of the bases pay for so many products. */
#define TABLES_PAY_FROM 32
#define AT_ONCE 64

static void shared_by_copies(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_g1_affine copies[TABLES_PAY_FROM * QY_G1_MAX_TERMS];
  for (size_t i = 0; i < count; i++) {
    memcpy(&copies[i * terms], bases, terms * sizeof(*bases));
  }
  qy_lanes_g1_products(r, copies, scalars, terms, count);
}

/* r[i] = itself times table^scalars[i stride] */
QY_INLINE void multiply_all(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalars, size_t stride, size_t count,
                            publicity kind)
{
  qy_g1_fixed_power powers[AT_ONCE];
  for (size_t first = 0; first < count; first += AT_ONCE) {
    const size_t here = count - first < AT_ONCE ? count - first : AT_ONCE;
    for (size_t i = 0; i < here; i++) {
      powers[i] = (qy_g1_fixed_power){i, table, &scalars[(first + i) * stride]};
    }
    fixed_products(r + first, powers, here, kind);
  }
}

QY_INLINE void shared_products(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count,
                               publicity kind)
{
  qy_g1_table table;
  if (count < TABLES_PAY_FROM) {
    shared_by_copies(r, bases, scalars, terms, count);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    qy_g1_set_infinity(&r[i]);
  }
  for (size_t j = 0; j < terms; j++) {
    /* a base at infinity multiplies by nothing */
    if (qy_g1_affine_is_infinity(&bases[j]) == 0) {
      qy_lanes_g1_table_init(&table, &bases[j]);
      multiply_all(r, &table, scalars + j, terms, count, kind);
    }
  }
}

void qy_lanes_g1_products_shared(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count)
{
  shared_products(r, bases, scalars, terms, count, SECRET);
}

void qy_lanes_g1_products_shared_public(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms,
                                        size_t count)
{
  shared_products(r, bases, scalars, terms, count, PUBLIC);
}
