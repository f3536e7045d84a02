/* SPDX-License-Identifier: Apache-2.0 */
#include <appraisal/parts.h>

#include <pairing/hash_to_g1.h>

qy_status qy_avr_basename_point(uint8_t out[64], const uint8_t basename[QY_QUOTE_BASENAME_SIZE], qy_error *why)
{
  qy_g1_affine point;
  QY_TRY(qy_hash_to_g1(&point, NULL, QY_SHA256, qy_view_over(basename, QY_QUOTE_BASENAME_SIZE), why));
  qy_g1_affine_encode(out, &point);
  return QY_OK;
}
