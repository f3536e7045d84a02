/* SPDX-License-Identifier: Apache-2.0 */
/* One product after the other; public products of any points are in g1_public.c. */
#include <pairing/g1_products.h>

#include <base/secret.h>

/* A table of a base costs as much as this many powers without one. */
#define TABLE_PAYS_FROM 6

void qy_g1_products(qy_g1 *r, const qy_g1_affine *points, const qy_fp *scalars, size_t terms, size_t count)
{
  qy_g1 row[QY_G1_MAX_TERMS];
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < terms; j++) {
      qy_g1_from_affine(&row[j], &points[i * terms + j]);
    }
    qy_g1_power(&r[i], row, scalars + i * terms, terms);
  }
  qy_wipe(row, sizeof(row));
}

typedef void table_power(qy_g1 *r, const qy_g1_table *table, const qy_fp *scalar);

/* A table at a time; a base at infinity multiplies by nothing. */
static void shared_by_tables(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count,
                             table_power *power)
{
  qy_g1_table table;
  for (size_t i = 0; i < count; i++) {
    qy_g1_set_infinity(&r[i]);
  }
  for (size_t j = 0; j < terms; j++) {
    if (qy_g1_affine_is_infinity(&bases[j]) != 0) {
      continue;
    }
    qy_g1_table_init(&table, &bases[j]);
    for (size_t i = 0; i < count; i++) {
      power(&r[i], &table, &scalars[i * terms + j]);
    }
  }
}

void qy_g1_products_shared(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count)
{
  if (count >= TABLE_PAYS_FROM) {
    shared_by_tables(r, bases, scalars, terms, count, qy_g1_table_power);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    qy_g1_products(&r[i], bases, scalars + i * terms, terms, 1);
  }
}

void qy_g1_products_shared_public(qy_g1 *r, const qy_g1_affine *bases, const qy_fp *scalars, size_t terms, size_t count)
{
  if (count >= TABLE_PAYS_FROM) {
    shared_by_tables(r, bases, scalars, terms, count, qy_g1_table_power_public);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    qy_g1_power_public(&r[i], bases, scalars + i * terms, terms);
  }
}

void qy_g1_fixed_products(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    qy_g1_table_power(&r[powers[i].product], powers[i].table, powers[i].scalar);
  }
}

void qy_g1_fixed_products_public(qy_g1 *r, const qy_g1_fixed_power *powers, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    qy_g1_table_power_public(&r[powers[i].product], powers[i].table, powers[i].scalar);
  }
}
