/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/random.h>

#include <string.h>

#include <openssl/rand.h>

#include <crypto/openssl.h>

/* RAND_priv_bytes takes an int. */
#define MAX_DRAW ((size_t)1 << 20)

static qy_status fill_from_system(void *context, uint8_t *out, size_t size, qy_error *why)
{
  (void)context;
  for (size_t done = 0; done < size;) {
    const size_t part = size - done < MAX_DRAW ? size - done : MAX_DRAW;
    if (RAND_priv_bytes(out + done, (int)part) != 1) {
      return qy_crypto_fail(why, QY_ERR_CRYPTO, "the system's random generator");
    }
    done += part;
  }
  return QY_OK;
}

const qy_random *qy_random_system(void)
{
  static const qy_random system = {.fill = fill_from_system, .context = NULL};
  return &system;
}

qy_status qy_random_fill(const qy_random *random, uint8_t *out, size_t size, qy_error *why)
{
  if (random == NULL || random->fill == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "randomness: no source was given");
  }
  const qy_status status = random->fill(random->context, out, size, why);
  if (status != QY_OK && size > 0) {
    memset(out, 0, size); /* so that a caller who goes on regardless cannot take old memory for fresh bytes */
  }
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "randomness: %zu bytes", size);
}
