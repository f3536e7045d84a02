/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <crypto/x509.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const qy_certificate *certificate)
{
  uint8_t fingerprint[32];
  char text[80];
  bool valid = false;
  qy_rsa_public number;
  qy_p256_public point;
  qy_certificate_fingerprint(fingerprint, certificate);
  qy_certificate_subject(text, sizeof(text), certificate);
  qy_certificate_issuer(text, sizeof(text), certificate);
  qy_certificate_serial(text, sizeof(text), certificate);
  (void)qy_certificate_not_before_s(certificate);
  (void)qy_certificate_not_after_s(certificate);
  (void)qy_certificate_is_ca(certificate);
  (void)!qy_certificate_rsa_key(&number, certificate, NULL);
  (void)!qy_certificate_p256_key(&point, certificate, NULL);
  (void)!qy_certificate_signed_by(&valid, certificate, certificate, NULL);
  if (!qy_certificate_same_key(certificate, certificate)) {
    abort();
  }
}

/* As DER, and as PEM. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view input = {data, size};
  QY_SCOPED_CERTIFICATE(certificate);
  QY_SCOPED_CHAIN(chain);
  if (qy_certificate_from_der(&certificate, input, NULL) == QY_OK) {
    look_at(certificate);
    if (!qy_view_equal(qy_certificate_der(certificate), input)) {
      abort();
    }
  }
  if (qy_chain_from_pem(&chain, input, NULL) == QY_OK) {
    for (size_t i = 0; i < chain.count; i++) {
      look_at(chain.certificates[i]);
    }
  }
  return 0;
}
