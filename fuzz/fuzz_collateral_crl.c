/* SPDX-License-Identifier: Apache-2.0 */
/* A revocation list in any form; what it decodes to decodes to the same. */
#include <stdlib.h>

#include <quotary/collateral.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  QY_SCOPED_SGX_CRL(crl);
  QY_SCOPED_SGX_CRL(again);
  qy_error why;
  if (qy_sgx_crl_decode(&crl, qy_view_over(data, size), &why) != QY_OK) {
    return 0;
  }
  (void)qy_sgx_crl_revokes(&crl, qy_view_over(data, size < 20 ? size : 20));
  if (qy_sgx_crl_decode(&again, crl.der, &why) != QY_OK || again.revoked_count != crl.revoked_count ||
      !qy_view_equal(again.revoked, crl.revoked) || again.storage != NULL) {
    abort();
  }
  return 0;
}
