/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an attestation verification report, as members. */
#include <appraisal/parts.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>

static const char what[] = "report";

/* Bounded, and free of control characters, so that it can be shown anywhere. */
static qy_status copy_text(char *out, size_t size, const char *text, const char *member, qy_error *why)
{
  const size_t length = strlen(text);
  if (length >= size) {
    return qy_fail(why, QY_ERR_MALFORMED, "report: member \"%s\": %zu bytes, at most %zu are known", member, length,
                   size - 1);
  }
  for (size_t i = 0; i < length; i++) {
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
      return qy_fail(why, QY_ERR_MALFORMED, "report: member \"%s\": a control character at byte %zu", member, i);
    }
  }
  memcpy(out, text, length + 1);
  return QY_OK;
}

static qy_status read_text(char *out, size_t size, const json_t *object, const char *member, qy_error *why)
{
  const char *text = NULL;
  QY_TRY(qy_json_text(&text, object, member, what, why));
  return copy_text(out, size, text, member, why);
}

static qy_status read_optional_text(bool *has, char *out, size_t size, const json_t *object, const char *member,
                                    qy_error *why)
{
  if (qy_json_has(object, member)) {
    QY_TRY(read_text(out, size, object, member, why));
    *has = true;
  }
  return QY_OK;
}

static qy_status read_optional_integer(bool *has, int64_t *out, const json_t *object, const char *member, qy_error *why)
{
  if (qy_json_has(object, member)) {
    QY_TRY(qy_json_integer(out, object, member, INT32_MIN, INT32_MAX, what, why));
    *has = true;
  }
  return QY_OK;
}

static qy_status read_base64(uint8_t *out, size_t size, const json_t *object, const char *member, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, QY_QUOTE_BODY_SIZE);
  QY_TRY(qy_json_base64(&bytes, object, member, what, why));
  if (bytes.size != size) {
    return qy_fail(why, QY_ERR_MALFORMED, "report: member \"%s\": %zu bytes, not %zu", member, bytes.size, size);
  }
  memcpy(out, bytes.bytes, size);
  return QY_OK;
}

/* "2020-05-11T09:21:15.454051": exactly so. Nothing else says without doubt which moment it means. */
static bool read_moment(int64_t *out, const char *text)
{
  static const char form[] = "dddd-dd-ddTdd:dd:dd.dddddd";
  if (strlen(text) != sizeof(form) - 1) {
    return false;
  }
  int digits[sizeof(form)] = {0};
  for (size_t i = 0; form[i] != '\0'; i++) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) {
      return false;
    }
    digits[i] = digit ? text[i] - '0' : 0;
  }
  const int year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
  return qy_time_from_civil(out, year, digits[5] * 10 + digits[6], digits[8] * 10 + digits[9],
                            digits[11] * 10 + digits[12], digits[14] * 10 + digits[15], digits[17] * 10 + digits[18]);
}

/* A blob of another length is kept as absent text, for the appraisal to say so; what is not text is malformed. */
static qy_status read_platform_info(qy_avr *out, const json_t *object, qy_error *why)
{
  if (!qy_json_has(object, "platformInfoBlob")) {
    return QY_OK;
  }
  const char *text = NULL;
  QY_TRY(qy_json_text(&text, object, "platformInfoBlob", what, why));
  out->has_platform_info = true;
  return strlen(text) < sizeof(out->platform_info)
             ? copy_text(out->platform_info, sizeof(out->platform_info), text, "platformInfoBlob", why)
             : QY_OK;
}

static qy_status read_pse(qy_avr *out, const json_t *object, qy_error *why)
{
  QY_TRY(read_optional_text(&out->has_pse_status, out->pse_status, sizeof(out->pse_status), object, "pseManifestStatus",
                            why));
  if (qy_json_has(object, "pseManifestHash")) {
    QY_TRY(qy_json_hex(out->pse_hash, sizeof(out->pse_hash), object, "pseManifestHash", what, why));
    out->has_pse_hash = true;
  }
  return QY_OK;
}

static qy_status read_advisories(qy_avr *out, const json_t *object, qy_error *why)
{
  bool has_url = false;
  QY_TRY(read_optional_text(&has_url, out->advisory_url, sizeof(out->advisory_url), object, "advisoryURL", why));
  if (!qy_json_has(object, "advisoryIDs")) {
    return QY_OK;
  }
  const json_t *list = NULL;
  QY_TRY(qy_json_array(&list, object, "advisoryIDs", QY_AVR_MAX_ADVISORIES, what, why));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    if (text == NULL || *text == '\0') {
      return qy_fail(why, QY_ERR_MALFORMED, "report: member \"advisoryIDs\": element %zu is no text", i);
    }
    QY_TRY(copy_text(out->advisories[i], sizeof(out->advisories[i]), text, "advisoryIDs", why));
  }
  out->has_advisories = true;
  out->advisory_count = json_array_size(list);
  return QY_OK;
}

static qy_status read_members(qy_avr *out, const json_t *object, qy_error *why)
{
  QY_TRY(read_text(out->id, sizeof(out->id), object, "id", why));
  QY_TRY(read_text(out->timestamp, sizeof(out->timestamp), object, "timestamp", why));
  out->has_time = read_moment(&out->time_s, out->timestamp);
  QY_TRY(read_optional_integer(&out->names_version, &out->version, object, "version", why));
  QY_TRY(read_text(out->status_text, sizeof(out->status_text), object, "isvEnclaveQuoteStatus", why));
  out->status = qy_avr_status_by_name(out->status_text);
  QY_TRY(read_base64(out->quote_body, sizeof(out->quote_body), object, "isvEnclaveQuoteBody", why));
  QY_TRY(read_optional_text(&out->has_nonce, out->nonce, sizeof(out->nonce), object, "nonce", why));
  if (qy_json_has(object, "epidPseudonym")) {
    QY_TRY(read_base64(out->pseudonym, sizeof(out->pseudonym), object, "epidPseudonym", why));
    out->has_pseudonym = true;
  }
  QY_TRY(read_platform_info(out, object, why));
  QY_TRY(read_optional_integer(&out->has_revocation_reason, &out->revocation_reason, object, "revocationReason", why));
  QY_TRY(read_pse(out, object, why));
  QY_TRY(read_advisories(out, object, why));
  return read_optional_integer(&out->has_tcb_evaluation, &out->tcb_evaluation, object, "tcbEvaluationDataNumber", why);
}

qy_status qy_avr_from_json(qy_avr *out, const json_t *object, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  if (!json_is_object(object)) {
    return qy_fail(why, QY_ERR_MALFORMED, "report: no JSON object");
  }
  const qy_status status = read_members(out, object, why);
  if (status != QY_OK) {
    memset(out, 0, sizeof(*out));
  }
  return status;
}

qy_status qy_avr_decode(qy_avr *out, qy_view body, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  QY_SCOPED_JSON(object);
  QY_TRY(qy_json_parse(&object, body, why));
  return qy_avr_from_json(out, object, why);
}
