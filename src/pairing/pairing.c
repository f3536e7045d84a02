/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/pairing.h>

#include <pairing/miller.h>

/* |t| in digits of -3, -1, 0, 1 and 3, of any three at most one not 0, leading digit first; t is negative. */
static const int8_t t_digits[] = {1, 0, 0, 0,  -3, 0, 0, 0, 1,  0, 0, 0, 0, 0, 0, 3, 0, 0, 0, -1, 0, 0,
                                  3, 0, 0, -1, 0,  0, 0, 0, 0,  0, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0,  0, 3,
                                  0, 0, 0, 0,  0,  3, 0, 0, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
#define DIGITS(array) (sizeof(array) / sizeof((array)[0]))

/* Lines of which numerators and denominators are still apart. */
typedef struct tracer {
  qy_pairing_lines *lines;
  size_t count;
  qy_fq2 denominators[QY_PAIRING_LINES];
  /* the running point (x / z^2, y / z^3) */
  qy_fq2 x;
  qy_fq2 y;
  qy_fq2 z;
} tracer;

/* The tangent: slope 3x^2 / 2y; then doubles. */
static void trace_double(tracer *t)
{
  qy_fq2 xx;
  qy_fq2 yy;
  qy_fq2 zz;
  qy_fq2 d;
  qy_fq2 e;
  qy_fq2 s;
  qy_fq2_sqr(&xx, &t->x);
  qy_fq2_sqr(&yy, &t->y);
  qy_fq2_sqr(&zz, &t->z);
  qy_fq2_add(&e, &xx, &xx);
  qy_fq2_add(&e, &e, &xx);
  qy_fq2_mul(&t->lines->line[t->count].slope, &e, &zz);
  qy_fq2_mul(&s, &e, &t->x);
  qy_fq2_sub(&s, &s, &yy);
  qy_fq2_sub(&t->lines->line[t->count].offset, &s, &yy);
  qy_fq2_mul(&t->z, &t->y, &t->z);
  qy_fq2_add(&t->z, &t->z, &t->z);
  qy_fq2_mul(&t->denominators[t->count++], &t->z, &zz);
  /* d = 4xy^2, x' = e^2 - 2d, y' = e (d - x') - 8y^4 */
  qy_fq2_mul(&d, &t->x, &yy);
  qy_fq2_add(&d, &d, &d);
  qy_fq2_add(&d, &d, &d);
  qy_fq2_sqr(&t->x, &e);
  qy_fq2_sub(&t->x, &t->x, &d);
  qy_fq2_sub(&t->x, &t->x, &d);
  qy_fq2_sub(&d, &d, &t->x);
  qy_fq2_mul(&s, &e, &d);
  qy_fq2_add(&yy, &yy, &yy);
  qy_fq2_sqr(&yy, &yy);
  qy_fq2_add(&yy, &yy, &yy);
  qy_fq2_sub(&t->y, &s, &yy);
}

/* The line through the running point and `a`; then adds. */
static void trace_add(tracer *t, const qy_g2_affine *a)
{
  qy_fq2 zz;
  qy_fq2 h;
  qy_fq2 r;
  qy_fq2 hh;
  qy_fq2 s;
  qy_fq2_sqr(&zz, &t->z);
  qy_fq2_mul(&h, &a->x, &zz);
  qy_fq2_sub(&h, &h, &t->x);
  qy_fq2_mul(&zz, &zz, &t->z);
  qy_fq2_mul(&r, &a->y, &zz);
  qy_fq2_sub(&r, &r, &t->y);
  qy_fq2_mul(&t->z, &t->z, &h);
  t->lines->line[t->count].slope = r;
  qy_fq2_mul(&s, &r, &a->x);
  qy_fq2_mul(&zz, &a->y, &t->z);
  qy_fq2_sub(&t->lines->line[t->count].offset, &s, &zz);
  t->denominators[t->count++] = t->z;
  /* x' = r^2 - h^3 - 2xh^2, y' = r (xh^2 - x') - yh^3 */
  qy_fq2_sqr(&hh, &h);
  qy_fq2_mul(&h, &hh, &h);
  qy_fq2_mul(&s, &t->x, &hh);
  qy_fq2_sqr(&t->x, &r);
  qy_fq2_sub(&t->x, &t->x, &h);
  qy_fq2_sub(&t->x, &t->x, &s);
  qy_fq2_sub(&t->x, &t->x, &s);
  qy_fq2_sub(&s, &s, &t->x);
  qy_fq2_mul(&s, &r, &s);
  qy_fq2_mul(&h, &t->y, &h);
  qy_fq2_sub(&t->y, &s, &h);
}

/* Divides all lines by their denominators at the price of one inversion. */
static void trace_finish(tracer *t)
{
  qy_fq2 products[QY_PAIRING_LINES];
  qy_fq2 inverse;
  qy_fq2 one;
  products[0] = t->denominators[0];
  for (size_t i = 1; i < QY_PAIRING_LINES; i++) {
    qy_fq2_mul(&products[i], &products[i - 1], &t->denominators[i]);
  }
  qy_fq2_inverse(&inverse, &products[QY_PAIRING_LINES - 1]);
  for (size_t i = QY_PAIRING_LINES; i-- > 0;) {
    one = inverse;
    if (i > 0) {
      qy_fq2_mul(&one, &inverse, &products[i - 1]);
    }
    qy_fq2_mul(&inverse, &inverse, &t->denominators[i]);
    qy_fq2_mul(&t->lines->line[i].slope, &t->lines->line[i].slope, &one);
    qy_fq2_mul(&t->lines->line[i].offset, &t->lines->line[i].offset, &one);
  }
}

void qy_pairing_lines_init(qy_pairing_lines *lines, const qy_g2_affine *point)
{
  tracer t = {.lines = lines, .x = point->x, .y = point->y, .z = {QY_FQ_ONE, {{0, 0, 0, 0}}}};
  qy_g2_affine negative = *point;
  qy_g2_affine image;
  qy_fq2_neg(&negative.y, &point->y);
  for (size_t i = 1; i < QY_MILLER_DIGITS; i++) {
    trace_double(&t);
    if (qy_miller_digits[i] != 0) {
      trace_add(&t, qy_miller_digits[i] > 0 ? point : &negative);
    }
  }
  /* t is negative: go on from -[|6t+2|]Q, by pi(Q) and -pi^2(Q) */
  qy_fq2_neg(&t.y, &t.y);
  qy_g2_frobenius(&image, point);
  trace_add(&t, &image);
  qy_g2_frobenius(&image, &image);
  qy_fq2_neg(&image.y, &image.y);
  trace_add(&t, &image);
  trace_finish(&t);
}

typedef struct evaluation {
  qy_fq minus_x_by_y[QY_PAIRING_MAX_PAIRS];
  qy_fq one_by_y[QY_PAIRING_MAX_PAIRS];
  const qy_pairing_lines *const *lines;
  size_t count;
} evaluation;

static void multiply_lines(qy_fq12 *f, const evaluation *e, size_t line)
{
  for (size_t i = 0; i < e->count; i++) {
    qy_fq2 b;
    qy_fq2 c;
    qy_fq2_mul_fq(&b, &e->lines[i]->line[line].slope, &e->minus_x_by_y[i]);
    qy_fq2_mul_fq(&c, &e->lines[i]->line[line].offset, &e->one_by_y[i]);
    qy_fq12_mul_line(f, f, &b, &c);
  }
}

static void miller_loop(qy_fq12 *f, const evaluation *e)
{
  size_t line = 0;
  qy_fq12_set_one(f);
  for (size_t i = 1; i < QY_MILLER_DIGITS; i++) {
    qy_fq12_sqr(f, f);
    multiply_lines(f, e, line++);
    if (qy_miller_digits[i] != 0) {
      multiply_lines(f, e, line++);
    }
  }
  qy_fq12_conjugate(f, f);
  multiply_lines(f, e, line++);
  multiply_lines(f, e, line);
}

/* a^t in the cyclotomic subgroup, where the conjugate is the inverse. */
static void power_t(qy_fq12 *r, const qy_fq12 *a)
{
  qy_fq12 power[2]; /* a, a^3 */
  qy_fq12 inverse[2];
  qy_fq12 x;
  power[0] = *a;
  qy_fq12_cyclotomic_sqr(&x, a);
  qy_fq12_mul(&power[1], &x, a);
  qy_fq12_conjugate(&inverse[0], &power[0]);
  qy_fq12_conjugate(&inverse[1], &power[1]);
  for (size_t i = 2; i < DIGITS(t_digits); i++) { /* a^2 stands for the first two */
    qy_fq12_cyclotomic_sqr(&x, &x);
    if (t_digits[i] != 0) {
      qy_fq12_mul(&x, &x, t_digits[i] > 0 ? &power[t_digits[i] / 2] : &inverse[-t_digits[i] / 2]);
    }
  }
  qy_fq12_conjugate(r, &x);
}

/* f^((q^4 - q^2 + 1) / p) in the cyclotomic subgroup.
 * Source: Scott, Benger, Charlemagne, Dominguez Perez, Kachisa 2009, section 5:
 * y0 y1^2 y2^6 y3^12 y4^18 y5^30 y6^36. */
static void hard_part(qy_fq12 *r, const qy_fq12 *f)
{
  qy_fq12 f1;
  qy_fq12 f2;
  qy_fq12 f3;
  qy_fq12 y;
  qy_fq12 t0;
  qy_fq12 t1;
  power_t(&f1, f);
  power_t(&f2, &f1);
  power_t(&f3, &f2);
  qy_fq12_frobenius(&y, &f3, 1); /* y6 = 1 / (f^(t^3) (f^(t^3))^q) */
  qy_fq12_mul(&y, &y, &f3);
  qy_fq12_conjugate(&y, &y);
  qy_fq12_cyclotomic_sqr(&t0, &y);
  qy_fq12_frobenius(&y, &f2, 1); /* y4 = 1 / (f^t (f^(t^2))^q) */
  qy_fq12_mul(&y, &y, &f1);
  qy_fq12_conjugate(&y, &y);
  qy_fq12_mul(&t0, &t0, &y);
  qy_fq12_conjugate(&y, &f2); /* y5 = 1 / f^(t^2) */
  qy_fq12_mul(&t0, &t0, &y);
  qy_fq12_frobenius(&t1, &f1, 1); /* y3 = 1 / (f^t)^q */
  qy_fq12_conjugate(&t1, &t1);
  qy_fq12_mul(&t1, &t1, &y);
  qy_fq12_mul(&t1, &t1, &t0);
  qy_fq12_frobenius(&y, &f2, 2); /* y2 = (f^(t^2))^(q^2) */
  qy_fq12_mul(&t0, &t0, &y);
  qy_fq12_cyclotomic_sqr(&t1, &t1);
  qy_fq12_mul(&t1, &t1, &t0);
  qy_fq12_cyclotomic_sqr(&t1, &t1);
  qy_fq12_conjugate(&y, f); /* y1 = 1 / f */
  qy_fq12_mul(&t0, &t1, &y);
  qy_fq12_frobenius(&y, f, 1); /* y0 = f^q f^(q^2) f^(q^3) */
  qy_fq12_mul(&t1, &t1, &y);
  qy_fq12_frobenius(&y, f, 2);
  qy_fq12_mul(&t1, &t1, &y);
  qy_fq12_frobenius(&y, f, 3);
  qy_fq12_mul(&t1, &t1, &y);
  qy_fq12_cyclotomic_sqr(&t0, &t0);
  qy_fq12_mul(r, &t0, &t1);
}

static void final_exponentiation(qy_fq12 *r, const qy_fq12 *f)
{
  qy_fq12 inverse;
  qy_fq12 easy;
  qy_fq12 t;
  qy_fq12_inverse(&inverse, f);
  qy_fq12_conjugate(&easy, f);
  qy_fq12_mul(&easy, &easy, &inverse); /* f^(q^6 - 1) */
  qy_fq12_frobenius(&t, &easy, 2);
  qy_fq12_mul(&easy, &easy, &t); /* ^(q^2 + 1) */
  hard_part(r, &easy);
}

void qy_pairing_product(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count)
{
  evaluation e = {.lines = lines, .count = count};
  qy_fq scratch[QY_PAIRING_MAX_PAIRS];
  qy_fq12 f;
  for (size_t i = 0; i < count; i++) {
    e.one_by_y[i] = points[i].y;
  }
  qy_fq_inverse_many(e.one_by_y, scratch, count);
  for (size_t i = 0; i < count; i++) {
    /* from (X : Y : Z): -x / y = -X / Y and 1 / y = Z / Y. At infinity both are 0, and the lines are 1. */
    qy_fq_mul(&e.minus_x_by_y[i], &points[i].x, &e.one_by_y[i]);
    qy_fq_neg(&e.minus_x_by_y[i], &e.minus_x_by_y[i]);
    qy_fq_mul(&e.one_by_y[i], &points[i].z, &e.one_by_y[i]);
  }
  miller_loop(&f, &e);
  final_exponentiation(r, &f);
}
