/* SPDX-License-Identifier: Apache-2.0 */
/* EPID files that begin by saying what they are, and signatures. */
#include <describe/parts.h>

void qy_describe_epid_group(json_t *to, const qy_epid_gid *gid)
{
  static const char *const names[] = {[QY_EPID_SHA256] = "SHA-256",
                                      [QY_EPID_SHA384] = "SHA-384",
                                      [QY_EPID_SHA512] = "SHA-512",
                                      [QY_EPID_SHA512_256] = "SHA-512/256"};
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  qy_describe_hex(to, "group_id", gid->bytes, sizeof(gid->bytes));
  json_object_set_new(to, "hash",
                      json_string(qy_epid_hash_of_gid(&hash, gid, NULL) == QY_OK ? names[hash] : "unknown"));
}

/* ---- Signed files ---- */

static void describe_list(json_t *to, const qy_epid_gid *gid, uint32_t version, uint32_t count)
{
  if (gid != NULL) {
    qy_describe_epid_group(to, gid);
  }
  json_object_set_new(to, "version", json_integer(version));
  json_object_set_new(to, "entries", json_integer(count));
}

static qy_status describe_body(json_t *to, const qy_epid_file *file, qy_error *why)
{
  qy_epid_group_key group;
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_epid_grouprl grouprl;
  switch (file->kind) {
  case QY_EPID_FILE_GROUP_KEY:
    QY_TRY(qy_epid_group_key_read(&group, file->body, NULL, NULL, why));
    qy_describe_epid_group(to, &group.gid);
    qy_describe_hex(to, "h1", group.h1, sizeof(group.h1));
    qy_describe_hex(to, "h2", group.h2, sizeof(group.h2));
    qy_describe_hex(to, "w", group.w, sizeof(group.w));
    return QY_OK;
  case QY_EPID_FILE_PRIVRL:
    QY_TRY(qy_epid_privrl_read(&privrl, file->body, NULL, NULL, why));
    describe_list(to, &privrl.gid, privrl.version, privrl.count);
    return QY_OK;
  case QY_EPID_FILE_SIGRL:
    QY_TRY(qy_epid_sigrl_read(&sigrl, file->body, NULL, NULL, why));
    describe_list(to, &sigrl.gid, sigrl.version, sigrl.count);
    return QY_OK;
  case QY_EPID_FILE_GROUPRL:
    QY_TRY(qy_epid_grouprl_read(&grouprl, file->body, NULL, NULL, why));
    describe_list(to, NULL, grouprl.version, grouprl.count);
    return QY_OK;
  case QY_EPID_FILE_CA:
    qy_describe_view(to, "public_key", qy_view_slice(file->body, 0, 64));
    return QY_OK;
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "EPID file: not a signed file of a known kind");
  }
}

/* ---- Requests to revoke ---- */

static qy_status describe_privrl_request(json_t *to, const qy_epid_privrl_request *request, qy_error *why)
{
  qy_epid_member_key key;
  QY_TRY(qy_epid_privrl_request_key(&key, request, 0, why));
  json_object_set_new(to, "content", json_string("PrivRL request"));
  qy_describe_epid_group(to, &key.gid);
  json_object_set_new(to, "entries", json_integer(request->count));
  json_object_set_new(to, "secret", json_string("member keys, not shown"));
  qy_epid_member_key_clear(&key);
  return QY_OK;
}

static void describe_sigrl_request(json_t *to, const qy_epid_sigrl_request *request)
{
  json_object_set_new(to, "content", json_string("SigRL request"));
  qy_describe_epid_group(to, &request->gid);
  json_object_set_new(to, "message_size", json_integer((json_int_t)request->message.size));
  json_t *signature = json_object();
  if (qy_describe_epid_signature(signature, request->signature, NULL) == QY_OK) {
    json_object_set_new(to, "signature", signature);
  } else {
    json_decref(signature);
  }
}

static qy_status describe_grouprl_request(json_t *to, const qy_epid_grouprl_request *request, qy_error *why)
{
  json_t *groups = json_array();
  json_object_set_new(to, "content", json_string("GroupRL request"));
  json_object_set_new(to, "entries", json_integer(request->count));
  json_object_set_new(to, "groups", groups);
  for (uint32_t i = 0; i < request->count; i++) {
    qy_epid_gid gid;
    uint8_t reason = 0;
    json_t *one = json_object();
    json_array_append_new(groups, one);
    QY_TRY(qy_epid_grouprl_request_group(&gid, &reason, request, i, why));
    qy_describe_hex(one, "group_id", gid.bytes, sizeof(gid.bytes));
    json_object_set_new(one, "reason", json_integer(reason));
  }
  return QY_OK;
}

static qy_status describe_request(json_t *to, qy_view bytes, qy_error *why)
{
  qy_epid_privrl_request keys;
  qy_epid_sigrl_request signature;
  qy_epid_grouprl_request groups;
  if (qy_epid_privrl_request_decode(&keys, bytes, NULL) == QY_OK) {
    return describe_privrl_request(to, &keys, why);
  }
  if (qy_epid_sigrl_request_decode(&signature, bytes, NULL) == QY_OK) {
    describe_sigrl_request(to, &signature);
    return QY_OK;
  }
  if (qy_epid_grouprl_request_decode(&groups, bytes, NULL) == QY_OK) {
    return describe_grouprl_request(to, &groups, why);
  }
  return qy_fail(why, QY_ERR_UNSUPPORTED, "EPID file: neither a signed file nor a request of a known kind");
}

qy_status qy_describe_epid_file(json_t *to, qy_view bytes, qy_error *why)
{
  qy_epid_file file;
  qy_epid_file_inspect(&file, bytes);
  if (file.kind == QY_EPID_FILE_UNKNOWN) {
    return describe_request(to, bytes, why);
  }
  json_object_set_new(to, "content", json_string(qy_epid_file_kind_name(file.kind)));
  json_object_set_new(to, "signed", json_true());
  QY_TRY(describe_body(to, &file, why));
  qy_describe_view(to, "signature", file.signature);
  return QY_OK;
}

/* ---- Signatures ---- */

qy_status qy_describe_epid_signature(json_t *to, qy_view bytes, qy_error *why)
{
  qy_epid_signature signature;
  if (qy_epid_signature_decode(&signature, bytes, why) != QY_OK) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "EPID signature: %zu bytes are none", bytes.size);
  }
  json_object_set_new(to, "split", json_boolean(signature.split));
  qy_describe_hex(to, "B", signature.basic.b, sizeof(signature.basic.b));
  qy_describe_hex(to, "K", signature.basic.k, sizeof(signature.basic.k));
  qy_describe_hex(to, "T", signature.basic.t, sizeof(signature.basic.t));
  json_object_set_new(to, "sigrl_version", json_integer(signature.sigrl_version));
  json_object_set_new(to, "non_revocation_proofs", json_integer(signature.proof_count));
  return QY_OK;
}
