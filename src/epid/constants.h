/* SPDX-License-Identifier: Apache-2.0 */
/* What all groups share: g1 and g2 made ready to compute with. Made at the first use of each path, as that path lays
 * them out, and never changed or freed. */
#ifndef QY_EPID_CONSTANTS_H
#define QY_EPID_CONSTANTS_H

#include <pairing/pairing.h>

const qy_g1_table *qy_epid_g1_powers(void);
const qy_pairing_lines *qy_epid_g2_lines(void);

#endif
