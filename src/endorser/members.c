/* SPDX-License-Identifier: Apache-2.0 */
/* Members made in bulk, in the files that Intel's EPID tools read. */
#include <endorser/issuer.h>

#include <base/limits.h>
#include <crypto/random.h>

static qy_status write_into(const char *out_folder, const char *name, qy_view bytes, bool secret, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_path_join(path, sizeof path, out_folder, name, why));
  return qy_file_write(path, bytes, secret, why);
}

static qy_status copy(const char *out_folder, const char *name, const char *from, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, QY_MAX_FILE_SIZE);
  QY_TRY(qy_file_read(&bytes, from, why));
  return write_into(out_folder, name, qy_buffer_view(&bytes), false, why);
}

/* The list as it stands, or one without entries. */
static qy_status write_list(const qy_issuer *issuer, const char *out_folder, const char *name, const char *from,
                            qy_epid_file_kind kind, qy_view empty, qy_error *why)
{
  uint8_t file[64 + QY_EPID_FILE_OVERHEAD];
  if (qy_file_exists(from)) {
    return copy(out_folder, name, from, why);
  }
  const size_t size = empty.size + QY_EPID_FILE_OVERHEAD;
  QY_TRY(qy_epid_file_sign(file, size, kind, empty, qy_secret_view(&issuer->epid_ca_key), why));
  return write_into(out_folder, name, qy_view_over(file, size), false, why);
}

static qy_status write_lists(const qy_issuer *issuer, uint32_t gid, const char *out_folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  uint8_t plain[64];
  size_t size = 0;
  const qy_epid_privrl privrl = {.gid = qy_epid_gid_of_sgx(gid)};
  const qy_epid_sigrl sigrl = {.gid = privrl.gid};
  const qy_epid_grouprl grouprl = {0};
  QY_TRY(qy_epid_privrl_encode(plain, sizeof plain, &size, &privrl, why));
  QY_TRY(qy_group_path(path, sizeof path, issuer->folder, gid, QY_FILE_PRIVRL, why));
  QY_TRY(write_list(issuer, out_folder, "privrl.bin", path, QY_EPID_FILE_PRIVRL, qy_view_over(plain, size), why));
  QY_TRY(qy_epid_sigrl_encode(plain, sizeof plain, &size, &sigrl, why));
  QY_TRY(qy_group_path(path, sizeof path, issuer->folder, gid, QY_FILE_SIGRL, why));
  QY_TRY(write_list(issuer, out_folder, "sigrl.bin", path, QY_EPID_FILE_SIGRL, qy_view_over(plain, size), why));
  QY_TRY(qy_epid_grouprl_encode(plain, sizeof plain, &size, &grouprl, why));
  QY_TRY(qy_registry_path(path, sizeof path, issuer->folder, QY_DIR_PUBLIC, QY_FILE_GROUPRL, why));
  return write_list(issuer, out_folder, "grouprl.bin", path, QY_EPID_FILE_GROUPRL, qy_view_over(plain, size), why);
}

static qy_status write_member(const qy_issuer *issuer, uint32_t gid, const char *out_folder, qy_error *why)
{
  __attribute__((cleanup(qy_epid_issuing_key_clear))) qy_epid_issuing_key issuing_key = {0};
  __attribute__((cleanup(qy_epid_member_key_clear))) qy_epid_member_key member = {0};
  uint8_t blob[QY_EPID_MEMBER_KEY_SIZE];
  QY_SCOPED_GROUP(group);
  QY_TRY(qy_group_load(&group, issuer->folder, gid, &issuer->ca, NULL, why));
  QY_TRY(qy_issuer_issuing_key(&issuing_key, issuer->folder, gid, why));
  QY_TRY(qy_epid_member_key_issue(&member, &group.key, &issuing_key, qy_random_system(), why));
  qy_epid_member_key_encode(blob, &member);
  const qy_status status = write_into(out_folder, "mprivkey.dat", QY_VIEW_OF(blob), true, why);
  qy_wipe(blob, sizeof blob);
  return status;
}

qy_status qy_endorser_issue_member(const char *folder, uint32_t gid, const char *out_folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_issuer_mend(&issuer, why));
  QY_TRY(qy_folder_make(out_folder, why));
  QY_TRY(write_member(&issuer, gid, out_folder, why));
  QY_TRY(qy_group_path(path, sizeof path, folder, gid, QY_FILE_GROUP_KEY, why));
  QY_TRY(copy(out_folder, "pubkey.bin", path, why));
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_EPID_CA, why));
  QY_TRY(copy(out_folder, "cacert.bin", path, why));
  return write_lists(&issuer, gid, out_folder, why);
}
