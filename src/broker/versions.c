/* SPDX-License-Identifier: Apache-2.0 */
/* The highest policy version seen for each name, so that an old policy cannot be put back. */
#include <broker/secrets.h>

#include <string.h>
#include <unistd.h>

#include <base/file.h>
#include <crypto/hash.h>
#include <json/json.h>
#include <net/stream.h>

#define MAX_VERSIONS (4u << 20)
#define LOCK_TRIES 200
#define LOCK_WAIT_US 10000

static const char what[] = "policy-versions.json";

static qy_status read_versions(json_t **out, const char *folder, qy_error *why)
{
  if (!qy_broker_file_exists(folder, QY_BROKER_FILE_VERSIONS)) {
    *out = json_object();
    return QY_OK;
  }
  QY_SCOPED_BUFFER(text, MAX_VERSIONS);
  QY_TRY(qy_broker_file_read(&text, folder, QY_BROKER_FILE_VERSIONS, false, why));
  return qy_json_parse(out, qy_buffer_view(&text), why);
}

/* The command line and a running broker may both come here. */
static qy_status lock_versions(int *fd, const char *folder, qy_error *why)
{
  char path[QY_BROKER_PATH];
  QY_TRY(qy_path_join(path, sizeof(path), folder, QY_BROKER_FILE_VERSIONS ".lock", why));
  for (int i = 0; i < LOCK_TRIES; i++) {
    const qy_status status = qy_file_lock(fd, path, why);
    if (status != QY_ERR_BUSY) {
      return status;
    }
    (void)usleep(LOCK_WAIT_US);
  }
  return qy_fail(why, QY_ERR_BUSY, "broker: %s stays locked", path);
}

typedef struct seen_version {
  bool any;
  int64_t version;
  uint8_t hash[QY_SHA256_SIZE];
} seen_version;

static qy_status find_version(seen_version *out, const json_t *versions, const char *name, qy_error *why)
{
  const json_t *entry = NULL;
  *out = (seen_version){0};
  if (!qy_json_has(versions, name)) {
    return QY_OK;
  }
  QY_TRY(qy_json_object(&entry, versions, name, what, why));
  QY_TRY(qy_json_integer(&out->version, entry, "version", 0, INT64_MAX, what, why));
  QY_TRY(qy_json_hex(out->hash, sizeof(out->hash), entry, "sha256", what, why));
  out->any = true;
  return QY_OK;
}

static qy_status judge(bool *is_new, const seen_version *seen, const char *name, const qy_policy *policy,
                       const uint8_t hash[QY_SHA256_SIZE], qy_trace *trace, qy_error *why)
{
  const bool same =
      seen->any && (uint64_t)seen->version == policy->version && memcmp(seen->hash, hash, QY_SHA256_SIZE) == 0;
  const bool newer = !seen->any || policy->version > (uint64_t)seen->version;
  *is_new = newer;
  if (qy_check(trace, QY_CHECK_BROKER_POLICY_VERSION, same || newer,
               .expected = seen->any ? qy_textf("version %lld unchanged, or a higher one", (long long)seen->version)
                                     : qy_textf("any version"),
               .actual = qy_textf("version %llu%s", (unsigned long long)policy->version, same ? ", unchanged" : ""),
               .origin = what)) {
    return QY_OK;
  }
  return qy_fail(why, QY_ERR_REFUSED,
                 "policy of %s: version %llu was seen before with other contents, or a higher one was", name,
                 (unsigned long long)policy->version);
}

qy_status qy_broker_version_accept(const char *folder, const char *name, const qy_policy *policy, qy_view json,
                                   qy_trace *trace, qy_error *why)
{
  uint8_t hash[QY_SHA256_SIZE];
  QY_SCOPED_FD(lock);
  QY_SCOPED_JSON(versions);
  seen_version seen;
  bool is_new = false;
  QY_TRY(qy_sha256(hash, json, why));
  QY_TRY(lock_versions(&lock, folder, why));
  QY_TRY(read_versions(&versions, folder, why));
  QY_TRY(find_version(&seen, versions, name, why));
  QY_TRY(judge(&is_new, &seen, name, policy, hash, trace, why));
  if (!is_new) {
    return QY_OK;
  }
  json_object_set_new(
      versions, name,
      json_pack("{s:I, s:o}", "version", (json_int_t)policy->version, "sha256", qy_json_new_hex(QY_VIEW_OF(hash))));
  QY_SCOPED_BUFFER(text, MAX_VERSIONS);
  QY_TRY(qy_json_print(&text, versions, true, why));
  return qy_broker_file_write(folder, QY_BROKER_FILE_VERSIONS, qy_buffer_view(&text), false, why);
}
