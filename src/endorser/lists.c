/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/issuer.h>

#include <unistd.h>

#include <base/limits.h>
#include <sgx/endorsements.h>

qy_status qy_issuer_write_group_file(const qy_issuer *issuer, uint32_t gid, const char *name, qy_view bytes,
                                     qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_group_path(path, sizeof path, issuer->folder, gid, name, why));
  return qy_file_write(path, bytes, false, why);
}

static qy_status sign_list(qy_buffer *file, const qy_issuer *issuer, qy_epid_file_kind kind, qy_view plain,
                           qy_error *why)
{
  const size_t size = plain.size + QY_EPID_FILE_OVERHEAD;
  uint8_t *out = qy_buffer_extend(file, size);
  QY_TRY(qy_buffer_finish(file, qy_epid_file_kind_name(kind), why));
  return qy_epid_file_sign(out, size, kind, plain, qy_secret_view(&issuer->epid_ca_key), why);
}

qy_status qy_issuer_publish_privrl(const qy_issuer *issuer, uint32_t gid, qy_view plain, qy_error *why)
{
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  QY_TRY(sign_list(&file, issuer, QY_EPID_FILE_PRIVRL, plain, why));
  return qy_issuer_write_group_file(issuer, gid, QY_FILE_PRIVRL, qy_buffer_view(&file), why);
}

qy_status qy_issuer_publish_sigrl_sgx(const qy_issuer *issuer, uint32_t gid, const qy_epid_sigrl *list, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_group_path(path, sizeof path, issuer->folder, gid, QY_FILE_SIGRL_SGX, why));
  if (list->count == 0) { /* clients refuse a list without entries */
    return unlink(path) == 0 || !qy_file_exists(path) ? QY_OK : qy_fail(why, QY_ERR_IO, "cannot remove %s: %m", path);
  }
  QY_SCOPED_BUFFER(sgx, QY_MAX_FILE_SIZE);
  QY_TRY(qy_sigrl_make(&sgx, gid, list->version, list->entries, &issuer->isk, why));
  return qy_file_write(path, qy_buffer_view(&sgx), false, why);
}

/* The EPID form first: it is what quotes are verified by. Until the other follows, the report service serves none. */
qy_status qy_issuer_publish_sigrl(const qy_issuer *issuer, uint32_t gid, qy_view plain, qy_error *why)
{
  qy_epid_sigrl list;
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  QY_TRY(qy_epid_sigrl_read(&list, plain, NULL, NULL, why));
  QY_TRY(sign_list(&file, issuer, QY_EPID_FILE_SIGRL, plain, why));
  QY_TRY(qy_issuer_write_group_file(issuer, gid, QY_FILE_SIGRL, qy_buffer_view(&file), why));
  return qy_issuer_publish_sigrl_sgx(issuer, gid, &list, why);
}

qy_status qy_issuer_publish_grouprl(const qy_issuer *issuer, qy_view plain, qy_error *why)
{
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  QY_TRY(sign_list(&file, issuer, QY_EPID_FILE_GROUPRL, plain, why));
  return qy_issuer_write(issuer->folder, QY_DIR_PUBLIC, QY_FILE_GROUPRL, qy_buffer_view(&file), why);
}
