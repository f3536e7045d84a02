/* SPDX-License-Identifier: Apache-2.0 */
#include <registry/group.h>

#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <registry/layout.h>

#define MAX_LIST_FILE (QY_MAX_SIGRL_SIZE + 1024u)

void qy_group_init(qy_group *group)
{
  memset(group, 0, sizeof *group);
  qy_buffer_init(&group->certificate, 4096);
  qy_buffer_init(&group->sigrl_sgx, MAX_LIST_FILE);
  qy_buffer_init(&group->privrl_file, MAX_LIST_FILE);
  qy_buffer_init(&group->sigrl_file, MAX_LIST_FILE);
}

void qy_group_clear(qy_group *group)
{
  qy_buffer_clear(&group->certificate);
  qy_buffer_clear(&group->sigrl_sgx);
  qy_buffer_clear(&group->privrl_file);
  qy_buffer_clear(&group->sigrl_file);
  qy_group_init(group);
}

/* A file that need not be there: `*found` says whether it was. */
static qy_status read_if_there(bool *found, qy_buffer *out, const char *path, qy_error *why)
{
  qy_error own = {0};
  const qy_status status = qy_file_read(out, path, &own);
  *found = status == QY_OK;
  return status == QY_OK || status == QY_ERR_NOT_FOUND ? QY_OK : qy_fail(why, status, "%s", own.message);
}

static qy_status load_key(qy_group *out, const char *folder, uint32_t gid, const qy_epid_ca *ca, qy_trace *trace,
                          qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_group_path(path, sizeof path, folder, gid, QY_FILE_GROUP_KEY, why));
  QY_SCOPED_BUFFER(file, 65536);
  QY_TRY(qy_file_read(&file, path, why));
  QY_TRY(qy_epid_group_key_read(&out->key, qy_buffer_view(&file), ca, trace, why));
  const qy_epid_gid expected = qy_epid_gid_of_sgx(gid);
  const bool same = memcmp(&expected, &out->key.gid, sizeof expected) == 0;
  if (!qy_check(trace, QY_CHECK_ENDORSER_GROUP_ID, same, .expected = qy_text_hex(QY_VIEW_OF(expected.bytes)),
                .actual = qy_text_hex(QY_VIEW_OF(out->key.gid.bytes)), .origin = "the group's folder")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: the key of another group", path);
  }
  return QY_OK;
}

static qy_status load_tcb(qy_group *out, const char *folder, uint32_t gid, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_group_path(path, sizeof path, folder, gid, QY_FILE_GROUP_TCB, why));
  QY_SCOPED_BUFFER(file, 4096);
  if (!qy_file_exists(path)) { /* not NOT_FOUND: the group is there */
    return qy_fail(why, QY_ERR_MALFORMED, "group %08x: it is not said which TCB it stands for", gid);
  }
  QY_TRY(qy_file_read(&file, path, why));
  const qy_status status = qy_group_tcb_decode(&out->tcb, qy_buffer_view(&file), why);
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}

static qy_status check_list_gid(const qy_group *group, const qy_epid_gid *gid, const char *path, qy_trace *trace,
                                qy_error *why)
{
  const bool same = memcmp(gid, &group->key.gid, sizeof *gid) == 0;
  if (!qy_check(trace, QY_CHECK_EPID_LIST_GROUP, same, .expected = qy_text_hex(QY_VIEW_OF(group->key.gid.bytes)),
                .actual = qy_text_hex(QY_VIEW_OF(gid->bytes)), .origin = "the group's key")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: the list of another group", path);
  }
  return QY_OK;
}

static qy_status load_lists(qy_group *out, const char *folder, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_group_path(path, sizeof path, folder, out->gid, QY_FILE_PRIVRL, why));
  QY_TRY(read_if_there(&out->has_privrl, &out->privrl_file, path, why));
  if (out->has_privrl) {
    QY_TRY(qy_epid_privrl_read(&out->privrl, qy_buffer_view(&out->privrl_file), ca, trace, why));
    QY_TRY(check_list_gid(out, &out->privrl.gid, path, trace, why));
  }
  QY_TRY(qy_group_path(path, sizeof path, folder, out->gid, QY_FILE_SIGRL, why));
  QY_TRY(read_if_there(&out->has_sigrl, &out->sigrl_file, path, why));
  if (out->has_sigrl) {
    QY_TRY(qy_epid_sigrl_read(&out->sigrl, qy_buffer_view(&out->sigrl_file), ca, trace, why));
    QY_TRY(check_list_gid(out, &out->sigrl.gid, path, trace, why));
  }
  bool found = false;
  QY_TRY(qy_group_path(path, sizeof path, folder, out->gid, QY_FILE_SIGRL_SGX, why));
  QY_TRY(read_if_there(&found, &out->sigrl_sgx, path, why));
  QY_TRY(qy_group_path(path, sizeof path, folder, out->gid, QY_FILE_GROUP_CERTIFICATE, why));
  return read_if_there(&found, &out->certificate, path, why);
}

static qy_status load(qy_group *out, const char *folder, uint32_t gid, const qy_epid_ca *ca, qy_trace *trace,
                      qy_error *why)
{
  out->gid = gid;
  QY_TRY(load_key(out, folder, gid, ca, trace, why));
  QY_TRY(load_tcb(out, folder, gid, why));
  return load_lists(out, folder, ca, trace, why);
}

qy_status qy_group_load(qy_group *out, const char *folder, uint32_t gid, const qy_epid_ca *ca, qy_trace *trace,
                        qy_error *why)
{
  qy_group_clear(out);
  const qy_status status = load(out, folder, gid, ca, trace, why);
  if (status != QY_OK) {
    qy_group_clear(out);
  }
  return status;
}
