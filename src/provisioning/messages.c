/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/messages.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/symmetric.h>

#define SIGRL_GID_AT 4 /* in a SigRL: group id, then version, 4 bytes each */
#define SIGRL_VERSION_AT 8

/* ---- Fields that several messages share ---- */

static qy_view read_cipher_text(qy_reader *in)
{
  const size_t at = in->offset;
  const qy_view payload = qy_tlv_expect_size(in, QY_TLV_CIPHER_TEXT, 1 + QY_PEK_RSA_SIZE);
  if (in->status == QY_OK && payload.bytes[0] != QY_KEY_ID_PEK_3072) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "key id of a cipher-text", at);
  }
  return qy_view_slice(payload, 1, QY_PEK_RSA_SIZE);
}

static void append_cipher_text(qy_buffer *out, qy_view ciphertext)
{
  const uint8_t key_id = QY_KEY_ID_PEK_3072;
  qy_tlv_append_header(out, QY_TLV_CIPHER_TEXT, 1 + ciphertext.size);
  qy_buffer_append(out, &key_id, 1);
  qy_buffer_append(out, ciphertext.bytes, ciphertext.size);
}

static void read_sealed(qy_sealed *out, qy_reader *in)
{
  const size_t at = in->offset;
  const qy_view payload = qy_tlv_expect(in, QY_TLV_BLOCK_CIPHER_TEXT);
  if (in->status == QY_OK && payload.size < QY_GCM_IV_SIZE) {
    qy_read_reject(in, QY_ERR_MALFORMED, "block-cipher-text", at);
  }
  out->iv = qy_view_slice(payload, 0, QY_GCM_IV_SIZE);
  out->ciphertext = qy_view_slice(payload, QY_GCM_IV_SIZE, payload.size - out->iv.size);
  out->tag = qy_tlv_expect_size(in, QY_TLV_MAC, QY_GCM_TAG_SIZE);
}

static void read_sealed_size(qy_sealed *out, qy_reader *in, size_t size)
{
  const size_t at = in->offset;
  read_sealed(out, in);
  if (in->status == QY_OK && out->ciphertext.size != size) {
    qy_read_reject(in, QY_ERR_MALFORMED, "block-cipher-text", at);
  }
}

static void append_sealed(qy_buffer *out, const qy_sealed *sealed)
{
  qy_tlv_append_header(out, QY_TLV_BLOCK_CIPHER_TEXT, sealed->iv.size + sealed->ciphertext.size);
  qy_buffer_append(out, sealed->iv.bytes, sealed->iv.size);
  qy_buffer_append(out, sealed->ciphertext.bytes, sealed->ciphertext.size);
  qy_tlv_append(out, QY_TLV_MAC, sealed->tag);
}

static void read_level(qy_platform_level *out, qy_reader *in)
{
  const qy_view payload = qy_tlv_expect_size(in, QY_TLV_PLATFORM_INFO, QY_PLATFORM_LEVEL_SIZE);
  if (in->status == QY_OK && qy_platform_level_decode(out, payload, NULL) != QY_OK) {
    qy_read_reject(in, QY_ERR_MALFORMED, "platform-info", in->offset);
  }
}

static void append_level(qy_buffer *out, const qy_platform_level *level)
{
  uint8_t encoded[QY_PLATFORM_LEVEL_SIZE];
  qy_platform_level_encode(encoded, level);
  qy_tlv_append(out, QY_TLV_PLATFORM_INFO, QY_VIEW_OF(encoded));
}

/* ---- msg1 ---- */

qy_status qy_prov_msg1_decode(qy_prov_msg1 *out, qy_view body, qy_error *why)
{
  qy_reader in = qy_reader_over(body);
  qy_prov_msg1 read = {0};
  *out = read;
  read.session = read_cipher_text(&in);
  read_sealed(&read.sealed, &in);
  QY_TRY(qy_read_finish(&in, "provisioning msg1", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg1_append(qy_buffer *out, const qy_prov_msg1 *msg)
{
  append_cipher_text(out, msg->session);
  append_sealed(out, &msg->sealed);
}

qy_status qy_prov_msg1_inner_decode(qy_prov_msg1_inner *out, qy_view plain, qy_error *why)
{
  qy_reader in = qy_reader_over(plain);
  qy_prov_msg1_inner read = {0};
  *out = read;
  read.encrypted_ppid = read_cipher_text(&in);
  read_level(&read.level, &in);
  if (qy_tlv_is_next(&in, QY_TLV_FLAGS)) {
    read.flags = qy_tlv_expect_size(&in, QY_TLV_FLAGS, 16);
  }
  QY_TRY(qy_read_finish(&in, "provisioning msg1, sealed part", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg1_inner_append(qy_buffer *out, const qy_prov_msg1_inner *msg)
{
  append_cipher_text(out, msg->encrypted_ppid);
  append_level(out, &msg->level);
  if (msg->flags.size > 0) {
    qy_tlv_append(out, QY_TLV_FLAGS, msg->flags);
  }
}

/* ---- msg2 ---- */

qy_status qy_prov_msg2_decode(qy_prov_msg2 *out, qy_view body, qy_error *why)
{
  qy_reader in = qy_reader_over(body);
  qy_prov_msg2 read = {0};
  *out = read;
  read.nonce = qy_tlv_expect_size(&in, QY_TLV_NONCE, QY_SESSION_NONCE_SIZE);
  read_sealed(&read.sealed, &in);
  if (qy_tlv_is_next(&in, QY_TLV_EPID_SIG_RL)) {
    const size_t at = in.offset;
    read.sigrl = qy_tlv_expect(&in, QY_TLV_EPID_SIG_RL);
    if (in.status == QY_OK && read.sigrl.size < QY_SIGRL_MIN_SIZE + QY_SIGRL_ENTRY_SIZE) {
      qy_read_reject(&in, QY_ERR_MALFORMED, "epid-sig-rl", at); /* a list without entries is not sent */
    }
  }
  QY_TRY(qy_read_finish(&in, "provisioning msg2", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg2_append(qy_buffer *out, const qy_prov_msg2 *msg)
{
  qy_tlv_append(out, QY_TLV_NONCE, msg->nonce);
  append_sealed(out, &msg->sealed);
  if (msg->sigrl.size > 0) {
    qy_tlv_append(out, QY_TLV_EPID_SIG_RL, msg->sigrl);
  }
}

qy_status qy_prov_msg2_append_list_aad(qy_buffer *aad, qy_view sigrl, qy_error *why)
{
  if (sigrl.size > 0 && sigrl.size < QY_SIGRL_HEADER_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "provisioning msg2: a SigRL of %zu bytes", sigrl.size);
  }
  if (sigrl.size > 0) {
    qy_buffer_append(aad, sigrl.bytes + SIGRL_VERSION_AT, 4);
    qy_buffer_append(aad, sigrl.bytes + SIGRL_GID_AT, 4);
  }
  return qy_buffer_finish(aad, "provisioning msg2", why);
}

/* Previous level and group go together; the equivalent level always ends the message. So a second PLATFORM_INFO tells
 * that the first was the previous one. */
qy_status qy_prov_msg2_inner_decode(qy_prov_msg2_inner *out, qy_view plain, qy_error *why)
{
  qy_reader in = qy_reader_over(plain);
  qy_prov_msg2_inner read = {0};
  *out = read;
  read.group_certificate = qy_tlv_expect_size(&in, QY_TLV_EPID_GROUP_CERT, QY_GROUP_CERTIFICATE_SIZE);
  read.ps_id = qy_tlv_expect_size(&in, QY_TLV_PS_ID, QY_PS_ID_SIZE);
  read.challenge = qy_tlv_expect_size(&in, QY_TLV_NONCE, QY_EPID_NONCE_SIZE);
  read_level(&read.equivalent, &in);
  if (in.status == QY_OK && qy_read_left(&in) > 0) {
    qy_reader gid = {0};
    read.has_previous = true;
    read.previous = read.equivalent;
    gid = qy_reader_over(qy_tlv_expect_size(&in, QY_TLV_EPID_GID, 4));
    read.previous_gid = qy_read_u32be(&gid, "epid-gid");
    read_level(&read.equivalent, &in);
  }
  QY_TRY(qy_read_finish(&in, "provisioning msg2, sealed part", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg2_inner_append(qy_buffer *out, const qy_prov_msg2_inner *msg)
{
  qy_tlv_append(out, QY_TLV_EPID_GROUP_CERT, msg->group_certificate);
  qy_tlv_append(out, QY_TLV_PS_ID, msg->ps_id);
  qy_tlv_append(out, QY_TLV_NONCE, msg->challenge);
  if (msg->has_previous) {
    uint8_t gid[4];
    qy_writer writer = qy_writer_over(gid, sizeof(gid));
    qy_write_u32be(&writer, msg->previous_gid);
    append_level(out, &msg->previous);
    qy_tlv_append(out, QY_TLV_EPID_GID, QY_VIEW_OF(gid));
  }
  append_level(out, &msg->equivalent);
}

/* ---- msg3 ---- */

qy_status qy_prov_msg3_decode(qy_prov_msg3 *out, qy_view body, qy_error *why)
{
  qy_reader in = qy_reader_over(body);
  qy_prov_msg3 read = {0};
  *out = read;
  read.nonce = qy_tlv_expect_size(&in, QY_TLV_NONCE, QY_SESSION_NONCE_SIZE);
  read_sealed(&read.sealed, &in);
  if (qy_read_left(&in) > 0) {
    read_sealed(&read.signature, &in);
  }
  QY_TRY(qy_read_finish(&in, "provisioning msg3", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg3_append(qy_buffer *out, const qy_prov_msg3 *msg)
{
  qy_tlv_append(out, QY_TLV_NONCE, msg->nonce);
  append_sealed(out, &msg->sealed);
  if (msg->signature.iv.size > 0) {
    append_sealed(out, &msg->signature);
  }
}

qy_status qy_prov_msg3_inner_decode(qy_prov_msg3_inner *out, qy_view plain, qy_error *why)
{
  qy_reader in = qy_reader_over(plain);
  qy_prov_msg3_inner read = {0};
  *out = read;
  read_sealed_size(&read.proof, &in, QY_SEALED_PROOF_SIZE);
  read.n2 = qy_tlv_expect_size(&in, QY_TLV_NONCE, QY_NONCE2_SIZE);
  read.wrapped_pwk2 = read_cipher_text(&in);
  const qy_view report = qy_tlv_expect_size(&in, QY_TLV_SE_REPORT, QY_REPORT_BODY_SIZE + QY_P256_SIGNATURE_SIZE);
  read.report_body = qy_view_slice(report, 0, QY_REPORT_BODY_SIZE);
  read.pce_signature = qy_view_slice(report, QY_REPORT_BODY_SIZE, QY_P256_SIGNATURE_SIZE);
  QY_TRY(qy_read_finish(&in, "provisioning msg3, sealed part", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg3_inner_append(qy_buffer *out, const qy_prov_msg3_inner *msg)
{
  append_sealed(out, &msg->proof);
  qy_tlv_append(out, QY_TLV_NONCE, msg->n2);
  append_cipher_text(out, msg->wrapped_pwk2);
  qy_tlv_append_header(out, QY_TLV_SE_REPORT, msg->report_body.size + msg->pce_signature.size);
  qy_buffer_append(out, msg->report_body.bytes, msg->report_body.size);
  qy_buffer_append(out, msg->pce_signature.bytes, msg->pce_signature.size);
}

/* ---- msg4 ---- */

qy_status qy_prov_msg4_decode(qy_prov_msg4 *out, qy_view body, qy_error *why)
{
  qy_reader in = qy_reader_over(body);
  qy_prov_msg4 read = {0};
  *out = read;
  read.nonce = qy_tlv_expect_size(&in, QY_TLV_NONCE, QY_SESSION_NONCE_SIZE);
  read_sealed(&read.sealed, &in);
  QY_TRY(qy_read_finish(&in, "provisioning msg4", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg4_append(qy_buffer *out, const qy_prov_msg4 *msg)
{
  qy_tlv_append(out, QY_TLV_NONCE, msg->nonce);
  append_sealed(out, &msg->sealed);
}

qy_status qy_prov_msg4_inner_decode(qy_prov_msg4_inner *out, qy_view plain, qy_error *why)
{
  qy_reader in = qy_reader_over(plain);
  qy_prov_msg4_inner read = {0};
  *out = read;
  read.n2 = qy_tlv_expect_size(&in, QY_TLV_NONCE, QY_NONCE2_SIZE);
  read_sealed_size(&read.issued, &in, QY_SEALED_ISSUED_SIZE);
  read.group_certificate = qy_tlv_expect_size(&in, QY_TLV_EPID_GROUP_CERT, QY_GROUP_CERTIFICATE_SIZE);
  read_level(&read.equivalent, &in);
  QY_TRY(qy_read_finish(&in, "provisioning msg4, sealed part", why));
  *out = read;
  return QY_OK;
}

void qy_prov_msg4_inner_append(qy_buffer *out, const qy_prov_msg4_inner *msg)
{
  qy_tlv_append(out, QY_TLV_NONCE, msg->n2);
  append_sealed(out, &msg->issued);
  qy_tlv_append(out, QY_TLV_EPID_GROUP_CERT, msg->group_certificate);
  append_level(out, &msg->equivalent);
}

/* ---- What binds the parts ---- */

qy_status qy_prov_msg3_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const qy_prov_msg3_inner *msg, qy_error *why)
{
  const qy_view parts[] = {msg->proof.tag, msg->proof.ciphertext, msg->n2, msg->wrapped_pwk2};
  memset(out, 0, QY_REPORT_DATA_SIZE);
  return qy_hash_parts(out, QY_SHA256, parts, 4, why);
}

void qy_prov_issued_aad(uint8_t out[QY_ISSUED_AAD_SIZE], uint32_t gid, const qy_platform_level *equivalent)
{
  qy_writer writer = qy_writer_over(out, 4);
  qy_write_u32be(&writer, gid);
  qy_device_id_encode(out + 4, NULL, equivalent);
}

void qy_prov_proof_aad(uint8_t out[QY_PROOF_AAD_SIZE], uint32_t gid, const qy_platform_level *equivalent,
                       const uint8_t challenge[QY_EPID_NONCE_SIZE])
{
  qy_prov_issued_aad(out, gid, equivalent);
  memcpy(out + QY_ISSUED_AAD_SIZE, challenge, QY_EPID_NONCE_SIZE);
}
