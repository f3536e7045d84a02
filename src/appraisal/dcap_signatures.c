/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that were verified before. */
#include <appraisal/dcap_parts.h>

#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256.h>

void qy_known_signatures_init(qy_known_signatures *known)
{
  known->count = 0;
  known->next = 0;
  (void)pthread_mutex_init(&known->lock, NULL); /* a default mutex: glibc's cannot fail */
}

void qy_known_signatures_clear(qy_known_signatures *known)
{
  (void)pthread_mutex_destroy(&known->lock);
}

static bool is_known(qy_known_signatures *known, const qy_known_signature *signature)
{
  bool found = false;
  (void)pthread_mutex_lock(&known->lock);
  for (size_t i = 0; i < known->count && !found; i++) {
    found = memcmp(known->held[i].bytes, signature->bytes, sizeof(signature->bytes)) == 0;
  }
  (void)pthread_mutex_unlock(&known->lock);
  return found;
}

/* The oldest makes room. */
static void remember(qy_known_signatures *known, const qy_known_signature *signature)
{
  (void)pthread_mutex_lock(&known->lock);
  known->held[known->next] = *signature;
  known->next = (known->next + 1) % QY_KNOWN_SIGNATURES;
  known->count += known->count < QY_KNOWN_SIGNATURES ? 1 : 0;
  (void)pthread_mutex_unlock(&known->lock);
}

qy_status qy_known_verify(qy_known_signatures *known, bool *valid, const uint8_t public_key[64], qy_view message,
                          const uint8_t signature[64], qy_error *why)
{
  qy_p256_public key;
  qy_known_signature verified;
  uint8_t *digest = verified.bytes + 64;
  *valid = false;
  memcpy(key.bytes, public_key, sizeof(key.bytes));
  memcpy(verified.bytes, public_key, 64);
  memcpy(verified.bytes + 96, signature, 64);
  QY_TRY(qy_sha256(digest, message, why));
  if (is_known(known, &verified)) {
    *valid = true;
    return QY_OK;
  }
  QY_TRY(qy_p256_verify_digest(valid, &key, digest, signature, why));
  if (*valid) {
    remember(known, &verified);
  }
  return QY_OK;
}
