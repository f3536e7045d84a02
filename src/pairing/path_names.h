/* SPDX-License-Identifier: Apache-2.0 */
/* The names of what is compiled once for each path: the text says qy_g1_power, the object qy_portable_g1_power or
 * qy_adx_g1_power. Outside of a path the plain names remain, which path.c defines. A name that is forgotten here is
 * defined twice, and does not link. */
#ifndef QY_PAIRING_PATH_NAMES_H
#define QY_PAIRING_PATH_NAMES_H

#if defined(QY_PATH_ADX)
#define QY_OF_PATH(name) qy_adx_##name
#define qy_path_of_this_text qy_path_adx
#elif defined(QY_PATH_PORTABLE)
#define QY_OF_PATH(name) qy_portable_##name
#define qy_path_of_this_text qy_path_portable
#endif

/* What the table of a path holds. */
#ifdef QY_OF_PATH
#define qy_fq_inverse_many QY_OF_PATH(fq_inverse_many)
#define qy_fq_sqrt QY_OF_PATH(fq_sqrt)
#define qy_g1_fixed_products QY_OF_PATH(g1_fixed_products)
#define qy_g1_fixed_products_public QY_OF_PATH(g1_fixed_products_public)
#define qy_g1_power QY_OF_PATH(g1_power)
#define qy_g1_power_public QY_OF_PATH(g1_power_public)
#define qy_g1_products QY_OF_PATH(g1_products)
#define qy_g1_products_public QY_OF_PATH(g1_products_public)
#define qy_g1_products_shared QY_OF_PATH(g1_products_shared)
#define qy_g1_products_shared_public QY_OF_PATH(g1_products_shared_public)
#define qy_g1_search QY_OF_PATH(g1_search)
#define qy_g1_table_init QY_OF_PATH(g1_table_init)
#define qy_g1_table_power QY_OF_PATH(g1_table_power)
#define qy_g1_table_power_public QY_OF_PATH(g1_table_power_public)
#define qy_g1_to_affine_many QY_OF_PATH(g1_to_affine_many)
#define qy_g2_in_subgroup QY_OF_PATH(g2_in_subgroup)
#define qy_g2_power QY_OF_PATH(g2_power)
#define qy_pairing_lines_init QY_OF_PATH(pairing_lines_init)
#define qy_pairing_product QY_OF_PATH(pairing_product)
#endif

/* What it does not hold: the portable one has the plain name, for all to use. */
#ifdef QY_PATH_ADX
#define qy_fp_add QY_OF_PATH(fp_add)
#define qy_fp_clear QY_OF_PATH(fp_clear)
#define qy_fp_decode QY_OF_PATH(fp_decode)
#define qy_fp_encode QY_OF_PATH(fp_encode)
#define qy_fp_equal QY_OF_PATH(fp_equal)
#define qy_fp_inverse QY_OF_PATH(fp_inverse)
#define qy_fp_is_zero QY_OF_PATH(fp_is_zero)
#define qy_fp_limbs QY_OF_PATH(fp_limbs)
#define qy_fp_mul QY_OF_PATH(fp_mul)
#define qy_fp_neg QY_OF_PATH(fp_neg)
#define qy_fp_order QY_OF_PATH(fp_order)
#define qy_fp_random QY_OF_PATH(fp_random)
#define qy_fp_reduce QY_OF_PATH(fp_reduce)
#define qy_fp_set_u64 QY_OF_PATH(fp_set_u64)
#define qy_fp_sub QY_OF_PATH(fp_sub)
#define qy_fq2_inverse QY_OF_PATH(fq2_inverse)
#define qy_fq2_mul QY_OF_PATH(fq2_mul)
#define qy_fq2_mul_fq QY_OF_PATH(fq2_mul_fq)
#define qy_fq2_sqr QY_OF_PATH(fq2_sqr)
#define qy_fq2_reduce QY_OF_PATH(fq2_reduce)
#define qy_fq2_wide_add QY_OF_PATH(fq2_wide_add)
#define qy_fq2_wide_mul QY_OF_PATH(fq2_wide_mul)
#define qy_fq2_wide_mul_xi QY_OF_PATH(fq2_wide_mul_xi)
#define qy_fq2_wide_sqr QY_OF_PATH(fq2_wide_sqr)
#define qy_fq2_wide_sub QY_OF_PATH(fq2_wide_sub)
#define qy_fq_decode QY_OF_PATH(fq_decode)
#define qy_fq_encode QY_OF_PATH(fq_encode)
#define qy_fq_inverse QY_OF_PATH(fq_inverse)
#define qy_fq_reduce QY_OF_PATH(fq_reduce)
#define qy_fq12_conjugate QY_OF_PATH(fq12_conjugate)
#define qy_fq12_cyclotomic_sqr QY_OF_PATH(fq12_cyclotomic_sqr)
#define qy_fq12_encode QY_OF_PATH(fq12_encode)
#define qy_fq12_equal QY_OF_PATH(fq12_equal)
#define qy_fq12_frobenius QY_OF_PATH(fq12_frobenius)
#define qy_fq12_inverse QY_OF_PATH(fq12_inverse)
#define qy_fq12_mul QY_OF_PATH(fq12_mul)
#define qy_fq12_mul_line QY_OF_PATH(fq12_mul_line)
#define qy_fq12_set_one QY_OF_PATH(fq12_set_one)
#define qy_fq12_sqr QY_OF_PATH(fq12_sqr)
#define qy_g1_add QY_OF_PATH(g1_add)
#define qy_g1_add_affine QY_OF_PATH(g1_add_affine)
#define qy_g1_affine_is_infinity QY_OF_PATH(g1_affine_is_infinity)
#define qy_g1_clear QY_OF_PATH(g1_clear)
#define qy_g1_double QY_OF_PATH(g1_double)
#define qy_g1_equal QY_OF_PATH(g1_equal)
#define qy_g1_from_affine QY_OF_PATH(g1_from_affine)
#define qy_g1_generator QY_OF_PATH(g1_generator)
#define qy_g1_is_infinity QY_OF_PATH(g1_is_infinity)
#define qy_g1_neg QY_OF_PATH(g1_neg)
#define qy_g1_select QY_OF_PATH(g1_select)
#define qy_g1_set_infinity QY_OF_PATH(g1_set_infinity)
#define qy_g2_add QY_OF_PATH(g2_add)
#define qy_g2_add_affine QY_OF_PATH(g2_add_affine)
#define qy_g2_affine_encode QY_OF_PATH(g2_affine_encode)
#define qy_g2_affine_is_infinity QY_OF_PATH(g2_affine_is_infinity)
#define qy_g2_decode QY_OF_PATH(g2_decode)
#define qy_g2_double QY_OF_PATH(g2_double)
#define qy_g2_equal QY_OF_PATH(g2_equal)
#define qy_g2_frobenius QY_OF_PATH(g2_frobenius)
#define qy_g2_from_affine QY_OF_PATH(g2_from_affine)
#define qy_g2_generator QY_OF_PATH(g2_generator)
#define qy_g2_is_infinity QY_OF_PATH(g2_is_infinity)
#define qy_g2_neg QY_OF_PATH(g2_neg)
#define qy_g2_select QY_OF_PATH(g2_select)
#define qy_g2_set_infinity QY_OF_PATH(g2_set_infinity)
#define qy_g2_to_affine QY_OF_PATH(g2_to_affine)
#endif

#endif
