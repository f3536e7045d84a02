/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/hash_to_g1.h>

#include <base/secret.h>

static void wipe_digest(uint8_t (*digest)[QY_HASH_MAX_SIZE])
{
  qy_wipe(*digest, sizeof(*digest));
}

qy_status qy_hash_to_fp(qy_fp *r, qy_hash_name hash, const qy_view *parts, size_t count, qy_error *why)
{
  __attribute__((cleanup(wipe_digest))) uint8_t digest[QY_HASH_MAX_SIZE] = {0};
  *r = (qy_fp){{0, 0, 0, 0}};
  QY_TRY(qy_hash_parts(digest, hash, parts, count, why));
  qy_fp_reduce(r, digest, qy_hash_size(hash));
  return QY_OK;
}

qy_status qy_hash_to_g1(qy_g1_affine *r, uint32_t *tries, qy_hash_name hash, qy_view text, qy_error *why)
{
  static const qy_fq three = {{0x8684766cf3866fc7, 0xd96ace0ec837e077, 0x2b4e28e334ab1222, 0x0000000000092d98}};
  *r = (qy_g1_affine){qy_fq_zero, qy_fq_zero};
  for (uint32_t i = 0; i <= QY_HASH_TO_G1_MAX_TRIES; i++) {
    const uint8_t counter[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    const qy_view parts[2] = {QY_VIEW_OF(counter), text};
    uint8_t digest[QY_HASH_MAX_SIZE];
    qy_g1_affine point;
    qy_fq square;
    QY_TRY(qy_hash_parts(digest, hash, parts, 2, why));
    qy_fq_reduce(&point.x, digest, qy_hash_size(hash));
    qy_fq_sqr(&square, &point.x);
    qy_fq_mul(&square, &square, &point.x);
    qy_fq_add(&square, &square, &three);
    if (qy_fq_sqrt(&point.y, &square) != 0) {
      qy_fq_negate_if(&point.y, qy_mask_of(point.y.limb[0] & 1));
      *r = point;
      if (tries != NULL) {
        *tries = i;
      }
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_LIMIT, "hash to curve: no point within %d tries", QY_HASH_TO_G1_MAX_TRIES);
}
