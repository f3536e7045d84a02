/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: ECREATE, EADD, EEXTEND and EINIT of an image, and the start of what was measured. */
#ifndef QY_SIMULATED_LOAD_H
#define QY_SIMULATED_LOAD_H

#include <sys/types.h>

#include <quotary/check.h>
#include <quotary/sgx.h>
#include <simulated/machine.h>

typedef struct qy_loaded {
  qy_secs secs;
  uint32_t page_count;
  pid_t process;
  int cpu;  /* this processor's end of its socket */
  int host; /* the end that goes to whoever launched it */
} qy_loaded;

/* `image_fd` stays the caller's. */
qy_status qy_enclave_load(qy_loaded *out, int image_fd, const qy_machine_config *machine, qy_trace *trace,
                          qy_error *why) QY_MUST_CHECK;

#endif
