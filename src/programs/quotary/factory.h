/* SPDX-License-Identifier: Apache-2.0 */
/* Where processors are made: the one place that knows a machine's fuses and the endorser's public list at once. */
#ifndef QY_PROGRAMS_FACTORY_H
#define QY_PROGRAMS_FACTORY_H

#include <quotary/status.h>

/* Burns a machine of a kind (registry/dcap.h) at `level` (0: the newest there is) into `state`, which trusts the endorser's architectural enclaves,
 * and writes its factory record, a secret, to `record_path`. */
qy_status factory_burn(const char *state, const char *endorser, unsigned level, const char *kind,
                       const char *record_path, qy_error *why) QY_MUST_CHECK;

#endif
