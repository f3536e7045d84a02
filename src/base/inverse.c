/* SPDX-License-Identifier: Apache-2.0 */
/* Division steps: f and g begin as the modulus and the number, each step makes g smaller, and after enough of them, the
 * same number for all, g is 0 and f is 1 or -1. Steps look only at the lowest bits, so that 59 of them are made on one
 * word, and then their product, a matrix, is applied to f and g, and to d and e, which keep f = d a and g = e a modulo
 * the prime (all times the factor). Source: Bernstein and Yang 2019, with the half step of delta; Wuille 2021 for the
 * number of steps, 590 for 256 bits. */
#include <base/inverse.h>

#include <base/mont.h>
#include <base/secret.h>

#define STEPS 59 /* of one matrix, and bits of a limb */
#define MATRICES 10
#define LIMB_MASK (((uint64_t)1 << STEPS) - 1)

typedef __int128 wide;

/* 2^59 (f', g') = (ff f + fg g, gf f + gg g), and |ff| + |fg| and |gf| + |gg| are at most 2^59. */
typedef struct matrix {
  int64_t ff;
  int64_t fg;
  int64_t gf;
  int64_t gg;
} matrix;

/* Where delta, a half more than an integer, is above 0 and g is odd: (f, g) = (g, (g - f) / 2) and delta = 1 - delta.
 * Else g = (g + f) / 2 or g / 2, and delta grows by 1. Takes and returns -delta - 1/2. */
static int64_t divide(matrix *t, int64_t minus_delta, uint64_t f, uint64_t g)
{
  uint64_t ff = 1;
  uint64_t fg = 0;
  uint64_t gf = 0;
  uint64_t gg = 1;
  for (int i = 0; i < STEPS; i++) {
    const uint64_t minus = qy_mask_of((uint64_t)minus_delta >> 63);
    const uint64_t odd = qy_mask_of(g & 1);
    const uint64_t swap = minus & odd;
    g += ((f ^ minus) - minus) & odd;
    gf += ((ff ^ minus) - minus) & odd;
    gg += ((fg ^ minus) - minus) & odd;
    minus_delta = (minus_delta ^ (int64_t)swap) - 1;
    f += g & swap;
    ff += gf & swap;
    fg += gg & swap;
    g >>= 1;
    ff <<= 1;
    fg <<= 1;
  }
  *t = (matrix){(int64_t)ff, (int64_t)fg, (int64_t)gf, (int64_t)gg};
  return minus_delta;
}

/* (f, g) = t (f, g) / 2^59, exactly */
static void apply(qy_inverse_number *f, qy_inverse_number *g, const matrix *t)
{
  wide to_f = 0;
  wide to_g = 0;
  QY_UNROLL
  for (int i = 0; i < QY_INVERSE_LIMBS; i++) {
    to_f += (wide)t->ff * f->limb[i] + (wide)t->fg * g->limb[i];
    to_g += (wide)t->gf * f->limb[i] + (wide)t->gg * g->limb[i];
    if (i > 0) {
      f->limb[i - 1] = (int64_t)((uint64_t)to_f & LIMB_MASK);
      g->limb[i - 1] = (int64_t)((uint64_t)to_g & LIMB_MASK);
    }
    to_f >>= STEPS;
    to_g >>= STEPS;
  }
  f->limb[QY_INVERSE_LIMBS - 1] = (int64_t)to_f;
  g->limb[QY_INVERSE_LIMBS - 1] = (int64_t)to_g;
}

/* r += m where the mask says so */
static void add_modulus(qy_inverse_number *r, const qy_inverse_number *m, int64_t mask)
{
  int64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < QY_INVERSE_LIMBS; i++) {
    const int64_t sum = r->limb[i] + (m->limb[i] & mask) + carry;
    r->limb[i] = i == QY_INVERSE_LIMBS - 1 ? sum : (int64_t)((uint64_t)sum & LIMB_MASK);
    carry = sum >> STEPS;
  }
}

/* r = (s d + t e) / 2^59 modulo the prime, for d and e in (-m, m): taking away the multiple of m, below 2^59 m, that
 * makes it divide leaves it in (-2m, m). */
static void combine(qy_inverse_number *r, int64_t s, const qy_inverse_number *d, int64_t t, const qy_inverse_number *e,
                    const qy_inverse_modulus *m)
{
  wide sum = (wide)s * d->limb[0] + (wide)t * e->limb[0];
  const int64_t multiple = (int64_t)(((uint64_t)sum * m->inverse) & LIMB_MASK);
  qy_inverse_number out;
  sum -= (wide)multiple * m->modulus.limb[0];
  sum >>= STEPS;
  QY_UNROLL
  for (int i = 1; i < QY_INVERSE_LIMBS; i++) {
    sum += (wide)s * d->limb[i] + (wide)t * e->limb[i] - (wide)multiple * m->modulus.limb[i];
    out.limb[i - 1] = (int64_t)((uint64_t)sum & LIMB_MASK);
    sum >>= STEPS;
  }
  out.limb[QY_INVERSE_LIMBS - 1] = (int64_t)sum;
  *r = out;
}

/* All ones for what is below 0. */
static int64_t sign(const qy_inverse_number *a)
{
  return (int64_t)qy_mask_of((uint64_t)a->limb[QY_INVERSE_LIMBS - 1] >> 63);
}

static void apply_modular(qy_inverse_number *d, qy_inverse_number *e, const matrix *t, const qy_inverse_modulus *m)
{
  qy_inverse_number old;
  add_modulus(d, &m->modulus, sign(d));
  add_modulus(e, &m->modulus, sign(e));
  old = *d;
  combine(d, t->ff, d, t->fg, e, m);
  combine(e, t->gf, &old, t->gg, e, m);
}

static void load(qy_inverse_number *r, const uint64_t a[4])
{
  r->limb[0] = (int64_t)(a[0] & LIMB_MASK);
  QY_UNROLL
  for (int i = 1; i < 4; i++) {
    r->limb[i] = (int64_t)((a[i - 1] >> (64 - 5 * i) | a[i] << (5 * i)) & LIMB_MASK);
  }
  r->limb[4] = (int64_t)(a[3] >> 44);
}

static void store(uint64_t r[4], const qy_inverse_number *a)
{
  QY_UNROLL
  for (int i = 0; i < 4; i++) {
    r[i] = (uint64_t)a->limb[i] >> (5 * i) | (uint64_t)a->limb[i + 1] << (59 - 5 * i);
  }
}

/* r = mask ? -r : r */
static void negate_if(qy_inverse_number *r, int64_t mask)
{
  int64_t carry = 0;
  QY_UNROLL
  for (int i = 0; i < QY_INVERSE_LIMBS; i++) {
    const int64_t limb = ((r->limb[i] ^ mask) - mask) + carry;
    r->limb[i] = i == QY_INVERSE_LIMBS - 1 ? limb : (int64_t)((uint64_t)limb & LIMB_MASK);
    carry = limb >> STEPS;
  }
}

void qy_inverse(uint64_t r[4], const uint64_t a[4], const qy_inverse_modulus *m)
{
  struct {
    qy_inverse_number f;
    qy_inverse_number g;
    qy_inverse_number d;
    qy_inverse_number e;
    matrix t;
  } s = {.f = m->modulus, .e = m->factor};
  int64_t minus_delta = -1;
  load(&s.g, a);
  for (int i = 0; i < MATRICES; i++) {
    minus_delta = divide(&s.t, minus_delta, (uint64_t)s.f.limb[0], (uint64_t)s.g.limb[0]);
    apply(&s.f, &s.g, &s.t);
    apply_modular(&s.d, &s.e, &s.t, m);
  }
  /* f is 1 or -1 (or the modulus, and d 0, for 0); d is in (-2m, m) */
  add_modulus(&s.d, &m->modulus, sign(&s.d));
  negate_if(&s.d, sign(&s.f));
  add_modulus(&s.d, &m->modulus, sign(&s.d));
  store(r, &s.d);
  qy_wipe(&s, sizeof(s));
}
