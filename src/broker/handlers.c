/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's endpoints. What a client hears does not tell a secret that is not there from one that is denied, nor a
 * session that never was from one that is over; the log tells, by session. */
#include <broker/service.h>

#include <stdio.h>
#include <string.h>

#include <base/file.h>
#include <base/log.h>
#include <crypto/random.h>

#define RETRY_AFTER_S "5"

static const char bytes_type[] = "application/octet-stream";

/* The same words whatever the cause. */
static void refuse(qy_http_response *response)
{
  qy_http_response_problem(response, 403, QY_ERR_REFUSED, "this message is not answered; begin a new session");
}

/* No verdict was reached: not the same as refused. */
static void undecided(qy_http_response *response)
{
  qy_http_response_problem(response, 503, QY_ERR_BUSY, "it could not be decided now; begin a new session later");
  qy_http_response_header(response, "Retry-After", RETRY_AFTER_S);
}

static void answer_failure(qy_http_response *response, const qy_session *session, const char *message, qy_status status,
                           const qy_error *why)
{
  const char *id = session->id[0] == '\0' ? "(new)" : session->id;
  switch (status) {
  case QY_ERR_REFUSED:
    qy_log(QY_LOG_INFO, "broker", "session %s of %s: %s refused: %s", id, session->peer, message, why->message);
    refuse(response);
    return;
  case QY_ERR_SEQUENCE:
    qy_log(QY_LOG_INFO, "broker", "session %s of %s: %s: %s", id, session->peer, message, why->message);
    qy_http_response_problem(response, 409, QY_ERR_SEQUENCE,
                             "the revocation list changed meanwhile: begin a new session");
    return;
  default:
    qy_log(QY_LOG_ERROR, "broker", "session %s of %s: %s undecided: %s", id, session->peer, message, why->message);
    undecided(response);
    return;
  }
}

/* Address without port: "[::1]:4431" and "127.0.0.1:4431". */
static void set_peer(qy_session *session, const qy_http_request *request)
{
  (void)snprintf(session->peer, sizeof(session->peer), "%s", request->peer);
  char *colon = strrchr(session->peer, ':');
  if (colon != NULL) {
    *colon = '\0';
  }
}

static bool read_secret_name(char out[QY_MAX_SECRET_NAME + 1], const qy_http_request *request,
                             qy_http_response *response)
{
  qy_error why = {0};
  qy_status status = qy_http_request_query(out, QY_MAX_SECRET_NAME + 1, request, "secret", &why);
  if (status == QY_OK) {
    status = qy_broker_name_check(out, NULL, &why);
  }
  if (status != QY_OK) {
    qy_http_response_problem(response, 400, QY_ERR_MALFORMED,
                             "the query needs one \"secret\": segments of a-z 0-9 _ - joined by /");
  }
  return status == QY_OK;
}

/* Of what the session is to be: EPID unless something else is said. */
static bool read_kind(qy_evidence_kind *out, const qy_http_request *request, qy_http_response *response)
{
  char name[8] = "";
  const qy_status status = qy_http_request_query(name, sizeof(name), request, "evidence", NULL);
  *out = QY_EVIDENCE_EPID;
  if (status == QY_ERR_NOT_FOUND || (status == QY_OK && qy_evidence_kind_find(out, name))) {
    return true;
  }
  qy_http_response_problem(response, 400, QY_ERR_MALFORMED, "\"evidence\" is epid, sgx or tdx, or is not given");
  return false;
}

static void offer_keys(void *context, const qy_http_request *request, qy_http_response *response)
{
  QY_SCOPED_SESSION(nobody); /* for the log */
  qy_error why = {0};
  set_peer(&nobody, request);
  if (!read_secret_name(nobody.secret_name, request, response)) {
    return;
  }
  const qy_status status = qy_broker_answer_msg0(&response->body, context, nobody.secret_name, request->body, &why);
  if (status != QY_OK) {
    answer_failure(response, &nobody, "msg0", status, &why);
    return;
  }
  response->status = 200;
  response->content_type = bytes_type;
}

static void open_session(void *context, const qy_http_request *request, qy_http_response *response)
{
  qy_broker *broker = context;
  QY_SCOPED_SESSION(session);
  qy_error why = {0};
  char location[64];
  set_peer(&session, request);
  if (!read_secret_name(session.secret_name, request, response) || !read_kind(&session.kind, request, response)) {
    return;
  }
  qy_status status = qy_broker_answer_hello(&response->body, &session, broker, request->body, &why);
  if (status == QY_OK) {
    const int64_t now_ms = qy_clock_steady_ms();
    session.until_ms = now_ms + (int64_t)broker->settings.limits.session_s * 1000;
    status = qy_sessions_add(broker->sessions, &session, qy_random_system(), now_ms, &why);
  }
  if (status != QY_OK) {
    answer_failure(response, &session, "msg1", status, &why);
    return;
  }
  (void)snprintf(location, sizeof(location), "/ra/v1/sessions/%s", session.id);
  qy_http_response_header(response, "Location", location);
  response->status = 201;
  response->content_type = bytes_type;
}

static void take_msg3(void *context, const qy_http_request *request, qy_http_response *response)
{
  qy_broker *broker = context;
  QY_SCOPED_SESSION(session);
  qy_error why = {0};
  char id[QY_SESSION_ID_SIZE];
  if (qy_http_request_segment(id, sizeof(id), request, 0, NULL) != QY_OK) {
    id[0] = '\0'; /* no session has such an id */
  }
  if (!qy_sessions_take(&session, broker->sessions, id, qy_clock_steady_ms(), NULL)) {
    qy_log(QY_LOG_INFO, "broker", "%s: msg3 for no open session", request->peer);
    refuse(response);
    return;
  }
  const qy_status status = qy_broker_answer_msg3(&response->body, &session, broker, request->body, &why);
  if (status != QY_OK) {
    answer_failure(response, &session, "msg3", status, &why);
    return;
  }
  response->status = 200;
  response->content_type = bytes_type;
}

static void tell_health(void *context, const qy_http_request *request, qy_http_response *response)
{
  (void)context;
  (void)request;
  response->status = 200;
  response->content_type = "text/plain";
  qy_buffer_append_text(&response->body, "ok\n");
}

const qy_http_route qy_broker_routes[] = {{"POST", "/ra/v1/keys", QY_MSG0_SIZE, offer_keys},
                                          {"POST", "/ra/v1/sessions", QY_HELLO_SIZE, open_session},
                                          {"POST", "/ra/v1/sessions/*/msg3", QY_MAX_MSG_SIZE, take_msg3},
                                          {"GET", "/healthz", 0, tell_health}};
const size_t qy_broker_route_count = sizeof(qy_broker_routes) / sizeof(qy_broker_routes[0]);
