/* SPDX-License-Identifier: Apache-2.0 */
/* Carries provisioning messages between the provisioning enclave and the endorser (Intel SGX PSW, AESM). All that is
 * secret in them is encrypted between those two; this program could at most lose them. */
#include <platform/service_state.h>

#include <base/limits.h>
#include <base/log.h>
#include <crypto/random.h>
#include <net/http_client.h>
#include <provisioning/endpoint.h>
#include <provisioning/transport.h>

#define CONNECT_MS 5000
#define EXCHANGE_MS 20000
#define MAX_TEXT ((QY_MAX_PROVISIONING_SIZE + 2) / 3 * 4 + 64)
#define MAX_MESSAGE (QY_MAX_PROVISIONING_SIZE + QY_PROVISIONING_RESPONSE_HEADER_SIZE)

typedef struct errand {
  qy_http_client *client;
  const char *url;
  qy_provisioned *seen; /* NULL: not to be counted */
} errand;

static void count(qy_provisioned *seen, size_t size)
{
  if (seen != NULL && seen->message_count < sizeof(seen->message_sizes) / sizeof(seen->message_sizes[0])) {
    seen->message_sizes[seen->message_count++] = size;
  }
}

static qy_status post(void *context, qy_view request, qy_buffer *response, qy_error *why)
{
  const errand *self = context;
  QY_SCOPED_BUFFER(text, MAX_TEXT);
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_TRY(qy_provisioning_request_to_text(&text, request, why));
  const qy_http_call call = {
      .method = "POST", .url = self->url, .content_type = "text/plain", .body = qy_buffer_view(&text)};
  QY_TRY(qy_http_exchange(&answer, self->client, &call, why));
  QY_TRY(qy_http_answer_need_success(&answer, "endorser", why));
  QY_TRY(qy_provisioning_response_from_text(response, qy_buffer_view(&answer.body), why));
  count(self->seen, request.size);
  count(self->seen, response->size);
  return QY_OK;
}

/* Asks which server provisions this machine, and by which key. */
static qy_status select_endpoint(qy_endpoint *out, qy_service *service, errand *to, qy_trace *trace, qy_error *why)
{
  const qy_ae pve = qy_ae_host_stub(&service->pve);
  uint8_t selector = 0;
  uint8_t xid[QY_XID_SIZE];
  QY_SCOPED_BUFFER(request, MAX_MESSAGE);
  QY_SCOPED_BUFFER(response, MAX_MESSAGE);
  QY_TRY(qy_pve_selector(&pve, &selector, trace, why));
  QY_TRY(qy_random_fill(qy_random_system(), xid, sizeof(xid), why));
  QY_TRY(qy_endpoint_request_make(&request, xid, selector, why));
  QY_TRY(post(to, qy_buffer_view(&request), &response, why));
  return qy_endpoint_response_open(out, qy_buffer_view(&response), xid, &service->pek_signing_key, trace, why);
}

qy_status qy_service_signed_pek(uint8_t out[QY_SIGNED_PEK_SIZE], qy_service *service, qy_http_client *client,
                                qy_trace *trace, qy_error *why)
{
  qy_endpoint endpoint;
  errand to = {.client = client, .url = service->config->provisioning_url};
  QY_TRY(select_endpoint(&endpoint, service, &to, trace, why));
  qy_signed_pek_encode(out, &endpoint.pek);
  return QY_OK;
}

static qy_status fetch(uint8_t file[QY_EPID_BLOB_FILE_SIZE], qy_provisioned *seen, qy_service *service, qy_error *why)
{
  const qy_http_client_config config = {.allow_plain = true,
                                        .system_roots = true,
                                        .connect_timeout_ms = CONNECT_MS,
                                        .timeout_ms = EXCHANGE_MS,
                                        .max_response_size = MAX_TEXT};
  const qy_ae pve = qy_ae_host_stub(&service->pve);
  const qy_ae pce = qy_ae_host_stub(&service->pce);
  uint8_t pek[QY_SIGNED_PEK_SIZE];
  uint8_t old[QY_EPID_BLOB_FILE_SIZE];
  qy_endpoint endpoint;
  QY_SCOPED_HTTP_CLIENT(client);
  QY_TRY(qy_http_client_new(&client, &config, why));
  errand to = {.client = client, .url = service->config->provisioning_url};
  QY_TRY(select_endpoint(&endpoint, service, &to, &seen->trace, why));
  to.seen = seen;
  to.url = endpoint.url;
  qy_signed_pek_encode(pek, &endpoint.pek);
  const qy_view old_blob = qy_view_over(old, qy_key_store_get(&service->key, old) ? QY_EPID_BLOB_SIZE : 0);
  return qy_provision_platform_again(file, &seen->retrieved, &pve, &pce, QY_VIEW_OF(pek), old_blob, post, &to,
                                     &seen->trace, why);
}

qy_status qy_service_provision(qy_service *service, qy_error *why)
{
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
  qy_error cause = {0};
  qy_provisioned *seen = &service->last;
  *seen = (qy_provisioned){0};
  qy_status status = fetch(file, seen, service, &cause);
  if (status == QY_OK) {
    status = qy_key_store_put(&service->key, file, &cause);
  }
  const qy_check_record *failed = qy_trace_failed(&seen->trace);
  if (status != QY_OK) {
    qy_log(QY_LOG_WARNING, "platform", "provisioning: %s (%s): %s", qy_status_name(status),
           failed == NULL ? "no check failed" : qy_check_name(failed->id), cause.message);
    return qy_fail(why, status, "provisioning: %.220s", cause.message);
  }
  qy_log(QY_LOG_INFO, "platform", "provisioning: %s",
         seen->retrieved ? "the endorser gave the key back" : "a new key was issued");
  return QY_OK;
}
