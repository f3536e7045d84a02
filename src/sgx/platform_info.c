/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/quote.h>

#include <string.h>

#include <base/cursor.h>
#include <base/encoding.h>

#include <sgx/codec.h>

/* Type 21, version 2, length 101: the header by which the attestation service sends the blob. */
static const uint8_t tlv_header[4] = {0x15, 0x02, 0x00, 0x65};

static void read_blob(qy_reader *in, qy_platform_info *out)
{
  out->epid_group_flags = qy_read_u8(in, "EPID group flags");
  out->tcb_flags = qy_read_u16be(in, "TCB flags");
  out->pse_flags = qy_read_u16be(in, "PSE flags");
  qy_read_bytes(in, out->latest_cpu_svn, sizeof(out->latest_cpu_svn), "latest cpu_svn");
  out->latest_qe_svn = qy_read_u16le(in, "latest QE isv_svn");
  qy_read_bytes(in, out->latest_pse_svn, sizeof(out->latest_pse_svn), "latest PSE isv_svn");
  qy_read_bytes(in, out->latest_psda_svn, sizeof(out->latest_psda_svn), "latest PSDA svn");
  out->xeid = qy_read_u32le(in, "xeid");
  out->group_id = qy_read_u32be(in, "gid");
  qy_read_bytes(in, out->signature, sizeof(out->signature), "signature");
}

qy_status qy_platform_info_decode(qy_platform_info *out, qy_view bytes, qy_error *why)
{
  qy_platform_info info = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  /* The length tells the form. No blob without a header begins like one, since no such flags exist: there it is one
   * with a header that lost its end. */
  const bool has_header = qy_view_equal(qy_view_slice(bytes, 0, sizeof(tlv_header)), QY_VIEW_OF(tlv_header));
  if (has_header || bytes.size > QY_PLATFORM_INFO_SIZE) {
    qy_read_skip(&in, sizeof(tlv_header), "header");
  }
  if (!has_header && bytes.size > QY_PLATFORM_INFO_SIZE) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "header (15 02 00 65)", 0);
  }
  read_blob(&in, &info);
  QY_TRY(qy_read_finish(&in, "platform info blob", why));
  *out = info;
  return QY_OK;
}

qy_status qy_platform_info_decode_hex(qy_platform_info *out, qy_view text, qy_error *why)
{
  uint8_t bytes[QY_PLATFORM_INFO_TLV_SIZE];
  memset(out, 0, sizeof(*out));
  if (text.size != 2 * QY_PLATFORM_INFO_SIZE && text.size != 2 * QY_PLATFORM_INFO_TLV_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED,
                   "platform info blob: %zu characters of hex, it has 202, or 210 with its header", text.size);
  }
  QY_TRY(qy_hex_decode(bytes, text.size / 2, text, "platform info blob", why));
  return qy_platform_info_decode(out, qy_view_over(bytes, text.size / 2), why);
}

void qy_platform_info_encode(uint8_t out[QY_PLATFORM_INFO_SIZE], const qy_platform_info *info)
{
  qy_writer writer = qy_writer_over(out, QY_PLATFORM_INFO_SIZE);
  qy_write_u8(&writer, info->epid_group_flags);
  qy_write_u16be(&writer, info->tcb_flags);
  qy_write_u16be(&writer, info->pse_flags);
  qy_write_bytes(&writer, info->latest_cpu_svn, sizeof(info->latest_cpu_svn));
  qy_write_u16le(&writer, info->latest_qe_svn);
  qy_write_bytes(&writer, info->latest_pse_svn, sizeof(info->latest_pse_svn));
  qy_write_bytes(&writer, info->latest_psda_svn, sizeof(info->latest_psda_svn));
  qy_write_u32le(&writer, info->xeid);
  qy_write_u32be(&writer, info->group_id);
  qy_write_bytes(&writer, info->signature, sizeof(info->signature));
  qy_write_done(&writer);
}

void qy_platform_info_encode_tlv(uint8_t out[QY_PLATFORM_INFO_TLV_SIZE], const qy_platform_info *info)
{
  memcpy(out, tlv_header, sizeof(tlv_header));
  qy_platform_info_encode(out + sizeof(tlv_header), info);
}
