/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/endorsements.h>

#include <inttypes.h>
#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

#include <sgx/epid_wire.h>

#define PLATFORM_INFO_SIGNED_SIZE 37

/* One signature, one check; `what` names the thing in the message. */
static qy_status verify(qy_trace *trace, qy_check_id id, qy_view signed_part, qy_view signature,
                        const qy_p256_public *key, const char *what, qy_error *why)
{
  bool valid = false;
  if (signature.size != QY_P256_SIGNATURE_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "%s: it was not decoded", what);
  }
  QY_TRY(qy_p256_verify(&valid, key, &signed_part, 1, signature.bytes, why));
  if (!qy_check(trace, id, valid, .expected = qy_textf("signed by %s", qy_text_hex(QY_VIEW_OF(key->bytes)).chars),
                .actual = qy_textf(valid ? "valid" : "not valid"), .origin = "issuer's pinned key")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: the issuer's signature is not valid", what);
  }
  return QY_OK;
}

qy_status qy_sigrl_verify(qy_trace *trace, const qy_sigrl *sigrl, const qy_p256_public *key, qy_error *why)
{
  return verify(trace, QY_CHECK_SIGRL_SIGNATURE, sigrl->signed_part, sigrl->signature, key, "signature revocation list",
                why);
}

static qy_status sigrl_header(uint8_t out[QY_SIGRL_HEADER_SIZE], uint32_t group_id, uint32_t version, uint32_t count,
                              qy_error *why)
{
  qy_writer header = qy_writer_over(out, QY_SIGRL_HEADER_SIZE);
  qy_write_u16be(&header, QY_EPID_WIRE_VERSION);
  qy_write_u16be(&header, QY_EPID_WIRE_SIGRL);
  qy_write_u32be(&header, group_id);
  qy_write_u32be(&header, version);
  qy_write_u32be(&header, count);
  return qy_write_finish(&header, NULL, "signature revocation list", why);
}

qy_status qy_sigrl_make(qy_buffer *out, uint32_t group_id, uint32_t version, qy_view entries,
                        const qy_secret *private_key, qy_error *why)
{
  uint8_t header[QY_SIGRL_HEADER_SIZE];
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  if (entries.size % QY_SIGRL_ENTRY_SIZE != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "signature revocation list: %zu bytes are no whole entries", entries.size);
  }
  if (entries.size / QY_SIGRL_ENTRY_SIZE > QY_MAX_SIGRL_ENTRIES) {
    return qy_fail(why, QY_ERR_LIMIT, "signature revocation list: %zu entries are beyond the limit",
                   entries.size / QY_SIGRL_ENTRY_SIZE);
  }
  QY_TRY(sigrl_header(header, group_id, version, (uint32_t)(entries.size / QY_SIGRL_ENTRY_SIZE), why));
  const qy_view parts[] = {QY_VIEW_OF(header), entries};
  QY_TRY(qy_p256_sign(signature, private_key, parts, 2, why));
  qy_buffer_append(out, header, sizeof(header));
  qy_buffer_append(out, entries.bytes, entries.size);
  qy_buffer_append(out, signature, sizeof(signature));
  return qy_buffer_finish(out, "signature revocation list", why);
}

qy_status qy_group_certificate_verify(qy_trace *trace, const qy_group_certificate *certificate,
                                      const qy_p256_public *key, qy_error *why)
{
  return verify(trace, QY_CHECK_GROUP_CERTIFICATE_SIGNATURE, certificate->signed_part, certificate->signature, key,
                "EPID group certificate", why);
}

qy_status qy_group_certificate_make(uint8_t out[QY_GROUP_CERTIFICATE_SIZE],
                                    const uint8_t public_key[QY_GROUP_PUBLIC_KEY_SIZE], const qy_secret *private_key,
                                    qy_error *why)
{
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  qy_writer writer = qy_writer_over(out, QY_GROUP_CERTIFICATE_SIZE);
  qy_write_u16be(&writer, QY_EPID_WIRE_VERSION);
  qy_write_u16be(&writer, QY_EPID_WIRE_GROUP);
  qy_write_bytes(&writer, public_key, QY_GROUP_PUBLIC_KEY_SIZE);
  const qy_view signed_part = qy_view_over(out, writer.offset);
  QY_TRY(qy_p256_sign(signature, private_key, &signed_part, 1, why));
  qy_write_bytes(&writer, signature, sizeof(signature));
  return qy_write_finish(&writer, NULL, "EPID group certificate", why);
}

qy_status qy_platform_info_verify(qy_trace *trace, const qy_platform_info *info, const qy_p256_public *key,
                                  qy_error *why)
{
  uint8_t bytes[QY_PLATFORM_INFO_SIZE];
  qy_platform_info_encode(bytes, info);
  return verify(trace, QY_CHECK_PLATFORM_INFO_SIGNATURE, qy_view_over(bytes, PLATFORM_INFO_SIGNED_SIZE),
                QY_VIEW_OF(info->signature), key, "platform info blob", why);
}

qy_status qy_platform_info_sign(qy_platform_info *info, const qy_secret *private_key, qy_error *why)
{
  uint8_t bytes[QY_PLATFORM_INFO_SIZE];
  qy_platform_info_encode(bytes, info);
  const qy_view signed_part = qy_view_over(bytes, PLATFORM_INFO_SIGNED_SIZE);
  return qy_p256_sign(info->signature, private_key, &signed_part, 1, why);
}
