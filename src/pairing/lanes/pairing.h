/* SPDX-License-Identifier: Apache-2.0 */
/* The pairing over lanes, for the table of paths (path_ifma.c): as the functions of these names without lanes. */
#ifndef QY_PAIRING_LANES_PAIRING_H
#define QY_PAIRING_LANES_PAIRING_H

#include <pairing/lanes/fq12.h>
#include <pairing/pairing.h>

bool qy_lanes_g2_in_subgroup(const qy_g2_affine *a);
void qy_lanes_pairing_lines_init(qy_pairing_lines *lines, const qy_g2_affine *point);
void qy_lanes_pairing_product(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count);

/* The two halves of the product, for one pair at least. The Miller function is up to a factor of Fq, which the final
 * exponentiation removes. */
void qy_lanes_miller(qy_lanes_fq12 *f, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count);
void qy_lanes_final_exponentiation(qy_lanes_fq12 *r, const qy_lanes_fq12 *f);

#endif
