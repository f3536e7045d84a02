/* SPDX-License-Identifier: Apache-2.0 */
/* Messages 0 to 3 (Intel SGX SDK, sgx_key_exchange.h). */
#include <quotary/exchange.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

#define SIGRL_MIN_SIZE ((size_t)QY_SIGRL_MIN_SIZE + QY_SIGRL_ENTRY_SIZE)
#define QUOTE_FIXED_SIZE ((size_t)QY_QUOTE_BODY_SIZE + 4)

qy_status qy_msg0_decode(qy_msg0 *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  *out = (qy_msg0){.extended_group_id = qy_read_u32le(&in, "extended_epid_group_id")};
  const qy_status status = qy_read_finish(&in, "msg0", why);
  if (status != QY_OK) {
    *out = (qy_msg0){0};
  }
  return status;
}

void qy_msg0_encode(uint8_t out[QY_MSG0_SIZE], const qy_msg0 *msg0)
{
  qy_writer writer = qy_writer_over(out, QY_MSG0_SIZE);
  qy_write_u32le(&writer, msg0->extended_group_id);
}

qy_status qy_msg1_decode(qy_msg1 *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  *out = (qy_msg1){0};
  qy_read_bytes(&in, out->g_a, sizeof(out->g_a), "g_a");
  out->group_id = qy_read_u32le(&in, "gid");
  const qy_status status = qy_read_finish(&in, "msg1", why);
  if (status != QY_OK) {
    *out = (qy_msg1){0};
  }
  return status;
}

void qy_msg1_encode(uint8_t out[QY_MSG1_SIZE], const qy_msg1 *msg1)
{
  qy_writer writer = qy_writer_over(out, QY_MSG1_SIZE);
  qy_write_bytes(&writer, msg1->g_a, sizeof(msg1->g_a));
  qy_write_u32le(&writer, msg1->group_id);
}

static void read_msg2_head(qy_reader *in, qy_msg2 *out)
{
  *out = (qy_msg2){0};
  qy_read_bytes(in, out->g_b, sizeof(out->g_b), "g_b");
  qy_read_bytes(in, out->spid, sizeof(out->spid), "spid");
  out->quote_type = qy_read_u16le(in, "quote_type");
  out->kdf_id = qy_read_u16le(in, "kdf_id");
  qy_read_bytes(in, out->signature, sizeof(out->signature), "sign_gb_ga");
  qy_read_bytes(in, out->mac, sizeof(out->mac), "mac");
  out->sigrl_size = qy_read_u32le(in, "sig_rl_size");
}

qy_status qy_msg2_head_decode(qy_msg2 *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  read_msg2_head(&in, out);
  const qy_status status = qy_read_finish(&in, "msg2", why);
  if (status != QY_OK) {
    *out = (qy_msg2){0};
  }
  return status;
}

/* No list, or one with at least one entry: Intel's client refuses an empty list. */
static qy_status judge_sigrl_size(uint32_t size)
{
  if (size == 0) {
    return QY_OK;
  }
  if (size < SIGRL_MIN_SIZE || (size - QY_SIGRL_MIN_SIZE) % QY_SIGRL_ENTRY_SIZE != 0) {
    return QY_ERR_MALFORMED;
  }
  return size > QY_MAX_SIGRL_SIZE ? QY_ERR_LIMIT : QY_OK;
}

qy_status qy_msg2_decode(qy_msg2 *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  read_msg2_head(&in, out);
  const qy_status size_status = judge_sigrl_size(out->sigrl_size);
  if (size_status != QY_OK) {
    qy_read_reject(&in, size_status, "sig_rl_size", QY_MSG2_HEAD_SIZE - 4);
  }
  out->sigrl = qy_read_view(&in, out->sigrl_size, "sig_rl");
  const qy_status status = qy_read_finish(&in, "msg2", why);
  if (status != QY_OK) {
    *out = (qy_msg2){0};
  }
  return status;
}

static void write_msg2_head(qy_writer *out, const qy_msg2 *msg2)
{
  qy_write_bytes(out, msg2->g_b, sizeof(msg2->g_b));
  qy_write_bytes(out, msg2->spid, sizeof(msg2->spid));
  qy_write_u16le(out, msg2->quote_type);
  qy_write_u16le(out, msg2->kdf_id);
  qy_write_bytes(out, msg2->signature, sizeof(msg2->signature));
  qy_write_bytes(out, msg2->mac, sizeof(msg2->mac));
  qy_write_u32le(out, msg2->sigrl_size);
}

void qy_msg2_head_encode(uint8_t out[QY_MSG2_HEAD_SIZE], const qy_msg2 *msg2)
{
  qy_writer writer = qy_writer_over(out, QY_MSG2_HEAD_SIZE);
  write_msg2_head(&writer, msg2);
}

qy_status qy_msg2_encode(uint8_t *out, size_t capacity, size_t *size, const qy_msg2 *msg2, qy_error *why)
{
  qy_writer writer = qy_writer_over(out, capacity);
  *size = 0;
  if (msg2->sigrl.size != msg2->sigrl_size) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg2: sig_rl_size is %u, the list has %zu bytes", msg2->sigrl_size,
                   msg2->sigrl.size);
  }
  write_msg2_head(&writer, msg2);
  qy_write_view(&writer, msg2->sigrl);
  return qy_write_finish(&writer, size, "msg2", why);
}

static void read_epid_quote(qy_reader *in)
{
  const size_t at = in->offset + QY_QUOTE_BODY_SIZE;
  qy_read_skip(in, QY_QUOTE_BODY_SIZE, "quote");
  const uint32_t signature_size = qy_read_u32le(in, "quote.signature_len");
  if (in->status != QY_OK) {
    return;
  }
  if (signature_size < QY_QUOTE_SIGNATURE_SIZE ||
      (signature_size - QY_QUOTE_SIGNATURE_SIZE) % QY_QUOTE_PROOF_SIZE != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, "quote.signature_len", at);
  } else if ((signature_size - QY_QUOTE_SIGNATURE_SIZE) / QY_QUOTE_PROOF_SIZE > QY_MAX_SIGRL_ENTRIES) {
    qy_read_reject(in, QY_ERR_LIMIT, "quote.signature_len", at);
  }
  (void)qy_read_view(in, signature_size, "quote.signature");
}

/* Bytes of an ECDSA quote before the size of its authentication data. What else the header says is for later, when the
 * MAC was right. */
static size_t signed_size(uint16_t version, qy_view quote)
{
  qy_reader in = qy_reader_over(quote);
  qy_read_skip(&in, 4, "version and key type");
  const uint32_t tee = qy_read_u32le(&in, "TEE type");
  if (version == 5) {
    qy_read_skip(&in, QY_DCAP_HEADER_SIZE + 2 - in.offset, "header");
    return QY_DCAP_HEADER_SIZE + 6 + (size_t)qy_read_u32le(&in, "size of the body");
  }
  const bool is_td = version == 4 && tee == QY_TEE_TDX;
  return qy_dcap_signed_size(version, is_td ? QY_DCAP_BODY_TD_1_0 : QY_DCAP_BODY_ENCLAVE);
}

static void read_ecdsa_quote(qy_reader *in, uint16_t version, qy_view quote)
{
  const size_t at = in->offset;
  if (quote.size < QY_DCAP_QUOTE_MIN_SIZE || quote.size > QY_MAX_ECDSA_QUOTE_SIZE) {
    qy_read_reject(in, quote.size < QY_DCAP_QUOTE_MIN_SIZE ? QY_ERR_TRUNCATED : QY_ERR_LIMIT, "quote", at);
    return;
  }
  qy_read_skip(in, signed_size(version, quote), "quote");
  const uint32_t size = qy_read_u32le(in, "quote.auth_data_size");
  (void)qy_read_view(in, size, "quote.auth_data");
}

/* The length that a quote claims must be the length that is there: Intel's samples do not look. */
static void read_quote(qy_reader *in, qy_view quote)
{
  qy_reader ahead = qy_reader_over(quote);
  const uint16_t version = qy_read_u16le(&ahead, "version");
  if (version >= 3 && version <= 5) {
    read_ecdsa_quote(in, version, quote);
  } else {
    read_epid_quote(in);
  }
}

qy_status qy_msg3_decode(qy_msg3 *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  *out = (qy_msg3){0};
  qy_read_bytes(&in, out->mac, sizeof(out->mac), "mac");
  qy_read_bytes(&in, out->g_a, sizeof(out->g_a), "g_a");
  qy_read_bytes(&in, out->ps_sec_prop, sizeof(out->ps_sec_prop), "ps_sec_prop");
  read_quote(&in, qy_view_slice(bytes, in.offset, bytes.size - in.offset));
  const qy_status status = qy_read_finish(&in, "msg3", why);
  if (status != QY_OK) {
    *out = (qy_msg3){0};
    return status;
  }
  out->quote = qy_view_slice(bytes, QY_MSG3_HEAD_SIZE, bytes.size - QY_MSG3_HEAD_SIZE);
  return QY_OK;
}

static void write_msg3_head(qy_writer *out, const qy_msg3 *msg3)
{
  qy_write_bytes(out, msg3->mac, sizeof(msg3->mac));
  qy_write_bytes(out, msg3->g_a, sizeof(msg3->g_a));
  qy_write_bytes(out, msg3->ps_sec_prop, sizeof(msg3->ps_sec_prop));
}

void qy_msg3_head_encode(uint8_t out[QY_MSG3_HEAD_SIZE], const qy_msg3 *msg3)
{
  qy_writer writer = qy_writer_over(out, QY_MSG3_HEAD_SIZE);
  write_msg3_head(&writer, msg3);
}

qy_status qy_msg3_encode(uint8_t *out, size_t capacity, size_t *size, const qy_msg3 *msg3, qy_error *why)
{
  qy_writer writer = qy_writer_over(out, capacity);
  *size = 0;
  if (msg3->quote.size < QUOTE_FIXED_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg3: a quote of %zu bytes", msg3->quote.size);
  }
  write_msg3_head(&writer, msg3);
  qy_write_view(&writer, msg3->quote);
  return qy_write_finish(&writer, size, "msg3", why);
}

qy_status qy_msg2_split(qy_msg2_parts *out, qy_view msg2, qy_error *why)
{
  qy_msg2 decoded;
  size_t quote_size = 0;
  *out = (qy_msg2_parts){0};
  QY_TRY(qy_msg2_decode(&decoded, msg2, why));
  const qy_status status = qy_quote_size_under(&quote_size, decoded.sigrl, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "msg2: sig_rl");
  }
  out->head = qy_view_slice(msg2, 0, QY_MSG2_HEAD_SIZE);
  out->sigrl = decoded.sigrl;
  memcpy(out->spid, decoded.spid, sizeof(out->spid));
  out->sign_type = decoded.quote_type == 0 ? QY_UNLINKABLE : QY_LINKABLE;
  out->quote_size = quote_size;
  return QY_OK;
}
