/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/report_client.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <base/log.h>
#include <json/json.h>
#include <net/http_client.h>

#define CACHED_GROUPS 64u
#define MAX_REPORT 65536u
#define MAX_SIGRL_TEXT (4u * (QY_MAX_SIGRL_SIZE / 3u + 1u))
#define FIRST_PAUSE_US 200000u /* doubled with each try */

typedef struct cached_list {
  bool in_use;
  uint32_t group_id;
  int64_t fetched_ms;
  qy_buffer list;
} cached_list;

struct qy_report_client {
  const qy_broker_settings *settings;
  pthread_mutex_t lock;
  cached_list lists[CACHED_GROUPS];
};

qy_status qy_report_client_new(qy_report_client **out, const qy_broker_settings *settings, qy_error *why)
{
  qy_report_client *new = calloc(1, sizeof(*new));
  *out = new;
  if (new == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for the report client");
  }
  new->settings = settings;
  (void)pthread_mutex_init(&new->lock, NULL);
  return QY_OK;
}

static void forget(cached_list *cached)
{
  if (cached->in_use) {
    qy_buffer_clear(&cached->list);
    cached->in_use = false;
  }
}

void qy_report_client_free(qy_report_client **client)
{
  qy_report_client *old = *client;
  if (old == NULL) {
    return;
  }
  for (size_t i = 0; i < CACHED_GROUPS; i++) {
    forget(&old->lists[i]);
  }
  (void)pthread_mutex_destroy(&old->lock);
  free(old);
  *client = NULL;
}

void qy_signed_report_init(qy_signed_report *report)
{
  qy_buffer_init(&report->body, MAX_REPORT);
  qy_buffer_init(&report->signature, MAX_REPORT);
  qy_buffer_init(&report->chain, MAX_REPORT);
}

void qy_signed_report_clear(qy_signed_report *report)
{
  qy_buffer_clear(&report->body);
  qy_buffer_clear(&report->signature);
  qy_buffer_clear(&report->chain);
}

/* ---- One exchange with the service ---- */

typedef struct request {
  const char *path; /* behind the service's URL */
  qy_view body;     /* JSON; empty for a GET */
  size_t max_answer;
} request;

static qy_status exchange_with_key(qy_http_answer *answer, const qy_report_client *client, const request *what,
                                   const qy_secret *key, qy_error *why)
{
  const qy_broker_settings *settings = client->settings;
  const qy_http_client_config config = {.ca_pem = qy_buffer_view(&settings->report_ca),
                                        .system_roots = settings->system_roots,
                                        .timeout_ms = settings->limits.report_timeout_ms,
                                        .max_response_size = what->max_answer};
  char key_text[QY_SECRET_CAPACITY + 1] = {0};
  QY_SCOPED_HTTP_CLIENT(http);
  QY_SCOPED_BUFFER(url, 2048);
  if (settings->report_url[0] == '\0') {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "no report service is configured: EPID evidence cannot be judged");
  }
  qy_buffer_appendf(&url, "%s%s", settings->report_url, what->path);
  QY_TRY(qy_buffer_finish(&url, "report service's URL", why));
  QY_TRY(qy_http_client_new(&http, &config, why));
  memcpy(key_text, key->bytes, key->size);
  const qy_http_field field = {.name = "Ocp-Apim-Subscription-Key", .value = key_text};
  const qy_http_call call = {.url = qy_buffer_text(&url),
                             .content_type = what->body.size > 0 ? "application/json" : NULL,
                             .body = what->body,
                             .fields = &field,
                             .field_count = 1};
  const qy_status status = qy_http_exchange(answer, http, &call, why);
  qy_wipe(key_text, sizeof(key_text));
  return status;
}

/* The primary key, and the secondary when the primary is no longer known. */
static qy_status exchange_once(qy_http_answer *answer, const qy_report_client *client, const request *what,
                               qy_error *why)
{
  for (size_t i = 0; i < 2; i++) {
    const qy_secret *key = &client->settings->report_keys[i];
    if (key->size == 0) {
      break;
    }
    QY_TRY(exchange_with_key(answer, client, what, key, why));
    if (answer->status != 401) {
      return QY_OK;
    }
    qy_log(QY_LOG_ERROR, "broker", "the report service does not know the %s subscription key (401)",
           i == 0 ? "primary" : "secondary");
  }
  return QY_OK;
}

static qy_status exchange(qy_http_answer *answer, const qy_report_client *client, const request *what, qy_error *why)
{
  unsigned pause_us = FIRST_PAUSE_US;
  for (unsigned tries = 1;; tries++) {
    QY_TRY(exchange_once(answer, client, what, why));
    const bool busy = answer->status == 503 || answer->status == 429;
    if (!busy || tries >= client->settings->limits.report_tries) {
      return qy_http_answer_need_success(answer, "report service", why);
    }
    (void)usleep(pause_us);
    pause_us *= 2;
  }
}

/* ---- Revocation lists ---- */

static bool from_cache(qy_buffer *out, qy_report_client *client, uint32_t group_id, int64_t now_ms)
{
  bool found = false;
  const int64_t max_age_ms = (int64_t)client->settings->limits.sigrl_max_age_s * 1000;
  (void)pthread_mutex_lock(&client->lock);
  for (size_t i = 0; i < CACHED_GROUPS && !found; i++) {
    const cached_list *cached = &client->lists[i];
    if (cached->in_use && cached->group_id == group_id && now_ms - cached->fetched_ms < max_age_ms) {
      qy_buffer_append(out, cached->list.bytes, cached->list.size);
      found = true;
    }
  }
  (void)pthread_mutex_unlock(&client->lock);
  return found;
}

/* In the place of this group's old one, a free place, or the oldest one's. */
static void into_cache(qy_report_client *client, uint32_t group_id, qy_view list, int64_t now_ms)
{
  (void)pthread_mutex_lock(&client->lock);
  cached_list *place = &client->lists[0];
  for (size_t i = 0; i < CACHED_GROUPS; i++) {
    cached_list *other = &client->lists[i];
    if (other->in_use && other->group_id == group_id) {
      place = other;
      break;
    }
    if (place->in_use && (!other->in_use || other->fetched_ms < place->fetched_ms)) {
      place = other;
    }
  }
  forget(place);
  *place = (cached_list){.in_use = true, .group_id = group_id, .fetched_ms = now_ms};
  qy_buffer_init(&place->list, QY_MAX_SIGRL_SIZE);
  qy_buffer_append(&place->list, list.bytes, list.size);
  if (place->list.status != QY_OK) {
    forget(place);
  }
  (void)pthread_mutex_unlock(&client->lock);
}

void qy_report_client_forget_sigrl(qy_report_client *client, uint32_t group_id)
{
  (void)pthread_mutex_lock(&client->lock);
  for (size_t i = 0; i < CACHED_GROUPS; i++) {
    if (client->lists[i].group_id == group_id) {
      forget(&client->lists[i]);
    }
  }
  (void)pthread_mutex_unlock(&client->lock);
}

qy_status qy_report_client_sigrl(qy_buffer *out, qy_report_client *client, uint32_t group_id, int64_t now_ms,
                                 qy_error *why)
{
  if (from_cache(out, client, group_id, now_ms)) {
    return qy_buffer_finish(out, "revocation list", why);
  }
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(path, 64);
  QY_SCOPED_BUFFER(list, QY_MAX_SIGRL_SIZE);
  qy_buffer_appendf(&path, "/attestation/v4/sigrl/%08x", group_id);
  const request what = {.path = qy_buffer_text(&path), .max_answer = MAX_SIGRL_TEXT};
  QY_TRY(exchange(&answer, client, &what, why));
  qy_base64_decode_append(&list, qy_buffer_view(&answer.body));
  if (list.status != QY_OK) {
    return qy_fail(why, QY_ERR_PEER, "report service: the revocation list of group %08x is no base64", group_id);
  }
  into_cache(client, group_id, qy_buffer_view(&list), now_ms);
  qy_buffer_append(out, list.bytes, list.size);
  return qy_buffer_finish(out, "revocation list", why);
}

/* ---- Reports ---- */

static qy_status make_request(qy_buffer *out, qy_view quote, qy_view manifest, const char *nonce, qy_error *why)
{
  QY_SCOPED_JSON(object);
  object = json_object();
  json_object_set_new(object, "isvEnclaveQuote", qy_json_new_base64(quote));
  if (manifest.size > 0) {
    json_object_set_new(object, "pseManifest", qy_json_new_base64(manifest));
  }
  json_object_set_new(object, "nonce", json_string(nonce));
  return qy_json_print(out, object, false, why);
}

static void copy_header(qy_buffer *out, const qy_http_answer *answer, const char *name)
{
  const char *value = qy_http_answer_header(answer, name);
  if (value != NULL) {
    qy_buffer_append_text(out, value);
  }
}

qy_status qy_report_client_report(qy_signed_report *out, qy_report_client *client, qy_view quote, qy_view manifest,
                                  const char *nonce, qy_error *why)
{
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(body, QY_MAX_JSON_SIZE);
  QY_TRY(make_request(&body, quote, manifest, nonce, why));
  const request what = {.path = "/attestation/v4/report", .body = qy_buffer_view(&body), .max_answer = MAX_REPORT};
  QY_TRY(exchange(&answer, client, &what, why));
  qy_buffer_append(&out->body, answer.body.bytes, answer.body.size);
  copy_header(&out->signature, &answer, "X-IASReport-Signature");
  copy_header(&out->chain, &answer, "X-IASReport-Signing-Certificate");
  QY_TRY(qy_buffer_finish(&out->body, "report", why));
  QY_TRY(qy_buffer_finish(&out->signature, "report's signature", why));
  return qy_buffer_finish(&out->chain, "report's chain", why);
}
