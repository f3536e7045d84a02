/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation keys that are met again and again: from the QY_KEY_OFTENth signature on they have a table, which leaves
 * out more than half of the work of each. Only signatures that held count, and by then the quoting enclave's platform has
 * vouched for the key; so nobody else can drive keys out. */
#include <appraisal/dcap_parts.h>

#include <string.h>

#include <crypto/hash.h>

void qy_known_keys_init(qy_known_keys *known)
{
  (void)pthread_mutex_init(&known->lock, NULL); /* a default mutex: glibc's cannot fail */
}

void qy_known_keys_clear(qy_known_keys *known)
{
  for (size_t i = 0; i < QY_KNOWN_KEYS; i++) {
    qy_p256_table_free(&known->keys[i].table);
  }
  (void)pthread_mutex_destroy(&known->lock);
}

/* Under the lock. */
static qy_known_key *find(qy_known_keys *known, const qy_p256_public *key)
{
  for (size_t i = 0; i < QY_KNOWN_KEYS; i++) {
    if (known->keys[i].seen > 0 && qy_view_equal(QY_VIEW_OF(known->keys[i].key.bytes), QY_VIEW_OF(key->bytes))) {
      return &known->keys[i];
    }
  }
  return NULL;
}

/* The key's, if it has a table by now; to be let go of. */
static qy_known_key *hold(qy_known_keys *known, const qy_p256_public *key)
{
  (void)pthread_mutex_lock(&known->lock);
  qy_known_key *found = find(known, key);
  if (found != NULL && found->table == NULL) {
    found = NULL;
  }
  if (found != NULL) {
    found->holders++;
    found->used = ++known->uses;
  }
  (void)pthread_mutex_unlock(&known->lock);
  return found;
}

static void let_go(qy_known_keys *known, qy_known_key *key)
{
  (void)pthread_mutex_lock(&known->lock);
  key->holders--;
  (void)pthread_mutex_unlock(&known->lock);
}

/* Under the lock: where a new key can go, which is where the one is that was not used for the longest; its table is then
 * the caller's to free. NULL while all are held. */
static qy_known_key *make_room(qy_known_keys *known, qy_p256_table **old)
{
  qy_known_key *oldest = NULL;
  for (size_t i = 0; i < QY_KNOWN_KEYS; i++) {
    qy_known_key *key = &known->keys[i];
    if (key->holders == 0 && (oldest == NULL || key->used < oldest->used)) {
      oldest = key;
    }
  }
  if (oldest != NULL) {
    *old = oldest->table;
    *oldest = (qy_known_key){.seen = 0};
  }
  return oldest;
}

/* Another signature by the key held. Whether it is time to make its table, which is so once. */
static bool count(qy_known_keys *known, const qy_p256_public *key)
{
  qy_p256_table *old = NULL;
  bool often = false;
  (void)pthread_mutex_lock(&known->lock);
  qy_known_key *found = find(known, key);
  if (found == NULL) {
    found = make_room(known, &old);
  }
  if (found != NULL) {
    found->key = *key;
    found->used = ++known->uses;
    found->seen += found->seen < QY_KEY_OFTEN ? 1 : 0;
    often = found->seen == QY_KEY_OFTEN - 1;
  }
  (void)pthread_mutex_unlock(&known->lock);
  qy_p256_table_free(&old);
  return often;
}

/* Made outside of the lock: meanwhile others verify without one. What cannot be kept is dropped. */
static void make_table(qy_known_keys *known, const qy_p256_public *key)
{
  qy_p256_table *table = NULL;
  if (qy_p256_table_new(&table, key, NULL) != QY_OK) {
    return; /* no memory: it goes without */
  }
  (void)pthread_mutex_lock(&known->lock);
  qy_known_key *found = find(known, key);
  if (found != NULL && found->table == NULL) {
    found->table = table;
    table = NULL;
  }
  (void)pthread_mutex_unlock(&known->lock);
  qy_p256_table_free(&table);
}

qy_status qy_known_key_verify(qy_known_keys *known, bool *valid, const uint8_t public_key[64], qy_view message,
                              const uint8_t signature[64], qy_error *why)
{
  qy_p256_public key;
  uint8_t digest[QY_SHA256_SIZE];
  *valid = false;
  memcpy(key.bytes, public_key, sizeof(key.bytes));
  QY_TRY(qy_sha256(digest, message, why));
  qy_known_key *held = hold(known, &key);
  if (held != NULL) {
    *valid = qy_p256_table_verify(held->table, digest, signature);
    let_go(known, held);
    return QY_OK;
  }
  QY_TRY(qy_p256_verify_digest(valid, &key, digest, signature, why));
  if (*valid && count(known, &key)) {
    make_table(known, &key);
  }
  return QY_OK;
}
