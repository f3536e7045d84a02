/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/endorser.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <base/log.h>
#include <crypto/random.h>
#include <endorser/pcs.h>
#include <endorser/provision.h>
#include <net/http_server.h>
#include <net/stream.h>

#define MAX_TEXT (4u * ((QY_MAX_PROVISIONING_SIZE + 2u) / 3u) + 64u)
#define ENDPOINT_TTL_S 3600

typedef struct service {
  pthread_rwlock_t endpoint_lock; /* held for writing until the service knows its own URL */
  qy_provision_context provision;
  qy_pcs pcs;
} service;

static void set_request_id(char id[33], qy_http_response *response)
{
  uint8_t bytes[16] = {0};
  if (qy_random_fill(qy_random_system(), bytes, sizeof bytes, NULL) != QY_OK) {
    memset(bytes, 0, sizeof bytes);
  }
  qy_hex_encode(id, QY_VIEW_OF(bytes));
  qy_http_response_header(response, "Request-ID", id);
}

static void unlock(pthread_rwlock_t **lock)
{
  (void)pthread_rwlock_unlock(*lock);
}

/* The text form in, the text form out; what is no message at all is answered as one that says so. */
static qy_status answer_text(qy_buffer *out, service *self, qy_view text, const char *id, qy_trace *trace,
                             qy_error *why)
{
  __attribute__((cleanup(unlock))) pthread_rwlock_t *locked = &self->endpoint_lock;
  (void)pthread_rwlock_rdlock(locked);
  QY_SCOPED_BUFFER(request, QY_MAX_PROVISIONING_SIZE + QY_PROVISIONING_REQUEST_HEADER_SIZE);
  QY_SCOPED_BUFFER(response, QY_MAX_PROVISIONING_SIZE + QY_PROVISIONING_RESPONSE_HEADER_SIZE);
  qy_error cause = {0};
  if (qy_provisioning_request_from_text(&request, text, &cause) != QY_OK) {
    qy_buffer_clear(&request);
    qy_buffer_init(&request, QY_PROVISIONING_REQUEST_HEADER_SIZE);
  }
  QY_TRY(
      qy_provision_answer(&response, &self->provision, qy_buffer_view(&request), qy_clock_steady_ms(), trace, &cause));
  if (cause.message[0] != '\0') {
    const qy_check_record *failed = qy_trace_failed(trace);
    qy_log(QY_LOG_INFO, "endorser", "%s: refused: %s (%s)", id, cause.message,
           failed == NULL ? "no check" : qy_check_name(failed->id));
  }
  return qy_provisioning_response_to_text(out, qy_buffer_view(&response), why);
}

static void serve(void *context, const qy_http_request *request, qy_http_response *response)
{
  char id[33];
  qy_error why = {0};
  set_request_id(id, response);
  qy_trace *trace = calloc(1, sizeof *trace);
  const qy_status status =
      trace == NULL ? QY_ERR_MEMORY : answer_text(&response->body, context, request->body, id, trace, &why);
  free(trace);
  if (status != QY_OK) {
    qy_log(QY_LOG_ERROR, "endorser", "%s: %s: %s", id, qy_status_name(status), why.message);
    return; /* 500 */
  }
  response->content_type = "text/plain";
  response->status = 200;
}

static void serve_pcs(void *context, const qy_http_request *request, qy_http_response *response)
{
  const service *self = context;
  char id[33];
  set_request_id(id, response);
  qy_pcs_serve(&self->pcs, request, response);
}

static const qy_http_route ROUTES[] = {{"POST", "/", MAX_TEXT, serve},
                                       {"POST", "/provision", MAX_TEXT, serve},
                                       {"GET", "/*", 0, serve_pcs},
                                       {"GET", "/*/*/*/*", 0, serve_pcs},
                                       {"GET", "/*/*/*/*/*", 0, serve_pcs}};

/* ---- Starting ---- */

static qy_status load_pek(qy_provision_context *out, const char *folder, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, QY_ISSUER_MAX_PEM);
  QY_SCOPED_BUFFER(signed_pek, QY_SIGNED_PEK_SIZE);
  QY_TRY(qy_issuer_read(&pem, folder, QY_DIR_ISSUER, QY_FILE_PEK, why));
  QY_TRY(qy_rsa_private_from_pem(&out->pek, qy_buffer_view(&pem), why));
  qy_rsa_public_of(&out->pek_public, out->pek);
  QY_TRY(qy_issuer_read(&signed_pek, folder, QY_DIR_PUBLIC, QY_FILE_SIGNED_PEK, why));
  return qy_signed_pek_decode(&out->endpoint.pek, qy_buffer_view(&signed_pek), why);
}

static void service_clear(service *self)
{
  qy_rsa_private_free(&self->provision.pek);
  qy_transactions_free(&self->provision.transactions);
  (void)pthread_rwlock_destroy(&self->endpoint_lock);
}

static qy_status start_server(qy_http_server **out, service *self, const qy_endorser_config *config, qy_error *why)
{
  const qy_http_server_config server = {.component = "endorser",
                                        .address = config->host,
                                        .port = config->port,
                                        .routes = ROUTES,
                                        .route_count = sizeof ROUTES / sizeof ROUTES[0],
                                        .context = self,
                                        .handler_threads = 2};
  qy_endpoint *endpoint = &self->provision.endpoint;
  int wanted = 0;
  (void)pthread_rwlock_wrlock(&self->endpoint_lock);
  const qy_status status = qy_http_server_start(out, &server, why);
  if (status == QY_OK) {
    endpoint->ttl_s = ENDPOINT_TTL_S;
    wanted = config->provision_url != NULL
                 ? snprintf(endpoint->url, sizeof endpoint->url, "%s", config->provision_url)
                 : snprintf(endpoint->url, sizeof endpoint->url, "%s/provision", qy_http_server_url(*out));
  }
  (void)pthread_rwlock_unlock(&self->endpoint_lock);
  QY_TRY(status);
  if (wanted < 0 || (size_t)wanted >= sizeof endpoint->url) {
    return qy_fail(why, QY_ERR_LIMIT, "endorser: the URL of the provisioning service is too long");
  }
  return QY_OK;
}

static qy_status wait_for(int stop_fd, qy_error *why)
{
  struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
  while (poll(&stop, 1, -1) < 0) {
    if (errno != EINTR) {
      return qy_fail(why, QY_ERR_IO, "endorser: cannot wait: %m");
    }
  }
  return QY_OK;
}

qy_status qy_endorser_run(const qy_endorser_config *config, int stop_fd, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_FD(lock);
  QY_TRY(qy_registry_path(path, sizeof path, config->folder, QY_DIR_ISSUER, QY_FILE_SERVICE_LOCK, why));
  QY_TRY(qy_file_lock(&lock, path, why)); /* transactions are in memory: two that serve would not know each other's */
  __attribute__((cleanup(service_clear))) service self = {.endpoint_lock = PTHREAD_RWLOCK_INITIALIZER};
  const int64_t lifetime_ms = 1000 * (int64_t)(config->transaction_s == 0 ? 60 : config->transaction_s);
  const size_t limit = config->transaction_limit == 0 ? 256 : config->transaction_limit;
  self.provision.folder = config->folder;
  QY_TRY(load_pek(&self.provision, config->folder, why));
  self.pcs = (qy_pcs){.folder = config->folder, .ppid_key = self.provision.pek};
  QY_TRY(qy_endorser_mend(config->folder, why));
  QY_TRY(qy_transactions_new(&self.provision.transactions, limit, lifetime_ms, why));
  QY_SCOPED_HTTP_SERVER(server);
  QY_TRY(start_server(&server, &self, config, why));
  qy_log(QY_LOG_INFO, "endorser", "listening on %s", qy_http_server_url(server));
  if (config->ready != NULL) {
    config->ready(config->context, qy_http_server_port(server));
  }
  return wait_for(stop_fd, why);
}
