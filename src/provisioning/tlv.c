/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/tlv.h>

#include <string.h>

static const char *const names[QY_TLV_TYPE_COUNT] = {"cipher-text",
                                                     "block-cipher-text",
                                                     "block-cipher-info",
                                                     "mac",
                                                     "nonce",
                                                     "epid-gid",
                                                     "epid-sig-rl",
                                                     "epid-group-cert",
                                                     "device-id",
                                                     "ps-id",
                                                     "epid-join-proof",
                                                     "epid-sig",
                                                     "epid-membership-credential",
                                                     "epid-psvn",
                                                     "quote",
                                                     "x509-certificate",
                                                     "x509-csr",
                                                     "es-selector",
                                                     "es-information",
                                                     "flags",
                                                     "quote-signature",
                                                     "platform-info-blob",
                                                     "signature",
                                                     "pek",
                                                     "platform-info",
                                                     "pwk2",
                                                     "se-report"};

#define LONG_SIZE 0x80u

const char *qy_tlv_type_name(unsigned type)
{
  return type < QY_TLV_TYPE_COUNT ? names[type] : "unknown";
}

uint8_t qy_tlv_version(qy_tlv_type type)
{
  return type == QY_TLV_PEK || type == QY_TLV_PLATFORM_INFO_BLOB ? 2 : 1;
}

bool qy_tlv_is_long(qy_tlv_type type, size_t size)
{
  return type == QY_TLV_EPID_SIG_RL || type == QY_TLV_EPID_SIG || type == QY_TLV_SE_REPORT || size > UINT16_MAX;
}

size_t qy_tlv_size(qy_tlv_type type, size_t payload_size)
{
  return (qy_tlv_is_long(type, payload_size) ? 6u : 4u) + payload_size;
}

void qy_tlv_read(qy_tlv *out, qy_reader *in)
{
  memset(out, 0, sizeof(*out));
  const size_t at = in->offset;
  const uint8_t type_byte = qy_read_u8(in, "TLV type");
  const uint8_t version = qy_read_u8(in, "TLV version");
  const bool is_long = (type_byte & LONG_SIZE) != 0;
  const unsigned type = type_byte & ~LONG_SIZE;
  const size_t size = is_long ? qy_read_u32be(in, "TLV size") : qy_read_u16be(in, "TLV size");
  if (in->status != QY_OK) {
    return;
  }
  if (type >= QY_TLV_TYPE_COUNT) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "TLV type", at);
  } else if (version != qy_tlv_version((qy_tlv_type)type)) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, names[type], at);
  } else if (is_long != qy_tlv_is_long((qy_tlv_type)type, size)) {
    qy_read_reject(in, QY_ERR_MALFORMED, names[type], at);
  } else {
    out->payload = qy_read_view(in, size, names[type]);
    out->type = in->status == QY_OK ? (qy_tlv_type)type : (qy_tlv_type)0;
  }
}

qy_view qy_tlv_expect(qy_reader *in, qy_tlv_type type)
{
  const size_t at = in->offset;
  qy_tlv field;
  qy_tlv_read(&field, in);
  if (in->status == QY_OK && field.type != type) {
    qy_read_reject(in, QY_ERR_MALFORMED, names[type], at);
  }
  return in->status == QY_OK ? field.payload : (qy_view){0};
}

qy_view qy_tlv_expect_size(qy_reader *in, qy_tlv_type type, size_t size)
{
  const size_t at = in->offset;
  const qy_view payload = qy_tlv_expect(in, type);
  if (in->status == QY_OK && payload.size != size) {
    qy_read_reject(in, QY_ERR_MALFORMED, names[type], at);
  }
  return in->status == QY_OK ? payload : (qy_view){0};
}

void qy_tlv_expect_bytes(qy_reader *in, qy_tlv_type type, uint8_t *out, size_t size)
{
  const qy_view payload = qy_tlv_expect_size(in, type, size);
  if (size > 0 && payload.size == size) { /* an empty view may have no bytes to point at */
    memcpy(out, payload.bytes, size);
  } else {
    memset(out, 0, size);
  }
}

bool qy_tlv_is_next(const qy_reader *in, qy_tlv_type type)
{
  return in->status == QY_OK && qy_read_left(in) > 0 && (in->all.bytes[in->offset] & ~LONG_SIZE) == (unsigned)type;
}

void qy_tlv_append_header(qy_buffer *out, qy_tlv_type type, size_t payload_size)
{
  uint8_t header[6];
  qy_writer writer = qy_writer_over(header, sizeof(header));
  const bool is_long = qy_tlv_is_long(type, payload_size);
  qy_write_u8(&writer, (uint8_t)((unsigned)type | (is_long ? LONG_SIZE : 0)));
  qy_write_u8(&writer, qy_tlv_version(type));
  if (is_long) {
    qy_write_u32be(&writer, (uint32_t)payload_size);
  } else {
    qy_write_u16be(&writer, (uint16_t)payload_size);
  }
  qy_buffer_append(out, header, writer.offset);
}

void qy_tlv_append(qy_buffer *out, qy_tlv_type type, qy_view payload)
{
  qy_tlv_append_header(out, type, payload.size);
  qy_buffer_append(out, payload.bytes, payload.size);
}
