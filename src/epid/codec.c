/* SPDX-License-Identifier: Apache-2.0 */
/* The plain blobs of EPID 2.0 and the outer form of signatures. Source: Intel EPID SDK 8.0.0, epid/types.h. */
#include <epid/group.h>

#include <base/limits.h>
#include <base/secret.h>

void qy_epid_issuing_key_clear(qy_epid_issuing_key *key)
{
  qy_wipe(key, sizeof(*key));
}

void qy_epid_member_key_clear(qy_epid_member_key *key)
{
  qy_wipe(key, sizeof(*key));
}

void qy_epid_credential_clear(qy_epid_credential *credential)
{
  qy_wipe(credential, sizeof(*credential));
}

static qy_status finish(const qy_reader *in, const qy_epid_gid *gid, const char *what, qy_error *why)
{
  QY_TRY(qy_read_finish(in, what, why));
  return gid == NULL ? QY_OK : qy_epid_gid_check(gid, why);
}

qy_status qy_epid_group_key_decode(qy_epid_group_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->h1, sizeof(out->h1), "h1");
  qy_read_bytes(&in, out->h2, sizeof(out->h2), "h2");
  qy_read_bytes(&in, out->w, sizeof(out->w), "w");
  const qy_status status = finish(&in, &out->gid, "group key", why);
  if (status != QY_OK) {
    *out = (qy_epid_group_key){0};
  }
  return status;
}

void qy_epid_group_key_encode(uint8_t out[QY_EPID_GROUP_KEY_SIZE], const qy_epid_group_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_GROUP_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->h1, sizeof(key->h1));
  qy_write_bytes(&to, key->h2, sizeof(key->h2));
  qy_write_bytes(&to, key->w, sizeof(key->w));
}

qy_status qy_epid_issuing_key_decode(qy_epid_issuing_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->gamma, sizeof(out->gamma), "gamma");
  const qy_status status = finish(&in, &out->gid, "issuing key", why);
  if (status != QY_OK) {
    qy_epid_issuing_key_clear(out);
  }
  return status;
}

void qy_epid_issuing_key_encode(uint8_t out[QY_EPID_ISSUING_KEY_SIZE], const qy_epid_issuing_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_ISSUING_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->gamma, sizeof(key->gamma));
}

qy_status qy_epid_member_key_decode(qy_epid_member_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->a, sizeof(out->a), "A");
  qy_read_bytes(&in, out->x, sizeof(out->x), "x");
  qy_read_bytes(&in, out->f, sizeof(out->f), "f");
  const qy_status status = finish(&in, &out->gid, "member key", why);
  if (status != QY_OK) {
    qy_epid_member_key_clear(out);
  }
  return status;
}

void qy_epid_member_key_encode(uint8_t out[QY_EPID_MEMBER_KEY_SIZE], const qy_epid_member_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_MEMBER_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->a, sizeof(key->a));
  qy_write_bytes(&to, key->x, sizeof(key->x));
  qy_write_bytes(&to, key->f, sizeof(key->f));
}

qy_status qy_epid_credential_decode(qy_epid_credential *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->a, sizeof(out->a), "A");
  qy_read_bytes(&in, out->x, sizeof(out->x), "x");
  const qy_status status = finish(&in, &out->gid, "credential", why);
  if (status != QY_OK) {
    qy_epid_credential_clear(out);
  }
  return status;
}

void qy_epid_credential_encode(uint8_t out[QY_EPID_CREDENTIAL_SIZE], const qy_epid_credential *credential)
{
  qy_writer to = qy_writer_over(out, QY_EPID_CREDENTIAL_SIZE);
  qy_write_bytes(&to, credential->gid.bytes, sizeof(credential->gid.bytes));
  qy_write_bytes(&to, credential->a, sizeof(credential->a));
  qy_write_bytes(&to, credential->x, sizeof(credential->x));
}

qy_status qy_epid_join_request_decode(qy_epid_join_request *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->f_commitment, sizeof(out->f_commitment), "F");
  qy_read_bytes(&in, out->c, sizeof(out->c), "c");
  qy_read_bytes(&in, out->s, sizeof(out->s), "s");
  const qy_status status = finish(&in, NULL, "join request", why);
  if (status != QY_OK) {
    *out = (qy_epid_join_request){{0}};
  }
  return status;
}

void qy_epid_join_request_encode(uint8_t out[QY_EPID_JOIN_REQUEST_SIZE], const qy_epid_join_request *request)
{
  qy_writer to = qy_writer_over(out, QY_EPID_JOIN_REQUEST_SIZE);
  qy_write_bytes(&to, request->f_commitment, sizeof(request->f_commitment));
  qy_write_bytes(&to, request->c, sizeof(request->c));
  qy_write_bytes(&to, request->s, sizeof(request->s));
}

/* ---- Signatures ---- */

size_t qy_epid_signature_size(uint32_t proof_count)
{
  return QY_EPID_SIGNATURE_SIZE + (size_t)QY_EPID_PROOF_SIZE * proof_count;
}

static qy_status read_signature(qy_epid_signature *out, qy_view signature, qy_error *why)
{
  qy_reader in = qy_reader_over(signature);
  qy_read_bytes(&in, out->basic.b, sizeof(out->basic.b), "B");
  qy_read_bytes(&in, out->basic.k, sizeof(out->basic.k), "K");
  qy_read_bytes(&in, out->basic.t, sizeof(out->basic.t), "T");
  qy_read_bytes(&in, out->basic.c, sizeof(out->basic.c), "c");
  qy_read_bytes(&in, out->basic.sx, sizeof(out->basic.sx), "sx");
  qy_read_bytes(&in, out->basic.sf, sizeof(out->basic.sf), "sf");
  qy_read_bytes(&in, out->basic.sa, sizeof(out->basic.sa), "sa");
  qy_read_bytes(&in, out->basic.sb, sizeof(out->basic.sb), "sb");
  out->sigrl_version = qy_read_u32be(&in, "SigRL version");
  const size_t count_at = in.offset;
  out->proof_count = qy_read_u32be(&in, "proof count");
  if (out->proof_count > QY_MAX_SIGRL_ENTRIES) {
    qy_read_reject(&in, QY_ERR_LIMIT, "proof count", count_at);
    return qy_read_so_far(&in, "signature", why);
  }
  out->proofs = qy_read_view(&in, (size_t)QY_EPID_PROOF_SIZE * out->proof_count, "proofs");
  return qy_read_finish(&in, "signature", why);
}

qy_status qy_epid_signature_decode(qy_epid_signature *out, qy_view signature, qy_error *why)
{
  const qy_status status = read_signature(out, signature, why);
  if (status != QY_OK) {
    *out = (qy_epid_signature){0};
  }
  return status;
}

void qy_epid_signature_write_head(qy_writer *to, const qy_epid_basic_signature *basic, uint32_t sigrl_version,
                                  uint32_t proof_count)
{
  qy_write_bytes(to, basic->b, sizeof(basic->b));
  qy_write_bytes(to, basic->k, sizeof(basic->k));
  qy_write_bytes(to, basic->t, sizeof(basic->t));
  qy_write_bytes(to, basic->c, sizeof(basic->c));
  qy_write_bytes(to, basic->sx, sizeof(basic->sx));
  qy_write_bytes(to, basic->sf, sizeof(basic->sf));
  qy_write_bytes(to, basic->sa, sizeof(basic->sa));
  qy_write_bytes(to, basic->sb, sizeof(basic->sb));
  qy_write_u32be(to, sigrl_version);
  qy_write_u32be(to, proof_count);
}

qy_status qy_epid_signature_encode(uint8_t *out, size_t out_size, const qy_epid_signature *signature, qy_error *why)
{
  if (signature->proofs.size != (size_t)QY_EPID_PROOF_SIZE * signature->proof_count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "signature: %zu bytes of proofs do not fit a count of %u",
                   signature->proofs.size, signature->proof_count);
  }
  if (out_size != qy_epid_signature_size(signature->proof_count)) {
    return qy_fail(why, QY_ERR_SPACE, "signature: the buffer has %zu bytes, not %zu", out_size,
                   qy_epid_signature_size(signature->proof_count));
  }
  qy_writer to = qy_writer_over(out, out_size);
  qy_epid_signature_write_head(&to, &signature->basic, signature->sigrl_version, signature->proof_count);
  qy_write_view(&to, signature->proofs);
  return qy_write_finish(&to, NULL, "signature", why);
}

qy_view qy_epid_signature_pseudonym(qy_view signature)
{
  return signature.size < QY_EPID_SIGNATURE_SIZE ? qy_view_over(NULL, 0)
                                                 : qy_view_slice(signature, 0, QY_EPID_PSEUDONYM_SIZE);
}

bool qy_epid_signatures_linked(qy_view a, qy_view b)
{
  const qy_view left = qy_epid_signature_pseudonym(a);
  return left.size > 0 && qy_view_equal(left, qy_epid_signature_pseudonym(b));
}
