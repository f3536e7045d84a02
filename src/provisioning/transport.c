/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/transport.h>

#include <string.h>

#include <base/cursor.h>
#include <base/encoding.h>
#include <base/limits.h>

const char *qy_gstatus_name(unsigned gstatus)
{
  static const char *const names[QY_GSTATUS_COUNT] = {"ok",
                                                      "server-busy",
                                                      "integrity-check-fail",
                                                      "incorrect-syntax",
                                                      "incompatible-version",
                                                      "transaction-state-lost",
                                                      "protocol-error",
                                                      "internal-error"};
  return gstatus < QY_GSTATUS_COUNT ? names[gstatus] : "unknown";
}

const char *qy_pstatus_name(unsigned pstatus)
{
  static const char *const names[QY_PSTATUS_COUNT] = {"ok",
                                                      "platform-revoked",
                                                      "integrity-failed",
                                                      "performance-rekey-not-supported",
                                                      "provisioning-error",
                                                      "invalid-request",
                                                      "key-not-found",
                                                      "invalid-report",
                                                      "key-revoked",
                                                      "tcb-out-of-date"};
  return pstatus < QY_PSTATUS_COUNT ? names[pstatus] : "unknown";
}

/* Version and size are the same affair in both headers; what is left after the header must be the body. */
static void read_rest(qy_reader *in, qy_view *body, uint8_t version, size_t version_at)
{
  const size_t size_at = in->offset;
  const uint32_t size = qy_read_u32be(in, "size");
  if (in->status == QY_OK && version != QY_PROVISIONING_VERSION) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "version", version_at);
  } else if (in->status == QY_OK && size > QY_MAX_PROVISIONING_SIZE) {
    qy_read_reject(in, QY_ERR_LIMIT, "size", size_at);
  }
  *body = qy_read_view(in, size, "body");
}

qy_status qy_provisioning_request_decode(qy_provisioning_request *out, qy_view message, qy_error *why)
{
  qy_reader in = qy_reader_over(message);
  *out = (qy_provisioning_request){0};
  qy_provisioning_request read = {.header = qy_view_slice(message, 0, QY_PROVISIONING_REQUEST_HEADER_SIZE)};
  read.protocol = qy_read_u8(&in, "protocol");
  const uint8_t version = qy_read_u8(&in, "version");
  qy_read_bytes(&in, read.xid, sizeof(read.xid), "transaction id");
  read.type = qy_read_u8(&in, "type");
  read_rest(&in, &read.body, version, 1);
  QY_TRY(qy_read_finish(&in, "provisioning request", why));
  *out = read;
  return QY_OK;
}

qy_status qy_provisioning_response_decode(qy_provisioning_response *out, qy_view message, qy_error *why)
{
  qy_reader in = qy_reader_over(message);
  *out = (qy_provisioning_response){0};
  qy_provisioning_response read = {.header = qy_view_slice(message, 0, QY_PROVISIONING_RESPONSE_HEADER_SIZE)};
  read.protocol = qy_read_u8(&in, "protocol");
  const uint8_t version = qy_read_u8(&in, "version");
  qy_read_bytes(&in, read.xid, sizeof(read.xid), "transaction id");
  read.type = qy_read_u8(&in, "type");
  read.gstatus = qy_read_u16be(&in, "general status");
  read.pstatus = qy_read_u16be(&in, "protocol status");
  if (in.status == QY_OK && (read.gstatus >= QY_GSTATUS_COUNT || read.pstatus >= QY_PSTATUS_COUNT)) {
    qy_read_reject(&in, QY_ERR_MALFORMED, "status", 11);
  }
  read_rest(&in, &read.body, version, 1);
  QY_TRY(qy_read_finish(&in, "provisioning response", why));
  *out = read;
  return QY_OK;
}

void qy_provisioning_request_header(uint8_t out[QY_PROVISIONING_REQUEST_HEADER_SIZE], qy_provisioning_protocol protocol,
                                    const uint8_t xid[QY_XID_SIZE], uint8_t type, uint32_t body_size)
{
  qy_writer writer = qy_writer_over(out, QY_PROVISIONING_REQUEST_HEADER_SIZE);
  qy_write_u8(&writer, (uint8_t)protocol);
  qy_write_u8(&writer, QY_PROVISIONING_VERSION);
  qy_write_bytes(&writer, xid, QY_XID_SIZE);
  qy_write_u8(&writer, type);
  qy_write_u32be(&writer, body_size);
}

void qy_provisioning_response_header(uint8_t out[QY_PROVISIONING_RESPONSE_HEADER_SIZE],
                                     qy_provisioning_protocol protocol, const uint8_t xid[QY_XID_SIZE], uint8_t type,
                                     qy_gstatus gstatus, qy_pstatus pstatus, uint32_t body_size)
{
  qy_writer writer = qy_writer_over(out, QY_PROVISIONING_RESPONSE_HEADER_SIZE);
  qy_write_u8(&writer, (uint8_t)protocol);
  qy_write_u8(&writer, QY_PROVISIONING_VERSION);
  qy_write_bytes(&writer, xid, QY_XID_SIZE);
  qy_write_u8(&writer, type);
  qy_write_u16be(&writer, (uint16_t)gstatus);
  qy_write_u16be(&writer, (uint16_t)pstatus);
  qy_write_u32be(&writer, body_size);
}

static qy_status to_text(qy_buffer *text, qy_view message, size_t header_size, qy_error *why)
{
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < header_size; i++) {
    const char pair[2] = {digits[message.bytes[i] >> 4], digits[message.bytes[i] & 15]};
    qy_buffer_append(text, pair, sizeof(pair));
  }
  qy_base64_append(text, qy_view_slice(message, header_size, message.size - header_size));
  return qy_buffer_finish(text, "text of a provisioning message", why);
}

static qy_status from_text(qy_buffer *message, qy_view text, size_t header_size, qy_error *why)
{
  uint8_t header[QY_PROVISIONING_RESPONSE_HEADER_SIZE];
  if (text.size < 2 * header_size) {
    return qy_fail(why, QY_ERR_TRUNCATED,
                   "text of a provisioning message: ends inside the header, after %zu of %zu characters", text.size,
                   2 * header_size);
  }
  QY_TRY(qy_hex_decode(header, header_size, qy_view_slice(text, 0, 2 * header_size), "provisioning header", why));
  qy_buffer_append(message, header, header_size);
  qy_base64_decode_append(message, qy_view_slice(text, 2 * header_size, text.size - 2 * header_size));
  return qy_buffer_finish(message, "body of a provisioning message, in base64", why);
}

qy_status qy_provisioning_request_to_text(qy_buffer *text, qy_view message, qy_error *why)
{
  qy_provisioning_request request;
  QY_TRY(qy_provisioning_request_decode(&request, message, why));
  return to_text(text, message, QY_PROVISIONING_REQUEST_HEADER_SIZE, why);
}

qy_status qy_provisioning_request_from_text(qy_buffer *message, qy_view text, qy_error *why)
{
  const size_t begin = message->size;
  qy_provisioning_request request;
  QY_TRY(from_text(message, text, QY_PROVISIONING_REQUEST_HEADER_SIZE, why));
  return qy_provisioning_request_decode(&request, qy_view_over(message->bytes + begin, message->size - begin), why);
}

qy_status qy_provisioning_response_to_text(qy_buffer *text, qy_view message, qy_error *why)
{
  qy_provisioning_response response;
  QY_TRY(qy_provisioning_response_decode(&response, message, why));
  return to_text(text, message, QY_PROVISIONING_RESPONSE_HEADER_SIZE, why);
}

qy_status qy_provisioning_response_from_text(qy_buffer *message, qy_view text, qy_error *why)
{
  const size_t begin = message->size;
  qy_provisioning_response response;
  QY_TRY(from_text(message, text, QY_PROVISIONING_RESPONSE_HEADER_SIZE, why));
  return qy_provisioning_response_decode(&response, qy_view_over(message->bytes + begin, message->size - begin), why);
}
