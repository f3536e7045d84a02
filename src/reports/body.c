/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/body.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <json/json.h>

/* The id is a number that JSON readers cannot hold, and so travels as decimal text. */
static void format_id(char out[40], const uint8_t id[16])
{
  char digits[40];
  size_t count = 0;
  unsigned __int128 rest = 0;
  for (size_t i = 0; i < 16; i++) {
    rest = rest << 8 | id[i];
  }
  do {
    digits[count++] = (char)('0' + (unsigned)(rest % 10));
    rest /= 10;
  } while (rest != 0);
  for (size_t i = 0; i < count; i++) {
    out[i] = digits[count - 1 - i];
  }
  out[count] = '\0';
}

/* UTC without a zone: 2026-11-23T10:20:30.123456 */
static void format_time(char out[32], int64_t time_us)
{
  char seconds[21];
  qy_time_format(seconds, time_us / 1000000);
  (void)snprintf(out, 32, "%.19s.%06u", seconds, (unsigned)(time_us % 1000000));
}

static void set_platform_info(json_t *object, const qy_platform_info *info)
{
  uint8_t blob[QY_PLATFORM_INFO_TLV_SIZE];
  char text[2 * sizeof blob + 1];
  qy_platform_info_encode_tlv(blob, info);
  for (size_t i = 0; i < sizeof blob; i++) {
    (void)snprintf(text + 2 * i, 3, "%02X", blob[i]);
  }
  (void)json_object_set_new(object, "platformInfoBlob", json_string(text));
}

static void set_advisories(json_t *object, const qy_reports_body *facts)
{
  const qy_tcb_advisories *advisories = facts->judgement->advisories;
  json_t *list = json_array();
  for (size_t i = 0; i < advisories->count; i++) {
    (void)json_array_append_new(list, json_string(advisories->ids[i]));
  }
  (void)json_object_set_new(object, "advisoryURL", json_string(facts->advisory_url));
  (void)json_object_set_new(object, "advisoryIDs", list);
}

static void set_manifest(json_t *object, const qy_reports_body *facts)
{
  const qy_judgement *judgement = facts->judgement;
  if (judgement->has_pse_status) {
    (void)json_object_set_new(object, "pseManifestStatus", json_string(qy_pse_status_name(judgement->pse_status)));
  }
  if (facts->manifest_hash != NULL) {
    (void)json_object_set_new(object, "pseManifestHash", qy_json_new_hex(qy_view_over(facts->manifest_hash, 32)));
  }
}

/* Members in the order in which the real service writes them. */
static json_t *build(const qy_reports_body *facts)
{
  const qy_judgement *judgement = facts->judgement;
  char id[40];
  char timestamp[32];
  format_id(id, facts->id);
  format_time(timestamp, facts->time_us);
  json_t *object = json_object();
  if (facts->nonce != NULL) {
    (void)json_object_set_new(object, "nonce", json_string(facts->nonce));
  }
  (void)json_object_set_new(object, "id", json_string(id));
  (void)json_object_set_new(object, "timestamp", json_string(timestamp));
  (void)json_object_set_new(object, "version", json_integer(facts->api_version));
  if (facts->pseudonym.size > 0) {
    (void)json_object_set_new(object, "epidPseudonym", qy_json_new_base64(facts->pseudonym));
  }
  if (facts->api_version >= 4 && judgement->advisories != NULL) {
    set_advisories(object, facts);
  }
  (void)json_object_set_new(object, "isvEnclaveQuoteStatus", json_string(qy_reports_status_name(judgement->status)));
  if (judgement->has_revocation_reason) {
    (void)json_object_set_new(object, "revocationReason", json_integer(judgement->revocation_reason));
  }
  set_manifest(object, facts);
  if (judgement->has_platform_info) {
    set_platform_info(object, &judgement->platform_info);
  }
  (void)json_object_set_new(object, "isvEnclaveQuoteBody", qy_json_new_base64(facts->quote_body));
  return object;
}

qy_status qy_reports_body_encode(qy_buffer *out, const qy_reports_body *facts, qy_error *why)
{
  QY_SCOPED_JSON(object);
  object = build(facts);
  /* The last member is there only if memory sufficed; the others are small. */
  if (object == NULL || json_string_value(json_object_get(object, "isvEnclaveQuoteBody")) == NULL ||
      json_string_value(json_object_get(object, "isvEnclaveQuoteStatus")) == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "report: out of memory");
  }
  return qy_json_print(out, object, false, why);
}

void qy_advisories_append(qy_buffer *out, const qy_tcb_advisories *advisories)
{
  for (size_t i = 0; i < advisories->count; i++) {
    qy_buffer_appendf(out, "%s%s", i == 0 ? "" : ",", advisories->ids[i]);
  }
}
