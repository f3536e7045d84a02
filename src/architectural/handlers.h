/* SPDX-License-Identifier: Apache-2.0 */
/* The architectural enclaves' insides: what qy_enclave_run() is given. Each runs in its own enclave process and reaches
 * the processor only through enclave/runtime.h. */
#ifndef QY_ARCHITECTURAL_HANDLERS_H
#define QY_ARCHITECTURAL_HANDLERS_H

#include <enclave/runtime.h>
#include <provisioning/joiner.h>

/* The provisioning enclave's conversation, the `context` of its calls. Zero-initialise. */
typedef struct qy_pve {
  qy_joiner joiner;
  uint8_t report_body[QY_REPORT_BODY_SIZE]; /* sent for certification */
  bool misses_key; /* msg2 asked for a proof by a key that is not here: the one for this level */
  qy_platform_level missed;
  bool recalls; /* msg1 asked for that key; nothing else will do */
} qy_pve;
void qy_pve_clear(qy_pve *pve);

qy_enclave_call qy_pve_handle;      /* context: a qy_pve */
qy_enclave_call qy_pce_handle;      /* context: NULL */
qy_enclave_call qy_qe_handle;       /* context: NULL */
qy_enclave_call qy_ecdsa_qe_handle; /* context: NULL */
qy_enclave_call qy_td_qe_handle;    /* context: NULL */

#endif
