/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <crypto/random.h>
#include <describe/text.h>
#include <json/json.h>
#include <net/http_client.h>

void evidence_init(evidence *held)
{
  memset(held, 0, sizeof(*held));
  qy_buffer_init(&held->body, QY_MAX_JSON_SIZE);
  qy_buffer_init(&held->signature, 8192);
  qy_buffer_init(&held->chain, 65536);
  qy_buffer_init(&held->ca, 65536);
  qy_buffer_init(&held->quote, QY_MAX_QUOTE_SIZE);
}

void evidence_clear(evidence *held)
{
  qy_buffer_clear(&held->body);
  qy_buffer_clear(&held->signature);
  qy_buffer_clear(&held->chain);
  qy_buffer_clear(&held->ca);
  qy_buffer_clear(&held->quote);
}

static qy_status read_optional(qy_buffer *out, const char *path, qy_error *why)
{
  return path == NULL ? QY_OK : qy_file_read(out, path, why);
}

/* A text file's last line break is no part of what it holds. */
static void trim_end(qy_buffer *text)
{
  while (text->size > 0 && (text->bytes[text->size - 1] == '\n' || text->bytes[text->size - 1] == '\r')) {
    text->size--;
  }
}

static qy_status load_quote(qy_buffer *out, const char *path, qy_error *why)
{
  QY_SCOPED_BUFFER(file, QY_MAX_FILE_SIZE);
  QY_TRY(qy_file_read(&file, path, why));
  qy_quote quote;
  QY_SCOPED_BUFFER(decoded, QY_MAX_QUOTE_SIZE);
  qy_view bytes = qy_buffer_view(&file);
  const char *encoding = NULL;
  if (qy_quote_decode(&quote, bytes, NULL) != QY_OK && bytes.size != QY_QUOTE_BODY_SIZE &&
      qy_text_see_through(&decoded, &encoding, bytes)) {
    bytes = qy_buffer_view(&decoded);
  }
  if (bytes.size != QY_QUOTE_BODY_SIZE) {
    const qy_status status = qy_quote_decode(&quote, bytes, why);
    if (status != QY_OK) {
      return qy_fail_in(why, status, "%s", path);
    }
  }
  qy_buffer_append(out, bytes.bytes, bytes.size);
  return qy_buffer_finish(out, path, why);
}

/* A fresh nonce of 32 hex digits: the longest that the service echoes. */
static qy_status draw_nonce(evidence *out, qy_error *why)
{
  uint8_t random[16];
  QY_TRY(qy_random_fill(qy_random_system(), random, sizeof(random), why));
  qy_hex_encode(out->nonce, QY_VIEW_OF(random));
  out->has_nonce = true;
  return QY_OK;
}

static qy_status keep_answer(evidence *out, const qy_http_answer *answer, qy_error *why)
{
  const char *signature = qy_http_answer_header(answer, "X-IASReport-Signature");
  const char *chain = qy_http_answer_header(answer, "X-IASReport-Signing-Certificate");
  if (signature == NULL || chain == NULL) {
    return qy_fail(why, QY_ERR_PEER, "report service: the answer has no signature or no certificate");
  }
  qy_buffer_append(&out->body, answer->body.bytes, answer->body.size);
  qy_buffer_append_text(&out->signature, signature);
  qy_buffer_append_text(&out->chain, chain);
  return qy_buffer_finish(&out->body, "report", why);
}

static qy_status ask_service(evidence *out, const evidence_service *service, qy_error *why)
{
  QY_SCOPED_BUFFER(ca, 65536);
  QY_SCOPED_BUFFER(key, 256);
  QY_SCOPED_BUFFER(url, 1024);
  QY_SCOPED_BUFFER(body, 4u << 20);
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  if (service->ca_file == NULL || service->api_key_file == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--service needs --service-ca and --api-key");
  }
  QY_TRY(qy_file_read(&ca, service->ca_file, why));
  QY_TRY(qy_file_check_private(service->api_key_file, why));
  QY_TRY(qy_file_read(&key, service->api_key_file, why));
  trim_end(&key);
  QY_TRY(draw_nonce(out, why));
  qy_buffer_appendf(&url, "%s/attestation/v4/report", service->url);
  qy_buffer_append_text(&body, "{\"isvEnclaveQuote\":\"");
  qy_base64_append(&body, qy_buffer_view(&out->quote));
  qy_buffer_appendf(&body, "\",\"nonce\":\"%s\"}", out->nonce);
  QY_TRY(qy_buffer_finish(&body, "request", why));
  const qy_http_client_config config = {.ca_pem = qy_buffer_view(&ca)};
  QY_TRY(qy_http_client_new(&client, &config, why));
  const qy_http_field fields[] = {{"Ocp-Apim-Subscription-Key", qy_buffer_text(&key)}};
  const qy_http_call call = {.url = qy_buffer_text(&url),
                             .content_type = "application/json",
                             .body = qy_buffer_view(&body),
                             .fields = fields,
                             .field_count = 1};
  QY_TRY(qy_http_exchange(&answer, client, &call, why));
  QY_TRY(qy_http_answer_need_success(&answer, "report service", why));
  return keep_answer(out, &answer, why);
}

static bool looks_like_report(qy_view bytes)
{
  return bytes.size > 0 && (bytes.bytes[0] == '{' || bytes.bytes[0] == ' ' || bytes.bytes[0] == '\n');
}

qy_status evidence_load(evidence *out, const evidence_files *files, const evidence_service *service, qy_error *why)
{
  if (files->spid != NULL) {
    QY_TRY(qy_hex_decode(out->spid, sizeof(out->spid), qy_view_text(files->spid), "--spid", why));
    out->has_spid = true;
  }
  if (files->nonce != NULL) {
    if (strlen(files->nonce) >= sizeof(out->nonce)) {
      return qy_fail(why, QY_ERR_LIMIT, "--nonce has more than %zu characters", sizeof(out->nonce) - 1);
    }
    (void)snprintf(out->nonce, sizeof(out->nonce), "%s", files->nonce);
    out->has_nonce = true;
  }
  if (service->url != NULL) {
    QY_TRY(load_quote(&out->quote, files->report, why));
    return ask_service(out, service, why);
  }
  QY_TRY(qy_file_read(&out->body, files->report, why));
  if (!looks_like_report(qy_buffer_view(&out->body))) {
    return qy_fail(why, QY_ERR_UNSUPPORTED,
                   "%s is no attestation report; a quote needs a report service to open it (--service URL)",
                   files->report);
  }
  QY_TRY(read_optional(&out->signature, files->signature, why));
  trim_end(&out->signature);
  QY_TRY(read_optional(&out->chain, files->chain, why));
  QY_TRY(read_optional(&out->ca, files->ca, why));
  return files->quote == NULL ? QY_OK : load_quote(&out->quote, files->quote, why);
}
