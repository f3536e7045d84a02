/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate, and the same bytes as a chain: what decodes lies within its bytes. */
#include <stdlib.h>

#include <quotary/collateral.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const qy_sgx_certificate *certificate)
{
  const qy_view parts[] = {certificate->signed_part, certificate->signature_bits, certificate->issuer.der,
                           certificate->subject.common_name, certificate->sgx_extension};
  const qy_view all = certificate->der;
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
    if (parts[i].size > 0 && (parts[i].bytes < all.bytes || parts[i].bytes + parts[i].size > all.bytes + all.size)) {
      abort();
    }
  }
  qy_pck_extension extension;
  (void)!qy_pck_extension_decode(&extension, certificate->sgx_extension, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  QY_SCOPED_SGX_CHAIN(chain);
  qy_sgx_certificate certificate;
  qy_qvl_status qvl = QY_QVL_OK;
  qy_error why;
  if (qy_sgx_certificate_decode(&certificate, qy_view_over(data, size), &why) == QY_OK) {
    look_at(&certificate);
  }
  const qy_status status = qy_sgx_chain_from_pem(&chain, qy_view_over(data, size), &qvl, &why);
  if ((status == QY_OK) != (qvl == QY_QVL_OK) || (status == QY_OK) != (chain.count > 0)) {
    abort();
  }
  for (size_t i = 0; i < chain.count; i++) {
    look_at(&chain.certificates[i]);
  }
  return 0;
}
