/* SPDX-License-Identifier: Apache-2.0 */
/* Points of G1 as bytes. Compiled once: its only costly step, an inversion, goes by the chosen path. */
#include <pairing/g1.h>

#include <pairing/declassify.h>

static const qy_fq three = {{0x8684766cf3866fc7, 0xd96ace0ec837e077, 0x2b4e28e334ab1222, 0x0000000000092d98}};

void qy_g1_to_affine(qy_g1_affine *r, const qy_g1 *a)
{
  qy_g1_to_affine_many(r, a, 1);
}

/* x^3 + 3 */
static void right_side(qy_fq *r, const qy_fq *x)
{
  qy_fq cube;
  qy_fq_sqr(&cube, x);
  qy_fq_mul(&cube, &cube, x);
  qy_fq_add(r, &cube, &three);
}

bool qy_g1_decode_x(qy_g1_affine *r, const uint8_t bytes[QY_FQ_SIZE])
{
  qy_g1_affine point;
  qy_fq right;
  *r = (qy_g1_affine){qy_fq_zero, qy_fq_zero};
  if (!qy_fq_decode(&point.x, bytes)) {
    return false;
  }
  right_side(&right, &point.x);
  if (qy_declassify(qy_fq_sqrt(&point.y, &right)) == 0) {
    return false;
  }
  *r = point;
  return true;
}

bool qy_g1_decode(qy_g1_affine *r, const uint8_t bytes[QY_G1_SIZE])
{
  qy_g1_affine point;
  qy_fq left;
  qy_fq right;
  *r = (qy_g1_affine){qy_fq_zero, qy_fq_zero};
  if (!qy_fq_decode(&point.x, bytes) || !qy_fq_decode(&point.y, bytes + 32)) {
    return false;
  }
  qy_fq_sqr(&left, &point.y);
  right_side(&right, &point.x);
  if (qy_declassify(qy_fq_equal(&left, &right) | qy_g1_affine_is_infinity(&point)) == 0) {
    return false;
  }
  *r = point;
  return true;
}

void qy_g1_affine_encode(uint8_t bytes[QY_G1_SIZE], const qy_g1_affine *a)
{
  qy_fq_encode(bytes, &a->x);
  qy_fq_encode(bytes + 32, &a->y);
}

void qy_g1_encode(uint8_t bytes[QY_G1_SIZE], const qy_g1 *a)
{
  qy_g1_affine affine;
  qy_g1_to_affine(&affine, a);
  qy_g1_affine_encode(bytes, &affine);
}
