/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/dcap.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>

#define MAX_GROUPS 4096

/* An entry as the head of a signature, which is what the list operations take. */
static void entry_as_signature(uint8_t out[QY_EPID_SIGNATURE_SIZE], qy_view entry)
{
  memset(out, 0, QY_EPID_SIGNATURE_SIZE);
  memcpy(out, entry.bytes, QY_EPID_SIGRL_ENTRY_SIZE);
}

/* Whether the entry's maker is on the PrivRL. */
static qy_status entry_is_revoked(bool *out, const qy_group *group, qy_view entry, qy_error *why)
{
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t list[24 + QY_EPID_SIGRL_ENTRY_SIZE];
  size_t size = 0;
  const qy_epid_sigrl empty = {.gid = group->key.gid};
  entry_as_signature(signature, entry);
  const qy_status status =
      qy_epid_sigrl_revoke(list, sizeof list, &size, &empty, QY_VIEW_OF(signature), &group->privrl, why);
  *out = status == QY_ERR_EXISTS;
  return *out ? QY_OK : status;
}

static qy_status drop_revoked(qy_buffer *kept, const qy_group *group, qy_error *why)
{
  for (uint32_t i = 0; i < group->sigrl.count; i++) {
    bool revoked = false;
    const qy_view entry =
        qy_view_slice(group->sigrl.entries, (size_t)i * QY_EPID_SIGRL_ENTRY_SIZE, QY_EPID_SIGRL_ENTRY_SIZE);
    QY_TRY(entry_is_revoked(&revoked, group, entry, why));
    if (!revoked) {
      qy_buffer_append(kept, entry.bytes, entry.size);
    }
  }
  return qy_buffer_finish(kept, "SigRL", why);
}

static qy_status publish_shorter(const qy_issuer *issuer, const qy_group *group, qy_view entries, qy_error *why)
{
  const qy_epid_sigrl list = {.gid = group->key.gid,
                              .version = group->sigrl.version + 1,
                              .count = (uint32_t)(entries.size / QY_EPID_SIGRL_ENTRY_SIZE),
                              .entries = entries};
  size_t size = 0;
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  if (group->sigrl.version == UINT32_MAX) {
    return qy_fail(why, QY_ERR_LIMIT, "group %08x: the SigRL's version cannot grow", group->gid);
  }
  uint8_t *out = qy_buffer_extend(&plain, 24 + entries.size);
  QY_TRY(qy_buffer_finish(&plain, "SigRL", why));
  QY_TRY(qy_epid_sigrl_encode(out, plain.size, &size, &list, why));
  return qy_issuer_publish_sigrl(issuer, group->gid, qy_buffer_view(&plain), why);
}

bool qy_issuer_sigrl_forms_agree(const qy_group *group)
{
  qy_sigrl sgx;
  if (group->sigrl.count == 0) {
    return group->sigrl_sgx.size == 0;
  }
  return qy_sigrl_decode(&sgx, qy_buffer_view(&group->sigrl_sgx), NULL) == QY_OK && sgx.group_id == group->gid &&
         sgx.version == group->sigrl.version && qy_view_equal(sgx.entries, group->sigrl.entries);
}

static qy_status mend_sigrl(const qy_issuer *issuer, const qy_group *group, qy_error *why)
{
  QY_SCOPED_BUFFER(kept, QY_MAX_FILE_SIZE);
  if (group->has_privrl && group->sigrl.count > 0) {
    QY_TRY(drop_revoked(&kept, group, why));
    if (kept.size != group->sigrl.entries.size) {
      return publish_shorter(issuer, group, qy_buffer_view(&kept), why);
    }
  }
  return qy_issuer_sigrl_forms_agree(group) ? QY_OK
                                            : qy_issuer_publish_sigrl_sgx(issuer, group->gid, &group->sigrl, why);
}

/* h1^f of each leaked f: what the ledger knows the keys by. */
static qy_status commitments_of(qy_buffer *out, const qy_group *group, qy_error *why)
{
  static const uint8_t NONCE[QY_EPID_NONCE_SIZE] = {0};
  for (uint32_t i = 0; i < group->privrl.count; i++) {
    qy_epid_join_request request;
    const uint8_t *f = group->privrl.entries.bytes + (size_t)i * QY_EPID_PRIVRL_ENTRY_SIZE;
    QY_TRY(qy_epid_join_request_make(&request, &group->key, QY_EPID_HASH_BY_GID, NONCE, f, qy_random_system(), why));
    qy_buffer_append(out, request.f_commitment, sizeof request.f_commitment);
  }
  return qy_buffer_finish(out, "PrivRL", why);
}

qy_status qy_issuer_mend_group(const qy_issuer *issuer, uint32_t gid, qy_error *why)
{
  QY_SCOPED_GROUP(group);
  QY_TRY(qy_group_load(&group, issuer->folder, gid, &issuer->ca, NULL, why));
  QY_TRY(mend_sigrl(issuer, &group, why));
  if (group.privrl.count == 0) {
    return QY_OK;
  }
  QY_SCOPED_BUFFER(commitments, QY_MAX_FILE_SIZE);
  QY_TRY(commitments_of(&commitments, &group, why));
  return qy_ledger_mark_revoked(issuer->folder, gid, qy_buffer_view(&commitments), why);
}

qy_status qy_issuer_mend(const qy_issuer *issuer, qy_error *why)
{
  uint32_t gids[MAX_GROUPS];
  size_t count = 0;
  QY_TRY(qy_groups_list(gids, MAX_GROUPS, &count, issuer->folder, why));
  for (size_t i = 0; i < count; i++) {
    QY_TRY(qy_issuer_mend_group(issuer, gids[i], why));
  }
  return QY_OK;
}

qy_status qy_endorser_mend(const char *folder, qy_error *why)
{
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_issuer_mend(&issuer, why));
  return qy_dcap_mend(folder, qy_clock_now_s(), why);
}
