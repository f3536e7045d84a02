/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/proofs.h>

const qy_epid_proof_form qy_epid_proof_plain = {.size = QY_EPID_PROOF_SIZE, .challenge_used = NULL};

/* A proof, its entry and what they are about, decoded. */
typedef struct proof_parts {
  qy_g1_affine own[2];   /* K, B */
  qy_g1_affine other[3]; /* K', B', T */
  qy_fp scalars[3];      /* smu, snu, minus the challenge used */
  qy_fp c;
} proof_parts;

static bool decode(proof_parts *out, const uint8_t *proof, const uint8_t *entry)
{
  return qy_g1_decode(&out->other[2], proof) && !qy_g1_affine_is_infinity(&out->other[2]) &&
         qy_fp_decode(&out->c, proof + 64) && qy_fp_decode(&out->scalars[0], proof + 96) &&
         qy_fp_decode(&out->scalars[1], proof + 128) && qy_g1_decode(&out->other[1], entry) &&
         qy_g1_decode(&out->other[0], entry + QY_G1_SIZE);
}

/* R1 = K^smu B^snu, R2 = K'^smu B'^snu T^-c. T not at infinity is what says that K' is not B'^f. */
static qy_status holds(bool *out, proof_parts *parts, const qy_epid_proof_subject *subject, const uint8_t *entry,
                       const uint8_t *proof, qy_error *why)
{
  qy_fp used;
  qy_fp expected;
  qy_g1 r;
  uint8_t r1[QY_G1_SIZE];
  uint8_t r2[QY_G1_SIZE];
  *out = false;
  if (!decode(parts, proof, entry)) {
    return QY_OK;
  }
  used = parts->c;
  if (subject->form->challenge_used != NULL) {
    QY_TRY(subject->form->challenge_used(&used, proof, subject->hash, why));
  }
  qy_fp_neg(&parts->scalars[2], &used);
  qy_g1_power_public(&r, parts->own, parts->scalars, 2);
  qy_g1_encode(r1, &r);
  qy_g1_power_public(&r, parts->other, parts->scalars, 3);
  qy_g1_encode(r2, &r);
  QY_TRY(qy_epid_proof_challenge(&expected, subject->hash, subject->b, subject->k, entry, proof, r1, r2,
                                 subject->message, why));
  *out = qy_fp_equal(&parts->c, &expected) != 0;
  return QY_OK;
}

qy_status qy_epid_proofs_verify(uint32_t *holding, const qy_epid_proof_subject *subject, const uint8_t *proofs,
                                const uint8_t *entries, uint32_t count, qy_error *why)
{
  proof_parts parts;
  *holding = 0;
  if (!qy_g1_decode(&parts.own[0], subject->k) || !qy_g1_decode(&parts.own[1], subject->b)) {
    return qy_fail(why, QY_ERR_INTERNAL, "proof: B and K were checked, and are no points");
  }
  while (*holding < count) {
    bool held = false;
    QY_TRY(holds(&held, &parts, subject, entries + (size_t)QY_EPID_SIGRL_ENTRY_SIZE * *holding,
                 proofs + subject->form->size * *holding, why));
    if (!held) {
      break;
    }
    *holding += 1;
  }
  return QY_OK;
}
