/* SPDX-License-Identifier: Apache-2.0 */
/* What an enclave takes from itself before it reads the first byte from outside. The processor's own filter already
 * leaves it only its descriptors and its memory; this removes what was needed to start. */
#ifndef QY_ENCLAVE_SANDBOX_H
#define QY_ENCLAVE_SANDBOX_H

#include <quotary/status.h>

qy_status qy_sandbox_enter(qy_error *why) QY_MUST_CHECK;

#endif
