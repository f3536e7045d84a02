/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/subscriptions.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/secret.h>
#include <crypto/hash.h>
#include <json/json.h>
#include <registry/group.h>
#include <registry/layout.h>

void qy_subscriptions_clear(qy_subscriptions *subscriptions)
{
  free(subscriptions->entries);
  *subscriptions = (qy_subscriptions){0};
}

static qy_status decode_one(qy_subscription *out, const json_t *entry, qy_error *why)
{
  static const char WHAT[] = "subscriptions";
  const char *name = NULL;
  QY_TRY(qy_json_only(entry, WHAT, why, "spid", "name", "linkable", "primary_sha256", "secondary_sha256"));
  QY_TRY(qy_json_hex(out->spid, sizeof out->spid, entry, "spid", WHAT, why));
  QY_TRY(qy_json_text(&name, entry, "name", WHAT, why));
  if (strlen(name) >= sizeof out->name) {
    return qy_fail(why, QY_ERR_LIMIT, "subscriptions: a name of %zu bytes", strlen(name));
  }
  (void)snprintf(out->name, sizeof out->name, "%s", name);
  QY_TRY(qy_json_boolean(&out->linkable, entry, "linkable", WHAT, why));
  QY_TRY(qy_json_hex(out->primary_hash, sizeof out->primary_hash, entry, "primary_sha256", WHAT, why));
  return qy_json_hex(out->secondary_hash, sizeof out->secondary_hash, entry, "secondary_sha256", WHAT, why);
}

static bool holds_spid(const qy_subscriptions *subscriptions, const uint8_t *spid)
{
  for (size_t i = 0; i < subscriptions->count; i++) {
    if (memcmp(subscriptions->entries[i].spid, spid, QY_SPID_SIZE) == 0) {
      return true;
    }
  }
  return false;
}

static qy_status decode_all(qy_subscriptions *out, qy_view text, qy_error *why)
{
  QY_SCOPED_JSON(object);
  const json_t *list = NULL;
  QY_TRY(qy_json_parse(&object, text, why));
  QY_TRY(qy_json_only(object, "subscriptions", why, "subscriptions"));
  QY_TRY(qy_json_array(&list, object, "subscriptions", QY_MAX_SUBSCRIPTIONS, "subscriptions", why));
  out->entries = calloc(json_array_size(list) + 1, sizeof *out->entries);
  if (out->entries == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "subscriptions: out of memory");
  }
  for (size_t i = 0; i < json_array_size(list); i++) {
    qy_subscription one = {0};
    QY_TRY(decode_one(&one, json_array_get(list, i), why));
    if (holds_spid(out, one.spid)) {
      return qy_fail(why, QY_ERR_MALFORMED, "subscriptions: an SPID stands twice");
    }
    out->entries[out->count++] = one;
  }
  return QY_OK;
}

qy_status qy_subscriptions_decode(qy_subscriptions *out, qy_view json, qy_error *why)
{
  *out = (qy_subscriptions){0};
  const qy_status status = decode_all(out, json, why);
  if (status != QY_OK) {
    qy_subscriptions_clear(out);
  }
  return status;
}

qy_status qy_subscriptions_encode(qy_buffer *out, const qy_subscriptions *subscriptions, qy_error *why)
{
  json_t *list = json_array();
  for (size_t i = 0; i < subscriptions->count; i++) {
    const qy_subscription *one = &subscriptions->entries[i];
    (void)json_array_append_new(list,
                                json_pack("{s:o, s:o, s:b, s:o, s:o}", "spid", qy_json_new_hex(QY_VIEW_OF(one->spid)),
                                          "name", qy_json_new_text(one->name), "linkable", (int)one->linkable,
                                          "primary_sha256", qy_json_new_hex(QY_VIEW_OF(one->primary_hash)),
                                          "secondary_sha256", qy_json_new_hex(QY_VIEW_OF(one->secondary_hash))));
  }
  QY_SCOPED_JSON(object);
  object = json_pack("{s:o}", "subscriptions", list);
  if (object == NULL || json_array_size(list) != subscriptions->count) {
    return qy_fail(why, QY_ERR_MEMORY, "subscriptions: out of memory");
  }
  return qy_json_print(out, object, true, why);
}

qy_status qy_subscriptions_load(qy_subscriptions *out, const char *folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  *out = (qy_subscriptions){0};
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_REPORTS, QY_FILE_SUBSCRIPTIONS, why));
  if (!qy_file_exists(path)) {
    return QY_OK;
  }
  QY_SCOPED_BUFFER(text, QY_MAX_SUBSCRIPTIONS_FILE);
  QY_TRY(qy_file_check_private(path, why));
  QY_TRY(qy_file_read(&text, path, why));
  return qy_subscriptions_decode(out, qy_buffer_view(&text), why);
}

/* The hash of a key as it is written: 32 hex digits, either case. */
static bool hash_key(uint8_t hash[32], const char *key)
{
  uint8_t bytes[16];
  const bool fits = strlen(key) == 2 * sizeof bytes &&
                    qy_hex_decode(bytes, sizeof bytes, qy_view_text(key), "key", NULL) == QY_OK &&
                    qy_sha256(hash, QY_VIEW_OF(bytes), NULL) == QY_OK;
  qy_wipe(bytes, sizeof bytes);
  return fits;
}

const qy_subscription *qy_subscriptions_find_key(const qy_subscriptions *subscriptions, const char *key)
{
  uint8_t hash[32];
  const qy_subscription *found = NULL;
  if (!hash_key(hash, key)) {
    return NULL;
  }
  for (size_t i = 0; i < subscriptions->count; i++) {
    const qy_subscription *one = &subscriptions->entries[i];
    const bool primary = qy_equal_ct(hash, one->primary_hash, sizeof hash);
    const bool secondary = qy_equal_ct(hash, one->secondary_hash, sizeof hash);
    if (primary | secondary) {
      found = one;
    }
  }
  qy_wipe(hash, sizeof hash);
  return found;
}
