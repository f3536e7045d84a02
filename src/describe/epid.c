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

qy_status qy_describe_epid_file(json_t *to, qy_view bytes, qy_error *why)
{
  qy_epid_file file;
  qy_epid_file_inspect(&file, bytes);
  if (file.kind == QY_EPID_FILE_UNKNOWN) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "EPID file: not a signed file of a known kind");
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
