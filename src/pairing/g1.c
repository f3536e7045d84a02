/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/g1.h>

#include <base/secret.h>

#define POINT qy_g1
#define AFFINE qy_g1_affine
#define FIELD qy_fq
#define F(operation) qy_fq_##operation
#define MUL_3B(r, a) qy_fq_mul_small((r), (a), 9)
#define NAME(what) qy_g1_##what
#include <pairing/curve_formulas.h>

const qy_g1_affine qy_g1_generator = {
    QY_FQ_ONE, {{0x59ada448a2599fda, 0xe6473409dacfeafa, 0x72341b42231cb6c1, 0x0000000000061e65}}};

void qy_g1_set_infinity(qy_g1 *r)
{
  *r = (qy_g1){qy_fq_zero, qy_fq_one, qy_fq_zero};
}

uint64_t qy_g1_affine_is_infinity(const qy_g1_affine *a)
{
  return qy_fq_is_zero(&a->x) & qy_fq_is_zero(&a->y);
}

void qy_g1_from_affine(qy_g1 *r, const qy_g1_affine *a)
{
  const uint64_t infinity = qy_g1_affine_is_infinity(a);
  *r = (qy_g1){a->x, a->y, qy_fq_one};
  qy_fq_select(&r->y, &qy_fq_one, infinity);
  qy_fq_select(&r->z, &qy_fq_zero, infinity);
}

void qy_g1_to_affine_many(qy_g1_affine *r, const qy_g1 *points, size_t count)
{
  qy_fq inverses[QY_G1_MAX_BATCH];
  qy_fq scratch[QY_G1_MAX_BATCH];
  for (size_t i = 0; i < count; i++) {
    inverses[i] = points[i].z;
  }
  /* the inverse of 0 is 0, so that infinity becomes (0, 0) by itself */
  qy_fq_inverse_many(inverses, scratch, count);
  for (size_t i = 0; i < count; i++) {
    qy_fq_mul(&r[i].x, &points[i].x, &inverses[i]);
    qy_fq_mul(&r[i].y, &points[i].y, &inverses[i]);
  }
}

void qy_g1_clear(qy_g1 *a)
{
  qy_wipe(a, sizeof(*a));
}
