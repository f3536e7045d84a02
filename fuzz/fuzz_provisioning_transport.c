/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioning messages from text: what is read writes a text that reads as the same message. */
#include <stdlib.h>

#include <provisioning/endpoint.h>
#include <provisioning/transport.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef qy_status between(qy_buffer *out, qy_view in, qy_error *why);

static void there_and_back(qy_view text, between *from_text, between *to_text)
{
  QY_SCOPED_BUFFER(message, 1u << 20);
  QY_SCOPED_BUFFER(again, 2u << 20);
  QY_SCOPED_BUFFER(second, 1u << 20);
  if (from_text(&message, text, NULL) != QY_OK) {
    return;
  }
  if (to_text(&again, qy_buffer_view(&message), NULL) != QY_OK ||
      from_text(&second, qy_buffer_view(&again), NULL) != QY_OK ||
      !qy_view_equal(qy_buffer_view(&message), qy_buffer_view(&second))) {
    abort();
  }
}

static void endpoint(qy_view message)
{
  uint8_t xid[QY_XID_SIZE], selector;
  QY_SCOPED_BUFFER(again, 64);
  if (qy_endpoint_request_open(xid, &selector, message, NULL) == QY_OK &&
      (qy_endpoint_request_make(&again, xid, selector, NULL) != QY_OK ||
       !qy_view_equal(qy_buffer_view(&again), message))) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view in = {data, size};
  there_and_back(in, qy_provisioning_request_from_text, qy_provisioning_request_to_text);
  there_and_back(in, qy_provisioning_response_from_text, qy_provisioning_response_to_text);
  endpoint(in);
  return 0;
}
