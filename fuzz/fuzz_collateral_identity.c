/* SPDX-License-Identifier: Apache-2.0 */
/* Enclave identity: what decodes is in order and within its bounds. */
#include <stdlib.h>

#include <quotary/collateral.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_enclave_identity identity;
  qy_qvl_status qvl = QY_QVL_OK;
  qy_error why;
  const qy_status status = qy_enclave_identity_decode(&identity, qy_view_over(data, size), &qvl, &why);
  if ((status == QY_OK) != (qvl == QY_QVL_OK)) {
    abort();
  }
  for (size_t i = 1; status == QY_OK && i < identity.level_count; i++) {
    if (identity.levels[i].isv_svn > identity.levels[i - 1].isv_svn) {
      abort();
    }
  }
  return 0;
}
