/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/proofs.h>

#include <string.h>

#include <base/secret.h>
#include <pairing/declassify.h>

typedef struct proof_secrets {
  qy_fp exponents[2]; /* mu, nu */
  qy_fp nonces[2];    /* rmu, rnu */
} proof_secrets;

static void proof_secrets_clear(proof_secrets *s)
{
  qy_wipe(s, sizeof(*s));
}

/* mu at random, nu = -f mu, and their nonces. */
static qy_status proof_secrets_draw(proof_secrets *s, const qy_fp *f, const qy_random *random, qy_error *why)
{
  QY_TRY(qy_fp_random(&s->exponents[0], random, why));
  qy_fp_mul(&s->exponents[1], f, &s->exponents[0]);
  qy_fp_neg(&s->exponents[1], &s->exponents[1]);
  QY_TRY(qy_fp_random(&s->nonces[0], random, why));
  return qy_fp_random(&s->nonces[1], random, why);
}

/* The powers of one proof share bases: K and B of the signature, K' and B' of the entry. */
typedef struct proof_bases {
  qy_g1 own[2];   /* K, B */
  qy_g1 other[2]; /* K', B' */
} proof_bases;

/* Reads B || K into two points, K first. */
static qy_status read_bases(qy_g1 out[2], const uint8_t *b, const uint8_t *k, qy_error *why)
{
  qy_g1_affine affine[2];
  if (!qy_g1_decode(&affine[1], b) || !qy_g1_decode(&affine[0], k)) {
    return qy_fail(why, QY_ERR_INTERNAL, "proof: B and K were checked, and are no points");
  }
  qy_g1_from_affine(&out[0], &affine[0]);
  qy_g1_from_affine(&out[1], &affine[1]);
  return QY_OK;
}

/* out = r + c secret */
static void respond(uint8_t out[QY_FP_SIZE], const qy_fp *r, const qy_fp *c, const qy_fp *secret)
{
  QY_SCOPED_FP(s);
  qy_fp_mul(&s, c, secret);
  qy_fp_add(&s, &s, r);
  qy_fp_encode(out, &s);
}

/* One proof; zeros when the entry is the member's own. */
static qy_status prove(uint8_t *proof, bool *own, const qy_epid_proof_subject *subject, const qy_fp *f,
                       proof_bases *bases, const uint8_t *entry, const qy_random *random, qy_error *why)
{
  __attribute__((cleanup(proof_secrets_clear))) proof_secrets s = {0};
  uint8_t r1[QY_G1_SIZE];
  uint8_t r2[QY_G1_SIZE];
  qy_g1 r;
  qy_fp c;
  memset(proof, 0, QY_EPID_PROOF_SIZE);
  QY_TRY(read_bases(bases->other, entry, entry + QY_G1_SIZE, why));
  QY_TRY(proof_secrets_draw(&s, f, random, why));
  qy_g1_power(&r, bases->other, s.exponents, 2);
  *own = qy_declassify(qy_g1_is_infinity(&r)) != 0;
  if (*own) {
    return QY_OK;
  }
  qy_g1_encode(proof, &r);
  qy_g1_power(&r, bases->own, s.nonces, 2);
  qy_g1_encode(r1, &r);
  qy_g1_power(&r, bases->other, s.nonces, 2);
  qy_g1_encode(r2, &r);
  QY_TRY(
      qy_epid_proof_challenge(&c, subject->hash, subject->b, subject->k, entry, proof, r1, r2, subject->message, why));
  qy_fp_encode(proof + 64, &c);
  respond(proof + 96, &s.nonces[0], &c, &s.exponents[0]);
  respond(proof + 128, &s.nonces[1], &c, &s.exponents[1]);
  QY_DECLASSIFY_BYTES(proof, QY_EPID_PROOF_SIZE);
  return QY_OK;
}

qy_status qy_epid_proofs_make(uint8_t *proofs, uint32_t *own, const qy_epid_proof_subject *subject, const qy_fp *f,
                              const uint8_t *entries, uint32_t count, const qy_random *random, qy_error *why)
{
  proof_bases bases;
  *own = 0;
  QY_TRY(read_bases(bases.own, subject->b, subject->k, why));
  for (uint32_t i = 0; i < count; i++) {
    bool is_own = false;
    QY_TRY(prove(proofs + (size_t)QY_EPID_PROOF_SIZE * i, &is_own, subject, f, &bases,
                 entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * i, random, why));
    *own += is_own;
  }
  return QY_OK;
}
