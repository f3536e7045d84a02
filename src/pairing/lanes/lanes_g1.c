/* SPDX-License-Identifier: Apache-2.0 */
#include <pairing/lanes/lanes_g1.h>

void qy_lanes_g1_add(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1 *b)
{
  *r = qy_lanes_g1_sum(a, b);
}

void qy_lanes_g1_add_affine(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1_affine *b)
{
  *r = qy_lanes_g1_sum_affine(a, b);
}

void qy_lanes_g1_double(qy_lanes_g1 *r, const qy_lanes_g1 *a)
{
  *r = qy_lanes_g1_twice(a);
}

void qy_lanes_g1_double_jacobian(qy_lanes_g1 *r, const qy_lanes_g1 *a)
{
  *r = qy_lanes_g1_twice_jacobian(a);
}

void qy_lanes_g1_add_jacobian(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1_affine *b)
{
  *r = qy_lanes_g1_sum_jacobian(a, b);
}

void qy_lanes_g1_fold_pairs(qy_lanes_g1 *r, const qy_lanes_g1 *a, const qy_lanes_g1 *b)
{
  const qy_vec even = qy_vec_of(0, 2, 4, 6, 8, 10, 12, 14);
  const qy_vec odd = qy_vec_of(1, 3, 5, 7, 9, 11, 13, 15);
  const qy_lanes_g1 left = {qy_lanes_permute2(a->x, b->x, even), qy_lanes_permute2(a->y, b->y, even),
                            qy_lanes_permute2(a->z, b->z, even)};
  const qy_lanes_g1 right = {qy_lanes_permute2(a->x, b->x, odd), qy_lanes_permute2(a->y, b->y, odd),
                             qy_lanes_permute2(a->z, b->z, odd)};
  const qy_lanes_g1 folded = qy_lanes_g1_fold(&right);
  qy_lanes_g1_add(r, &left, &folded);
}

void qy_lanes_g1_progression(qy_lanes_g1 *r, const qy_g1 *first, const qy_g1 *step)
{
  qy_g1 points[8];
  qy_g1_affine affine[8];
  const qy_g1_affine *lanes[8];
  points[0] = *first;
  for (int i = 1; i < 8; i++) {
    qy_g1_add(&points[i], &points[i - 1], step);
  }
  qy_g1_to_affine_many(affine, points, 8);
  for (int i = 0; i < 8; i++) {
    lanes[i] = &affine[i];
  }
  *r = qy_lanes_g1_load_affine(lanes);
}

void qy_lanes_inverse_many(qy_lanes *elements, qy_lanes *scratch, size_t count)
{
  qy_fq lanes[8];
  qy_fq lanes_scratch[8];
  qy_lanes product = qy_lanes_all(&qy_lanes_one);
  for (size_t i = 0; i < count; i++) {
    scratch[i] = product;
    product = qy_lanes_mul(product, elements[i]);
  }
  qy_lanes_store_row(lanes, product);
  qy_fq_inverse_many(lanes, lanes_scratch, 8);
  product = qy_lanes_load_row(lanes);
  for (size_t i = count; i-- > 0;) {
    const qy_lanes inverse = qy_lanes_mul(product, scratch[i]);
    product = qy_lanes_mul(product, elements[i]);
    elements[i] = inverse;
  }
}
