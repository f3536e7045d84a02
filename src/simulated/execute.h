/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the instructions that the processor executes for those who run on it. */
#ifndef QY_SIMULATED_EXECUTE_H
#define QY_SIMULATED_EXECUTE_H

#include <simulated/tdx_module.h>

/* Who runs: an enclave or a trust domain. */
typedef struct qy_guest {
  bool is_trust_domain;
  qy_secs secs;           /* of an enclave */
  qy_trust_domain domain; /* of a trust domain */
} qy_guest;

/* The processor, as far as instructions need it. */
typedef struct qy_processor_state {
  const qy_fuses *fuses;
  const uint8_t *cpu_svn; /* the present one */
  const qy_tdx_module_level *tdx_module;
} qy_processor_state;

/* One instruction of the guest, as it came; `value` has QY_OUTCOME_VALUE_MAX_SIZE bytes. QY_ERR_UNSUPPORTED for one that is
 * not for such a guest. */
qy_status qy_execute(const qy_processor_state *processor, qy_guest *guest, qy_view packet, uint8_t *value, size_t *size,
                     qy_error *why) QY_MUST_CHECK;

#endif
