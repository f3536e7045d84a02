/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/issuer.h>

#include <stdio.h>
#include <string.h>

#include <base/cursor.h>
#include <base/encoding.h>
#include <base/limits.h>
#include <json/json.h>

/* EPID file headers of requests (Intel EPID SDK): version 2, kind. */
static const uint8_t PRIVRL_REQUEST[4] = {0x02, 0x00, 0x00, 0x03};
static const uint8_t SIGRL_REQUEST[4] = {0x02, 0x00, 0x00, 0x0b};

/* Only groups that SGX can name are kept here. */
static qy_status sgx_gid(uint32_t *out, const qy_epid_gid *gid, qy_error *why)
{
  *out = qy_sgx_gid_of(gid);
  const qy_epid_gid back = qy_epid_gid_of_sgx(*out);
  return memcmp(&back, gid, sizeof back) == 0 ? QY_OK
                                              : qy_fail(why, QY_ERR_NOT_FOUND, "the group is not of this endorser");
}

/* ---- Groups ---- */

/* The reason first: a group in the list without its reason would be told as "unspecified". */
static qy_status write_reasons(const char *folder, const qy_revoked_groups *groups, uint32_t gid, unsigned reason,
                               qy_error *why)
{
  json_t *list = json_array();
  char text[9];
  for (size_t i = 0; i < groups->reason_count; i++) {
    if (groups->reasons[i].gid != gid) {
      (void)snprintf(text, sizeof text, "%08x", groups->reasons[i].gid);
      (void)json_array_append_new(list, json_pack("{s:s, s:i}", "gid", text, "reason", (int)groups->reasons[i].reason));
    }
  }
  (void)snprintf(text, sizeof text, "%08x", gid);
  (void)json_array_append_new(list, json_pack("{s:s, s:i}", "gid", text, "reason", (int)reason));
  QY_SCOPED_JSON(object);
  QY_SCOPED_BUFFER(json, 1u << 20);
  object = json_pack("{s:i, s:o}", "version", 1, "reasons", list);
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "group reasons: out of memory");
  }
  QY_TRY(qy_json_print(&json, object, true, why));
  return qy_issuer_write(folder, QY_DIR_PUBLIC, QY_FILE_GROUP_REASONS, qy_buffer_view(&json), why);
}

static qy_status revoke_group(const qy_issuer *issuer, uint32_t gid, unsigned reason, qy_error *why)
{
  __attribute__((cleanup(qy_revoked_groups_clear))) qy_revoked_groups groups;
  qy_revoked_groups_init(&groups);
  QY_SCOPED_GROUP(group);
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  size_t size = 0;
  QY_TRY(qy_group_load(&group, issuer->folder, gid, &issuer->ca, NULL, why));
  QY_TRY(qy_revoked_groups_load(&groups, issuer->folder, &issuer->ca, NULL, why));
  if (groups.reason_count >= QY_MAX_REVOKED_GROUPS) {
    return qy_fail(why, QY_ERR_LIMIT, "groups: %zu are revoked", groups.reason_count);
  }
  uint8_t *out = qy_buffer_extend(&plain, groups.list.entries.size + 8 + QY_EPID_GROUPRL_ENTRY_SIZE);
  QY_TRY(qy_buffer_finish(&plain, "GroupRL", why));
  QY_TRY(qy_epid_grouprl_revoke(out, plain.size, &size, &groups.list, &group.key.gid, why));
  QY_TRY(write_reasons(issuer->folder, &groups, gid, reason, why));
  return qy_issuer_publish_grouprl(issuer, qy_view_over(plain.bytes, size), why);
}

qy_status qy_endorser_revoke_group(const char *folder, uint32_t gid, unsigned reason, qy_error *why)
{
  if (!qy_revocation_reason_known(reason)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "reason %u: 0 to 6, 8, 9 or 10 (RFC 5280)", reason);
  }
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_issuer_mend(&issuer, why));
  return revoke_group(&issuer, gid, reason, why);
}

/* ---- Keys ---- */

static qy_status decode_key_file(qy_epid_member_key *out, qy_view file, qy_error *why)
{
  if (file.size == sizeof PRIVRL_REQUEST + QY_EPID_MEMBER_KEY_SIZE &&
      memcmp(file.bytes, PRIVRL_REQUEST, sizeof PRIVRL_REQUEST) == 0) {
    file = qy_view_slice(file, sizeof PRIVRL_REQUEST, QY_EPID_MEMBER_KEY_SIZE);
  }
  return qy_epid_member_key_decode(out, file, why);
}

static qy_status revoke_key(const qy_issuer *issuer, const qy_epid_member_key *key, qy_trace *trace, qy_error *why)
{
  uint32_t gid = 0;
  size_t size = 0;
  qy_epid_member *member = NULL;
  QY_SCOPED_GROUP(group);
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  QY_TRY(sgx_gid(&gid, &key->gid, why));
  QY_TRY(qy_group_load(&group, issuer->folder, gid, &issuer->ca, trace, why));
  QY_TRY(qy_epid_member_new(&member, &group.key, key, QY_EPID_HASH_BY_GID, trace, why));
  qy_epid_member_free(&member);
  const qy_epid_privrl empty = {.gid = group.key.gid};
  const qy_epid_privrl *old = group.has_privrl ? &group.privrl : &empty;
  uint8_t *out = qy_buffer_extend(&plain, old->entries.size + 24 + QY_EPID_PRIVRL_ENTRY_SIZE);
  QY_TRY(qy_buffer_finish(&plain, "PrivRL", why));
  QY_TRY(qy_epid_privrl_revoke(out, plain.size, &size, old, key->f, why));
  QY_TRY(qy_issuer_publish_privrl(issuer, gid, qy_view_over(plain.bytes, size), why));
  return qy_issuer_mend_group(issuer, gid, why); /* its SigRL entries, and the machine */
}

qy_status qy_endorser_revoke_key(const char *folder, qy_view key_file, qy_trace *trace, qy_error *why)
{
  __attribute__((cleanup(qy_epid_member_key_clear))) qy_epid_member_key key = {0};
  QY_TRY(decode_key_file(&key, key_file, why));
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_issuer_mend(&issuer, why));
  return revoke_key(&issuer, &key, trace, why);
}

/* ---- Signatures ---- */

typedef struct signature_request {
  qy_epid_gid gid;
  qy_view signature;
  qy_view message;
} signature_request;

static qy_status decode_request(signature_request *out, qy_view bytes, qy_error *why)
{
  uint8_t header[4];
  qy_reader in = qy_reader_over(bytes);
  qy_read_bytes(&in, header, sizeof header, "header");
  if (memcmp(header, SIGRL_REQUEST, sizeof header) != 0) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "header", 0);
  }
  qy_read_bytes(&in, out->gid.bytes, sizeof out->gid.bytes, "group id");
  /* The signature tells its own length by the proof count at its byte 356. */
  qy_reader ahead = in;
  qy_read_skip(&ahead, QY_EPID_SIGNATURE_SIZE - 4, "signature");
  const uint32_t proofs = qy_read_u32be(&ahead, "proof count");
  if (ahead.status != QY_OK || proofs > QY_MAX_SIGRL_ENTRIES) {
    qy_read_reject(&in, ahead.status != QY_OK ? ahead.status : QY_ERR_LIMIT, "signature", in.offset);
  }
  out->signature = qy_read_view(&in, qy_epid_signature_size(proofs), "signature");
  out->message = qy_read_view(&in, qy_read_u32be(&in, "message length"), "message");
  return qy_read_finish(&in, "SigRL request", why);
}

static qy_status check_signature(const qy_group *group, const signature_request *request, qy_trace *trace,
                                 qy_error *why)
{
  qy_epid_result result = QY_EPID_UNDECIDED;
  qy_epid_verifier *verifier = NULL;
  QY_TRY(qy_epid_verifier_new(&verifier, &group->key, trace, why));
  const qy_status status = qy_epid_verify(&result, verifier, request->signature, request->message, trace, why);
  qy_epid_verifier_free(&verifier);
  QY_TRY(status);
  if (!qy_check(trace, QY_CHECK_ENDORSER_SIGNATURE, result == QY_EPID_VALID, .expected = qy_textf("valid"),
                .actual = qy_textf("%s", qy_epid_result_name(result)), .origin = "the group's key")) {
    return qy_fail(why, QY_ERR_REFUSED, "SigRL request: the signature does not hold");
  }
  return QY_OK;
}

static qy_status revoke_signature(const qy_issuer *issuer, const signature_request *request, qy_trace *trace,
                                  qy_error *why)
{
  uint32_t gid = 0;
  size_t size = 0;
  QY_SCOPED_GROUP(group);
  QY_SCOPED_BUFFER(plain, QY_MAX_FILE_SIZE);
  QY_TRY(sgx_gid(&gid, &request->gid, why));
  QY_TRY(qy_group_load(&group, issuer->folder, gid, &issuer->ca, trace, why));
  QY_TRY(check_signature(&group, request, trace, why));
  const qy_epid_sigrl empty = {.gid = group.key.gid};
  const qy_epid_sigrl *old = group.has_sigrl ? &group.sigrl : &empty;
  if (old->count >= QY_MAX_SIGRL_ENTRIES) {
    return qy_fail(why, QY_ERR_LIMIT, "group %08x: the SigRL has %u entries", gid, old->count);
  }
  uint8_t *out = qy_buffer_extend(&plain, old->entries.size + 24 + QY_EPID_SIGRL_ENTRY_SIZE);
  QY_TRY(qy_buffer_finish(&plain, "SigRL", why));
  QY_TRY(qy_epid_sigrl_revoke(out, plain.size, &size, old, request->signature, group.has_privrl ? &group.privrl : NULL,
                              why));
  return qy_issuer_publish_sigrl(issuer, gid, qy_view_over(plain.bytes, size), why);
}

qy_status qy_endorser_revoke_signature(const char *folder, qy_view request, qy_trace *trace, qy_error *why)
{
  signature_request decoded = {0};
  QY_TRY(decode_request(&decoded, request, why));
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, folder, why));
  QY_TRY(qy_issuer_mend(&issuer, why));
  return revoke_signature(&issuer, &decoded, trace, why);
}
