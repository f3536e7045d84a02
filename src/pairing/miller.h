/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the lines in qy_pairing_lines: for each digit but the first a tangent, and if it is not 0 a chord; then
 * the two chords of the Frobenius images. */
#ifndef QY_PAIRING_MILLER_H
#define QY_PAIRING_MILLER_H

#include <stdint.h>

/* |6t + 2| in non-adjacent form, leading digit first; t is negative. A digit -1 costs as much as a 1, for inverses are
 * free on both sides. */
#define QY_MILLER_DIGITS 66
static const int8_t qy_miller_digits[QY_MILLER_DIGITS] = {
    1, 0, 1, 0, 0, -1, 0, 1, 0, -1, 0, 0, 0, 1, 0, 0, 1, 0, 0, -1, 0,  0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 1, 0, 0,  1, 0, 0, 0,  0, 1, 0, 0, 1, 0, 0, 0, 0, 0,  -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};

#endif
