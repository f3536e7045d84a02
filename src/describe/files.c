/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and attestation reports (AVR). */
#include <describe/parts.h>

#include <string.h>

#include <base/buffer.h>
#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/x509.h>

static void describe_certificate(json_t *to, const qy_certificate *certificate)
{
  char text[512];
  char when[21];
  uint8_t fingerprint[32];
  qy_certificate_subject(text, sizeof(text), certificate);
  json_object_set_new(to, "subject", json_string(text));
  qy_certificate_issuer(text, sizeof(text), certificate);
  json_object_set_new(to, "issuer", json_string(text));
  qy_certificate_serial(text, sizeof(text), certificate);
  json_object_set_new(to, "serial", json_string(text));
  qy_time_format(when, qy_certificate_not_before_s(certificate));
  json_object_set_new(to, "not_before", json_string(when));
  qy_time_format(when, qy_certificate_not_after_s(certificate));
  json_object_set_new(to, "not_after", json_string(when));
  json_object_set_new(to, "ca", json_boolean(qy_certificate_is_ca(certificate)));
  qy_certificate_fingerprint(fingerprint, certificate);
  qy_describe_hex(to, "sha256", fingerprint, sizeof(fingerprint));
  qy_describe_pck_extension(to, qy_certificate_der(certificate));
}

qy_status qy_describe_certificates(json_t *to, qy_view bytes, qy_error *why)
{
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_CERTIFICATE(single);
  json_t *list = json_array();
  json_object_set_new(to, "certificates", list);
  if (bytes.size > 2 && bytes.bytes[0] == 0x30) {
    QY_TRY(qy_certificate_from_der(&single, bytes, why));
    json_t *one = json_object();
    describe_certificate(one, single);
    json_array_append_new(list, one);
    return QY_OK;
  }
  if (bytes.size == 0 || memmem(bytes.bytes, bytes.size, "-----BEGIN CERTIFICATE-----", 27) == NULL) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "certificates: neither PEM nor DER");
  }
  QY_TRY(qy_chain_from_pem(&chain, bytes, why));
  for (size_t i = 0; i < chain.count; i++) {
    json_t *one = json_object();
    describe_certificate(one, chain.certificates[i]);
    json_array_append_new(list, one);
  }
  return QY_OK;
}

/* The report's own members, with what is packed inside them opened. */
qy_status qy_describe_attestation_report(json_t *to, qy_view bytes, qy_error *why)
{
  json_error_t error;
  size_t start = 0;
  while (start < bytes.size && (bytes.bytes[start] == ' ' || bytes.bytes[start] == '\n')) {
    start++;
  }
  if (start == bytes.size || bytes.bytes[start] != '{' || bytes.size > QY_MAX_JSON_SIZE) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "attestation report: no JSON object");
  }
  json_t *report = json_loadb((const char *)bytes.bytes, bytes.size, JSON_REJECT_DUPLICATES, &error);
  if (report == NULL) {
    return qy_fail(why, QY_ERR_MALFORMED, "attestation report: %s at byte %d", error.text, error.position);
  }
  const char *encoded = json_string_value(json_object_get(report, "isvEnclaveQuoteBody"));
  if (encoded == NULL || json_object_get(report, "isvEnclaveQuoteStatus") == NULL) {
    json_decref(report);
    return qy_fail(why, QY_ERR_UNSUPPORTED,
                   "attestation report: JSON without isvEnclaveQuoteBody and isvEnclaveQuoteStatus");
  }
  QY_SCOPED_BUFFER(body, QY_QUOTE_BODY_SIZE);
  qy_quote_body decoded;
  qy_base64_decode_append(&body, qy_view_text(encoded));
  qy_status status = qy_buffer_finish(&body, "attestation report: isvEnclaveQuoteBody", why);
  if (status == QY_OK) {
    status = qy_quote_body_decode(&decoded, qy_buffer_view(&body), why);
  }
  if (status == QY_OK) {
    json_object_del(report, "isvEnclaveQuoteBody");
    json_object_update(to, report);
    json_t *quote = json_object();
    qy_describe_quote_body(quote, &decoded);
    json_object_set_new(to, "isvEnclaveQuoteBody", quote);
    const char *blob = json_string_value(json_object_get(to, "platformInfoBlob"));
    qy_platform_info info;
    if (blob != NULL && qy_platform_info_decode_hex(&info, qy_view_text(blob), NULL) == QY_OK) {
      uint8_t raw[QY_PLATFORM_INFO_SIZE];
      json_t *opened = json_object();
      qy_platform_info_encode(raw, &info);
      status = qy_describe_platform_info(opened, QY_VIEW_OF(raw), why);
      json_object_set_new(to, "platformInfoBlob", opened);
    }
  }
  json_decref(report);
  return status;
}
