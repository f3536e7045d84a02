/* SPDX-License-Identifier: Apache-2.0 */
/* The architectural enclaves without processes: a double of enclave/runtime.h over a processor in memory. */
#ifndef QY_TEST_ARCHITECTURAL_DOUBLE_H
#define QY_TEST_ARCHITECTURAL_DOUBLE_H

#include "../conversation/provisioning_world.h"

#include <architectural/calls.h>
#include <architectural/handlers.h>

/* An enclave that runs on a machine. */
typedef struct double_enclave {
  const world_machine *machine;
  const qy_secs *secs;
  qy_view endorser; /* its measured section */
  qy_enclave_call *handler;
  void *context;
} double_enclave;

/* Calls the handler with this enclave as the one that the runtime serves. */
qy_status double_call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why);
qy_ae double_ae(double_enclave *enclave);

#endif
