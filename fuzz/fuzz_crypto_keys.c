/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as PEM and DER: one that is read is written as a text that reads as the same key. */
#include <stdlib.h>
#include <string.h>

#include <base/buffer.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool held)
{
  if (!held) {
    abort();
  }
}

static void public_point(qy_view in)
{
  QY_SCOPED_BUFFER(pem, 8192);
  qy_p256_public key, again;
  if (qy_p256_public_from_pem(&key, in, NULL) == QY_OK) {
    demand(qy_p256_check_point(&key, NULL) == QY_OK && qy_p256_public_to_pem(&pem, &key, NULL) == QY_OK);
    demand(qy_p256_public_from_pem(&again, qy_buffer_view(&pem), NULL) == QY_OK);
    demand(memcmp(&key, &again, sizeof(key)) == 0);
  }
}

static void private_point(qy_view in)
{
  QY_SCOPED_BUFFER(pem, 8192);
  QY_SCOPED_SECRET(secret);
  QY_SCOPED_SECRET(same);
  qy_p256_public key, again;
  if (qy_p256_private_from_pem(&secret, &key, in, NULL) == QY_OK) {
    demand(qy_p256_private_to_pem(&pem, &secret, NULL) == QY_OK);
    demand(qy_p256_private_from_pem(&same, &again, qy_buffer_view(&pem), NULL) == QY_OK);
    demand(memcmp(&key, &again, sizeof(key)) == 0);
  }
}

static void public_number(qy_view in)
{
  QY_SCOPED_BUFFER(pem, 8192);
  qy_rsa_public key, again;
  if (qy_rsa_public_from_pem(&key, in, NULL) == QY_OK) {
    demand(qy_rsa_public_to_pem(&pem, &key, NULL) == QY_OK);
    demand(qy_rsa_public_from_pem(&again, qy_buffer_view(&pem), NULL) == QY_OK);
    demand(key.size == again.size && memcmp(key.modulus, again.modulus, key.size) == 0);
  }
}

typedef qy_status reader(qy_rsa_private **out, qy_view in, qy_error *why);

static void private_number(reader *read, qy_view in)
{
  QY_SCOPED_RSA(key);
  if (read(&key, in, NULL) == QY_OK) {
    qy_rsa_public public_key;
    qy_rsa_public_of(&public_key, key);
    demand(public_key.size > 0 && public_key.size <= QY_RSA_MAX_SIZE);
  } else {
    demand(key == NULL);
  }
}

/* One reader an input: libcrypto takes milliseconds to find out what a text may be. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view in = {data, size};
  switch (size % 8) {
  case 0:
    private_number(qy_rsa_private_from_pem, in);
    break;
  case 1:
    private_number(qy_rsa_private_from_der, in);
    break;
  case 2:
  case 3:
    public_number(in);
    break;
  case 4:
  case 5:
    public_point(in);
    break;
  default:
    private_point(in);
  }
  return 0;
}
