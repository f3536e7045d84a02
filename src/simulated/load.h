/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: an image is measured and checked as the processor does with an enclave (ECREATE, EADD, EEXTEND and
 * EINIT) or the TDX module with a trust domain, and what was measured is started. */
#ifndef QY_SIMULATED_LOAD_H
#define QY_SIMULATED_LOAD_H

#include <sys/types.h>

#include <quotary/check.h>
#include <quotary/sgx.h>
#include <simulated/execute.h>

typedef struct qy_loaded {
  qy_guest guest;
  uint32_t page_count;
  pid_t process;
  int cpu;  /* this processor's end of its socket */
  int host; /* the end that goes to whoever launched it */
} qy_loaded;

/* `image_fd` stays the caller's. */
typedef qy_status qy_load(qy_loaded *out, int image_fd, const qy_machine_config *machine, qy_trace *trace,
                          qy_error *why);
qy_load qy_enclave_load;
qy_load qy_trust_domain_load;

#endif
