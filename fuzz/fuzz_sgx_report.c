/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/sgx.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void body_alone(const uint8_t *data, size_t size)
{
  qy_report_body body;
  uint8_t again[QY_REPORT_BODY_SIZE];
  if (qy_report_body_decode(&body, qy_view_over(data, size), NULL) != QY_OK) {
    return;
  }
  qy_report_body_encode(again, &body);
  if (size != sizeof(again) || memcmp(again, data, size) != 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_report decoded;
  uint8_t again[QY_REPORT_SIZE];
  qy_error why = {0};
  body_alone(data, size);
  const qy_status status = qy_report_decode(&decoded, qy_view_over(data, size), &why);
  if (status != QY_OK) {
    if (why.status != status || !qy_view_is_zero(qy_view_over(&decoded, sizeof(decoded)))) {
      abort();
    }
    return 0;
  }
  qy_report_encode(again, &decoded);
  if (size != sizeof(again) || memcmp(again, data, size) != 0) {
    abort();
  }
  return 0;
}
