/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/quote.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void body_alone(const uint8_t *data, size_t size)
{
  qy_quote_body body;
  uint8_t again[QY_QUOTE_BODY_SIZE];
  if (qy_quote_body_decode(&body, qy_view_over(data, size), NULL) != QY_OK) {
    return;
  }
  qy_quote_body_encode(again, &body);
  if (size != sizeof(again) || memcmp(again, data, size) != 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_quote quote;
  size_t written = 0;
  body_alone(data, size);
  if (qy_quote_decode(&quote, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  uint8_t *again = malloc(size);
  if (again == NULL) {
    return 0;
  }
  const qy_status status = qy_quote_encode(again, size, &written, &quote.body, quote.signature, NULL);
  if (status != QY_OK || written != size || memcmp(again, data, size) != 0 ||
      quote.tag.bytes + quote.tag.size != data + size || qy_quote_size(quote.proof_count) != size) {
    abort();
  }
  free(again);
  return 0;
}
