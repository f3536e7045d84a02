/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/g1_odd_powers.h>

#include <base/secret.h>
#include <pairing/g1_halves.h>

#define ODDS QY_G1_ODD_POWERS
#define BATCH QY_G1_ODD_POWERS_MAX_BATCH

/* They are added up on the isomorphic curve on which the square of the point, (x, y, 2 y z), has z = 1; there the point
 * is (4 x y^2, 8 y^4). */
static void multiply_out(qy_g1_jacobian r[ODDS], const qy_g1_jacobian *point)
{
  qy_g1_jacobian square;
  qy_g1_affine step;
  qy_fq factor;
  qy_fq t;
  qy_g1_jacobian_double(&square, point);
  step = (qy_g1_affine){square.x, square.y};
  qy_fq_add(&factor, &point->y, &point->y);
  qy_fq_sqr(&t, &factor);
  qy_fq_mul(&r[0].x, &point->x, &t);
  qy_fq_mul(&t, &t, &factor);
  qy_fq_mul(&r[0].y, &point->y, &t);
  r[0].z = qy_fq_one;
  for (int i = 1; i < ODDS; i++) {
    qy_g1_jacobian_add_distinct(&r[i], &r[i - 1], &step);
  }
  for (int i = 0; i < ODDS; i++) {
    qy_fq_mul(&r[i].z, &r[i].z, &square.z);
  }
}

void qy_g1_odd_powers_init(qy_g1_odd_powers *r, const qy_g1_jacobian *points, size_t count)
{
  qy_g1_jacobian odd[BATCH * ODDS];
  qy_fq inverses[BATCH * ODDS];
  qy_fq scratch[BATCH * ODDS];
  for (size_t i = 0; i < count; i++) {
    multiply_out(odd + i * ODDS, &points[i]);
  }
  for (size_t i = 0; i < count * ODDS; i++) {
    inverses[i] = odd[i].z;
  }
  qy_fq_inverse_many(inverses, scratch, count * ODDS);
  for (size_t i = 0; i < count * ODDS; i++) {
    qy_g1_affine *entry = &r[i / ODDS].entries[i % ODDS];
    qy_g1_jacobian_to_affine(entry, &odd[i], &inverses[i]);
    qy_fq_mul(&r[i / ODDS].images[i % ODDS], &entry->x, &qy_g1_beta);
  }
  qy_wipe(odd, count * ODDS * sizeof(odd[0]));
  qy_wipe(inverses, count * ODDS * sizeof(inverses[0]));
  qy_wipe(scratch, count * ODDS * sizeof(scratch[0]));
}
