/* SPDX-License-Identifier: Apache-2.0 */
/* The half of a signature that does not depend on the message. Source: Intel EPID SDK 8.0.0, epid/member. */
#include <epid/presign.h>

#include <base/secret.h>
#include <epid/constants.h>
#include <pairing/declassify.h>
#include <pairing/g1_products.h>
#include <pairing/hash_to_g1.h>

void qy_epid_presignature_clear(qy_epid_presignature *presignature)
{
  qy_wipe(presignature, sizeof(*presignature));
}

static QY_OWN_FRAME void complete(qy_epid_base *base, const qy_epid_member *member)
{
  QY_SCOPED_G1(k);
  qy_g1_products(&k, &base->b, &member->f, 1, 1);
  qy_g1_to_affine(&base->k, &k);
  QY_DECLASSIFY_BYTES(&base->k, sizeof(base->k));
  base->has_k = true;
}

void qy_epid_base_complete(qy_epid_base *base, const qy_epid_member *member)
{
  complete(base, member);
  qy_wipe_stack_64k();
}

/* The points of a signature that have powers of fixed bases in them, those that are encoded first. */
enum { T, B, K, R1, X, Y, POINTS, ENCODED = X };
#define DRAWN 6

/* What must not outlive the making of a presignature. */
typedef struct making {
  qy_fp drawn[DRAWN];
  qy_g1 points[POINTS];
  qy_g1_affine affine[ENCODED];
  qy_fp minus_rx;
  qy_fp rb_less_a_rx;
  qy_fp base[3]; /* of a random base: its logarithm to g1, and those of K and R1 */
} making;

static void making_clear(making *m)
{
  qy_wipe(m, sizeof(*m));
}

static qy_status draw(qy_epid_presignature *out, making *m, const qy_epid_member *member, const qy_random *random,
                      qy_error *why)
{
  QY_TRY(qy_fp_random_many(m->drawn, DRAWN, random, why));
  out->a = m->drawn[0];
  out->rx = m->drawn[1];
  out->rf = m->drawn[2];
  out->ra = m->drawn[3];
  out->rb = m->drawn[4];
  m->base[0] = m->drawn[5];
  qy_fp_mul(&out->ax, &out->a, &member->x);
  qy_fp_neg(&m->minus_rx, &out->rx);
  qy_fp_mul(&m->rb_less_a_rx, &out->a, &m->minus_rx);
  qy_fp_add(&m->rb_less_a_rx, &m->rb_less_a_rx, &out->rb);
  qy_fp_mul(&m->base[1], &m->base[0], &member->f);
  qy_fp_mul(&m->base[2], &m->base[0], &out->rf);
  return QY_OK;
}

/* R2 = pairing(A, g2)^-rx e12^rf e22^(rb - a rx) e2w^ra, which by bilinearity is pairing(X, g2) pairing(Y, w) with
 * X = A^-rx h1^rf h2^(rb - a rx) and Y = h2^ra. A random base is a random power of g1, so that B, K = B^f and R1 = B^rf
 * are powers of fixed bases, too. */
static void compute_points(making *m, const qy_epid_presignature *s, const qy_epid_member *member, bool random_base)
{
  const qy_g1_table *g1 = qy_epid_g1_powers();
  const qy_g1_fixed_power powers[] = {{T, &member->h2, &s->a},  {X, &member->a_powers, &m->minus_rx},
                                      {X, &member->h1, &s->rf}, {X, &member->h2, &m->rb_less_a_rx},
                                      {Y, &member->h2, &s->ra}, {B, g1, &m->base[0]},
                                      {K, g1, &m->base[1]},     {R1, g1, &m->base[2]}};
  for (int i = 0; i < POINTS; i++) {
    qy_g1_set_infinity(&m->points[i]);
  }
  qy_g1_from_affine(&m->points[T], &member->a);
  qy_g1_fixed_products(m->points, powers, random_base ? 8 : 5);
}

/* B, K and R1 of a basename. */
static void compute_named(making *m, const qy_epid_presignature *s, const qy_epid_member *member,
                          const qy_epid_base *base)
{
  const qy_g1_affine bases[2] = {base->b, base->b};
  struct {
    qy_fp scalars[2];
    qy_g1 powers[2];
  } w = {.scalars = {s->rf, member->f}};
  qy_g1_products(w.powers, bases, w.scalars, 1, base->has_k ? 1 : 2);
  qy_g1_from_affine(&m->points[B], &base->b);
  qy_g1_from_affine(&m->points[K], &base->k);
  m->points[R1] = w.powers[0];
  if (!base->has_k) {
    m->points[K] = w.powers[1];
  }
  qy_wipe(&w, sizeof(w));
}

static qy_status commit(qy_epid_presignature *out, making *m, const qy_epid_member *member, qy_error *why)
{
  qy_epid_commitment commitment = {.b = out->b, .k = out->k, .t = out->t};
  qy_fq12 r2;
  qy_g1_to_affine_many(m->affine, m->points, ENCODED);
  qy_g1_affine_encode(out->b, &m->affine[B]);
  qy_g1_affine_encode(out->k, &m->affine[K]);
  qy_g1_affine_encode(out->t, &m->affine[T]);
  qy_g1_affine_encode(commitment.r1, &m->affine[R1]);
  qy_epid_pair(&r2, &member->lines, &m->points[X], &m->points[Y]);
  qy_fq12_encode(commitment.r2, &r2);
  return qy_epid_basic_commitment(out->commitment, member->hash, &member->points.key, &commitment, why);
}

static QY_OWN_FRAME qy_status presign(qy_epid_presignature *out, const qy_epid_member *member, const qy_epid_base *base,
                                      const qy_random *random, qy_error *why)
{
  __attribute__((cleanup(making_clear))) making m = {.minus_rx = {{0}}};
  QY_TRY(draw(out, &m, member, random, why));
  compute_points(&m, out, member, base == NULL);
  if (base != NULL) {
    compute_named(&m, out, member, base);
  }
  return commit(out, &m, member, why);
}

qy_status qy_epid_presign(qy_epid_presignature *out, const qy_epid_member *member, const qy_epid_base *base,
                          const qy_random *random, qy_error *why)
{
  const qy_status status = presign(out, member, base, random, why);
  if (status != QY_OK) {
    qy_epid_presignature_clear(out);
  }
  qy_wipe_stack_64k();
  return status;
}
