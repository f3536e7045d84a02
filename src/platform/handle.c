/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/platform.h>

#include <unistd.h>

#include <enclave/caller.h>
#include <enclave/runtime.h>

#define PATIENCE_MS 120000

qy_status qy_enclave_handle_call(qy_enclave_handle *enclave, uint16_t operation, qy_view in, qy_buffer *out,
                                 qy_trace *trace, qy_error *why)
{
  const qy_channel channel = {.socket = enclave->fd, .timeout_ms = PATIENCE_MS, .patience_ms = PATIENCE_MS};
  const qy_channel_call call = {.kind = operation,
                                .payload = in,
                                .send_descriptor = -1,
                                .origin = "the enclave",
                                .max_answer_size = QY_ENCLAVE_CALL_MAX_SIZE};
  bool broken = false;
  if (enclave->fd < 0) {
    return qy_fail(why, QY_ERR_SEQUENCE, "enclave: it is closed");
  }
  const qy_status status = qy_channel_ask(&channel, &call, out, NULL, trace, &broken, why);
  if (broken) {
    qy_enclave_handle_close(enclave); /* what comes next could answer another call */
  }
  return status;
}

void qy_enclave_handle_close(qy_enclave_handle *enclave)
{
  if (enclave->fd >= 0) {
    (void)close(enclave->fd);
  }
  enclave->fd = -1;
}
