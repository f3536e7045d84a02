/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/sgx.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_target_info decoded;
  uint8_t again[QY_TARGET_INFO_SIZE];
  qy_error why = {0};
  const qy_status status = qy_target_info_decode(&decoded, qy_view_over(data, size), &why);
  if (status != QY_OK) {
    if (why.status != status || !qy_view_is_zero(qy_view_over(&decoded, sizeof(decoded)))) {
      abort();
    }
    return 0;
  }
  qy_target_info_encode(again, &decoded);
  if (size != sizeof(again) || memcmp(again, data, size) != 0) {
    abort();
  }
  return 0;
}
