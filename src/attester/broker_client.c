/* SPDX-License-Identifier: Apache-2.0 */
#include <attester/broker_client.h>

#include <stdlib.h>
#include <string.h>

#include <base/limits.h>
#include <net/http_client.h>
#include <quotary/exchange.h>

#define SCHEME "https://"
#define MAX_URL 2048
#define MEDIA_TYPE "application/octet-stream"

struct qy_broker_client {
  qy_http_client *http;
  char base[MAX_URL];    /* no slash behind */
  size_t origin_size;    /* of base: scheme, host, port */
  char session[MAX_URL]; /* "" before there is one */
};

static qy_status set_base(qy_broker_client *client, const char *url, qy_error *why)
{
  size_t size = strlen(url);
  if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "broker: the address must begin with %s", SCHEME);
  }
  while (size > strlen(SCHEME) && url[size - 1] == '/') {
    size--;
  }
  if (size == strlen(SCHEME) || size >= sizeof(client->base) || strpbrk(url, "?#") != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "broker: not an address: %.60s", url);
  }
  memcpy(client->base, url, size);
  client->base[size] = '\0';
  client->origin_size = strlen(SCHEME) + strcspn(client->base + strlen(SCHEME), "/");
  return QY_OK;
}

qy_status qy_broker_client_new(qy_broker_client **out, const char *url, qy_view ca_pem, qy_error *why)
{
  const qy_http_client_config config = {.ca_pem = ca_pem, .max_response_size = QY_MSG2_HEAD_SIZE + QY_MAX_SIGRL_SIZE};
  *out = calloc(1, sizeof(**out));
  if (*out == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for a client");
  }
  qy_status status = set_base(*out, url, why);
  if (status == QY_OK) {
    status = qy_http_client_new(&(*out)->http, &config, why);
  }
  if (status != QY_OK) {
    qy_broker_client_free(out);
  }
  return status;
}

void qy_broker_client_free(qy_broker_client **client)
{
  if (*client != NULL) {
    qy_http_client_free(&(*client)->http);
    free(*client);
  }
  *client = NULL;
}

/* Where the session lives: a path on the broker, or an address at the broker itself. A broker has no business sending
 * evidence elsewhere. */
static qy_status set_session(qy_broker_client *client, const char *location, qy_error *why)
{
  QY_SCOPED_BUFFER(url, MAX_URL - 1);
  const bool here = location != NULL && strncmp(location, client->base, client->origin_size) == 0 &&
                    location[client->origin_size] == '/';
  if (location == NULL || (!here && (location[0] != '/' || location[1] == '/'))) {
    return qy_fail(why, QY_ERR_MALFORMED, "broker: no usable Location of the session: %.80s",
                   location == NULL ? "none" : location);
  }
  if (!here) {
    qy_buffer_append(&url, client->base, client->origin_size);
  }
  qy_buffer_append_text(&url, location);
  QY_TRY(qy_buffer_finish(&url, "broker: Location", why));
  memcpy(client->session, qy_buffer_text(&url), url.size);
  client->session[url.size] = '\0';
  return QY_OK;
}

/* Success, or why not. A conflict is told apart: it asks for a new session. */
static qy_status judge(const qy_http_answer *answer, const char *what, qy_error *why)
{
  qy_error reason = {0};
  const qy_status status = qy_http_answer_need_success(answer, what, &reason);
  return status == QY_OK ? QY_OK : qy_fail(why, answer->status == 409 ? QY_ERR_SEQUENCE : status, "%s", reason.message);
}

static qy_status post(qy_http_answer *answer, qy_broker_client *client, const char *url, qy_view body, const char *what,
                      qy_error *why)
{
  const qy_http_call call = {.method = "POST", .url = url, .content_type = MEDIA_TYPE, .body = body};
  QY_TRY(qy_http_exchange(answer, client->http, &call, why));
  QY_TRY(judge(answer, what, why));
  const char *type = qy_http_answer_header(answer, "Content-Type");
  if (type == NULL || strcmp(type, MEDIA_TYPE) != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: the answer is of type %.60s", what, type == NULL ? "none" : type);
  }
  return QY_OK;
}

static qy_status deliver(qy_buffer *out, const qy_http_answer *answer, const char *what, qy_error *why)
{
  qy_buffer_append(out, answer->body.bytes, answer->body.size);
  return qy_buffer_finish(out, what, why);
}

static qy_status append_address(qy_buffer *out, const qy_broker_client *client, const char *path,
                                const char *secret_name, qy_error *why)
{
  qy_buffer_append_text(out, client->base);
  qy_buffer_append_text(out, path);
  qy_buffer_append_text(out, "?secret=");
  qy_http_encode_append(out, qy_view_text(secret_name));
  return qy_buffer_finish(out, "broker: address", why);
}

qy_status qy_broker_client_keys(qy_broker_client *client, qy_att_key_list *out, const char *secret_name, qy_error *why)
{
  static const uint8_t msg0[QY_MSG0_SIZE] = {0};
  QY_SCOPED_BUFFER(url, MAX_URL + 3 * QY_MAX_SECRET_NAME + 64);
  QY_SCOPED_HTTP_ANSWER(answer);
  *out = (qy_att_key_list){0};
  QY_TRY(append_address(&url, client, "/ra/v1/keys", secret_name, why));
  QY_TRY(post(&answer, client, qy_buffer_text(&url), QY_VIEW_OF(msg0), "broker, asking for its keys", why));
  return qy_att_key_list_decode(out, qy_buffer_view(&answer.body), why);
}

qy_status qy_broker_client_begin(qy_broker_client *client, qy_buffer *msg2, const char *secret_name,
                                 qy_evidence_kind kind, qy_view hello, qy_error *why)
{
  QY_SCOPED_BUFFER(url, MAX_URL + 3 * QY_MAX_SECRET_NAME + 64);
  QY_SCOPED_HTTP_ANSWER(answer);
  client->session[0] = '\0';
  QY_TRY(append_address(&url, client, "/ra/v1/sessions", secret_name, why));
  if (kind != QY_EVIDENCE_EPID) { /* what every broker takes a session for */
    qy_buffer_appendf(&url, "&evidence=%s", qy_evidence_kind_name(kind));
    QY_TRY(qy_buffer_finish(&url, "broker: address", why));
  }
  QY_TRY(post(&answer, client, qy_buffer_text(&url), hello, "broker, opening a session", why));
  QY_TRY(set_session(client, qy_http_answer_header(&answer, "Location"), why));
  return deliver(msg2, &answer, "broker: msg2", why);
}

qy_status qy_broker_client_finish(qy_broker_client *client, qy_buffer *msg4, qy_view msg3, qy_error *why)
{
  QY_SCOPED_BUFFER(url, MAX_URL + 8);
  QY_SCOPED_HTTP_ANSWER(answer);
  if (client->session[0] == '\0') {
    return qy_fail(why, QY_ERR_SEQUENCE, "broker: no session is open");
  }
  qy_buffer_append_text(&url, client->session);
  qy_buffer_append_text(&url, "/msg3");
  client->session[0] = '\0'; /* one msg3 a session */
  QY_TRY(post(&answer, client, qy_buffer_text(&url), msg3, "broker, appraising", why));
  return deliver(msg4, &answer, "broker: msg4", why);
}
