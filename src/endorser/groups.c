/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/issuer.h>

#include <stdio.h>
#include <string.h>

#include <crypto/random.h>
#include <sgx/endorsements.h>

#define MAX_GROUPS 4096

static void issuing_key_name(char out[16], uint32_t gid)
{
  (void)snprintf(out, 16, "%08x.bin", gid);
}

/* Numbered from a random start, as those of real groups are opaque; 0 means "no group" to many clients. */
static qy_status draw_gid(uint32_t *gid, const char *folder, qy_error *why)
{
  for (unsigned tries = 0; tries < 1000; tries++) {
    char path[QY_PATH_SIZE];
    uint8_t bytes[2];
    QY_TRY(qy_random_fill(qy_random_system(), bytes, sizeof bytes, why));
    *gid = (uint32_t)bytes[0] << 8 | bytes[1];
    QY_TRY(qy_group_path(path, sizeof path, folder, *gid, NULL, why));
    if (*gid != 0 && !qy_file_exists(path)) {
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_LIMIT, "groups: no number is free");
}

static qy_status write_secret_key(const qy_issuer *issuer, uint32_t gid, const qy_epid_issuing_key *key, qy_error *why)
{
  char name[16];
  uint8_t blob[QY_EPID_ISSUING_KEY_SIZE];
  issuing_key_name(name, gid);
  qy_epid_issuing_key_encode(blob, key);
  const qy_status status =
      qy_issuer_write(issuer->folder, QY_ISSUER_PART(QY_DIR_ISSUING_KEYS), name, QY_VIEW_OF(blob), why);
  qy_wipe(blob, sizeof blob);
  return status;
}

/* The public key comes last: with it the group is there. */
static qy_status write_public(const qy_issuer *issuer, uint32_t gid, const qy_epid_group_key *group,
                              const qy_group_tcb *tcb, qy_error *why)
{
  char path[QY_PATH_SIZE];
  uint8_t sgx_key[QY_GROUP_PUBLIC_KEY_SIZE];
  uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE];
  uint8_t body[QY_EPID_GROUP_KEY_SIZE];
  uint8_t file[QY_EPID_GROUP_KEY_SIZE + QY_EPID_FILE_OVERHEAD];
  QY_SCOPED_BUFFER(tcb_text, 4096);
  QY_TRY(qy_group_path(path, sizeof path, issuer->folder, gid, NULL, why));
  QY_TRY(qy_folder_make(path, why));
  QY_TRY(qy_group_tcb_encode(&tcb_text, tcb, why));
  QY_TRY(qy_issuer_write_group_file(issuer, gid, QY_FILE_GROUP_TCB, qy_buffer_view(&tcb_text), why));
  QY_TRY(qy_sgx_group_key_encode(sgx_key, group, why));
  QY_TRY(qy_group_certificate_make(certificate, sgx_key, &issuer->isk, why));
  QY_TRY(qy_issuer_write_group_file(issuer, gid, QY_FILE_GROUP_CERTIFICATE, QY_VIEW_OF(certificate), why));
  qy_epid_group_key_encode(body, group);
  QY_TRY(qy_epid_file_sign(file, sizeof file, QY_EPID_FILE_GROUP_KEY, QY_VIEW_OF(body),
                           qy_secret_view(&issuer->epid_ca_key), why));
  return qy_issuer_write_group_file(issuer, gid, QY_FILE_GROUP_KEY, QY_VIEW_OF(file), why);
}

qy_status qy_issuer_group_create(uint32_t *gid, const qy_issuer *issuer, const qy_group_tcb *tcb, qy_error *why)
{
  qy_tcb_levels levels;
  qy_epid_group_key group;
  __attribute__((cleanup(qy_epid_issuing_key_clear))) qy_epid_issuing_key key = {0};
  QY_TRY(qy_tcb_levels_load(&levels, issuer->folder, why));
  if (tcb->cpu_svn_level == 0 || tcb->cpu_svn_level > levels.count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "group: there is no TCB level %u", tcb->cpu_svn_level);
  }
  QY_TRY(draw_gid(gid, issuer->folder, why));
  const qy_epid_gid number = qy_epid_gid_of_sgx(*gid);
  QY_TRY(qy_epid_group_create(&group, &key, &number, qy_random_system(), why));
  QY_TRY(write_secret_key(issuer, *gid, &key, why));
  return write_public(issuer, *gid, &group, tcb, why);
}

qy_status qy_issuer_issuing_key(qy_epid_issuing_key *out, const char *folder, uint32_t gid, qy_error *why)
{
  char name[16];
  issuing_key_name(name, gid);
  QY_SCOPED_BUFFER(blob, 4096);
  QY_TRY(qy_issuer_read(&blob, folder, QY_ISSUER_PART(QY_DIR_ISSUING_KEYS), name, why));
  return qy_epid_issuing_key_decode(out, qy_buffer_view(&blob), why);
}

static bool same_tcb(const qy_group_tcb *a, const qy_group_tcb *b)
{
  return a->cpu_svn_level == b->cpu_svn_level && a->pve_svn == b->pve_svn && a->pce_svn == b->pce_svn;
}

/* Only groups that this endorser holds the issuing key of can take members. */
static qy_status group_fits(bool *out, const qy_issuer *issuer, uint32_t gid, const qy_group_tcb *tcb, qy_error *why)
{
  char path[QY_PATH_SIZE];
  char name[16];
  QY_SCOPED_GROUP(group);
  QY_TRY(qy_group_load(&group, issuer->folder, gid, &issuer->ca, NULL, why));
  issuing_key_name(name, gid);
  QY_TRY(qy_registry_path(path, sizeof path, issuer->folder, QY_ISSUER_PART(QY_DIR_ISSUING_KEYS), name, why));
  *out = same_tcb(&group.tcb, tcb) && qy_file_exists(path);
  return QY_OK;
}

qy_status qy_issuer_group_revoked(bool *out, const qy_issuer *issuer, uint32_t gid, qy_error *why)
{
  __attribute__((cleanup(qy_revoked_groups_clear))) qy_revoked_groups revoked;
  qy_revoked_groups_init(&revoked);
  QY_TRY(qy_revoked_groups_load(&revoked, issuer->folder, &issuer->ca, NULL, why));
  *out = qy_revoked_groups_contain(&revoked, gid);
  return QY_OK;
}

qy_status qy_issuer_group_for(uint32_t *gid, const qy_issuer *issuer, const qy_group_tcb *tcb, qy_error *why)
{
  uint32_t gids[MAX_GROUPS];
  size_t count = 0;
  QY_TRY(qy_groups_list(gids, MAX_GROUPS, &count, issuer->folder, why));
  __attribute__((cleanup(qy_revoked_groups_clear))) qy_revoked_groups revoked;
  qy_revoked_groups_init(&revoked);
  QY_TRY(qy_revoked_groups_load(&revoked, issuer->folder, &issuer->ca, NULL, why));
  for (size_t i = 0; i < count; i++) {
    bool fits = false;
    QY_TRY(group_fits(&fits, issuer, gids[i], tcb, why));
    if (fits && !qy_revoked_groups_contain(&revoked, gids[i])) {
      *gid = gids[i];
      return QY_OK;
    }
  }
  return qy_issuer_group_create(gid, issuer, tcb, why);
}

qy_status qy_endorser_add_group(uint32_t *gid, const char *folder, const qy_group_tcb *tcb, qy_error *why)
{
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  return qy_issuer_group_create(gid, &issuer, tcb, why);
}
