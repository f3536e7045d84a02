/* SPDX-License-Identifier: Apache-2.0 */
/* What is done once for each point of G2: the lines of the Miller loop, and the test that it is in the subgroup. */
#include <pairing/lanes/pairing.h>

#include <pairing/g2_jacobian.h>
#include <pairing/lanes/fq2.h>
#include <pairing/lanes/twist.h>
#include <pairing/miller.h>

#define BATCH 8
#define BATCHES ((QY_PAIRING_LINES + BATCH - 1) / BATCH)

/* The lines of a batch, one a lane: slope and offset still to be divided. */
typedef struct fractions {
  qy_lanes_fq2 slope;
  qy_lanes_fq2 offset;
  qy_lanes_fq2 divisor;
} fractions;

/* ---- the running point ---- */

/* The lines of all steps, as qy_lanes_twist_double and _add leave them; of the last batch some are 1 / 1. */
static void trace(qy_lanes line[BATCHES * BATCH], const qy_g2_affine *point)
{
  size_t count = 0;
  qy_g2_affine image;
  qy_lanes plus;
  qy_lanes minus;
  qy_lanes running;
  qy_lanes chord;
  qy_lanes_twist_load(&plus, point);
  qy_lanes_twist_neg(&minus, &plus);
  running = plus;
  for (size_t i = 1; i < QY_MILLER_DIGITS; i++) {
    qy_lanes_twist_double(&running, &line[count++], &running);
    if (qy_miller_digits[i] != 0) {
      qy_lanes_twist_add(&running, &line[count++], &running, qy_miller_digits[i] > 0 ? &plus : &minus);
    }
  }
  /* t is negative: go on from -[|6t+2|]Q, by pi(Q) and -pi^2(Q) */
  qy_lanes_twist_neg(&running, &running);
  qy_g2_frobenius(&image, point);
  qy_lanes_twist_load(&chord, &image);
  qy_lanes_twist_add(&running, &line[count++], &running, &chord);
  qy_g2_frobenius(&image, &image);
  qy_lanes_twist_load(&chord, &image);
  qy_lanes_twist_neg(&chord, &chord);
  qy_lanes_twist_add(&running, &line[count++], &running, &chord);
  while (count < (size_t)BATCHES * BATCH) {
    const qy_lanes one = qy_lanes_all(&qy_lanes_one);
    line[count++] = qy_lanes_blend(0xaa, one, qy_lanes_zero());
  }
}

static void fractions_take(fractions *f, const qy_lanes line[BATCH])
{
  for (int limb = 0; limb < 5; limb++) {
    qy_vec row[8];
    for (int i = 0; i < BATCH; i++) {
      row[i] = line[i].limb[limb];
    }
    qy_lanes_transpose(row);
    f->slope.re.limb[limb] = row[0];
    f->slope.im.limb[limb] = row[1];
    f->offset.re.limb[limb] = row[2];
    f->offset.im.limb[limb] = row[3];
    f->divisor.re.limb[limb] = row[4];
    f->divisor.im.limb[limb] = row[5];
  }
}

/* ---- division of all by one inversion ---- */

static void multiply(qy_lanes_fq2 *r, const qy_lanes_fq2 *a, const qy_lanes_fq2 *b)
{
  qy_lanes_fq2_mul(r, a, b);
  *r = qy_lanes_fq2_fold(r);
}

static void store(qy_fq2 *const out[8], const qy_lanes_fq2 *a)
{
  qy_fq *re[8];
  qy_fq *im[8];
  for (int i = 0; i < 8; i++) {
    re[i] = &out[i]->c0;
    im[i] = &out[i]->c1;
  }
  qy_lanes_store(re, a->re);
  qy_lanes_store(im, a->im);
}

/* The inverse of each lane. */
static void invert(qy_lanes_fq2 *a)
{
  qy_fq2 each[8];
  qy_fq2 products[8];
  qy_fq2 *const out[8] = {&each[0], &each[1], &each[2], &each[3], &each[4], &each[5], &each[6], &each[7]};
  qy_fq2 inverse;
  const qy_fq *re[8];
  const qy_fq *im[8];
  store(out, a);
  products[0] = each[0];
  for (int i = 1; i < 8; i++) {
    qy_fq2_mul(&products[i], &products[i - 1], &each[i]);
  }
  qy_fq2_inverse(&inverse, &products[7]);
  for (int i = 7; i > 0; i--) {
    const qy_fq2 divisor = each[i];
    qy_fq2_mul(&each[i], &inverse, &products[i - 1]);
    qy_fq2_mul(&inverse, &inverse, &divisor);
  }
  each[0] = inverse;
  for (int i = 0; i < 8; i++) {
    re[i] = &each[i].c0;
    im[i] = &each[i].c1;
  }
  a->re = qy_lanes_fold(qy_lanes_load(re));
  a->im = qy_lanes_fold(qy_lanes_load(im));
}

static void divide(qy_pairing_lines *lines, size_t first, const fractions *f, const qy_lanes_fq2 *inverse)
{
  qy_fq2 none = {0};
  qy_fq2 *slopes[BATCH];
  qy_fq2 *offsets[BATCH];
  qy_lanes_fq2 quotient;
  for (size_t i = 0; i < BATCH; i++) {
    const bool there = first + i < QY_PAIRING_LINES;
    slopes[i] = there ? &lines->line[first + i].slope : &none;
    offsets[i] = there ? &lines->line[first + i].offset : &none;
  }
  multiply(&quotient, &f->slope, inverse);
  store(slopes, &quotient);
  multiply(&quotient, &f->offset, inverse);
  store(offsets, &quotient);
}

void qy_lanes_pairing_lines_init(qy_pairing_lines *lines, const qy_g2_affine *point)
{
  qy_lanes line[BATCHES * BATCH];
  fractions f[BATCHES];
  qy_lanes_fq2 products[BATCHES];
  qy_lanes_fq2 inverse;
  qy_lanes_fq2 one;
  trace(line, point);
  for (int i = 0; i < BATCHES; i++) {
    fractions_take(&f[i], &line[(size_t)i * BATCH]);
    if (i == 0) {
      products[0] = f[0].divisor;
    } else {
      multiply(&products[i], &products[i - 1], &f[i].divisor);
    }
  }
  inverse = products[BATCHES - 1];
  invert(&inverse);
  for (int i = BATCHES - 1; i >= 0; i--) {
    one = inverse;
    if (i > 0) {
      multiply(&one, &inverse, &products[i - 1]);
      multiply(&inverse, &inverse, &f[i].divisor);
    }
    divide(lines, (size_t)i * BATCH, &f[i], &one);
  }
}

/* ---- the subgroup ---- */

bool qy_lanes_g2_in_subgroup(const qy_g2_affine *a)
{
  static const qy_u128 minus_t = 0x6882F5C030B0A801;
  qy_lanes plus;
  qy_lanes minus;
  qy_lanes running;
  qy_fq2 coordinates[3];
  qy_g2 power; /* a^t */
  qy_lanes_twist_load(&plus, a);
  qy_lanes_twist_neg(&minus, &plus);
  running = minus;
  for (int bit = 62; bit >= 0; bit--) { /* below the leading digit of 3 |t| - |t|, each over 2 */
    const uint64_t up = (uint64_t)(3 * minus_t >> (bit + 1)) & 1;
    const uint64_t down = (uint64_t)(minus_t >> (bit + 1)) & 1;
    qy_lanes_twist_double(&running, NULL, &running);
    if (up != down) {
      qy_lanes_twist_add(&running, NULL, &running, up != 0 ? &minus : &plus);
    }
  }
  qy_lanes_twist_store(coordinates, &running);
  if (qy_fq2_is_zero(&coordinates[2]) != 0) {
    return qy_g2_in_subgroup(a); /* equal or opposite points met, or it is infinity: formulas for all points */
  }
  qy_g2_from_jacobian(&power, &(qy_g2_jacobian){coordinates[0], coordinates[1], coordinates[2]});
  return qy_g2_in_subgroup_by(a, &power);
}
