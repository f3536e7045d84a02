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
  qy_lanes_g1 next = qy_lanes_g1_sum_jacobian(sum, entry);
  next = qy_lanes_g1_select(*begun, &next, &first);
  *sum = qy_lanes_g1_select(nothing, sum, &next);
  *begun = qy_vec_or(*begun, qy_vec_xor(nothing, qy_vec_all(~(uint64_t)0)));
}

/* What eight lanes raise to powers: points in Jacobian coordinates, the first two of them below 1.001, the mask of where
 * they are not at infinity, and how much of the digits counts. */
typedef struct task {
  qy_lanes_g1 base;
  qy_vec finite;
  qy_lanes_g1_digits digits;
  int halves;
  int windows;
} task;

static void task_clear(task *t)
{
  qy_wipe(t, sizeof(*t));
}

/* From Jacobian coordinates, infinity where the mask is zero. */
static void finish(qy_lanes_g1 *r, const qy_lanes_g1 *sum, qy_lanes z_scale, qy_vec finite)
{
  const qy_lanes z = qy_lanes_mul(sum->z, z_scale);
  const qy_lanes_g1 point = {qy_lanes_mul(sum->x, z), sum->y, qy_lanes_mul(z, qy_lanes_sqr(z))};
  const qy_lanes_g1 infinity = qy_lanes_g1_infinity();
  *r = qy_lanes_g1_select(finite, &point, &infinity);
}

static void task_run(qy_lanes_g1 *r, const task *t)
{
  struct {
    table table;
    qy_lanes_g1_affine entry;
    qy_lanes_g1 sum;
  } s;
  qy_vec begun = qy_vec_zero();
  /* as if affine: on the isomorphic curve where they are, which the formulas do not know from this one */
  const qy_lanes_g1_affine base = {t->base.x, t->base.y};
  fill_table(&s.table, &base, t->halves > 1);
  s.sum = (qy_lanes_g1){base.x, base.y, qy_lanes_all(&qy_lanes_one)};
  for (int i = t->windows - 1; i >= 0; i--) {
    for (int j = 0; j < QY_G1_HALVES_BITS && i < t->windows - 1; j++) {
      qy_lanes_g1_double_jacobian(&s.sum, &s.sum);
    }
    for (int half = 0; half < t->halves; half++) {
      qy_vec negative;
      const qy_vec size = qy_lanes_g1_digit(&negative, &t->digits, half, i);
      scan(&s.entry, &s.table, half, size, negative);
      take_in(&s.sum, &begun, &s.entry, size);
    }
  }
  finish(r, &s.sum, qy_lanes_mul(s.table.z, t->base.z), qy_vec_and(t->finite, begun));
  qy_wipe(&s, sizeof(s));
}

/* Lane i gets in[i]. */
static void load_bases(task *t, const qy_g1_affine *const in[8])
{
  t->base = qy_lanes_g1_load_affine(in);
  t->finite = qy_vec_xor(qy_vec_mask_equal(t->base.z.limb[0], qy_vec_zero()), qy_vec_all(~(uint64_t)0));
}

/* Half 0 of lanes `lane` and lane + 1 become the two halves of a scalar. */
static void set_halves(qy_lanes_g1_digits *d, size_t lane, const qy_fp *scalar)
{
  qy_g1_halves halves;
  qy_g1_halves_of(&halves, scalar);
  qy_g1_halves_bias(&halves);
  for (size_t half = 0; half < 2; half++) {
    d->size[0][0][lane + half] = halves.size[half][0];
    d->size[0][1][lane + half] = halves.size[half][1];
    d->negative[0][lane + half] = halves.negative[half];
  }
  qy_wipe(&halves, sizeof(halves));
}

/* Odd lanes get the image of their point by the endomorphism. */
static void take_images(task *t)
{
  const qy_lanes images = qy_lanes_fold(qy_lanes_mul(t->base.x, qy_lanes_all(&qy_lanes_g1_beta)));
  t->base.x = qy_lanes_blend(0xaa, t->base.x, images);
}

void qy_lanes_g1_powers(qy_lanes_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count)
{
  __attribute__((cleanup(task_clear))) task t;
  const qy_g1_affine *in[8];
  for (size_t i = 0; i < 8; i++) {
    const size_t from = i < count ? i : 0;
    in[i] = &points[from];
    qy_lanes_g1_set_scalar(&t.digits, i, &scalars[from]);
  }
  load_bases(&t, in);
  t.halves = 2;
  t.windows = QY_G1_HALVES_DIGITS;
  task_run(r, &t);
}

void qy_lanes_g1_powers_by_halves(qy_lanes_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count)
{
  __attribute__((cleanup(task_clear))) task t;
  const qy_g1_affine *in[8];
  for (size_t i = 0; i < 4; i++) {
    const size_t from = i < count ? i : 0;
    in[2 * i] = in[2 * i + 1] = &points[from];
    set_halves(&t.digits, 2 * i, &scalars[from]);
  }
  load_bases(&t, in);
  take_images(&t);
  t.halves = 1;
  t.windows = QY_G1_HALVES_DIGITS;
  task_run(r, &t);
  qy_lanes_g1_fold_pairs(r, r, r);
}

/* ---- quarters: the upper half of the digits has lanes of its own, and for a base the point to the power 2^64 ---- */

/* A row of limbs of the factors in double_in_place. */
QY_VEC_INLINE qy_vec left_limb(qy_vec a, qy_vec zz)
{
  a = qy_vec_add_in(0x22, a, a, qy_vec_add(qy_vec_shift_left(zz, 2), qy_vec_shift_left(zz, 1)));
  a = qy_vec_blend(0xcc, a, qy_vec_shift_left(a, 2));
  return qy_vec_blend(0x44, a, qy_vec_add(a, a));
}

QY_VEC_INLINE qy_vec right_limb(qy_vec a, qy_vec zz, uint64_t q)
{
  const qy_vec zz2 = qy_vec_shift_left(zz, 1);
  a = qy_vec_add_in(0x11, a, a, qy_vec_add(qy_vec_shift_left(zz, 2), zz2));
  a = qy_vec_blend(0x11, a, qy_vec_add(a, a));
  a = qy_vec_blend(0x22, a, qy_vec_add(qy_vec_sub(a, zz2), qy_vec_all(3 * q)));
  return qy_vec_blend(0x88, a, qy_vec_shift_left(a, 2));
}

QY_VEC_INLINE qy_vec result_limb(qy_vec a, qy_vec other, uint64_t q)
{
  return qy_vec_blend(0x22, a, qy_vec_add(qy_vec_sub(a, other), qy_vec_all(3 * q)));
}

/* Doubles two points, of which lanes 0 to 2 and 4 to 6 are x, y and z: qy_lanes_g1_twice, its products side by side. */
QY_VEC_INLINE qy_lanes double_in_place(qy_lanes a)
{
  const qy_lanes first = qy_lanes_permute(a, qy_vec_of(1, 2, 0, 1, 5, 6, 4, 5));
  const qy_lanes second = qy_lanes_permute(a, qy_vec_of(1, 2, 1, 2, 5, 6, 5, 6));
  const qy_lanes m = qy_lanes_fold(qy_lanes_mul(first, second)); /* y^2, z^2, x y, y z */
  const qy_lanes zz = qy_lanes_permute(m, qy_vec_of(1, 1, 1, 1, 5, 5, 5, 5));
  const qy_lanes l = qy_lanes_permute(m, qy_vec_of(2, 0, 0, 0, 6, 4, 4, 4));
  const qy_lanes r = qy_lanes_permute(m, qy_vec_of(0, 0, 3, 1, 4, 4, 7, 5));
  /* x y, y^2 + 6 z^2, 8 y^2, 4 y^2 */
  const qy_lanes left = {{left_limb(l.limb[0], zz.limb[0]), left_limb(l.limb[1], zz.limb[1]),
                          left_limb(l.limb[2], zz.limb[2]), left_limb(l.limb[3], zz.limb[3]),
                          left_limb(l.limb[4], zz.limb[4])}};
  /* 2 y^2 + 12 z^2, y^2 - 2 z^2, y z, 4 z^2 */
  const uint64_t *q = qy_lanes_q.limb;
  const qy_lanes right = {{right_limb(r.limb[0], zz.limb[0], q[0]), right_limb(r.limb[1], zz.limb[1], q[1]),
                           right_limb(r.limb[2], zz.limb[2], q[2]), right_limb(r.limb[3], zz.limb[3], q[3]),
                           right_limb(r.limb[4], zz.limb[4], q[4])}};
  const qy_lanes p = qy_lanes_mul(qy_lanes_carry_factor(left), qy_lanes_carry_factor(right));
  const qy_lanes o = qy_lanes_permute(p, qy_vec_of(3, 3, 3, 3, 7, 7, 7, 7));
  return qy_lanes_carry((qy_lanes){{result_limb(p.limb[0], o.limb[0], q[0]), result_limb(p.limb[1], o.limb[1], q[1]),
                                    result_limb(p.limb[2], o.limb[2], q[2]), result_limb(p.limb[3], o.limb[3], q[3]),
                                    result_limb(p.limb[4], o.limb[4], q[4])}});
}

/* Lanes 2, 3, 6 and 7 are raised to the power 2^64, lanes 0 to 3 being one point and 4 to 7 another. */
static void raise_lanes(task *t)
{
  qy_lanes a = qy_lanes_blend(0x44, qy_lanes_blend(0x22, t->base.x, t->base.y), t->base.z);
  for (int i = 0; i < 64; i++) {
    a = double_in_place(a);
  }
  const qy_lanes z = qy_lanes_permute(a, qy_vec_of(2, 2, 2, 2, 6, 6, 6, 6));
  const qy_lanes x = qy_lanes_mul(qy_lanes_permute(a, qy_vec_of(0, 0, 0, 0, 4, 4, 4, 4)), z);
  const qy_lanes y = qy_lanes_mul(qy_lanes_permute(a, qy_vec_of(1, 1, 1, 1, 5, 5, 5, 5)), qy_lanes_sqr(z));
  t->base.x = qy_lanes_blend(0xcc, t->base.x, qy_lanes_fold(x));
  t->base.y = qy_lanes_blend(0xcc, t->base.y, qy_lanes_fold(y));
  t->base.z = qy_lanes_blend(0xcc, t->base.z, z);
}

void qy_lanes_g1_powers_by_quarters(qy_lanes_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t count)
{
  __attribute__((cleanup(task_clear))) task t;
  const qy_g1_affine *in[8];
  for (size_t i = 0; i < 2; i++) {
    const size_t from = i < count ? i : 0;
    in[4 * i] = in[4 * i + 1] = in[4 * i + 2] = in[4 * i + 3] = &points[from];
    set_halves(&t.digits, 4 * i, &scalars[from]);
    for (size_t lane = 4 * i; lane < 4 * i + 2; lane++) {
      t.digits.size[0][0][lane + 2] = t.digits.size[0][1][lane];
      t.digits.negative[0][lane + 2] = t.digits.negative[0][lane];
    }
  }
  load_bases(&t, in);
  raise_lanes(&t);
  take_images(&t);
  t.halves = 1;
  t.windows = QY_G1_HALVES_DIGITS / 2;
  task_run(r, &t);
  qy_lanes_g1_fold_pairs(r, r, r);
  qy_lanes_g1_fold_pairs(r, r, r);
}
