/* SPDX-License-Identifier: Apache-2.0 */
/* The final exponentiation, exactly to the power (q^12 - 1) / p, and the product of pairings. */
#include <pairing/lanes/pairing.h>

static void multiply(qy_lanes_fq12 *r, const qy_lanes_fq12 *a, const qy_lanes_fq12 *b)
{
  qy_lanes_factor factor;
  qy_lanes_factor_init(&factor, b);
  qy_lanes_fq12_mul(r, a, &factor);
}

/* 1 / a in Fq2 for the coefficient of w^0 of a; other coefficients are not looked at. */
static void invert_first(qy_fq2 *r, const qy_lanes_fq12 *a)
{
  qy_fq12 whole;
  qy_lanes_fq12_store(&whole, a);
  qy_fq2_inverse(r, &whole.c[0].c[0]);
}

/* r = a k for k in Fq2 */
static void scale(qy_lanes_fq12 *r, const qy_lanes_fq12 *a, const qy_fq2 *k)
{
  qy_fq12 whole = {0};
  qy_lanes_fq12 factor;
  whole.c[0].c[0] = *k;
  qy_lanes_fq12_load(&factor, &whole);
  multiply(r, a, &factor);
}

/* f^((q^6 - 1)(q^2 + 1)): conj(f) / f = conj(f)^2 / n for n = f conj(f) in Fq6, and 1 / n is n^(q^2) n^(q^4) over the
 * norm of n to Fq2. */
static void easy_part(qy_lanes_fq12 *r, const qy_lanes_fq12 *f)
{
  qy_lanes_fq12 conjugate;
  qy_lanes_fq12 n;
  qy_lanes_fq12 t;
  qy_lanes_fq12 u;
  qy_fq2 inverse;
  qy_lanes_fq12_conjugate(&conjugate, f);
  multiply(&n, f, &conjugate);
  qy_lanes_fq12_frobenius2(&t, &n);
  qy_lanes_fq12_frobenius2(&u, &t);
  multiply(&t, &t, &u);
  multiply(&n, &n, &t);
  invert_first(&inverse, &n);
  scale(&t, &t, &inverse);
  qy_lanes_fq12_sqr(&u, &conjugate);
  multiply(&t, &t, &u);
  qy_lanes_fq12_frobenius2(&u, &t);
  multiply(r, &t, &u);
}

/* |t| with digits 1, 3, -1, -3 (their indices below): so many squarings, then a product with the power of that digit.
 * The first digit stands alone. t is negative. */
enum { ONE, THREE, MINUS_ONE, MINUS_THREE, POWERS };
static const struct {
  uint8_t squarings;
  uint8_t digit;
} chain[] = {{2, ONE},    {4, ONE},   {7, THREE},     {6, MINUS_THREE}, {3, THREE},       {1, ONE},
             {10, THREE}, {6, THREE}, {2, MINUS_ONE}, {6, THREE},       {3, MINUS_THREE}, {11, ONE}};

/* a^t in the cyclotomic subgroup, where the conjugate is the inverse. */
static void power_t(qy_lanes_fq12 *r, const qy_lanes_fq12 *a)
{
  qy_lanes_factor powers[POWERS];
  qy_lanes_fq12 x;
  qy_lanes_fq12 inverse;
  qy_lanes_factor_init(&powers[ONE], a);
  qy_lanes_fq12_conjugate(&inverse, a);
  qy_lanes_factor_init(&powers[MINUS_ONE], &inverse);
  qy_lanes_fq12_cyclotomic_sqr(&x, a);
  qy_lanes_fq12_mul(&x, &x, &powers[ONE]);
  qy_lanes_factor_init(&powers[THREE], &x);
  qy_lanes_fq12_conjugate(&inverse, &x);
  qy_lanes_factor_init(&powers[MINUS_THREE], &inverse);
  for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++) {
    for (int j = 0; j < chain[i].squarings; j++) {
      qy_lanes_fq12_cyclotomic_sqr(&x, &x);
    }
    qy_lanes_fq12_mul(&x, &x, &powers[chain[i].digit]);
  }
  qy_lanes_fq12_conjugate(r, &x);
}

/* f^((q^4 - q^2 + 1) / p) in the cyclotomic subgroup, as hard_part of pairing/pairing.c.
 * Source: Scott, Benger, Charlemagne, Dominguez Perez, Kachisa 2009, section 5:
 * y0 y1^2 y2^6 y3^12 y4^18 y5^30 y6^36. */
static void hard_part(qy_lanes_fq12 *r, const qy_lanes_fq12 *f)
{
  qy_lanes_fq12 f1;
  qy_lanes_fq12 f2;
  qy_lanes_fq12 f3;
  qy_lanes_fq12 y;
  qy_lanes_fq12 t0;
  qy_lanes_fq12 t1;
  qy_lanes_fq12 images;
  power_t(&f1, f);
  power_t(&f2, &f1);
  power_t(&f3, &f2);
  qy_lanes_fq12_frobenius(&y, &f3); /* y6 = 1 / (f^(t^3) (f^(t^3))^q) */
  multiply(&y, &y, &f3);
  qy_lanes_fq12_conjugate(&y, &y);
  qy_lanes_fq12_cyclotomic_sqr(&t0, &y);
  qy_lanes_fq12_frobenius(&y, &f2); /* y4 = 1 / (f^t (f^(t^2))^q) */
  multiply(&y, &y, &f1);
  qy_lanes_fq12_conjugate(&y, &y);
  multiply(&t0, &t0, &y);
  qy_lanes_fq12_conjugate(&y, &f2); /* y5 = 1 / f^(t^2) */
  multiply(&t0, &t0, &y);
  qy_lanes_fq12_frobenius(&t1, &f1); /* y3 = 1 / (f^t)^q */
  qy_lanes_fq12_conjugate(&t1, &t1);
  multiply(&t1, &t1, &y);
  multiply(&t1, &t1, &t0);
  qy_lanes_fq12_frobenius2(&y, &f2); /* y2 = (f^(t^2))^(q^2) */
  multiply(&t0, &t0, &y);
  qy_lanes_fq12_cyclotomic_sqr(&t1, &t1);
  multiply(&t1, &t1, &t0);
  qy_lanes_fq12_cyclotomic_sqr(&t1, &t1);
  qy_lanes_fq12_conjugate(&y, f); /* y1 = 1 / f */
  multiply(&t0, &t1, &y);
  qy_lanes_fq12_frobenius(&images, f); /* y0 = f^q f^(q^2) f^(q^3) */
  multiply(&t1, &t1, &images);
  qy_lanes_fq12_frobenius2(&y, f);
  multiply(&t1, &t1, &y);
  qy_lanes_fq12_frobenius2(&images, &images);
  multiply(&t1, &t1, &images);
  qy_lanes_fq12_cyclotomic_sqr(&t0, &t0);
  multiply(r, &t0, &t1);
}

void qy_lanes_final_exponentiation(qy_lanes_fq12 *r, const qy_lanes_fq12 *f)
{
  qy_lanes_fq12 easy;
  easy_part(&easy, f);
  hard_part(r, &easy);
}

void qy_lanes_pairing_product(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count)
{
  qy_lanes_fq12 f;
  if (count == 0) {
    qy_fq12_set_one(r);
    return;
  }
  qy_lanes_miller(&f, points, lines, count);
  qy_lanes_final_exponentiation(&f, &f);
  qy_lanes_fq12_store(r, &f);
}
