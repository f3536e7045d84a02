/* SPDX-License-Identifier: Apache-2.0 */
/* Signature revocation lists and group certificates: their numbers are big-endian, unlike the rest of the room. */
#include <quotary/quote.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

#include <sgx/epid_wire.h>

static void read_constant(qy_reader *in, uint16_t constant, const char *field)
{
  const size_t at = in->offset;
  const uint16_t value = qy_read_u16be(in, field);
  if (in->status == QY_OK && value != constant) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, field, at);
  }
}

qy_status qy_sigrl_decode(qy_sigrl *out, qy_view bytes, qy_error *why)
{
  qy_sigrl list = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_constant(&in, QY_EPID_WIRE_VERSION, "protocol version");
  read_constant(&in, QY_EPID_WIRE_SIGRL, "EPID identifier (of a signature revocation list: 14)");
  list.group_id = qy_read_u32be(&in, "gid");
  list.version = qy_read_u32be(&in, "version");
  const size_t count_at = in.offset;
  list.count = qy_read_u32be(&in, "n2");
  if (in.status == QY_OK && list.count > QY_MAX_SIGRL_ENTRIES) {
    qy_read_reject(&in, QY_ERR_LIMIT, "n2", count_at);
  }
  list.entries = qy_read_view(&in, (size_t)list.count * QY_SIGRL_ENTRY_SIZE, "entries");
  list.signed_part = qy_view_slice(bytes, 0, in.offset);
  list.signature = qy_read_view(&in, QY_EPID_WIRE_SIGNATURE_SIZE, "signature");
  QY_TRY(qy_read_finish(&in, "signature revocation list", why));
  *out = list;
  return QY_OK;
}

qy_status qy_sigrl_decode_nonempty(qy_sigrl *out, qy_view bytes, qy_error *why)
{
  QY_TRY(qy_sigrl_decode(out, bytes, why));
  if (out->count == 0) {
    memset(out, 0, sizeof(*out));
    return qy_fail(why, QY_ERR_MALFORMED,
                   "signature revocation list: n2 is 0; where nothing is revoked no list is sent");
  }
  return QY_OK;
}

qy_view qy_sigrl_entry(const qy_sigrl *sigrl, uint32_t index)
{
  return qy_view_slice(sigrl->entries, (size_t)index * QY_SIGRL_ENTRY_SIZE, QY_SIGRL_ENTRY_SIZE);
}

qy_status qy_group_certificate_decode(qy_group_certificate *out, qy_view bytes, qy_error *why)
{
  qy_group_certificate certificate = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_constant(&in, QY_EPID_WIRE_VERSION, "version");
  read_constant(&in, QY_EPID_WIRE_GROUP, "type (of a group certificate: 12)");
  certificate.public_key = qy_read_view(&in, QY_GROUP_PUBLIC_KEY_SIZE, "group public key");
  certificate.signed_part = qy_view_slice(bytes, 0, in.offset);
  certificate.signature = qy_read_view(&in, QY_EPID_WIRE_SIGNATURE_SIZE, "signature");
  QY_TRY(qy_read_finish(&in, "EPID group certificate", why));
  qy_reader key = qy_reader_over(certificate.public_key);
  certificate.group_id = qy_read_u32be(&key, "gid");
  *out = certificate;
  return QY_OK;
}
