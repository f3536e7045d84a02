/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/answer.h>

#include <string.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>

qy_status qy_answer_check_header(const qy_provisioning_response *response, qy_provisioning_protocol protocol,
                                 const uint8_t xid[QY_XID_SIZE], qy_trace *trace, qy_error *why)
{
  if (response->protocol != protocol) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "provisioning answer: protocol %u", response->protocol);
  }
  const bool same = memcmp(response->xid, xid, QY_XID_SIZE) == 0;
  if (!qy_check(trace, QY_CHECK_PROVISIONING_XID, same, .expected = qy_text_hex((qy_view){xid, QY_XID_SIZE}),
                .actual = qy_text_hex(QY_VIEW_OF(response->xid)), .origin = "request")) {
    return qy_fail(why, QY_ERR_REFUSED, "provisioning answer: it belongs to another transaction");
  }
  return QY_OK;
}

qy_status qy_answer_fail(const qy_provisioning_response *response, qy_error *why)
{
  if (response->gstatus == QY_GSTATUS_SERVER_BUSY) {
    return qy_fail(why, QY_ERR_BUSY, "provisioning answer: the server says that it is busy");
  }
  if (response->gstatus == QY_GSTATUS_OK && response->pstatus == QY_PSTATUS_OK) {
    return qy_fail(why, QY_ERR_SEQUENCE, "provisioning answer: a message of type %u does not belong here",
                   response->type);
  }
  return qy_fail(why, QY_ERR_PEER, "provisioning answer: the server says %s, %s", qy_gstatus_name(response->gstatus),
                 qy_pstatus_name(response->pstatus));
}

qy_status qy_sealed_open(qy_buffer *plain, qy_trace *trace, qy_check_id id, const qy_sealed *sealed,
                         const qy_secret *key, qy_view aad, qy_error *why)
{
  const size_t begin = plain->size;
  uint8_t *out = qy_buffer_extend(plain, sealed->ciphertext.size);
  if (out == NULL) {
    return qy_buffer_finish(plain, "sealed part", why);
  }
  const qy_status opened =
      qy_gcm_open(out, qy_secret_view(key), sealed->iv, aad, sealed->ciphertext, sealed->tag.bytes, why);
  if (opened != QY_OK && opened != QY_ERR_CRYPTO) {
    return opened;
  }
  if (!qy_check(trace, id, opened == QY_OK, .expected = qy_textf("a tag under the key of this conversation"),
                .actual = qy_textf(opened == QY_OK ? "holds" : "does not hold"), .origin = "key schedule")) {
    plain->size = begin;
    return qy_fail(why, QY_ERR_REFUSED, "%s: it does not hold", qy_check_title(id));
  }
  return QY_OK;
}

void qy_sealing_clear(qy_sealing *sealing)
{
  qy_buffer_clear(&sealing->ciphertext);
}

qy_sealed qy_sealing_view(const qy_sealing *sealing)
{
  return (qy_sealed){.iv = QY_VIEW_OF(sealing->iv),
                     .ciphertext = qy_buffer_view(&sealing->ciphertext),
                     .tag = QY_VIEW_OF(sealing->tag)};
}

qy_status qy_sealing_seal(qy_sealing *out, const qy_secret *key, qy_view aad, qy_view plain, const qy_random *random,
                          qy_error *why)
{
  qy_buffer_init(&out->ciphertext, QY_MAX_PROVISIONING_SIZE);
  QY_TRY(qy_random_fill(random, out->iv, sizeof(out->iv), why));
  qy_buffer_append(&out->ciphertext, plain.bytes, plain.size);
  QY_TRY(qy_buffer_finish(&out->ciphertext, "sealed part", why));
  return qy_gcm_seal(out->ciphertext.bytes, out->tag, qy_secret_view(key), QY_VIEW_OF(out->iv), aad,
                     qy_buffer_view(&out->ciphertext), why);
}
