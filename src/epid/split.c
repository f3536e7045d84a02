/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/split.h>

#include <pairing/hash_to_g1.h>

qy_status qy_epid_split_points(qy_epid_points *out, uint32_t *counter, const qy_epid_points *points, qy_hash_name hash,
                               qy_error *why)
{
  *out = *points;
  QY_TRY(qy_hash_to_g1(&out->h1, counter, hash, QY_VIEW_OF(points->key.h1), why));
  qy_g1_affine_encode(out->key.h1, &out->h1);
  return QY_OK;
}

qy_status qy_epid_split_challenge(qy_fp *used, const uint8_t nonce[32], const uint8_t c[QY_FP_SIZE], qy_hash_name hash,
                                  qy_error *why)
{
  static const uint8_t zeros[QY_HASH_MAX_SIZE - QY_FP_SIZE] = {0};
  const qy_view parts[3] = {qy_view_over(nonce, 32), qy_view_over(zeros, qy_hash_size(hash) - QY_FP_SIZE),
                            qy_view_over(c, QY_FP_SIZE)};
  return qy_hash_to_fp(used, hash, parts, 3, why);
}

static qy_status of_proof(qy_fp *used, const uint8_t *proof, qy_hash_name hash, qy_error *why)
{
  return qy_epid_split_challenge(used, proof + QY_EPID_PROOF_SIZE, proof + QY_G1_SIZE, hash, why);
}

const qy_epid_proof_form qy_epid_proof_split = {.size = QY_EPID_SPLIT_PROOF_SIZE, .challenge_used = of_proof};
