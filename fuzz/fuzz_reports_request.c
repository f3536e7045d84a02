/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of report requests: what decodes is bounded, and decodes the same again from its own text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <base/limits.h>
#include <reports/request.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const qy_report_request *request)
{
  qy_report_request again;
  qy_report_request_init(&again);
  QY_SCOPED_BUFFER(text, QY_MAX_JSON_SIZE);
  if (qy_report_request_encode(&text, request, NULL) != QY_OK ||
      qy_report_request_decode(&again, qy_buffer_view(&text), NULL) != QY_OK) {
    abort();
  }
  if (!qy_view_equal(qy_buffer_view(&again.quote), qy_buffer_view(&request->quote)) ||
      again.has_nonce != request->has_nonce || strcmp(again.nonce, request->nonce) != 0 ||
      again.has_manifest != request->has_manifest ||
      memcmp(again.manifest, request->manifest, sizeof again.manifest) != 0) {
    abort();
  }
  qy_report_request_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_report_request request;
  qy_report_request_init(&request);
  if (qy_report_request_decode(&request, qy_view_over(data, size), NULL) == QY_OK) {
    check_again(&request);
  } else if (request.quote.size != 0 || request.has_nonce || request.has_manifest) {
    abort();
  }
  qy_report_request_clear(&request);
  return 0;
}
