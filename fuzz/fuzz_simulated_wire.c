/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for quotes at the platform service: whatever decodes encodes to the same bytes. */
#include <stdlib.h>

#include <platform/wire.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_quoted quoted;
  if (size > QY_PLATFORM_MAX_REQUEST || qy_wire_quote_decode(&quoted, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  QY_SCOPED_BUFFER(again, QY_PLATFORM_MAX_REQUEST);
  const bool plain = quoted.request.nonce != NULL || qy_view_is_zero(QY_VIEW_OF(quoted.nonce));
  if (qy_wire_quote_encode(&again, &quoted.request, NULL) != QY_OK ||
      (plain && !qy_view_equal(qy_buffer_view(&again), qy_view_over(data, size)))) {
    abort();
  }
  return 0;
}
