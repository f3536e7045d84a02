/* SPDX-License-Identifier: Apache-2.0 */
/* The outer form of signatures. Source: Intel EPID SDK 8.0.0, epid/types.h. */
#include <epid/group.h>

#include <base/cursor.h>
#include <base/limits.h>

/* A signature is 352 bytes, in a split one a nonce, then list version, proof count and proofs. */
static size_t head_size(bool split)
{
  return split ? QY_EPID_SPLIT_SIGNATURE_SIZE : QY_EPID_SIGNATURE_SIZE;
}

static size_t proof_size(bool split)
{
  return split ? QY_EPID_SPLIT_PROOF_SIZE : QY_EPID_PROOF_SIZE;
}

static size_t size_of(bool split, uint32_t proof_count)
{
  return head_size(split) + proof_size(split) * proof_count;
}

size_t qy_epid_signature_size(uint32_t proof_count)
{
  return size_of(false, proof_count);
}

/* The form is told by the length alone. One length can fit both: 1160 bytes are 5 plain proofs, or 4 split ones. */
static bool is_split(qy_view signature)
{
  qy_reader in = qy_reader_over(signature);
  qy_read_skip(&in, QY_EPID_SPLIT_SIGNATURE_SIZE - 4, "signature");
  const uint32_t count = qy_read_u32be(&in, "proof count");
  return in.status == QY_OK && count <= QY_MAX_SIGRL_ENTRIES && signature.size == size_of(true, count);
}

static void read_basic(qy_reader *in, qy_epid_basic_signature *out)
{
  qy_read_bytes(in, out->b, sizeof(out->b), "B");
  qy_read_bytes(in, out->k, sizeof(out->k), "K");
  qy_read_bytes(in, out->t, sizeof(out->t), "T");
  qy_read_bytes(in, out->c, sizeof(out->c), "c");
  qy_read_bytes(in, out->sx, sizeof(out->sx), "sx");
  qy_read_bytes(in, out->sf, sizeof(out->sf), "sf");
  qy_read_bytes(in, out->sa, sizeof(out->sa), "sa");
  qy_read_bytes(in, out->sb, sizeof(out->sb), "sb");
}

static qy_status read_signature(qy_epid_signature *out, qy_view signature, qy_error *why)
{
  qy_reader in = qy_reader_over(signature);
  *out = (qy_epid_signature){.split = is_split(signature)};
  read_basic(&in, &out->basic);
  if (out->split) {
    qy_read_bytes(&in, out->nonce, sizeof(out->nonce), "nonce");
  }
  out->sigrl_version = qy_read_u32be(&in, "SigRL version");
  const size_t count_at = in.offset;
  out->proof_count = qy_read_u32be(&in, "proof count");
  if (out->proof_count > QY_MAX_SIGRL_ENTRIES) {
    qy_read_reject(&in, QY_ERR_LIMIT, "proof count", count_at);
    return qy_read_so_far(&in, "signature", why);
  }
  out->proofs = qy_read_view(&in, proof_size(out->split) * out->proof_count, "proofs");
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

void qy_epid_signature_write_head(qy_writer *to, const qy_epid_signature *signature)
{
  const qy_epid_basic_signature *basic = &signature->basic;
  qy_write_bytes(to, basic->b, sizeof(basic->b));
  qy_write_bytes(to, basic->k, sizeof(basic->k));
  qy_write_bytes(to, basic->t, sizeof(basic->t));
  qy_write_bytes(to, basic->c, sizeof(basic->c));
  qy_write_bytes(to, basic->sx, sizeof(basic->sx));
  qy_write_bytes(to, basic->sf, sizeof(basic->sf));
  qy_write_bytes(to, basic->sa, sizeof(basic->sa));
  qy_write_bytes(to, basic->sb, sizeof(basic->sb));
  if (signature->split) {
    qy_write_bytes(to, signature->nonce, sizeof(signature->nonce));
  }
  qy_write_u32be(to, signature->sigrl_version);
  qy_write_u32be(to, signature->proof_count);
}

qy_status qy_epid_signature_encode(uint8_t *out, size_t out_size, const qy_epid_signature *signature, qy_error *why)
{
  const size_t size = size_of(signature->split, signature->proof_count);
  if (signature->proofs.size != proof_size(signature->split) * signature->proof_count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "signature: %zu bytes of proofs do not fit a count of %u",
                   signature->proofs.size, signature->proof_count);
  }
  if (out_size != size) {
    return qy_fail(why, QY_ERR_SPACE, "signature: the buffer has %zu bytes, not %zu", out_size, size);
  }
  qy_writer to = qy_writer_over(out, out_size);
  qy_epid_signature_write_head(&to, signature);
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
