/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes of a machine under what its endorser serves now. */
#ifndef QY_TEST_PLATFORM_APPRAISAL_H
#define QY_TEST_PLATFORM_APPRAISAL_H

#include "platform_world.h"

#include <quotary/dcap.h>
#include <quotary/dcap_quote.h>

/* Collateral for `tee` by HTTP, the endorser's root, the built-in policy. Large: free() it. */
qy_dcap_verdict *world_appraise(const world *all, uint32_t tee, qy_view quote);
/* What is asked of real quotes (dcap_vector.h) holds of this one, of a machine at the highest levels that are served. */
void world_check_as_real(const world *all, uint32_t tee, qy_view quote);
/* Trusted, and Intel's library would find nothing wrong. */
void world_need_trust(const qy_dcap_verdict *verdict);

#endif
