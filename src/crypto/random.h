/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QY_CRYPTO_RANDOM_H
#define QY_CRYPTO_RANDOM_H

#include <quotary/status.h>

/* random->fill with a message. */
qy_status qy_random_fill(const qy_random *random, uint8_t *out, size_t size, qy_error *why) QY_MUST_CHECK;

#endif
