/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/reports.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <base/log.h>
#include <crypto/random.h>
#include <net/http_server.h>
#include <registry/layout.h>
#include <reports/answer.h>
#include <reports/request.h>

#define MAX_SIGRL_TEXT (4u * ((QY_MAX_SIGRL_SIZE + 2u) / 3u))

static void set_request_id(char id[33], qy_http_response *response)
{
  uint8_t bytes[16] = {0};
  if (qy_random_fill(qy_random_system(), bytes, sizeof bytes, NULL) != QY_OK) {
    memset(bytes, 0, sizeof bytes);
  }
  qy_hex_encode(id, QY_VIEW_OF(bytes));
  qy_http_response_header(response, "Request-ID", id);
}

/* Says what happened to the log alone: the API gives no reason for a refusal. */
static void refuse(qy_http_response *response, unsigned http_status, const char *id, const qy_error *why)
{
  qy_log(http_status >= 500 ? QY_LOG_ERROR : QY_LOG_INFO, "reports", "%s: %u: %s", id, http_status, why->message);
  response->status = http_status;
}

static bool authenticate(qy_subscription *caller, const qy_reports_context *context, const qy_http_request *request,
                         qy_http_response *response, const char *id)
{
  qy_error why = {0};
  const char *key = qy_http_request_header(request, "Ocp-Apim-Subscription-Key");
  const qy_status status = qy_reports_cache_subscription(caller, context->cache, key, NULL, &why);
  if (status != QY_OK) {
    refuse(response, status == QY_ERR_DENIED ? 401 : 500, id, &why);
  }
  return status == QY_OK;
}

static unsigned http_status_of(qy_status cause)
{
  switch (cause) {
  case QY_ERR_MALFORMED:
  case QY_ERR_TRUNCATED:
  case QY_ERR_UNSUPPORTED:
  case QY_ERR_LIMIT:
  case QY_ERR_NOT_FOUND: /* of a group */
  case QY_ERR_REFUSED:
    return 400;
  case QY_ERR_BUSY:
    return 503;
  default:
    return 500;
  }
}

static int64_t now_us(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void report(const qy_reports_context *context, const qy_http_request *request, qy_http_response *response,
                   unsigned api_version)
{
  char id[33];
  qy_error why = {0};
  qy_subscription caller;
  set_request_id(id, response);
  if (!authenticate(&caller, context, request, response, id)) {
    return;
  }
  QY_SCOPED_REPORTS_ANSWER(answer);
  const qy_status status =
      qy_reports_answer_make(&answer, context, api_version, &caller, request->body, now_us(), NULL, &why);
  if (status != QY_OK) {
    refuse(response, http_status_of(status), id, &why);
    return;
  }
  response->content_type = "application/json";
  qy_buffer_append(&response->body, answer.body.bytes, answer.body.size);
  qy_http_response_header(response, "X-IASReport-Signature", qy_buffer_text(&answer.signature));
  qy_http_response_header(response, "X-IASReport-Signing-Certificate", (const char *)context->keys->chain_header.bytes);
  if (answer.advisory_ids.size > 0) {
    qy_http_response_header(response, "Advisory-URL", answer.advisory_url);
    qy_http_response_header(response, "Advisory-IDs", qy_buffer_text(&answer.advisory_ids));
  }
  qy_log(QY_LOG_INFO, "reports", "%s: %s", id, qy_reports_status_name(answer.status));
  response->status = 200;
}

static void report_v3(void *context, const qy_http_request *request, qy_http_response *response)
{
  report(context, request, response, 3);
}

static void report_v4(void *context, const qy_http_request *request, qy_http_response *response)
{
  report(context, request, response, 4);
}

static void sigrl(void *context_, const qy_http_request *request, qy_http_response *response)
{
  const qy_reports_context *context = context_;
  char id[33];
  char text[16];
  uint8_t gid[4];
  qy_error why = {0};
  qy_subscription caller;
  set_request_id(id, response);
  if (!authenticate(&caller, context, request, response, id)) {
    return;
  }
  qy_status status = qy_http_request_segment(text, sizeof text, request, 0, &why);
  if (status != QY_OK || qy_hex_decode(gid, sizeof gid, qy_view_text(text), "group id", &why) != QY_OK) {
    refuse(response, 404, id, &why); /* there is no group of such a name */
    return;
  }
  const uint32_t number = (uint32_t)gid[0] << 24 | (uint32_t)gid[1] << 16 | (uint32_t)gid[2] << 8 | gid[3];
  QY_SCOPED_BUFFER(list, MAX_SIGRL_TEXT);
  status = qy_reports_sigrl_make(&list, context, number, NULL, &why);
  if (status != QY_OK) {
    refuse(response, status == QY_ERR_NOT_FOUND ? 404 : status == QY_ERR_BUSY ? 503 : 500, id, &why);
    return;
  }
  response->content_type = "text/plain";
  qy_buffer_append(&response->body, list.bytes, list.size);
  response->status = 200;
}

static const qy_http_route ROUTES[] = {
    {"POST", "/attestation/v4/report", QY_REPORTS_MAX_REQUEST_SIZE, report_v4},
    {"POST", "/attestation/v3/report", QY_REPORTS_MAX_REQUEST_SIZE, report_v3},
    {"GET", "/attestation/v4/sigrl/*", 0, sigrl},
    {"GET", "/attestation/v3/sigrl/*", 0, sigrl},
};

static qy_status start_server(qy_http_server **out, const qy_reports_config *config, qy_reports_context *context,
                              qy_error *why)
{
  QY_SCOPED_BUFFER(chain, 65536);
  QY_SCOPED_BUFFER(key, 65536);
  QY_TRY(qy_reports_file_read(&chain, config->folder, QY_FILE_TLS_CHAIN, false, why));
  QY_TRY(qy_reports_file_read(&key, config->folder, QY_FILE_TLS_KEY, true, why));
  const qy_http_server_config server = {
      .component = "reports",
      .address = config->host,
      .port = config->port,
      .tls = true,
      .certificates_pem = qy_buffer_view(&chain),
      .private_key_pem = qy_buffer_view(&key),
      .routes = ROUTES,
      .route_count = sizeof ROUTES / sizeof ROUTES[0],
      .context = context,
      .handler_threads = config->thread_count == 0 ? 2 : config->thread_count,
  };
  return qy_http_server_start(out, &server, why);
}

static qy_status wait_for(int stop_fd, qy_error *why)
{
  struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
  while (poll(&stop, 1, -1) < 0) {
    if (errno != EINTR) {
      return qy_fail(why, QY_ERR_IO, "reports: cannot wait: %m");
    }
  }
  return QY_OK;
}

qy_status qy_reports_run(const qy_reports_config *config, int stop_fd, qy_error *why)
{
  qy_reports_context context = {.pse_status = QY_PSE_UNKNOWN};
  if (config->pse_status != NULL && !qy_pse_status_by_name(&context.pse_status, config->pse_status)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "reports: there is no pseManifestStatus \"%s\"", config->pse_status);
  }
  QY_SCOPED_REPORTS_KEYS(keys);
  QY_TRY(qy_reports_keys_load(&keys, config->folder, why));
  context.keys = &keys;
  __attribute__((cleanup(qy_reports_cache_free))) qy_reports_cache *cache = NULL;
  QY_TRY(qy_reports_cache_new(&cache, config->folder, &keys.epid_ca, why));
  context.cache = cache;
  QY_SCOPED_HTTP_SERVER(server);
  QY_TRY(start_server(&server, config, &context, why));
  qy_log(QY_LOG_INFO, "reports", "listening on %s", qy_http_server_url(server));
  if (config->ready != NULL) {
    config->ready(config->context, qy_http_server_port(server));
  }
  return wait_for(stop_fd, why);
}
