/* SPDX-License-Identifier: Apache-2.0 */
#include <registry/group.h>

#include <string.h>

#include <base/file.h>
#include <base/limits.h>
#include <json/json.h>
#include <registry/layout.h>

void qy_revoked_groups_init(qy_revoked_groups *groups)
{
  memset(groups, 0, sizeof *groups);
  qy_buffer_init(&groups->file, QY_MAX_FILE_SIZE);
}

void qy_revoked_groups_clear(qy_revoked_groups *groups)
{
  qy_buffer_clear(&groups->file);
  qy_revoked_groups_init(groups);
}

bool qy_revocation_reason_known(unsigned reason)
{
  return reason <= 6 || (reason >= 8 && reason <= 10);
}

/* {"version":1,"reasons":[{"gid":"00000b3f","reason":1}]}; a list without the file has no reasons. */
static qy_status load_reasons(qy_revoked_groups *out, const char *path, qy_error *why)
{
  if (!qy_file_exists(path)) {
    return QY_OK;
  }
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_SCOPED_JSON(object);
  const json_t *list = NULL;
  int64_t version = 0;
  QY_TRY(qy_file_read(&text, path, why));
  QY_TRY(qy_json_parse(&object, qy_buffer_view(&text), why));
  QY_TRY(qy_json_only(object, "group reasons", why, "version", "reasons"));
  QY_TRY(qy_json_integer(&version, object, "version", 1, 1, "group reasons", why));
  QY_TRY(qy_json_array(&list, object, "reasons", QY_MAX_REVOKED_GROUPS, "group reasons", why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *entry = json_array_get(list, i);
    uint8_t gid[4];
    int64_t reason = 0;
    QY_TRY(qy_json_only(entry, "group reasons", why, "gid", "reason"));
    QY_TRY(qy_json_hex(gid, sizeof gid, entry, "gid", "group reasons", why));
    QY_TRY(qy_json_integer(&reason, entry, "reason", 0, 10, "group reasons", why));
    if (!qy_revocation_reason_known((unsigned)reason)) {
      return qy_fail(why, QY_ERR_MALFORMED, "group reasons: there is no reason %d", (int)reason);
    }
    out->reasons[i].gid = (uint32_t)gid[0] << 24 | (uint32_t)gid[1] << 16 | (uint32_t)gid[2] << 8 | gid[3];
    out->reasons[i].reason = (unsigned)reason;
    out->reason_count++;
  }
  return QY_OK;
}

static qy_status load(qy_revoked_groups *out, const char *folder, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_GROUPRL, why));
  if (qy_file_exists(path)) {
    QY_TRY(qy_file_read(&out->file, path, why));
    QY_TRY(qy_epid_grouprl_read(&out->list, qy_buffer_view(&out->file), ca, trace, why));
    out->has_list = true;
  }
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_GROUP_REASONS, why));
  return load_reasons(out, path, why);
}

qy_status qy_revoked_groups_load(qy_revoked_groups *out, const char *folder, const qy_epid_ca *ca, qy_trace *trace,
                                 qy_error *why)
{
  qy_revoked_groups_clear(out);
  const qy_status status = load(out, folder, ca, trace, why);
  if (status != QY_OK) {
    qy_revoked_groups_clear(out);
  }
  return status;
}

bool qy_revoked_groups_contain(const qy_revoked_groups *groups, uint32_t gid)
{
  const qy_epid_gid wanted = qy_epid_gid_of_sgx(gid);
  for (uint32_t i = 0; groups->has_list && i < groups->list.count; i++) {
    const qy_view entry =
        qy_view_slice(groups->list.entries, (size_t)i * QY_EPID_GROUPRL_ENTRY_SIZE, QY_EPID_GROUPRL_ENTRY_SIZE);
    if (qy_view_equal(entry, QY_VIEW_OF(wanted.bytes))) {
      return true;
    }
  }
  return false;
}

unsigned qy_revoked_groups_reason(const qy_revoked_groups *groups, uint32_t gid)
{
  for (size_t i = 0; i < groups->reason_count; i++) {
    if (groups->reasons[i].gid == gid) {
      return groups->reasons[i].reason;
    }
  }
  return 0;
}
