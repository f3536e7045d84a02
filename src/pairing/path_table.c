/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the path that this text is compiled for. */
#include <pairing/path.h>

#ifdef QY_PATH_ADX
#include <cpuid.h>

/* These instructions use no registers beyond the general ones, so that the system has no say in it. */
static bool supported(void)
{
  unsigned eax;
  unsigned ebx;
  unsigned ecx;
  unsigned edx;
  const unsigned needed = bit_BMI2 | bit_ADX;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & needed) == needed;
}
#define NAME "adx"
#else
static bool supported(void)
{
  return true;
}
#define NAME "portable"
#endif

const qy_path qy_path_of_this_text = {.name = NAME,
                                      .supported = supported,
                                      .fq_inverse_many = qy_fq_inverse_many,
                                      .fq_sqrt = qy_fq_sqrt,
                                      .g1_to_affine_many = qy_g1_to_affine_many,
                                      .g1_power = qy_g1_power,
                                      .g1_power_public = qy_g1_power_public,
                                      .g1_table_init = qy_g1_table_init,
                                      .g1_table_power = qy_g1_table_power,
                                      .g1_table_power_public = qy_g1_table_power_public,
                                      .g1_products = qy_g1_products,
                                      .g1_products_public = qy_g1_products_public,
                                      .g1_products_shared = qy_g1_products_shared,
                                      .g1_products_shared_public = qy_g1_products_shared_public,
                                      .g1_fixed_products = qy_g1_fixed_products,
                                      .g1_fixed_products_public = qy_g1_fixed_products_public,
                                      .g1_search = qy_g1_search,
                                      .g2_power = qy_g2_power,
                                      .g2_in_subgroup = qy_g2_in_subgroup,
                                      .pairing_lines_init = qy_pairing_lines_init,
                                      .pairing_product = qy_pairing_product};
