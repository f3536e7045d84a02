/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/endpoint.h>

#include <string.h>

#include <base/cursor.h>
#include <provisioning/answer.h>
#include <provisioning/messages.h>

#define PROTOCOL_SELECTOR 0 /* first byte of ES_SELECTOR: EPID provisioning */

qy_status qy_endpoint_request_make(qy_buffer *out, const uint8_t xid[QY_XID_SIZE], uint8_t selector, qy_error *why)
{
  uint8_t header[QY_PROVISIONING_REQUEST_HEADER_SIZE];
  const uint8_t payload[2] = {PROTOCOL_SELECTOR, selector};
  qy_provisioning_request_header(header, QY_PROTOCOL_ENDPOINT_SELECTION, xid, QY_ENDPOINT_REQUEST, 6);
  qy_buffer_append(out, header, sizeof(header));
  qy_tlv_append(out, QY_TLV_ES_SELECTOR, QY_VIEW_OF(payload));
  return qy_buffer_finish(out, "endpoint request", why);
}

qy_status qy_endpoint_request_open(uint8_t xid[QY_XID_SIZE], uint8_t *selector, qy_view message, qy_error *why)
{
  qy_provisioning_request request;
  uint8_t payload[2];
  memset(xid, 0, QY_XID_SIZE);
  *selector = 0;
  QY_TRY(qy_provisioning_request_decode(&request, message, why));
  if (request.protocol != QY_PROTOCOL_ENDPOINT_SELECTION || request.type != QY_ENDPOINT_REQUEST) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "endpoint request: protocol %u, type %u", request.protocol, request.type);
  }
  qy_reader in = qy_reader_over(request.body);
  qy_tlv_expect_bytes(&in, QY_TLV_ES_SELECTOR, payload, sizeof(payload));
  QY_TRY(qy_read_finish(&in, "endpoint request", why));
  if (payload[0] != PROTOCOL_SELECTOR) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "endpoint request: selects for protocol %u", payload[0]);
  }
  memcpy(xid, request.xid, QY_XID_SIZE);
  *selector = payload[1];
  return QY_OK;
}

static bool url_is_plain(qy_view url)
{
  for (size_t i = 0; i < url.size; i++) {
    if (url.bytes[i] <= 0x20 || url.bytes[i] >= 0x7f) {
      return false;
    }
  }
  return url.size > 0 && url.size <= QY_ENDPOINT_MAX_URL;
}

qy_status qy_endpoint_response_make(qy_buffer *out, const uint8_t xid[QY_XID_SIZE], const qy_endpoint *endpoint,
                                    const qy_rsa_private *pek, qy_error *why)
{
  const qy_view url = qy_view_text(endpoint->url);
  uint8_t header[QY_PROVISIONING_RESPONSE_HEADER_SIZE];
  uint8_t ttl[2], encoded_pek[QY_SIGNED_PEK_SIZE];
  uint8_t signature[1 + QY_RSA_MAX_SIZE] = {QY_KEY_ID_PEK_3072};
  if (!url_is_plain(url) || endpoint->pek.key.size != QY_PEK_RSA_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "endpoint: the URL or the key is not fit to be sent");
  }
  qy_writer writer = qy_writer_over(ttl, sizeof(ttl));
  qy_write_u16be(&writer, endpoint->ttl_s);
  qy_signed_pek_encode(encoded_pek, &endpoint->pek);
  const qy_view signed_parts[] = {{xid, QY_XID_SIZE}, QY_VIEW_OF(ttl), url};
  QY_TRY(qy_rsa_sign(signature + 1, pek, signed_parts, 3, why));

  const size_t size = qy_tlv_size(QY_TLV_ES_INFORMATION, 2 + url.size) +
                      qy_tlv_size(QY_TLV_SIGNATURE, 1 + QY_PEK_RSA_SIZE) + qy_tlv_size(QY_TLV_PEK, QY_SIGNED_PEK_SIZE);
  qy_provisioning_response_header(header, QY_PROTOCOL_ENDPOINT_SELECTION, xid, QY_ENDPOINT_RESPONSE, QY_GSTATUS_OK,
                                  QY_PSTATUS_OK, (uint32_t)size);
  qy_buffer_append(out, header, sizeof(header));
  qy_tlv_append_header(out, QY_TLV_ES_INFORMATION, 2 + url.size);
  qy_buffer_append(out, ttl, sizeof(ttl));
  qy_buffer_append(out, url.bytes, url.size);
  qy_tlv_append(out, QY_TLV_SIGNATURE, qy_view_over(signature, 1 + QY_PEK_RSA_SIZE));
  qy_tlv_append(out, QY_TLV_PEK, QY_VIEW_OF(encoded_pek));
  return qy_buffer_finish(out, "endpoint response", why);
}

/* What the three fields of an answer hold. */
typedef struct endpoint_fields {
  qy_view ttl;
  qy_view url;
  qy_view signature;
  qy_view pek;
} endpoint_fields;

static qy_status read_fields(endpoint_fields *out, qy_view body, qy_error *why)
{
  qy_reader in = qy_reader_over(body);
  const qy_view information = qy_tlv_expect(&in, QY_TLV_ES_INFORMATION);
  const qy_view signature = qy_tlv_expect_size(&in, QY_TLV_SIGNATURE, 1 + QY_PEK_RSA_SIZE);
  out->pek = qy_tlv_expect_size(&in, QY_TLV_PEK, QY_SIGNED_PEK_SIZE);
  QY_TRY(qy_read_finish(&in, "endpoint response", why));
  out->ttl = qy_view_slice(information, 0, 2);
  out->url = qy_view_slice(information, 2, information.size - out->ttl.size);
  out->signature = qy_view_slice(signature, 1, QY_PEK_RSA_SIZE);
  if (signature.bytes[0] != QY_KEY_ID_PEK_3072) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "endpoint response: signed by key id %u", signature.bytes[0]);
  }
  if (!url_is_plain(out->url)) {
    return qy_fail(why, QY_ERR_MALFORMED, "endpoint response: the URL of %zu bytes is none", out->url.size);
  }
  return QY_OK;
}

qy_status qy_endpoint_response_open(qy_endpoint *out, qy_view message, const uint8_t xid[QY_XID_SIZE],
                                    const qy_p256_public *pek_signing_key, qy_trace *trace, qy_error *why)
{
  qy_provisioning_response response;
  endpoint_fields fields = {0};
  qy_endpoint read = {0};
  bool valid = false;
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_provisioning_response_decode(&response, message, why));
  QY_TRY(qy_answer_check_header(&response, QY_PROTOCOL_ENDPOINT_SELECTION, xid, trace, why));
  if (response.gstatus != QY_GSTATUS_OK || response.pstatus != QY_PSTATUS_OK || response.type != QY_ENDPOINT_RESPONSE) {
    return qy_answer_fail(&response, why);
  }
  QY_TRY(read_fields(&fields, response.body, why));
  QY_TRY(qy_signed_pek_decode(&read.pek, fields.pek, why));
  QY_TRY(qy_signed_pek_verify(trace, &read.pek, pek_signing_key, why));
  const qy_view signed_parts[] = {{xid, QY_XID_SIZE}, fields.ttl, fields.url};
  QY_TRY(qy_rsa_verify(&valid, &read.pek.key, signed_parts, 3, fields.signature, why));
  if (!qy_check(trace, QY_CHECK_ENDPOINT_SIGNATURE, valid, .expected = qy_textf("signed for this transaction"),
                .actual = qy_textf(valid ? "signed" : "not signed"), .origin = "server's key")) {
    return qy_fail(why, QY_ERR_REFUSED, "endpoint response: the server's key did not sign it");
  }
  qy_reader ttl = qy_reader_over(fields.ttl);
  read.ttl_s = qy_read_u16be(&ttl, "TTL");
  memcpy(read.url, fields.url.bytes, fields.url.size);
  *out = read;
  return QY_OK;
}
