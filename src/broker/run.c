/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/broker.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/file.h>
#include <base/log.h>
#include <broker/offers.h>
#include <broker/service.h>
#include <net/stream.h>

static void broker_free(qy_broker **broker)
{
  qy_broker *old = *broker;
  if (old == NULL) {
    return;
  }
  qy_sessions_free(&old->sessions);
  qy_report_client_free(&old->reports);
  qy_collateral_source_free(&old->collateral);
  qy_ledger_close(&old->ledger);
  qy_archive_close(&old->archive);
  qy_broker_settings_clear(&old->settings);
  free(old);
  *broker = NULL;
}

typedef struct census {
  qy_broker *broker;
  const char *folder;
  size_t count;
  size_t simulated;
} census;

/* A secret that nobody can get is no reason not to start: another may be waited for. */
static void warn_of_services(const qy_broker_settings *settings, const char *name, const qy_policy *policy)
{
  const unsigned kinds = qy_broker_kinds_of(policy);
  if ((kinds & 1u << QY_EVIDENCE_EPID) != 0 && settings->report_url[0] == '\0') {
    qy_log(QY_LOG_WARNING, "broker", "the policy of \"%s\" takes EPID evidence, and no report service is configured",
           name);
  }
  if ((kinds & ~(1u << QY_EVIDENCE_EPID)) != 0 && settings->collateral_url[0] == '\0') {
    qy_log(QY_LOG_WARNING, "broker",
           "the policy of \"%s\" takes DCAP evidence, and no collateral service is configured", name);
  }
}

static qy_status check_secret(void *context, const char *name, const qy_policy *policy, qy_error *why)
{
  census *found = context;
  QY_SCOPED_VAULT(secret);
  QY_TRY(qy_broker_secret_load(&secret, found->folder, name, why));
  found->count++;
  qy_broker_offers_note(found->broker, policy);
  warn_of_services(&found->broker->settings, name, policy);
  if (policy->simulated_root_count > 0) {
    found->simulated++;
    qy_log(QY_LOG_WARNING, "broker", "the policy of \"%s\" trusts a SIMULATED root", name);
  }
  if (policy->allow_debug) {
    qy_log(QY_LOG_WARNING, "broker", "the policy of \"%s\" takes debug enclaves", name);
  }
  return QY_OK;
}

static qy_status open_broker(qy_broker *broker, const char *folder, qy_error *why)
{
  QY_TRY(qy_broker_settings_load(&broker->settings, folder, why));
  const qy_broker_settings *settings = &broker->settings;
  broker->provider = (qy_provider){.private_key = &settings->provider_key,
                                   .quote_type = settings->quote_type,
                                   .kdf_id = QY_KDF_ID_INTEL,
                                   .allow_ps_sec_prop = true}; /* the policy says whether */
  memcpy(broker->provider.spid, settings->spid, sizeof(settings->spid));
  census found = {.broker = broker, .folder = folder};
  QY_TRY(qy_broker_secrets_visit(folder, check_secret, &found, why));
  QY_TRY(qy_sessions_new(&broker->sessions, settings->limits.sessions, settings->limits.sessions_per_peer, why));
  QY_TRY(qy_report_client_new(&broker->reports, settings, why));
  QY_TRY(qy_collateral_source_new(&broker->collateral, settings, why));
  QY_TRY(qy_ledger_open(&broker->ledger, folder, why));
  QY_TRY(qy_archive_open(&broker->archive, folder, settings->limits.reports_kept, why));
  qy_log(QY_LOG_INFO, "broker", "secrets: %zu, of which %zu under simulated roots", found.count, found.simulated);
  return QY_OK;
}

static qy_status start_server(qy_http_server **out, qy_broker *broker, const qy_broker_config *config, qy_error *why)
{
  const qy_broker_settings *settings = &broker->settings;
  const qy_http_server_config server = {.component = "broker",
                                        .address = config->address == NULL ? settings->address : config->address,
                                        .port = config->port < 0 ? settings->port : (uint16_t)config->port,
                                        .tls = true,
                                        .certificates_pem = qy_buffer_view(&settings->tls_chain),
                                        .private_key_pem = qy_buffer_view(&settings->tls_key),
                                        .routes = qy_broker_routes,
                                        .route_count = qy_broker_route_count,
                                        .context = broker,
                                        .handler_threads = settings->limits.threads};
  return qy_http_server_start(out, &server, why);
}

static qy_status wait_for(int stop_fd, qy_error *why)
{
  struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
  while (poll(&stop, 1, -1) < 0) {
    if (errno != EINTR) {
      return qy_fail(why, QY_ERR_IO, "broker: cannot wait: %s", strerror(errno));
    }
  }
  return QY_OK;
}

static qy_status say_where(const char *folder, const qy_http_server *server, qy_error *why)
{
  QY_SCOPED_BUFFER(line, 256);
  qy_buffer_appendf(&line, "%s\n", qy_http_server_url(server));
  QY_TRY(qy_buffer_finish(&line, "broker's URL", why));
  return qy_broker_file_write(folder, QY_BROKER_URL_FILE, qy_buffer_view(&line), false, why);
}

static qy_status serve(qy_broker *broker, const qy_broker_config *config, int stop_fd, qy_error *why)
{
  QY_SCOPED_HTTP_SERVER(server); /* stopped before the broker goes */
  QY_TRY(start_server(&server, broker, config, why));
  QY_TRY(say_where(config->folder, server, why));
  qy_log(QY_LOG_INFO, "broker", "listening on %s", qy_http_server_url(server));
  if (config->ready != NULL) {
    config->ready(config->context, qy_http_server_port(server));
  }
  return wait_for(stop_fd, why);
}

qy_status qy_broker_run(const qy_broker_config *config, int stop_fd, qy_error *why)
{
  char path[QY_BROKER_PATH];
  QY_SCOPED_FD(lock);
#ifndef QUOTARY_SANITIZED /* the leak checker traces its own process */
  qy_process_harden();
#endif
  QY_TRY(qy_path_join(path, sizeof(path), config->folder, QY_BROKER_FILE_LOCK, why));
  QY_TRY(qy_file_lock(&lock, path, why));
  __attribute__((cleanup(broker_free))) qy_broker *broker = calloc(1, sizeof(*broker));
  if (broker == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory");
  }
  QY_TRY(open_broker(broker, config->folder, why));
  const qy_status status = serve(broker, config, stop_fd, why);
  if (qy_path_join(path, sizeof(path), config->folder, QY_BROKER_URL_FILE, NULL) == QY_OK) {
    (void)unlink(path);
  }
  return status;
}
