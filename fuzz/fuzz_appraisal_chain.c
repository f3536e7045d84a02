/* SPDX-License-Identifier: Apache-2.0 */
/* The chain header, and a signature in either form: no input is trust, and none is authentic. The first byte divides
 * the input. */
#include <stdlib.h>

#include <quotary/appraisal.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0) {
    return 0;
  }
  const size_t rest = size - 1;
  const size_t signature_size = rest * data[0] / 255;
  qy_policy policy;
  qy_policy_built_in(&policy);
  const qy_avr_evidence evidence = {.body = qy_view_text("{}"),
                                    .signature = qy_view_over(data + 1, signature_size),
                                    .chain = qy_view_over(data + 1 + signature_size, rest - signature_size)};
  qy_verdict *verdict = malloc(sizeof(*verdict));
  if (verdict == NULL) {
    return 0;
  }
  qy_error why;
  const qy_status status = qy_avr_appraise(verdict, &evidence, &policy, 1600000000, &why);
  if (verdict->trust == QY_TRUSTED || verdict->authentic || verdict->trace.count == 0 ||
      (status != QY_OK && verdict->trust != QY_UNDECIDED)) {
    abort();
  }
  free(verdict);
  return 0;
}
