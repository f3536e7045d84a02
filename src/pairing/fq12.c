/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/fq12.h>

static void fq6_add(qy_fq6 *r, const qy_fq6 *a, const qy_fq6 *b)
{
  for (int i = 0; i < 3; i++) {
    qy_fq2_add(&r->c[i], &a->c[i], &b->c[i]);
  }
}

static void fq6_sub(qy_fq6 *r, const qy_fq6 *a, const qy_fq6 *b)
{
  for (int i = 0; i < 3; i++) {
    qy_fq2_sub(&r->c[i], &a->c[i], &b->c[i]);
  }
}

static void fq6_neg(qy_fq6 *r, const qy_fq6 *a)
{
  for (int i = 0; i < 3; i++) {
    qy_fq2_neg(&r->c[i], &a->c[i]);
  }
}

/* r = a v */
static void fq6_mul_v(qy_fq6 *r, const qy_fq6 *a)
{
  const qy_fq2 top = a->c[2];
  r->c[2] = a->c[1];
  r->c[1] = a->c[0];
  qy_fq2_mul_xi(&r->c[0], &top);
}

typedef struct fq6_wide {
  qy_fq2_wide c[3];
} fq6_wide;

static void wide_add(fq6_wide *r, const fq6_wide *a, const fq6_wide *b)
{
  for (int i = 0; i < 3; i++) {
    qy_fq2_wide_add(&r->c[i], &a->c[i], &b->c[i]);
  }
}

static void wide_sub(fq6_wide *r, const fq6_wide *a, const fq6_wide *b)
{
  for (int i = 0; i < 3; i++) {
    qy_fq2_wide_sub(&r->c[i], &a->c[i], &b->c[i]);
  }
}

/* r = a v; r is not a. */
static void wide_mul_v(fq6_wide *r, const fq6_wide *a)
{
  r->c[2] = a->c[1];
  r->c[1] = a->c[0];
  qy_fq2_wide_mul_xi(&r->c[0], &a->c[2]);
}

static void reduce(qy_fq6 *r, const fq6_wide *a)
{
  for (int i = 0; i < 3; i++) {
    qy_fq2_reduce(&r->c[i], &a->c[i]);
  }
}

static void wide_mul(fq6_wide *r, const qy_fq6 *a, const qy_fq6 *b)
{
  qy_fq2_wide v0;
  qy_fq2_wide v2;
  qy_fq2_wide t;
  qy_fq2_wide *v1 = &r->c[2];
  qy_fq2_wide_mul(&v0, &a->c[0], &b->c[0]);
  qy_fq2_wide_mul(v1, &a->c[1], &b->c[1]);
  qy_fq2_wide_mul(&v2, &a->c[2], &b->c[2]);
  qy_fq2_wide_cross(&t, &a->c[1], &a->c[2], &b->c[1], &b->c[2], v1, &v2);
  qy_fq2_wide_mul_xi(&r->c[0], &t);
  qy_fq2_wide_add(&r->c[0], &r->c[0], &v0);
  qy_fq2_wide_cross(&t, &a->c[0], &a->c[1], &b->c[0], &b->c[1], &v0, v1);
  qy_fq2_wide_mul_xi(&r->c[1], &v2);
  qy_fq2_wide_add(&r->c[1], &r->c[1], &t);
  qy_fq2_wide_cross(&t, &a->c[0], &a->c[2], &b->c[0], &b->c[2], &v0, &v2);
  qy_fq2_wide_add(&r->c[2], &t, v1);
}

static void fq6_mul(qy_fq6 *r, const qy_fq6 *a, const qy_fq6 *b)
{
  fq6_wide wide;
  wide_mul(&wide, a, b);
  reduce(r, &wide);
}

/* What a line b + c v is evaluated to. */
typedef struct linear {
  qy_fq2 b;
  qy_fq2 c;
  qy_fq2 half_sum;        /* (b + c) / 2 */
  qy_fq2 half_difference; /* (b - c) / 2 */
} linear;

static void linear_init(linear *l, const qy_fq2 *b, const qy_fq2 *c)
{
  l->b = *b;
  l->c = *c;
  qy_fq2_add(&l->half_sum, b, c);
  qy_fq_half(&l->half_sum.c0, &l->half_sum.c0);
  qy_fq_half(&l->half_sum.c1, &l->half_sum.c1);
  qy_fq2_sub(&l->half_difference, &l->half_sum, c);
}

/* r = a (b + c v), by its values at 0, 1, -1 and infinity */
static void wide_mul_linear(fq6_wide *r, const qy_fq6 *a, const linear *l)
{
  qy_fq2_wide first;
  qy_fq2_wide last;
  qy_fq2_wide plus;
  qy_fq2_wide minus;
  qy_fq2 s;
  qy_fq2 t;
  qy_fq2_add(&t, &a->c[0], &a->c[2]);
  qy_fq2_add(&s, &t, &a->c[1]);
  qy_fq2_sub(&t, &t, &a->c[1]);
  qy_fq2_wide_mul(&first, &a->c[0], &l->b);
  qy_fq2_wide_mul(&last, &a->c[2], &l->c);
  qy_fq2_wide_mul(&plus, &s, &l->half_sum);
  qy_fq2_wide_mul(&minus, &t, &l->half_difference);
  qy_fq2_wide_mul_xi(&r->c[0], &last);
  qy_fq2_wide_add(&r->c[0], &r->c[0], &first);
  qy_fq2_wide_sub_both(&r->c[1], &plus, &minus, &last);
  qy_fq2_wide_add(&r->c[2], &plus, &minus);
  qy_fq2_wide_sub(&r->c[2], &r->c[2], &first);
}

static void fq6_inverse(qy_fq6 *r, const qy_fq6 *a)
{
  qy_fq6 adjoint;
  qy_fq2 t;
  qy_fq2 norm;
  /* the adjoint: a0^2 - xi a1 a2, xi a2^2 - a0 a1, a1^2 - a0 a2 */
  qy_fq2_mul(&t, &a->c[1], &a->c[2]);
  qy_fq2_mul_xi(&t, &t);
  qy_fq2_sqr(&adjoint.c[0], &a->c[0]);
  qy_fq2_sub(&adjoint.c[0], &adjoint.c[0], &t);
  qy_fq2_sqr(&t, &a->c[2]);
  qy_fq2_mul_xi(&adjoint.c[1], &t);
  qy_fq2_mul(&t, &a->c[0], &a->c[1]);
  qy_fq2_sub(&adjoint.c[1], &adjoint.c[1], &t);
  qy_fq2_sqr(&adjoint.c[2], &a->c[1]);
  qy_fq2_mul(&t, &a->c[0], &a->c[2]);
  qy_fq2_sub(&adjoint.c[2], &adjoint.c[2], &t);
  /* the norm: a0 adj0 + xi (a2 adj1 + a1 adj2) */
  qy_fq2_mul(&norm, &a->c[2], &adjoint.c[1]);
  qy_fq2_mul(&t, &a->c[1], &adjoint.c[2]);
  qy_fq2_add(&norm, &norm, &t);
  qy_fq2_mul_xi(&norm, &norm);
  qy_fq2_mul(&t, &a->c[0], &adjoint.c[0]);
  qy_fq2_add(&norm, &norm, &t);
  qy_fq2_inverse(&norm, &norm);
  for (int i = 0; i < 3; i++) {
    qy_fq2_mul(&r->c[i], &adjoint.c[i], &norm);
  }
}

void qy_fq12_set_one(qy_fq12 *r)
{
  *r = (qy_fq12){0};
  r->c[0].c[0].c0 = qy_fq_one;
}

void qy_fq12_mul(qy_fq12 *r, const qy_fq12 *a, const qy_fq12 *b)
{
  fq6_wide v0;
  fq6_wide v1;
  fq6_wide t;
  qy_fq6 x;
  qy_fq6 y;
  wide_mul(&v0, &a->c[0], &b->c[0]);
  wide_mul(&v1, &a->c[1], &b->c[1]);
  fq6_add(&x, &a->c[0], &a->c[1]);
  fq6_add(&y, &b->c[0], &b->c[1]);
  wide_mul(&t, &x, &y);
  for (int i = 0; i < 3; i++) {
    qy_fq2_wide_sub_both(&t.c[i], &t.c[i], &v0.c[i], &v1.c[i]);
  }
  reduce(&r->c[1], &t);
  wide_mul_v(&t, &v1);
  wide_add(&t, &t, &v0);
  reduce(&r->c[0], &t);
}

void qy_fq12_sqr(qy_fq12 *r, const qy_fq12 *a)
{
  /* (a0 + a1)(a0 + v a1) - a0 a1 - v a0 a1, and 2 a0 a1 */
  fq6_wide product;
  fq6_wide s;
  fq6_wide t;
  qy_fq6 x;
  qy_fq6 y;
  wide_mul(&product, &a->c[0], &a->c[1]);
  fq6_add(&x, &a->c[0], &a->c[1]);
  fq6_mul_v(&y, &a->c[1]);
  fq6_add(&y, &y, &a->c[0]);
  wide_mul(&s, &x, &y);
  wide_sub(&s, &s, &product);
  wide_mul_v(&t, &product);
  wide_sub(&s, &s, &t);
  reduce(&r->c[0], &s);
  reduce(&x, &product);
  fq6_add(&r->c[1], &x, &x);
}

void qy_fq12_mul_line(qy_fq12 *r, const qy_fq12 *a, const qy_fq2 *b, const qy_fq2 *c)
{
  fq6_wide s;
  fq6_wide t;
  qy_fq6 x;
  linear line;
  linear_init(&line, b, c);
  wide_mul_linear(&s, &a->c[1], &line);
  wide_mul_v(&t, &s);
  wide_mul_linear(&s, &a->c[0], &line);
  reduce(&x, &t);
  fq6_add(&r->c[0], &a->c[0], &x);
  reduce(&x, &s);
  fq6_add(&r->c[1], &a->c[1], &x);
}

void qy_fq12_inverse(qy_fq12 *r, const qy_fq12 *a)
{
  qy_fq6 norm;
  qy_fq6 t;
  fq6_mul(&norm, &a->c[0], &a->c[0]);
  fq6_mul(&t, &a->c[1], &a->c[1]);
  fq6_mul_v(&t, &t);
  fq6_sub(&norm, &norm, &t);
  fq6_inverse(&norm, &norm);
  fq6_mul(&r->c[0], &a->c[0], &norm);
  fq6_mul(&r->c[1], &a->c[1], &norm);
  fq6_neg(&r->c[1], &r->c[1]);
}

void qy_fq12_conjugate(qy_fq12 *r, const qy_fq12 *a)
{
  r->c[0] = a->c[0];
  fq6_neg(&r->c[1], &a->c[1]);
}

/* xi^(k (q-1) / 6) for k = 1..5, and xi^(k (q^2-1) / 6), which are real. */
static const qy_fq2 frobenius_1[6] = {
    {QY_FQ_ONE, {{0, 0, 0, 0}}},
    {{{0x42829ff25907497c, 0x4185347fc4646523, 0xcd6ab10e1d76caf4, 0xb6eb443aea11d05f}},
     {{0xe838a3ed044e9867, 0x879608d2abe28077, 0x006c6ce02b5f25e9, 0x532ff73213a0645a}}},
    {{{0x3c369186a339e47f, 0x946de9fd68f77f46, 0x8b499e185e4bd147, 0xf0288ffb6cead27c}},
     {{0x4299fb1b955b3bcc, 0x52ef82807800fd9c, 0xfff219498846a2d0, 0xf0325820c38be834}}},
    {{{0x9e007a7e0919f782, 0xe4cd2de0abf5c895, 0xb6944fa55d9219f5, 0xa601d3a722ab8f81}},
     {{0x68d7c7206360bef1, 0xbcbdf5c6455386a8, 0x2642acebccb28f4c, 0x4c03a74e455a2e36}}},
    {{{0x441e33cadb1f73ed, 0xdbd045966b71a7c9, 0xa41406a1c7520352, 0xb3ff5b7fd832462f}},
     {{0x921881b5b01462fc, 0x3146c1d404c54f45, 0x64b1a6e38287c050, 0xa4ca8f451a40ea3e}}},
    {{{0x3e5e3c05578a9d18, 0xb1b0536bd8c6a885, 0xa944cbc866765cac, 0x9dad003f2ffdd862}},
     {{0x6ed01ba53a405278, 0x7129962b002a0aeb, 0x1015c86d1241573b, 0x904b954480d1b7a1}}}};

static const qy_fq frobenius_2[6] = {
    QY_FQ_ONE,
    {{0xd91ae25cd52d5c19, 0x1a0b010be28cd0fe, 0x02e65bc8c6ad0b59, 0x266648723c42ac32}},
    {{0xac44103884008c2c, 0x26e76706f524db81, 0x49cc4e27b51eaff8, 0x266648723c3f9cff}},
    {{0xa6525bb75da66026, 0x19b8cbf625301505, 0x8dcbe4bddce3493e, 0xfffffffffff9e19a}},
    {{0xfa0e4b7ed9a5d3fa, 0xf2d164ef300b3983, 0x43ff969627c49945, 0xd999b78dc3ba449b}},
    {{0x26e51da32ad2a3e7, 0xe5f4fef41d732f01, 0xfd19a4373952f4a6, 0xd999b78dc3bd53cd}}};

static void frobenius_once(qy_fq12 *r, const qy_fq12 *a)
{
  for (int h = 0; h < 2; h++) {
    for (int k = 0; k < 3; k++) { /* the coefficient of w^(2k + h) */
      qy_fq2_conjugate(&r->c[h].c[k], &a->c[h].c[k]);
      qy_fq2_mul(&r->c[h].c[k], &r->c[h].c[k], &frobenius_1[2 * k + h]);
    }
  }
}

static void frobenius_twice(qy_fq12 *r, const qy_fq12 *a)
{
  for (int h = 0; h < 2; h++) {
    for (int k = 0; k < 3; k++) {
      qy_fq2_mul_fq(&r->c[h].c[k], &a->c[h].c[k], &frobenius_2[2 * k + h]);
    }
  }
}

void qy_fq12_frobenius(qy_fq12 *r, const qy_fq12 *a, int power)
{
  if (power == 1) {
    frobenius_once(r, a);
    return;
  }
  frobenius_twice(r, a);
  if (power == 3) {
    frobenius_once(r, r);
  }
}

/* (x + y s)^2 in Fq4 = Fq2[s]/(s^2 - xi): *r0 + *r1 s */
static void fq4_sqr(qy_fq2 *r0, qy_fq2 *r1, const qy_fq2 *x, const qy_fq2 *y)
{
  qy_fq2_wide xx;
  qy_fq2_wide yy;
  qy_fq2_wide t;
  qy_fq2 sum;
  qy_fq2_wide_sqr(&xx, x);
  qy_fq2_wide_sqr(&yy, y);
  qy_fq2_add(&sum, x, y);
  qy_fq2_wide_sqr(&t, &sum);
  qy_fq2_wide_sub_both(&t, &t, &xx, &yy);
  qy_fq2_reduce(r1, &t);
  qy_fq2_wide_mul_xi(&t, &yy);
  qy_fq2_wide_add(&t, &t, &xx);
  qy_fq2_reduce(r0, &t);
}

/* r = 3 t - 2 a, and r = 3 t + 2 a */
static void triple_minus(qy_fq2 *r, const qy_fq2 *t, const qy_fq2 *a)
{
  qy_fq2 s;
  qy_fq2_sub(&s, t, a);
  qy_fq2_add(&s, &s, &s);
  qy_fq2_add(r, &s, t);
}

static void triple_plus(qy_fq2 *r, const qy_fq2 *t, const qy_fq2 *a)
{
  qy_fq2 s;
  qy_fq2_add(&s, t, a);
  qy_fq2_add(&s, &s, &s);
  qy_fq2_add(r, &s, t);
}

void qy_fq12_cyclotomic_sqr(qy_fq12 *r, const qy_fq12 *a)
{
  /* coefficients of w^0..w^5 are c0 d0 c1 d1 c2 d2; pairs (w^0, w^3), (w^1, w^4), (w^2, w^5) square in Fq4 */
  qy_fq2 a0;
  qy_fq2 a1;
  qy_fq2 b0;
  qy_fq2 b1;
  qy_fq2 c0;
  qy_fq2 c1;
  fq4_sqr(&a0, &a1, &a->c[0].c[0], &a->c[1].c[1]);
  fq4_sqr(&b0, &b1, &a->c[1].c[0], &a->c[0].c[2]);
  fq4_sqr(&c0, &c1, &a->c[0].c[1], &a->c[1].c[2]);
  qy_fq2_mul_xi(&c1, &c1);
  triple_minus(&r->c[0].c[0], &a0, &a->c[0].c[0]);
  triple_minus(&r->c[0].c[1], &b0, &a->c[0].c[1]);
  triple_minus(&r->c[0].c[2], &c0, &a->c[0].c[2]);
  triple_plus(&r->c[1].c[0], &c1, &a->c[1].c[0]);
  triple_plus(&r->c[1].c[1], &a1, &a->c[1].c[1]);
  triple_plus(&r->c[1].c[2], &b1, &a->c[1].c[2]);
}

uint64_t qy_fq12_equal(const qy_fq12 *a, const qy_fq12 *b)
{
  uint64_t equal = qy_mask_of(1);
  for (int h = 0; h < 2; h++) {
    for (int k = 0; k < 3; k++) {
      equal &= qy_fq2_equal(&a->c[h].c[k], &b->c[h].c[k]);
    }
  }
  return equal;
}

void qy_fq12_encode(uint8_t bytes[QY_FQ12_SIZE], const qy_fq12 *a)
{
  for (int h = 0; h < 2; h++) {
    for (int k = 0; k < 3; k++) {
      uint8_t *at = bytes + 192 * h + 64 * k;
      qy_fq_encode(at, &a->c[h].c[k].c0);
      qy_fq_encode(at + 32, &a->c[h].c[k].c1);
    }
  }
}
