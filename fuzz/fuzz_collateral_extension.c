/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/collateral.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_pck_extension extension;
  qy_error why;
  (void)!qy_pck_extension_decode(&extension, qy_view_over(data, size), &why);
  return 0;
}
