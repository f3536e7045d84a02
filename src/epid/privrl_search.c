/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/verifier.h>

/* Making a table of B costs as much as this many powers without one. */
#define TABLE_PAYS_FROM 16

/* B^f = K, without an inversion. */
static bool is_power(const qy_g1 *power, const qy_g1_affine *k)
{
  qy_fq x;
  qy_fq y;
  qy_fq_mul(&x, &k->x, &power->z);
  qy_fq_mul(&y, &k->y, &power->z);
  return (qy_fq_equal(&x, &power->x) & qy_fq_equal(&y, &power->y)) != 0;
}

uint32_t qy_epid_privrl_search(const qy_epid_privrl *list, const qy_g1_affine *b, const qy_g1_affine *k)
{
  qy_g1_table table;
  uint32_t i = 0;
  if (list->count >= TABLE_PAYS_FROM) {
    qy_g1_table_init(&table, b);
  }
  for (; i < list->count; i++) {
    qy_fp f;
    qy_g1 power;
    if (!qy_fp_decode(&f, list->entries.bytes + (size_t)QY_EPID_PRIVRL_ENTRY_SIZE * i)) {
      continue;
    }
    if (list->count >= TABLE_PAYS_FROM) {
      qy_g1_set_infinity(&power);
      qy_g1_table_power_public(&power, &table, &f);
    } else {
      qy_g1_power_public(&power, b, &f, 1);
    }
    if (is_power(&power, k)) {
      return i;
    }
  }
  return list->count;
}
