/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for quotes at the platform service, and its answers: whatever decodes encodes to the same bytes. */
#include <stdlib.h>

#include <platform/wire.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where no report follows, its place may hold anything. */
static void answer(qy_view in)
{
  bool has_report = false;
  qy_report report;
  qy_view quote;
  QY_SCOPED_BUFFER(again, QY_PLATFORM_MAX_ANSWER);
  if (in.size > QY_PLATFORM_MAX_ANSWER ||
      qy_wire_quote_answer_decode(&has_report, &report, &quote, in, NULL) != QY_OK || !has_report) {
    return;
  }
  if (qy_wire_quote_answer_encode(&again, &report, quote, NULL) != QY_OK ||
      !qy_view_equal(qy_buffer_view(&again), in)) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_quoted quoted;
  answer(qy_view_over(data, size));
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
