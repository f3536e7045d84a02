/* SPDX-License-Identifier: Apache-2.0 */
/* msg4: verdict, platform info and secret, encrypted and authenticated under SK, bound to the session and to the name
 * of the secret. Layout: 0 u8 version; 1 u8 verdict; 2 u16 flags; 4 u32 secret size; 8 IV (12); then the platform info
 * (101) if flagged, the ciphertext, the GCM tag (16). Little-endian. */
#include <exchange/internal.h>

#include <base/cursor.h>
#include <base/limits.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>

#include <string.h>

#define FLAG_PLATFORM_INFO 0x1u
#define FLAG_SECRET 0x2u
#define FLAG_SIMULATED 0x4u
#define FLAGS_KNOWN 0x7u

/* Names protocol, message and direction; its NUL goes with it. */
static const char aad_label[] = "quotary msg4, provider to enclave";
#define AAD_MAX_SIZE (sizeof(aad_label) + QY_MSG4_HEADER_SIZE + QY_PLATFORM_INFO_SIZE + 32 + 4 + QY_MAX_SECRET_NAME)

_Static_assert(QY_MSG4_MAX_SECRET_SIZE == QY_MAX_SECRET_SIZE, "the public limit is the limit of base/limits.h");

typedef struct msg4_header {
  uint8_t verdict;
  uint16_t flags;
  uint32_t secret_size;
} msg4_header;

static void read_header(qy_reader *in, msg4_header *out, uint8_t iv[QY_MSG4_IV_SIZE])
{
  if (qy_read_u8(in, "version") != QY_MSG4_VERSION) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "version", 0);
  }
  out->verdict = qy_read_u8(in, "verdict");
  out->flags = qy_read_u16le(in, "flags");
  out->secret_size = qy_read_u32le(in, "secret size");
  qy_read_bytes(in, iv, QY_MSG4_IV_SIZE, "iv");
  if (out->verdict > QY_REFUSED) {
    qy_read_reject(in, QY_ERR_MALFORMED, "verdict", 1);
  }
  if ((out->flags & ~FLAGS_KNOWN) != 0) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "flags", 2);
  }
  const bool has_secret = (out->flags & FLAG_SECRET) != 0;
  if (has_secret != (out->secret_size != 0) || (has_secret && out->verdict != QY_TRUSTED)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "secret size", 4);
  }
  if (out->secret_size > QY_MAX_SECRET_SIZE) {
    qy_read_reject(in, QY_ERR_LIMIT, "secret size", 4);
  }
}

qy_status qy_msg4_decode(qy_msg4 *out, qy_view bytes, qy_error *why)
{
  msg4_header header = {0};
  qy_reader in = qy_reader_over(bytes);
  *out = (qy_msg4){0};
  read_header(&in, &header, out->iv);
  out->platform_info =
      qy_read_view(&in, (header.flags & FLAG_PLATFORM_INFO) != 0 ? QY_PLATFORM_INFO_SIZE : 0, "platform info");
  out->ciphertext = qy_read_view(&in, header.secret_size, "ciphertext");
  qy_read_bytes(&in, out->tag, sizeof(out->tag), "tag");
  const qy_status status = qy_read_finish(&in, "msg4", why);
  if (status != QY_OK) {
    *out = (qy_msg4){0};
    return status;
  }
  out->verdict = (qy_trust)header.verdict;
  out->simulated = (header.flags & FLAG_SIMULATED) != 0;
  out->header = qy_view_slice(bytes, 0, QY_MSG4_HEADER_SIZE);
  return QY_OK;
}

static void write_header(qy_writer *out, const qy_msg4 *msg4)
{
  const unsigned flags = (msg4->platform_info.size != 0 ? FLAG_PLATFORM_INFO : 0) |
                         (msg4->ciphertext.size != 0 ? FLAG_SECRET : 0) | (msg4->simulated ? FLAG_SIMULATED : 0);
  qy_write_u8(out, QY_MSG4_VERSION);
  qy_write_u8(out, (uint8_t)msg4->verdict);
  qy_write_u16le(out, (uint16_t)flags);
  qy_write_u32le(out, (uint32_t)msg4->ciphertext.size);
  qy_write_bytes(out, msg4->iv, sizeof(msg4->iv));
}

static qy_status check_content(qy_trust verdict, size_t platform_info_size, size_t secret_size, qy_error *why)
{
  if (verdict != QY_UNDECIDED && verdict != QY_TRUSTED && verdict != QY_REFUSED) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg4: no such verdict: %d", (int)verdict);
  }
  if (platform_info_size != 0 && platform_info_size != QY_PLATFORM_INFO_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg4: platform info of %zu bytes", platform_info_size);
  }
  if (secret_size != 0 && verdict != QY_TRUSTED) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg4: a secret goes only with trust");
  }
  if (secret_size > QY_MAX_SECRET_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "msg4: a secret of %zu bytes, at most %u", secret_size, QY_MAX_SECRET_SIZE);
  }
  return QY_OK;
}

qy_status qy_msg4_encode(uint8_t *out, size_t capacity, size_t *size, const qy_msg4 *msg4, qy_error *why)
{
  qy_writer writer = qy_writer_over(out, capacity);
  *size = 0;
  QY_TRY(check_content(msg4->verdict, msg4->platform_info.size, msg4->ciphertext.size, why));
  write_header(&writer, msg4);
  qy_write_view(&writer, msg4->platform_info);
  qy_write_view(&writer, msg4->ciphertext);
  qy_write_bytes(&writer, msg4->tag, sizeof(msg4->tag));
  return qy_write_finish(&writer, size, "msg4", why);
}

size_t qy_msg4_size(const qy_msg4_content *content)
{
  return QY_MSG4_HEADER_SIZE + (content->platform_info != NULL ? QY_PLATFORM_INFO_SIZE : 0) + content->secret.size +
         QY_MSG4_TAG_SIZE;
}

/* Everything that is not encrypted, and what the message is about. The header says whether there is platform info, all
 * else but the name has a fixed size, and the name says its own. */
static qy_status make_aad(uint8_t out[AAD_MAX_SIZE], size_t *size, qy_view header, qy_view platform_info,
                          const uint8_t transcript[32], qy_view secret_name, qy_error *why)
{
  qy_writer writer = qy_writer_over(out, AAD_MAX_SIZE);
  qy_write_bytes(&writer, aad_label, sizeof(aad_label));
  qy_write_view(&writer, header);
  qy_write_view(&writer, platform_info);
  qy_write_bytes(&writer, transcript, 32);
  qy_write_u32le(&writer, (uint32_t)secret_name.size);
  qy_write_view(&writer, secret_name);
  return qy_write_finish(&writer, size, "msg4: associated data", why);
}

qy_status qy_msg4_seal(uint8_t *out, size_t capacity, size_t *size, const qy_msg4_content *content,
                       const uint8_t sk[QY_SESSION_KEY_SIZE], const uint8_t transcript[32], const qy_random *random,
                       qy_error *why)
{
  uint8_t aad[AAD_MAX_SIZE];
  size_t aad_size = 0;
  const size_t info_size = content->platform_info != NULL ? QY_PLATFORM_INFO_SIZE : 0;
  const size_t ciphertext_at = QY_MSG4_HEADER_SIZE + info_size;
  qy_msg4 msg4 = {.verdict = content->verdict,
                  .simulated = content->simulated,
                  .platform_info = qy_view_over(content->platform_info, info_size)};
  QY_TRY(check_content(content->verdict, info_size, content->secret.size, why));
  const size_t needed = qy_msg4_size(content);
  if (capacity < needed) {
    return qy_fail(why, QY_ERR_SPACE, "msg4: %zu bytes, room for %zu", needed, capacity);
  }
  QY_TRY(qy_random_fill(random, msg4.iv, sizeof(msg4.iv), why));
  msg4.ciphertext = qy_view_over(out + ciphertext_at, content->secret.size);
  qy_writer header = qy_writer_over(out, QY_MSG4_HEADER_SIZE);
  write_header(&header, &msg4);
  QY_TRY(make_aad(aad, &aad_size, qy_view_over(out, QY_MSG4_HEADER_SIZE), msg4.platform_info, transcript,
                  content->secret_name, why));
  if (info_size != 0) {
    memcpy(out + QY_MSG4_HEADER_SIZE, content->platform_info, info_size);
  }
  QY_TRY(qy_gcm_seal(out + ciphertext_at, out + ciphertext_at + content->secret.size,
                     qy_view_over(sk, QY_SESSION_KEY_SIZE), QY_VIEW_OF(msg4.iv), qy_view_over(aad, aad_size),
                     content->secret, why));
  *size = needed;
  return QY_OK;
}

qy_status qy_msg4_open(bool *authentic, qy_vault *secret, const qy_msg4 *msg4, const uint8_t sk[QY_SESSION_KEY_SIZE],
                       const uint8_t transcript[32], qy_view secret_name, qy_error *why)
{
  uint8_t aad[AAD_MAX_SIZE];
  size_t aad_size = 0;
  qy_error reason = {0};
  *authentic = false;
  QY_TRY(make_aad(aad, &aad_size, msg4->header, msg4->platform_info, transcript, secret_name, why));
  if (msg4->ciphertext.size != 0) {
    QY_TRY(qy_vault_new(secret, msg4->ciphertext.size, why));
  }
  const qy_status status = qy_gcm_open(secret->bytes, qy_view_over(sk, QY_SESSION_KEY_SIZE), QY_VIEW_OF(msg4->iv),
                                       qy_view_over(aad, aad_size), msg4->ciphertext, msg4->tag, &reason);
  *authentic = status == QY_OK;
  if (status != QY_OK) {
    qy_vault_free(secret);
  }
  return status == QY_OK || status == QY_ERR_CRYPTO ? QY_OK : qy_fail(why, status, "%s", reason.message);
}
