/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of not being revoked, verified in pieces: R1 = K^smu B^snu by tables of K and B, R2 = K'^smu B'^snu T^-c, and
 * one inversion for all of a piece. */
#include <epid/proofs.h>

#include <stdlib.h>
#include <string.h>

#include <epid/work.h>
#include <pairing/g1_products.h>

const qy_epid_proof_form qy_epid_proof_plain = {.size = QY_EPID_PROOF_SIZE, .challenge_used = NULL};

#define PIECE (QY_G1_MAX_BATCH / 2)
/* From so many proofs on, tables of K and B pay. */
#define TABLES_PAY_FROM 16

/* What all threads read. */
typedef struct proofs_shared {
  const qy_epid_proof_subject *subject;
  const uint8_t *proofs;
  const uint8_t *entries;
  qy_g1_affine own[2]; /* K, B */
  qy_g1_table *tables; /* of K and B, or NULL */
} proofs_shared;

/* What a thread works in. */
typedef struct proofs_piece {
  qy_g1_affine points[PIECE][3]; /* K', B', T */
  qy_fp powers[PIECE][3];        /* smu, snu, minus the challenge used */
  qy_fp responses[PIECE][2];     /* smu, snu */
  qy_fp c[PIECE];
  qy_g1 products[2][PIECE]; /* R1, R2 */
  qy_g1_affine affine[2][PIECE];
} proofs_piece;

/* T not at infinity is what says that K' is not B'^f. */
static bool decode(proofs_piece *p, uint32_t i, const uint8_t *proof, const uint8_t *entry)
{
  return qy_g1_decode(&p->points[i][2], proof) && !qy_g1_affine_is_infinity(&p->points[i][2]) &&
         qy_fp_decode(&p->c[i], proof + 64) && qy_fp_decode(&p->responses[i][0], proof + 96) &&
         qy_fp_decode(&p->responses[i][1], proof + 128) && qy_g1_decode(&p->points[i][1], entry) &&
         qy_g1_decode(&p->points[i][0], entry + QY_G1_SIZE);
}

static const uint8_t *proof_at(const proofs_shared *shared, uint32_t index)
{
  return shared->proofs + shared->subject->form->size * index;
}

static const uint8_t *entry_at(const proofs_shared *shared, uint32_t index)
{
  return shared->entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * index;
}

/* Fills the piece up to the first proof that is none; `*count` becomes how many there are. */
static qy_status fill(uint32_t *count, proofs_piece *p, const proofs_shared *shared, uint32_t first, uint32_t end,
                      qy_error *why)
{
  const qy_epid_proof_subject *subject = shared->subject;
  uint32_t i = 0;
  for (; first + i < end && decode(p, i, proof_at(shared, first + i), entry_at(shared, first + i)); i++) {
    qy_fp used = p->c[i];
    if (subject->form->challenge_used != NULL) {
      QY_TRY(subject->form->challenge_used(&used, proof_at(shared, first + i), subject->hash, why));
    }
    p->powers[i][0] = p->responses[i][0];
    p->powers[i][1] = p->responses[i][1];
    qy_fp_neg(&p->powers[i][2], &used);
  }
  *count = i;
  return QY_OK;
}

/* R1 of each by tables */
static void commit_own(proofs_piece *p, const proofs_shared *shared, uint32_t count)
{
  qy_g1_fixed_power powers[2 * PIECE];
  if (shared->tables == NULL) {
    qy_g1_products_shared_public(p->products[0], shared->own, p->responses[0], 2, count);
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    qy_g1_set_infinity(&p->products[0][i]);
    powers[2 * i] = (qy_g1_fixed_power){i, &shared->tables[0], &p->responses[i][0]};
    powers[2 * i + 1] = (qy_g1_fixed_power){i, &shared->tables[1], &p->responses[i][1]};
  }
  qy_g1_fixed_products_public(p->products[0], powers, 2 * (size_t)count);
}

static qy_status holds(bool *out, const proofs_piece *p, uint32_t i, const proofs_shared *shared, uint32_t index,
                       const qy_hash *prefix, qy_error *why)
{
  uint8_t r1[QY_G1_SIZE];
  uint8_t r2[QY_G1_SIZE];
  qy_fp expected;
  qy_g1_affine_encode(r1, &p->affine[0][i]);
  qy_g1_affine_encode(r2, &p->affine[1][i]);
  QY_TRY(qy_epid_proof_challenge(&expected, prefix, entry_at(shared, index), proof_at(shared, index), r1, r2,
                                 shared->subject->message, why));
  *out = qy_fp_equal(&p->c[i], &expected) != 0;
  return QY_OK;
}

static qy_status verify_piece(uint32_t *reached, void *own, const void *all, uint32_t first, uint32_t end,
                              qy_error *why)
{
  const proofs_shared *shared = all;
  proofs_piece *p = own;
  QY_SCOPED_HASH(prefix);
  uint32_t count = 0;
  bool held = true;
  *reached = first;
  QY_TRY(fill(&count, p, shared, first, end, why));
  commit_own(p, shared, count);
  qy_g1_products_public(p->products[1], p->points[0], p->powers[0], 3, count);
  qy_g1_to_affine_many(p->affine[0], p->products[0], count);
  qy_g1_to_affine_many(p->affine[1], p->products[1], count);
  qy_epid_proof_challenge_begin(&prefix, shared->subject->hash, shared->subject->b, shared->subject->k);
  for (uint32_t i = 0; held && i < count; i++) {
    QY_TRY(holds(&held, p, i, shared, first + i, &prefix, why));
    *reached += held;
  }
  return QY_OK;
}

static void free_tables(qy_g1_table **tables)
{
  free(*tables);
}

qy_status qy_epid_proofs_verify(uint32_t *holding, const qy_epid_proof_subject *subject, const uint8_t *proofs,
                                const uint8_t *entries, uint32_t count, const qy_epid_work *work, qy_error *why)
{
  __attribute__((cleanup(free_tables))) qy_g1_table *tables = NULL;
  proofs_shared shared = {.subject = subject, .proofs = proofs, .entries = entries};
  *holding = 0;
  if (!qy_g1_decode(&shared.own[0], subject->k) || !qy_g1_decode(&shared.own[1], subject->b)) {
    return qy_fail(why, QY_ERR_INTERNAL, "proof: B and K were checked, and are no points");
  }
  if (count >= TABLES_PAY_FROM) {
    tables = malloc(2 * sizeof(*tables));
    if (tables == NULL) {
      return qy_fail(why, QY_ERR_MEMORY, "SigRL: no memory for tables");
    }
    qy_g1_table_init(&tables[0], &shared.own[0]);
    qy_g1_table_init(&tables[1], &shared.own[1]);
  }
  shared.tables = tables;
  const qy_epid_task task = {.list = "SigRL",
                             .count = count,
                             .piece = PIECE,
                             .run = verify_piece,
                             .shared = &shared,
                             .own_size = sizeof(proofs_piece)};
  return qy_epid_work_through(holding, &task, work, why);
}
