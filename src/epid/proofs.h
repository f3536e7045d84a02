/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of not being revoked: one for each entry (B', K') of a SigRL, in its order, that the signer did not make it:
 * K' is not B'^f. A proof is T c smu snu: T = (K' / B'^f)^mu, never at infinity, and a proof of knowledge of mu and
 * nu = -f mu with T = K'^mu B'^nu and 1 = K^mu B^nu. Source: Intel EPID SDK 8.0.0, epid/member and epid/verifier. */
#ifndef QY_EPID_PROOFS_H
#define QY_EPID_PROOFS_H

#include <epid/group.h>

/* A form of proof. All begin with T c smu snu. */
typedef struct qy_epid_proof_form {
  size_t size; /* bytes */
  /* The challenge of the equations, made of the one that is sent and hashed; NULL when they are the same. */
  qy_status (*challenge_used)(qy_fp *used, const uint8_t *proof, qy_hash_name hash, qy_error *why);
} qy_epid_proof_form;

extern const qy_epid_proof_form qy_epid_proof_plain; /* 160 bytes */

/* What the proofs of one signature have in common. Borrowed; b and k are checked to be points. */
typedef struct qy_epid_proof_subject {
  const qy_epid_proof_form *form;
  qy_hash_name hash;
  const uint8_t *b;
  const uint8_t *k;
  qy_view message;
} qy_epid_proof_subject;

/* `*holding` is how many proofs, from the first on, hold without a gap: `count` when all do. work may be NULL; QY_ERR_INTERRUPTED. */
qy_status qy_epid_proofs_verify(uint32_t *holding, const qy_epid_proof_subject *subject, const uint8_t *proofs,
                                const uint8_t *entries, uint32_t count, const qy_epid_work *work,
                                qy_error *why) QY_MUST_CHECK;
/* Fills `count` proofs; a proof is left zero, and counted in `*own`, where K' = B'^f. Constant time in f and all that
 * is drawn, save for which entries are the member's own. The proofs are the same however many threads make them.
 * work may be NULL; QY_ERR_INTERRUPTED. */
qy_status qy_epid_proofs_make(uint8_t *proofs, uint32_t *own, const qy_epid_proof_subject *subject, const qy_fp *f,
                              const uint8_t *entries, uint32_t count, const qy_random *random, const qy_epid_work *work,
                              qy_error *why) QY_MUST_CHECK;

#endif
