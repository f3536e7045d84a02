/* SPDX-License-Identifier: Apache-2.0 */
/* Key schedule, and what both sides do with points and hashes. */
#include <exchange/internal.h>

#include <string.h>

#include <crypto/hash.h>
#include <crypto/symmetric.h>

void qy_session_keys_clear(qy_session_keys *keys)
{
  qy_wipe(keys, sizeof(*keys));
}

/* One derived key: CMAC(KDK, 01 || label || 00 || 80 00), the last two bytes being 128 bits, little-endian. */
static qy_status derive_one(uint8_t out[QY_SESSION_KEY_SIZE], const qy_secret *kdk, const char *label, qy_error *why)
{
  static const uint8_t counter[1] = {0x01};
  static const uint8_t tail[3] = {0x00, 0x80, 0x00};
  const qy_view parts[] = {QY_VIEW_OF(counter), qy_view_text(label), QY_VIEW_OF(tail)};
  return qy_cmac(out, qy_secret_view(kdk), parts, 3, why);
}

static qy_status derive_all(qy_session_keys *out, const qy_secret *kdk, qy_error *why)
{
  QY_TRY(derive_one(out->smk, kdk, "SMK", why));
  QY_TRY(derive_one(out->sk, kdk, "SK", why));
  QY_TRY(derive_one(out->mk, kdk, "MK", why));
  return derive_one(out->vk, kdk, "VK", why);
}

qy_status qy_session_keys_derive(qy_session_keys *out, const uint8_t shared_x[32], qy_error *why)
{
  static const uint8_t zero_key[QY_AES_KEY_SIZE] = {0};
  const qy_view parts[] = {qy_view_over(shared_x, 32)};
  QY_SCOPED_SECRET(kdk);
  *out = (qy_session_keys){0};
  kdk.size = QY_CMAC_SIZE;
  QY_TRY(qy_cmac(kdk.bytes, QY_VIEW_OF(zero_key), parts, 1, why));
  const qy_status status = derive_all(out, &kdk, why);
  if (status != QY_OK) {
    qy_session_keys_clear(out);
  }
  return status;
}

qy_status qy_session_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const uint8_t g_a[QY_GROUP_ELEMENT_SIZE],
                                 const uint8_t g_b[QY_GROUP_ELEMENT_SIZE], const qy_session_keys *keys, qy_error *why)
{
  const qy_view parts[] = {qy_view_over(g_a, QY_GROUP_ELEMENT_SIZE), qy_view_over(g_b, QY_GROUP_ELEMENT_SIZE),
                           QY_VIEW_OF(keys->vk)};
  memset(out, 0, QY_REPORT_DATA_SIZE);
  return qy_hash_parts(out, QY_SHA256, parts, 3, why);
}

qy_status qy_exchange_transcript(uint8_t out[32], qy_view hello, qy_view msg2_head, qy_view msg3_head, qy_view quote,
                                 qy_error *why)
{
  const qy_view parts[] = {hello, msg2_head, msg3_head, quote};
  return qy_hash_parts(out, QY_SHA256, parts, 4, why);
}

qy_status qy_exchange_point(qy_p256_public *out, bool *valid, const uint8_t wire[QY_GROUP_ELEMENT_SIZE], qy_error *why)
{
  qy_error reason = {0};
  qy_p256_flip(out->bytes, wire);
  const qy_status status = qy_p256_check_point(out, &reason);
  *valid = status == QY_OK;
  return status == QY_OK || status == QY_ERR_MALFORMED ? QY_OK : qy_fail(why, status, "%s", reason.message);
}

qy_status qy_exchange_agree(qy_secret *shared_x, const qy_secret *private_key, const qy_p256_public *peer,
                            qy_trace *trace, qy_error *why)
{
  static const uint8_t zero[QY_P256_SCALAR_SIZE] = {0};
  QY_TRY(qy_p256_agree(shared_x, private_key, peer, why));
  qy_reverse(shared_x->bytes, shared_x->bytes, QY_P256_SCALAR_SIZE);
  if (!qy_check(trace, QY_CHECK_SHARED_SECRET, !qy_equal_ct(shared_x->bytes, zero, sizeof(zero)),
                .expected = qy_textf("not zero"), .origin = "this side's own rule")) {
    return qy_exchange_refuse(why, "key agreement", QY_CHECK_SHARED_SECRET);
  }
  return QY_OK;
}

qy_status qy_exchange_refuse(qy_error *why, const char *subject, qy_check_id id)
{
  return qy_fail(why, QY_ERR_REFUSED, "%s: does not hold: %s (%s)", subject, qy_check_title(id), qy_check_name(id));
}

const qy_exchange_row *qy_exchange_row_of(const qy_exchange_row *rows, size_t count, unsigned state, unsigned event)
{
  for (size_t i = 0; i < count; i++) {
    if (rows[i].state == state && rows[i].event == event) {
      return &rows[i];
    }
  }
  return NULL;
}
