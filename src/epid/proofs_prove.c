/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of not being revoked, made in pieces. As K = B^f, R1 = K^rmu B^rnu is one power of B, B^(f rmu + rnu), by a
 * table; T and R2 are products over K' and B'. */
#include <epid/proofs.h>

#include <stdlib.h>
#include <string.h>

#include <base/secret.h>
#include <epid/work.h>
#include <pairing/declassify.h>
#include <pairing/g1_products.h>

#define PIECE (QY_G1_MAX_BATCH / 2)

/* What all threads read, and where they write. */
typedef struct proving {
  const qy_epid_proof_subject *subject;
  const uint8_t *entries;
  uint8_t *proofs;
  uint32_t *own_entries;
  const qy_fp *f;
  const qy_random *random;
  const qy_g1_table *base; /* of B */
} proving;

/* What a thread works in. All of it is secret, and wiped when the list is done. */
typedef struct proving_piece {
  qy_fp drawn[PIECE][3];         /* mu, rmu, rnu */
  qy_fp exponents[PIECE][2];     /* mu, nu = -f mu */
  qy_fp nonces[PIECE][2];        /* rmu, rnu */
  qy_fp own[PIECE];              /* f rmu + rnu */
  qy_g1_affine points[PIECE][2]; /* K', B' */
  qy_g1 t[PIECE];
  qy_g1 r1[PIECE];
  qy_g1 r2[PIECE];
  qy_g1_affine affine[3][PIECE]; /* T, R1, R2 */
} proving_piece;

static void take_draws(proving_piece *p, uint32_t i, const qy_fp *f)
{
  p->exponents[i][0] = p->drawn[i][0];
  qy_fp_mul(&p->exponents[i][1], f, &p->exponents[i][0]);
  qy_fp_neg(&p->exponents[i][1], &p->exponents[i][1]);
  p->nonces[i][0] = p->drawn[i][1];
  p->nonces[i][1] = p->drawn[i][2];
  qy_fp_mul(&p->own[i], f, &p->nonces[i][0]);
  qy_fp_add(&p->own[i], &p->own[i], &p->nonces[i][1]);
}

static qy_status draw(void *own, const void *all, uint32_t first, uint32_t end, qy_error *why)
{
  const proving *shared = all;
  proving_piece *p = own;
  return qy_fp_random_many(p->drawn[0], 3 * (size_t)(end - first), shared->random, why);
}

static qy_status read_entries(proving_piece *p, const uint8_t *entries, uint32_t count, qy_error *why)
{
  for (uint32_t i = 0; i < count; i++) {
    const uint8_t *entry = entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * i;
    if (!qy_g1_decode(&p->points[i][1], entry) || !qy_g1_decode(&p->points[i][0], entry + QY_G1_SIZE)) {
      return qy_fail(why, QY_ERR_INTERNAL, "SigRL: its entries were checked, and are no points");
    }
  }
  return QY_OK;
}

/* T, R1 and R2 of each */
static void commit(proving_piece *p, const proving *shared, uint32_t count)
{
  qy_g1_fixed_power powers[PIECE];
  for (uint32_t i = 0; i < count; i++) {
    qy_g1_set_infinity(&p->r1[i]);
    powers[i] = (qy_g1_fixed_power){i, shared->base, &p->own[i]};
  }
  qy_g1_fixed_products(p->r1, powers, count);
  qy_g1_products(p->t, p->points[0], p->exponents[0], 2, count);
  qy_g1_products(p->r2, p->points[0], p->nonces[0], 2, count);
  qy_g1_to_affine_many(p->affine[0], p->t, count);
  qy_g1_to_affine_many(p->affine[1], p->r1, count);
  qy_g1_to_affine_many(p->affine[2], p->r2, count);
}

/* out = r + c secret */
static void respond(uint8_t out[QY_FP_SIZE], const qy_fp *r, const qy_fp *c, const qy_fp *secret)
{
  QY_SCOPED_FP(s);
  qy_fp_mul(&s, c, secret);
  qy_fp_add(&s, &s, r);
  qy_fp_encode(out, &s);
}

static qy_status finish(uint8_t *proof, const proving_piece *p, uint32_t i, const uint8_t *entry, qy_view message,
                        const qy_hash *prefix, qy_error *why)
{
  uint8_t r1[QY_G1_SIZE];
  uint8_t r2[QY_G1_SIZE];
  qy_fp c;
  qy_g1_affine_encode(proof, &p->affine[0][i]);
  qy_g1_affine_encode(r1, &p->affine[1][i]);
  qy_g1_affine_encode(r2, &p->affine[2][i]);
  QY_TRY(qy_epid_proof_challenge(&c, prefix, entry, proof, r1, r2, message, why));
  qy_fp_encode(proof + 64, &c);
  respond(proof + 96, &p->nonces[i][0], &c, &p->exponents[i][0]);
  respond(proof + 128, &p->nonces[i][1], &c, &p->exponents[i][1]);
  QY_DECLASSIFY_BYTES(proof, QY_EPID_PROOF_SIZE);
  return QY_OK;
}

static qy_status prove_piece(uint32_t *reached, void *own, const void *all, uint32_t first, uint32_t end, qy_error *why)
{
  const proving *shared = all;
  const qy_epid_proof_subject *subject = shared->subject;
  proving_piece *p = own;
  QY_SCOPED_HASH(prefix);
  const uint8_t *entry = shared->entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * first;
  uint8_t *proof = shared->proofs + (size_t)QY_EPID_PROOF_SIZE * first;
  *reached = end;
  QY_TRY(read_entries(p, entry, end - first, why));
  for (uint32_t i = 0; i < end - first; i++) {
    take_draws(p, i, shared->f);
  }
  commit(p, shared, end - first);
  qy_epid_proof_challenge_begin(&prefix, subject->hash, subject->b, subject->k);
  for (uint32_t i = 0; i < end - first; i++) {
    if (qy_declassify(qy_g1_affine_is_infinity(&p->affine[0][i])) != 0) {
      memset(proof, 0, QY_EPID_PROOF_SIZE);
      (void)__atomic_fetch_add(shared->own_entries, 1, __ATOMIC_RELAXED);
    } else {
      QY_TRY(finish(proof, p, i, entry, subject->message, &prefix, why));
    }
    entry += QY_EPID_SIGRL_ENTRY_SIZE;
    proof += QY_EPID_PROOF_SIZE;
  }
  return QY_OK;
}

static void free_table(qy_g1_table **table)
{
  free(*table);
}

qy_status qy_epid_proofs_make(uint8_t *proofs, uint32_t *own, const qy_epid_proof_subject *subject, const qy_fp *f,
                              const uint8_t *entries, uint32_t count, const qy_random *random, const qy_epid_work *work,
                              qy_error *why)
{
  qy_g1_affine b;
  uint32_t reached = 0;
  *own = 0;
  if (!qy_g1_decode(&b, subject->b)) {
    return qy_fail(why, QY_ERR_INTERNAL, "proof: B was checked, and is no point");
  }
  __attribute__((cleanup(free_table))) qy_g1_table *base = malloc(sizeof(*base));
  if (base == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "SigRL: no memory for a table");
  }
  qy_g1_table_init(base, &b);
  const proving shared = {subject, entries, proofs, own, f, random, base};
  const qy_epid_task task = {.list = "SigRL",
                             .count = count,
                             .piece = PIECE,
                             .run = prove_piece,
                             .prepare = draw,
                             .shared = &shared,
                             .own_size = sizeof(proving_piece)};
  return qy_epid_work_through(&reached, &task, work, why);
}
