/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

#include <openssl/ec.h>

static qy_status sign_digest(bench_p256 *out, EVP_PKEY *key, qy_error *why)
{
  EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new(key, NULL);
  memset(out->digest, 0x5a, sizeof(out->digest));
  out->signature_size = sizeof(out->signature);
  const bool done = signer != NULL && EVP_PKEY_sign_init(signer) == 1 &&
                    EVP_PKEY_sign(signer, out->signature, &out->signature_size, out->digest, sizeof(out->digest)) == 1;
  EVP_PKEY_CTX_free(signer);
  return done ? QY_OK : qy_fail(why, QY_ERR_CRYPTO, "P-256: cannot sign");
}

qy_status bench_p256_make(bench_p256 *out, qy_error *why)
{
  EVP_PKEY *key = EVP_EC_gen("P-256");
  qy_status status = key == NULL ? qy_fail(why, QY_ERR_CRYPTO, "P-256: no key") : sign_digest(out, key, why);
  out->context = EVP_PKEY_CTX_new(key, NULL);
  if (status == QY_OK && (out->context == NULL || EVP_PKEY_verify_init(out->context) != 1)) {
    status = qy_fail(why, QY_ERR_CRYPTO, "P-256: cannot verify");
  }
  EVP_PKEY_free(key);
  return status;
}

qy_status bench_p256_verify(bench_p256 *unit, qy_error *why)
{
  const int valid =
      EVP_PKEY_verify(unit->context, unit->signature, unit->signature_size, unit->digest, sizeof(unit->digest));
  return valid == 1 ? QY_OK : qy_fail(why, QY_ERR_INTERNAL, "P-256: the signature does not hold");
}

void bench_p256_clear(bench_p256 *unit)
{
  EVP_PKEY_CTX_free(unit->context);
  unit->context = NULL;
}
