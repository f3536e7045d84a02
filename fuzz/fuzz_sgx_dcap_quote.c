/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/dcap_quote.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(qy_view part, const uint8_t *data, size_t size)
{
  return part.size == 0 || (part.bytes >= data && part.bytes + part.size <= data + size);
}

/* Every view points into the input, and the parts fill it. */
static void check_parts(const qy_dcap_quote *quote, const uint8_t *data, size_t size)
{
  const qy_view views[] = {quote->signed_part,        quote->signature,           quote->attestation_key,
                           quote->qe_report_bytes,    quote->qe_report_signature, quote->qe_auth_data,
                           quote->certification.data, quote->unclaimed,           quote->trailing};
  for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
    if (!within(views[i], data, size)) {
      abort();
    }
  }
  const size_t claimed = qy_dcap_quote_size(quote->header.version, quote->body_type, quote->qe_auth_data.size,
                                            quote->certification.data.size);
  if (claimed + quote->unclaimed.size + quote->trailing.size != size || size < QY_DCAP_QUOTE_MIN_SIZE) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_dcap_quote quote;
  qy_error why = {0};
  size_t written = 0;
  const qy_status status = qy_dcap_quote_decode(&quote, qy_view_over(data, size), &why);
  if (status != QY_OK) {
    if (why.status != status || !qy_view_is_zero(qy_view_over(&quote, sizeof(quote)))) {
      abort();
    }
    return 0;
  }
  check_parts(&quote, data, size);
  uint8_t *again = malloc(size);
  if (again == NULL) {
    return 0;
  }
  if (qy_dcap_quote_encode(again, size, &written, &quote, NULL) != QY_OK || written != size ||
      memcmp(again, data, size) != 0) {
    abort();
  }
  free(again);
  return 0;
}
