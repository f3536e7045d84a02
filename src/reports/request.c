/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/request.h>

#include <string.h>

#include <json/json.h>

static const char WHAT[] = "report request";

void qy_report_request_init(qy_report_request *request)
{
  memset(request, 0, sizeof *request);
  qy_buffer_init(&request->quote, QY_MAX_QUOTE_SIZE);
}

void qy_report_request_clear(qy_report_request *request)
{
  qy_buffer_clear(&request->quote);
  qy_report_request_init(request);
}

static bool is_given(const json_t *object, const char *member)
{
  return qy_json_has(object, member) && !json_is_null(json_object_get(object, member));
}

/* Characters, not bytes: the parser has made sure that it is UTF-8. */
static size_t character_count(const char *text)
{
  size_t count = 0;
  for (; *text != '\0'; text++) {
    count += ((unsigned char)*text & 0xc0) != 0x80;
  }
  return count;
}

static qy_status decode_nonce(qy_report_request *out, const json_t *object, qy_error *why)
{
  const char *nonce = NULL;
  QY_TRY(qy_json_text(&nonce, object, "nonce", WHAT, why));
  if (character_count(nonce) > QY_REPORTS_MAX_NONCE) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: nonce: %zu characters, at most %d", WHAT, character_count(nonce),
                   QY_REPORTS_MAX_NONCE);
  }
  memcpy(out->nonce, nonce, strlen(nonce) + 1);
  out->has_nonce = true;
  return QY_OK;
}

static qy_status decode_manifest(qy_report_request *out, const json_t *object, qy_error *why)
{
  QY_SCOPED_BUFFER(manifest, QY_REPORTS_MANIFEST_SIZE + 2);
  QY_TRY(qy_json_base64(&manifest, object, "pseManifest", WHAT, why));
  if (manifest.size != sizeof out->manifest) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: pseManifest: %zu bytes, not %d", WHAT, manifest.size,
                   QY_REPORTS_MANIFEST_SIZE);
  }
  memcpy(out->manifest, manifest.bytes, sizeof out->manifest);
  out->has_manifest = true;
  return QY_OK;
}

static qy_status decode(qy_report_request *out, qy_view body, qy_error *why)
{
  QY_SCOPED_JSON(object);
  QY_TRY(qy_json_parse(&object, body, why));
  QY_TRY(qy_json_only(object, WHAT, why, "isvEnclaveQuote", "pseManifest", "nonce"));
  QY_TRY(qy_json_base64(&out->quote, object, "isvEnclaveQuote", WHAT, why));
  if (is_given(object, "nonce")) {
    QY_TRY(decode_nonce(out, object, why));
  }
  return is_given(object, "pseManifest") ? decode_manifest(out, object, why) : QY_OK;
}

qy_status qy_report_request_decode(qy_report_request *out, qy_view body, qy_error *why)
{
  qy_report_request_clear(out);
  const qy_status status = decode(out, body, why);
  if (status != QY_OK) {
    qy_report_request_clear(out);
  }
  return status;
}

qy_status qy_report_request_encode(qy_buffer *out, const qy_report_request *request, qy_error *why)
{
  QY_SCOPED_JSON(object);
  object = json_pack("{s:o}", "isvEnclaveQuote", qy_json_new_base64(qy_buffer_view(&request->quote)));
  if (request->has_nonce) {
    (void)json_object_set_new(object, "nonce", json_string(request->nonce));
  }
  if (request->has_manifest) {
    (void)json_object_set_new(object, "pseManifest", qy_json_new_base64(QY_VIEW_OF(request->manifest)));
  }
  if (object == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "%s: out of memory", WHAT);
  }
  return qy_json_print(out, object, false, why);
}
