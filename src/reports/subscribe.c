/* SPDX-License-Identifier: Apache-2.0 */
/* Changing who may ask for reports. */
#include <reports/subscriptions.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/secret.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <net/stream.h>
#include <registry/group.h>
#include <registry/layout.h>

static qy_status take_lock(int *fd, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_REPORTS, QY_FILE_REPORTS_LOCK, why));
  return qy_file_lock(fd, path, why);
}

static qy_status store(const char *folder, const qy_subscriptions *subscriptions, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(text, QY_MAX_SUBSCRIPTIONS_FILE);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_REPORTS, QY_FILE_SUBSCRIPTIONS, why));
  QY_TRY(qy_subscriptions_encode(&text, subscriptions, why));
  return qy_file_write(path, qy_buffer_view(&text), true, why);
}

static qy_status draw_key(char key[QY_SUBSCRIPTION_KEY_SIZE], uint8_t hash[32], qy_error *why)
{
  uint8_t bytes[16];
  QY_TRY(qy_random_fill(qy_random_system(), bytes, sizeof bytes, why));
  qy_hex_encode(key, QY_VIEW_OF(bytes));
  const qy_status status = qy_sha256(hash, QY_VIEW_OF(bytes), why);
  qy_wipe(bytes, sizeof bytes);
  return status;
}

void qy_subscription_keys_clear(qy_subscription_keys *keys)
{
  qy_wipe(keys, sizeof *keys);
}

static qy_subscription *find_spid(const qy_subscriptions *subscriptions, const uint8_t *spid)
{
  for (size_t i = 0; i < subscriptions->count; i++) {
    if (memcmp(subscriptions->entries[i].spid, spid, QY_SPID_SIZE) == 0) {
      return &subscriptions->entries[i];
    }
  }
  return NULL;
}

static qy_status append(qy_subscriptions *subscriptions, const qy_subscription *one, qy_error *why)
{
  if (subscriptions->count >= QY_MAX_SUBSCRIPTIONS) {
    return qy_fail(why, QY_ERR_LIMIT, "subscriptions: there are %zu already", subscriptions->count);
  }
  qy_subscription *grown = reallocarray(subscriptions->entries, subscriptions->count + 1, sizeof *grown);
  if (grown == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "subscriptions: out of memory");
  }
  subscriptions->entries = grown;
  grown[subscriptions->count++] = *one;
  return QY_OK;
}

static qy_status subscribe(qy_subscription_keys *keys, const char *folder, qy_subscription *one, qy_error *why)
{
  QY_SCOPED_FD(lock);
  QY_SCOPED_SUBSCRIPTIONS(subscriptions);
  QY_TRY(take_lock(&lock, folder, why));
  QY_TRY(qy_subscriptions_load(&subscriptions, folder, why));
  if (find_spid(&subscriptions, one->spid) != NULL) {
    return qy_fail(why, QY_ERR_EXISTS, "subscription: the SPID is registered");
  }
  QY_TRY(draw_key(keys->primary, one->primary_hash, why));
  QY_TRY(draw_key(keys->secondary, one->secondary_hash, why));
  QY_TRY(append(&subscriptions, one, why));
  return store(folder, &subscriptions, why);
}

qy_status qy_reports_subscribe(qy_subscription_keys *keys, const char *folder, const uint8_t spid[QY_SPID_SIZE],
                               bool linkable, const char *name, qy_error *why)
{
  qy_subscription one = {.linkable = linkable};
  *keys = (qy_subscription_keys){0};
  if (strlen(name) >= sizeof one.name) {
    return qy_fail(why, QY_ERR_ARGUMENT, "subscription: a name has at most %d bytes", QY_SUBSCRIPTION_NAME_SIZE - 1);
  }
  memcpy(one.spid, spid, sizeof one.spid);
  (void)snprintf(one.name, sizeof one.name, "%s", name);
  const qy_status status = subscribe(keys, folder, &one, why);
  if (status != QY_OK) {
    qy_subscription_keys_clear(keys);
  }
  return status;
}

static qy_status renew(qy_subscription_keys *keys, const char *folder, const uint8_t *spid, bool primary, qy_error *why)
{
  QY_SCOPED_FD(lock);
  QY_SCOPED_SUBSCRIPTIONS(subscriptions);
  QY_TRY(take_lock(&lock, folder, why));
  QY_TRY(qy_subscriptions_load(&subscriptions, folder, why));
  qy_subscription *one = find_spid(&subscriptions, spid);
  if (one == NULL) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "subscription: the SPID is not registered");
  }
  QY_TRY(draw_key(primary ? keys->primary : keys->secondary, primary ? one->primary_hash : one->secondary_hash, why));
  return store(folder, &subscriptions, why);
}

qy_status qy_reports_renew_key(qy_subscription_keys *keys, const char *folder, const uint8_t spid[QY_SPID_SIZE],
                               bool primary, qy_error *why)
{
  *keys = (qy_subscription_keys){0};
  const qy_status status = renew(keys, folder, spid, primary, why);
  if (status != QY_OK) {
    qy_subscription_keys_clear(keys);
  }
  return status;
}

qy_status qy_reports_unsubscribe(const char *folder, const uint8_t spid[QY_SPID_SIZE], qy_error *why)
{
  QY_SCOPED_FD(lock);
  QY_SCOPED_SUBSCRIPTIONS(subscriptions);
  QY_TRY(take_lock(&lock, folder, why));
  QY_TRY(qy_subscriptions_load(&subscriptions, folder, why));
  qy_subscription *one = find_spid(&subscriptions, spid);
  if (one == NULL) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "subscription: the SPID is not registered");
  }
  *one = subscriptions.entries[--subscriptions.count];
  return store(folder, &subscriptions, why);
}
