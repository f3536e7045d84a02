/* SPDX-License-Identifier: Apache-2.0 */
/* One point of the twist (g2.h) in one group of lanes: four slots of two lanes hold the real and the imaginary part of
 * x, y, z and z^2, of the point (x / z^2, y / z^3). All are ready, below 1.001. The formulas take no equal or opposite
 * points: then z becomes 0, and stays 0. They are public, but do not branch. */
#ifndef QY_PAIRING_LANES_TWIST_H
#define QY_PAIRING_LANES_TWIST_H

#include <pairing/g2.h>
#include <pairing/lanes/lanes.h>

/* z = 1 */
void qy_lanes_twist_load(qy_lanes *r, const qy_g2_affine *a);
/* x, y and z of coordinates that are reduced. */
void qy_lanes_twist_store(qy_fq2 coordinates[3], const qy_lanes *a);
void qy_lanes_twist_neg(qy_lanes *r, const qy_lanes *a);

/* r = 2 a. Slots of `line`, if it is not NULL: numerators of slope and offset (qy_pairing_lines) of the tangent at a,
 * and what divides both. */
void qy_lanes_twist_double(qy_lanes *r, qy_lanes *line, const qy_lanes *a);
/* r = a + b, of which b has z = 1; the line is that through a and b. */
void qy_lanes_twist_add(qy_lanes *r, qy_lanes *line, const qy_lanes *a, const qy_lanes *b);

#endif
