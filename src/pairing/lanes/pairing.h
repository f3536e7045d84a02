/* SPDX-License-Identifier: Apache-2.0 */
/* The pairing over lanes, for the table of paths (path_ifma.c): as qy_pairing_product. */
#ifndef QY_PAIRING_LANES_PAIRING_H
#define QY_PAIRING_LANES_PAIRING_H

#include <pairing/lanes/fq12.h>
#include <pairing/pairing.h>

void qy_lanes_pairing_product(qy_fq12 *r, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count);

/* Its two halves, for one pair at least. The Miller function is up to a factor of Fq, which the final exponentiation removes. */
void qy_lanes_miller(qy_lanes_fq12 *f, const qy_g1 *points, const qy_pairing_lines *const *lines, size_t count);
void qy_lanes_final_exponentiation(qy_lanes_fq12 *r, const qy_lanes_fq12 *f);

#endif
