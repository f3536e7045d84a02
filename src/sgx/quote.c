/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <quotary/quote.h>

#define VERSION_1_RESERVED 6 /* where version 2 has pce_svn and xeid */

static void read_version(qy_reader *in, qy_quote_body *out)
{
  out->version = qy_read_u16le(in, "version");
  if (in->status == QY_OK && out->version != 1 && out->version != 2) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "version (of an EPID quote: 1 or 2)", 0);
  }
  out->sign_type = qy_read_u16le(in, "sign_type");
  if (in->status == QY_OK && out->sign_type != QY_UNLINKABLE && out->sign_type != QY_LINKABLE) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "sign_type", 2);
  }
}

static void read_quote_body(qy_reader *in, qy_quote_body *out)
{
  read_version(in, out);
  out->group_id = qy_read_u32le(in, "epid_group_id");
  out->qe_svn = qy_read_u16le(in, "qe_svn");
  if (out->version == 1) {
    qy_read_zeros(in, VERSION_1_RESERVED, "reserved of version 1");
  } else {
    out->pce_svn = qy_read_u16le(in, "pce_svn");
    out->xeid = qy_read_u32le(in, "xeid");
  }
  qy_read_bytes(in, out->basename, sizeof(out->basename), "basename");
  qy_read_report_body(in, &out->report);
}

static void write_quote_body(qy_writer *out, const qy_quote_body *body)
{
  qy_write_u16le(out, body->version);
  qy_write_u16le(out, body->sign_type);
  qy_write_u32le(out, body->group_id);
  qy_write_u16le(out, body->qe_svn);
  if (body->version == 1) {
    qy_write_zeros(out, VERSION_1_RESERVED);
  } else {
    qy_write_u16le(out, body->pce_svn);
    qy_write_u32le(out, body->xeid);
  }
  qy_write_bytes(out, body->basename, sizeof(body->basename));
  qy_write_report_body(out, &body->report);
}

qy_status qy_quote_body_decode(qy_quote_body *out, qy_view bytes, qy_error *why)
{
  qy_quote_body body = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_quote_body(&in, &body);
  QY_TRY(qy_read_finish(&in, "quote body", why));
  *out = body;
  return QY_OK;
}

void qy_quote_body_encode(uint8_t out[QY_QUOTE_BODY_SIZE], const qy_quote_body *body)
{
  qy_writer writer = qy_writer_over(out, QY_QUOTE_BODY_SIZE);
  write_quote_body(&writer, body);
  qy_write_done(&writer);
}

size_t qy_quote_size(uint32_t proof_count)
{
  return QY_QUOTE_SIZE + (size_t)QY_QUOTE_PROOF_SIZE * proof_count;
}

size_t qy_quote_plain_size(uint32_t proof_count)
{
  return QY_QUOTE_PLAIN_SIZE + (size_t)QY_QUOTE_PROOF_SIZE * proof_count;
}

size_t qy_quote_sealed_size(uint32_t proof_count)
{
  return QY_QUOTE_SIGNATURE_SIZE + (size_t)QY_QUOTE_PROOF_SIZE * proof_count;
}

/* The number of proofs that a sealed signature of this length holds. */
static void count_proofs(qy_reader *in, qy_quote *out, uint32_t signature_size, size_t at)
{
  if (in->status != QY_OK) {
    return;
  }
  if (signature_size < QY_QUOTE_SIGNATURE_SIZE ||
      (signature_size - QY_QUOTE_SIGNATURE_SIZE) % QY_QUOTE_PROOF_SIZE != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, "signature_len (680 and 160 a proof)", at);
    return;
  }
  out->proof_count = (signature_size - QY_QUOTE_SIGNATURE_SIZE) / QY_QUOTE_PROOF_SIZE;
  if (out->proof_count > QY_MAX_SIGRL_ENTRIES) {
    qy_read_reject(in, QY_ERR_LIMIT, "signature_len", at);
  }
}

static void read_sealed(qy_reader *in, qy_quote *out)
{
  const size_t length_at = in->offset;
  const uint32_t signature_size = qy_read_u32le(in, "signature_len");
  count_proofs(in, out, signature_size, length_at);
  qy_reader peek = *in;
  out->signature = qy_read_view(&peek, signature_size, "signature");
  out->wrapped_key = qy_read_view(in, QY_QUOTE_WRAPPED_KEY_SIZE, "wrapped key");
  out->key_hash = qy_read_view(in, QY_QUOTE_KEY_HASH_SIZE, "key hash");
  out->iv = qy_read_view(in, QY_QUOTE_IV_SIZE, "iv");
  const size_t payload_at = in->offset;
  const uint32_t payload_size = qy_read_u32le(in, "payload_size");
  if (in->status == QY_OK && payload_size != qy_quote_plain_size(out->proof_count)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "payload_size (does not fit signature_len)", payload_at);
  }
  out->ciphertext = qy_read_view(in, payload_size, "sealed signature");
  out->tag = qy_read_view(in, QY_QUOTE_TAG_SIZE, "tag");
}

qy_status qy_quote_decode(qy_quote *out, qy_view bytes, qy_error *why)
{
  qy_quote quote = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_quote_body(&in, &quote.body);
  read_sealed(&in, &quote);
  QY_TRY(qy_read_finish(&in, "quote", why));
  quote.all = bytes;
  quote.signed_part = qy_view_slice(bytes, 0, QY_QUOTE_BODY_SIZE);
  *out = quote;
  return QY_OK;
}

qy_status qy_quote_encode(uint8_t *out, size_t capacity, size_t *size, const qy_quote_body *body,
                          qy_view sealed_signature, qy_error *why)
{
  const size_t largest = qy_quote_sealed_size(QY_MAX_SIGRL_ENTRIES);
  if (sealed_signature.size < QY_QUOTE_SIGNATURE_SIZE || sealed_signature.size > largest ||
      (sealed_signature.size - QY_QUOTE_SIGNATURE_SIZE) % QY_QUOTE_PROOF_SIZE != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "quote: no sealed signature has %zu bytes", sealed_signature.size);
  }
  qy_writer writer = qy_writer_over(out, capacity);
  write_quote_body(&writer, body);
  qy_write_u32le(&writer, (uint32_t)sealed_signature.size);
  qy_write_view(&writer, sealed_signature);
  return qy_write_finish(&writer, size, "quote", why);
}

qy_status qy_quote_size_under(size_t *size, qy_view sigrl, qy_error *why)
{
  qy_sigrl list = {0};
  *size = 0;
  if (sigrl.size > 0) {
    QY_TRY(qy_sigrl_decode_nonempty(&list, sigrl, why));
  }
  *size = qy_quote_size(list.count);
  return QY_OK;
}

qy_status qy_quote_basename(uint8_t out[QY_QUOTE_BASENAME_SIZE], const uint8_t spid[QY_SPID_SIZE], qy_sign_type type,
                            const qy_random *random, qy_error *why)
{
  memset(out, 0, QY_QUOTE_BASENAME_SIZE);
  if (type == QY_UNLINKABLE) {
    QY_TRY(qy_random_fill(random, out + QY_SPID_SIZE, QY_QUOTE_BASENAME_SIZE - QY_SPID_SIZE, why));
  }
  memcpy(out, spid, QY_SPID_SIZE);
  return QY_OK;
}

bool qy_quote_basename_fits(const qy_quote_body *body, const uint8_t spid[QY_SPID_SIZE])
{
  const qy_view rest = qy_view_over(body->basename + QY_SPID_SIZE, QY_QUOTE_BASENAME_SIZE - QY_SPID_SIZE);
  return memcmp(body->basename, spid, QY_SPID_SIZE) == 0 && (body->sign_type != QY_LINKABLE || qy_view_is_zero(rest));
}

qy_status qy_quote_qe_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const uint8_t nonce[QY_QUOTE_NONCE_SIZE],
                                  qy_view quote, qy_error *why)
{
  const qy_view parts[] = {qy_view_over(nonce, QY_QUOTE_NONCE_SIZE), quote};
  memset(out, 0, QY_REPORT_DATA_SIZE);
  return qy_hash_parts(out, QY_SHA256, parts, 2, why);
}
