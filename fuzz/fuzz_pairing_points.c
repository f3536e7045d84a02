/* SPDX-License-Identifier: Apache-2.0 */
/* Points and scalars: what decodes lies on its curve or below its order, and encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include <pairing/fp.h>
#include <pairing/fq.h>
#include <pairing/g1.h>
#include <pairing/g2.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const uint8_t *out, const uint8_t *in, size_t size)
{
  if (memcmp(out, in, size) != 0) {
    abort();
  }
}

static void numbers(const uint8_t *data)
{
  uint8_t out[QY_FQ_SIZE];
  qy_fp scalar;
  qy_fq coordinate;
  if (qy_fp_decode(&scalar, data)) {
    qy_fp_encode(out, &scalar);
    same(out, data, QY_FP_SIZE);
  }
  if (qy_fq_decode(&coordinate, data)) {
    qy_fq_encode(out, &coordinate);
    same(out, data, QY_FQ_SIZE);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t out[QY_G2_SIZE];
  qy_g1_affine in_g1;
  qy_g2_affine in_g2;
  if (size >= QY_FP_SIZE) {
    numbers(data);
  }
  if (size >= QY_G1_SIZE && qy_g1_decode(&in_g1, data)) {
    qy_g1_affine_encode(out, &in_g1);
    same(out, data, QY_G1_SIZE);
  }
  if (size >= QY_G2_SIZE && qy_g2_decode(&in_g2, data)) {
    qy_g2_affine_encode(out, &in_g2);
    same(out, data, QY_G2_SIZE);
  }
  return 0;
}
