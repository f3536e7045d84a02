/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the path ifma: what is done over lanes, and the text of adx for the rest. */
#include <pairing/path.h>

#include <pairing/lanes/lanes_g1.h>
#include <pairing/lanes/pairing.h>

/* The compiler's check asks the system too whether it keeps these registers. */
static bool supported(void)
{
#ifdef QY_LANES_EMULATED
  return true;
#else
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma") && qy_path_adx.supported();
#endif
}

const qy_path qy_path_ifma = {.name = "ifma",
                              .supported = supported,
                              .fq_inverse_many = qy_fq_inverse_many,
                              .fq_sqrt = qy_fq_sqrt,
                              .g1_to_affine_many = qy_g1_to_affine_many,
                              .g1_power = qy_g1_power,
                              .g1_power_public = qy_g1_power_public,
                              .g1_table_init = qy_lanes_g1_table_init,
                              .g1_table_power = qy_lanes_g1_table_power,
                              .g1_table_power_public = qy_lanes_g1_table_power_public,
                              .g1_products = qy_lanes_g1_products,
                              .g1_products_public = qy_lanes_g1_products_public,
                              .g1_products_shared = qy_lanes_g1_products_shared,
                              .g1_products_shared_public = qy_lanes_g1_products_shared_public,
                              .g1_fixed_products = qy_lanes_g1_fixed_products,
                              .g1_fixed_products_public = qy_lanes_g1_fixed_products_public,
                              .g1_search = qy_lanes_g1_search,
                              .g2_power = qy_g2_power,
                              .g2_in_subgroup = qy_lanes_g2_in_subgroup,
                              .pairing_lines_init = qy_lanes_pairing_lines_init,
                              .pairing_product = qy_lanes_pairing_product};
