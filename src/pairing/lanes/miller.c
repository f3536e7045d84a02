/* SPDX-License-Identifier: Apache-2.0 */
/* The Miller loop. Lines are multiplied two by two before they meet the running value: those of two points at the same
 * step, or the tangent and the chord of one point at the same digit. Eight such products are made at a time, a lane
 * each, and then laid out as elements for fq12.h. */
#include <pairing/lanes/pairing.h>

#include <pairing/lanes/fq2.h>
#include <pairing/miller.h>

#define BATCH 8
#define MAX_STREAMS ((QY_PAIRING_MAX_PAIRS + 1) / 2)
#define NO_LINE 0xff

/* Which lines make a product: the same line of both points, or one or two lines of the only point. */
typedef struct product {
  uint8_t first;
  uint8_t second; /* or NO_LINE */
} product;

/* The products of one point or two, in the order in which they are needed. A point (X : Y : Z) makes of a line
 * Y - X slope w + Z offset w^3, which is the line of qy_pairing_lines times Y. With two points (or one twice) 1 and 2,
 * and b = -Y' X slope and c = Y' Z offset of each, where Y' is the other one's, and k = Y1 Y2, the product times k is
 * k^2 + xi c1 c2 + k (b1 + b2) w + b1 b2 w^2 + k (c1 + c2) w^3 + (b1 c2 + c1 b2) w^4. */
typedef struct stream {
  const qy_pairing_lines *lines[2];
  product order[QY_PAIRING_LINES];
  size_t count;
  size_t next;
  qy_lanes slope[2]; /* the factors of slopes and offsets, -Y' X and Y' Z */
  qy_lanes offset[2];
  qy_lanes k;
  qy_lanes k_squared;
  qy_lanes_fq12 batch[BATCH];
} stream;

/* ---- what is made of the points ---- */

/* One lane of a for all lanes. */
static qy_lanes spread(qy_lanes a, uint64_t lane)
{
  return qy_lanes_permute(a, qy_vec_all(lane));
}

static void stream_take_points(stream *s, const qy_g1 *one, const qy_g1 *two)
{
  /* R = 2^260 is a factor of 2^4 away from what is in the prepared lines (2^264 mod q) */
  static const qy_lanes_constant of_lines = {
      {0x224512ccfed00, 0xed67f57d2cd6d, 0xe5b60f3239a04, 0x32b91a0da1118, 0x000000000030f}};
  qy_fq minus_x[2];
  qy_fq_neg(&minus_x[0], &one->x);
  qy_fq_neg(&minus_x[1], &two->x);
  const qy_fq *const left[8] = {&minus_x[0], &one->z, &minus_x[1], &two->z, &one->y, &one->y, &one->y, &one->y};
  const qy_fq *const right[8] = {&two->y, &two->y, &one->y, &one->y, &two->y, &two->y, &two->y, &two->y};
  const qy_lanes products = qy_lanes_mul(qy_lanes_load(left), qy_lanes_load(right));
  const qy_lanes factors = qy_lanes_mul(products, qy_lanes_all(&of_lines));
  s->slope[0] = spread(factors, 0);
  s->offset[0] = spread(factors, 1);
  s->slope[1] = spread(factors, 2);
  s->offset[1] = spread(factors, 3);
  s->k = spread(products, 4);
  s->k_squared = qy_lanes_sqr(s->k);
}

/* One product for each line of two points. */
static void order_by_line(stream *s)
{
  for (uint8_t line = 0; line < QY_PAIRING_LINES; line++) {
    s->order[s->count++] = (product){line, line};
  }
}

/* One product for each digit, of the lines of one point, and one for the last two lines. */
static void order_by_digit(stream *s)
{
  uint8_t line = 0;
  for (size_t i = 1; i < QY_MILLER_DIGITS; i++) {
    const bool chord = qy_miller_digits[i] != 0;
    s->order[s->count++] = (product){line, chord ? line + 1 : NO_LINE};
    line = (uint8_t)(line + (chord ? 2 : 1));
  }
  s->order[s->count++] = (product){line, (uint8_t)(line + 1)};
}

static void stream_init(stream *s, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count)
{
  const size_t other = count - 1;
  s->lines[0] = lines[0];
  s->lines[1] = lines[other];
  s->count = 0;
  s->next = 0;
  stream_take_points(s, &points[0], &points[other]);
  if (count == 1) {
    order_by_digit(s);
  } else {
    order_by_line(s);
  }
}

/* ---- lines and their products, a lane each ---- */

/* Coordinates of prepared lines as they are, below 1. */
static void fq2_raw(qy_lanes_fq2 *r, const qy_fq2 *const in[8])
{
  const qy_fq *re[8];
  const qy_fq *im[8];
  qy_vec words[4];
  for (int i = 0; i < 8; i++) {
    re[i] = &in[i]->c0;
    im[i] = &in[i]->c1;
  }
  qy_lanes_gather(words, re);
  r->re = qy_lanes_split(words);
  qy_lanes_gather(words, im);
  r->im = qy_lanes_split(words);
}

/* b and c, below 3, of the lines that `point`, the first or the second, has in eight products. */
static void lines_at(qy_lanes_fq2 *b, qy_lanes_fq2 *c, const stream *s, int point)
{
  static const qy_fq2 zero;
  const qy_fq2 *slopes[BATCH];
  const qy_fq2 *offsets[BATCH];
  for (size_t lane = 0; lane < BATCH; lane++) {
    const size_t at = s->next + lane < s->count ? s->next + lane : s->count - 1;
    const uint8_t line = point == 0 ? s->order[at].first : s->order[at].second;
    slopes[lane] = line == NO_LINE ? &zero : &s->lines[point]->line[line].slope;
    offsets[lane] = line == NO_LINE ? &zero : &s->lines[point]->line[line].offset;
  }
  fq2_raw(b, slopes);
  fq2_raw(c, offsets);
  qy_lanes_fq2_mul_fq(b, b, &s->slope[point]);
  qy_lanes_fq2_mul_fq(c, c, &s->offset[point]);
}

/* The coefficients of w^0 to w^4 of eight products, loose. */
static void multiply_lines(qy_lanes_fq2 e[5], const stream *s)
{
  qy_lanes_fq2 b[2];
  qy_lanes_fq2 c[2];
  qy_lanes_fq2 cc;
  lines_at(&b[0], &c[0], s, 0);
  lines_at(&b[1], &c[1], s, 1);
  const qy_lanes_fq2 first = qy_lanes_fq2_sum(&b[0], &c[0]);
  const qy_lanes_fq2 second = qy_lanes_fq2_sum(&b[1], &c[1]);
  qy_lanes_fq2_mul(&e[4], &first, &second);
  qy_lanes_fq2_mul(&e[2], &b[0], &b[1]);
  qy_lanes_fq2_mul(&cc, &c[0], &c[1]);
  e[4] = qy_lanes_fq2_sub(&e[4], &e[2]);
  e[4] = qy_lanes_fq2_sub(&e[4], &cc);
  e[0].re = qy_lanes_add(s->k_squared, qy_lanes_sub(qy_lanes_double(cc.re), cc.im));
  e[0].im = qy_lanes_add(qy_lanes_double(cc.im), cc.re);
  e[1] = qy_lanes_fq2_sum(&b[0], &b[1]);
  qy_lanes_fq2_mul_fq(&e[1], &e[1], &s->k);
  e[3] = qy_lanes_fq2_sum(&c[0], &c[1]);
  qy_lanes_fq2_mul_fq(&e[3], &e[3], &s->k);
}

/* ---- from a product a lane to a coefficient a lane ---- */

static void stream_fill(stream *s)
{
  qy_lanes_fq2 e[5];
  multiply_lines(e, s);
  for (int i = 0; i < 5; i++) {
    e[i] = qy_lanes_fq2_fold(&e[i]);
  }
  for (int limb = 0; limb < 5; limb++) {
    const qy_vec none = qy_vec_zero();
    qy_vec re[8] = {e[0].re.limb[limb],
                    e[1].re.limb[limb],
                    e[2].re.limb[limb],
                    none,
                    e[3].re.limb[limb],
                    e[4].re.limb[limb],
                    none,
                    none};
    qy_vec im[8] = {e[0].im.limb[limb],
                    e[1].im.limb[limb],
                    e[2].im.limb[limb],
                    none,
                    e[3].im.limb[limb],
                    e[4].im.limb[limb],
                    none,
                    none};
    qy_lanes_transpose(re);
    qy_lanes_transpose(im);
    for (int i = 0; i < BATCH; i++) {
      s->batch[i].re.limb[limb] = re[i];
      s->batch[i].im.limb[limb] = im[i];
    }
  }
}

static const qy_lanes_fq12 *stream_take(stream *s)
{
  if (s->next % BATCH == 0) {
    stream_fill(s);
  }
  return &s->batch[s->next++ % BATCH];
}

/* ---- the loop ---- */

/* Of each stream so many products. */
static void multiply(qy_lanes_fq12 *f, stream *streams, size_t count, size_t lines)
{
  for (size_t i = 0; i < count; i++) {
    const bool single = streams[i].count < QY_PAIRING_LINES;
    for (size_t j = 0; j < (single ? 1 : lines); j++) {
      qy_lanes_factor factor;
      qy_lanes_factor_init(&factor, stream_take(&streams[i]));
      qy_lanes_fq12_mul(f, f, &factor);
    }
  }
}

void qy_lanes_miller(qy_lanes_fq12 *f, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count)
{
  stream streams[MAX_STREAMS];
  size_t used = 0;
  do {
    const size_t left = count - 2 * used;
    stream_init(&streams[used], points + 2 * used, lines + 2 * used, left >= 2 ? 2 : 1);
    used++;
  } while (2 * used < count);
  *f = *stream_take(&streams[0]); /* the square of 1 times the first product */
  if (used == 2) {
    multiply(f, &streams[1], 1, 1);
  }
  for (size_t i = 2; i < QY_MILLER_DIGITS; i++) {
    qy_lanes_fq12_sqr(f, f);
    multiply(f, streams, used, qy_miller_digits[i] != 0 ? 2 : 1);
  }
  qy_lanes_fq12_conjugate(f, f);
  multiply(f, streams, used, 2);
}
