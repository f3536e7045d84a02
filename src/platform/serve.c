/* SPDX-License-Identifier: Apache-2.0 */
/* One connection's requests. */
#include <platform/service_state.h>

#include <stdlib.h>
#include <unistd.h>

#include <base/cursor.h>
#include <enclave/answer.h>
#include <enclave/channel.h>
#include <platform/wire.h>

#define TIMEOUT_MS 30000  /* for a request once it began */
#define PATIENCE_MS 60000 /* for it to begin */

typedef struct turn { /* one request and its answer */
  qy_frame frame;
  qy_buffer request;
  qy_buffer payload;
  qy_buffer answer;
  int descriptor; /* goes with the answer */
  qy_trace trace;
} turn;

static void close_descriptor(int *descriptor)
{
  if (*descriptor >= 0) {
    (void)close(*descriptor);
    *descriptor = -1;
  }
}

static void turn_clear(turn *self)
{
  close_descriptor(&self->frame.descriptor);
  close_descriptor(&self->descriptor);
  qy_buffer_clear(&self->request);
  qy_buffer_clear(&self->payload);
  qy_buffer_clear(&self->answer);
  self->trace = (qy_trace){0};
}

static qy_status init_quote(qy_service *service, turn *self, qy_error *why)
{
  qy_target_info target;
  uint32_t gid = 0;
  uint8_t bytes[QY_TARGET_INFO_SIZE + 4];
  QY_TRY(qy_service_init_quote(service, &target, &gid, &self->trace, why));
  qy_target_info_encode(bytes, &target);
  qy_writer writer = qy_writer_over(bytes + QY_TARGET_INFO_SIZE, 4);
  qy_write_u32le(&writer, gid);
  qy_buffer_append(&self->payload, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status quote(qy_service *service, turn *self, qy_error *why)
{
  qy_quoted quoted;
  qy_report qe_report = {0};
  QY_SCOPED_BUFFER(bytes, QY_MAX_QUOTE_SIZE);
  QY_TRY(qy_wire_quote_decode(&quoted, qy_buffer_view(&self->request), why));
  qy_report *wanted = quoted.request.nonce != NULL ? &qe_report : NULL;
  QY_TRY(qy_service_quote(service, &bytes, wanted, &quoted.request, &self->trace, why));
  return qy_wire_quote_answer_encode(&self->payload, wanted, qy_buffer_view(&bytes), why);
}

static qy_status init_dcap(qy_service *service, turn *self, qy_error *why)
{
  qy_target_info target;
  uint8_t bytes[QY_TARGET_INFO_SIZE];
  QY_TRY(qy_service_init_dcap(service, &target, &self->trace, why));
  qy_target_info_encode(bytes, &target);
  qy_buffer_append(&self->payload, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status quote_dcap(qy_service *service, turn *self, qy_error *why)
{
  qy_dcap_asked asked;
  qy_report qe_report = {0};
  QY_SCOPED_BUFFER(bytes, QY_PLATFORM_MAX_DCAP_QUOTE);
  QY_TRY(qy_wire_dcap_decode(&asked, qy_buffer_view(&self->request), why));
  qy_report *wanted = asked.request.nonce != NULL ? &qe_report : NULL;
  QY_TRY(qy_service_quote_dcap(service, &bytes, wanted, &asked.request, &self->trace, why));
  return qy_wire_quote_answer_encode(&self->payload, wanted, qy_buffer_view(&bytes), why);
}

static qy_status launch(qy_service *service, turn *self, qy_error *why)
{
  qy_launched launched;
  uint8_t bytes[4 + QY_REPORT_BODY_SIZE];
  if (self->frame.descriptor < 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "launch: no image came along");
  }
  (void)pthread_mutex_lock(&service->cpu.lock);
  const qy_status status = qy_cpu_launch(&service->cpu.cpu, &launched, self->frame.descriptor, &self->trace, why);
  (void)pthread_mutex_unlock(&service->cpu.lock);
  QY_TRY(status);
  self->descriptor = launched.channel;
  qy_writer writer = qy_writer_over(bytes, 4);
  qy_write_u32le(&writer, launched.page_count);
  qy_report_body_encode(bytes + 4, &launched.identity);
  qy_buffer_append(&self->payload, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status launch_td(qy_service *service, turn *self, qy_error *why)
{
  qy_launched_td launched;
  uint8_t bytes[4 + QY_TD_HASH_SIZE + 8];
  if (self->frame.descriptor < 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "launch: no image came along");
  }
  (void)pthread_mutex_lock(&service->cpu.lock);
  const qy_status status = qy_cpu_launch_td(&service->cpu.cpu, &launched, self->frame.descriptor, &self->trace, why);
  (void)pthread_mutex_unlock(&service->cpu.lock);
  QY_TRY(status);
  self->descriptor = launched.channel;
  qy_writer writer = qy_writer_over(bytes, sizeof(bytes));
  qy_write_u32le(&writer, launched.page_count);
  qy_write_bytes(&writer, launched.mr_td, sizeof(launched.mr_td));
  qy_write_u64le(&writer, launched.attributes);
  qy_buffer_append(&self->payload, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status quote_td(qy_service *service, turn *self, qy_error *why)
{
  const qy_view report = qy_buffer_view(&self->request);
  if (report.size != QY_TD_REPORT_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "request for a quote: a TD report of %zu bytes", report.size);
  }
  return qy_service_quote_td(service, &self->payload, report.bytes, &self->trace, why);
}

static bool takes_payload(uint16_t kind)
{
  return kind == QY_PLATFORM_QUOTE || kind == QY_PLATFORM_QUOTE_DCAP || kind == QY_PLATFORM_QUOTE_TD;
}

static qy_status act(qy_service *service, turn *self, qy_error *why)
{
  if (!takes_payload(self->frame.kind) && self->request.size > 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "request %u: %zu bytes where none belong", self->frame.kind,
                   self->request.size);
  }
  switch (self->frame.kind) {
  case QY_PLATFORM_INIT_QUOTE:
    return init_quote(service, self, why);
  case QY_PLATFORM_QUOTE:
    return quote(service, self, why);
  case QY_PLATFORM_INIT_DCAP:
    return init_dcap(service, self, why);
  case QY_PLATFORM_QUOTE_DCAP:
    return quote_dcap(service, self, why);
  case QY_PLATFORM_LAUNCH:
    return launch(service, self, why);
  case QY_PLATFORM_LAUNCH_TD:
    return launch_td(service, self, why);
  case QY_PLATFORM_QUOTE_TD:
    return quote_td(service, self, why);
  case QY_PLATFORM_DESCRIBE:
    return qy_service_describe(service, &self->payload, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "request %u", self->frame.kind);
  }
}

static bool serve_one(qy_service *service, const qy_channel *client, turn *self)
{
  qy_error why = {0};
  if (qy_channel_receive(client, &self->frame, &self->request, &why) != QY_OK || self->frame.closed) {
    return false;
  }
  qy_status status = act(service, self, &why);
  status = status != QY_OK ? status : qy_buffer_finish(&self->payload, "answer", &why);
  const qy_view payload = status == QY_OK ? qy_buffer_view(&self->payload) : (qy_view){NULL, 0};
  qy_answer_encode(&self->answer, status, &why, &self->trace, payload);
  return qy_buffer_finish(&self->answer, "answer", &why) == QY_OK &&
         qy_channel_send(client, self->frame.kind, qy_buffer_view(&self->answer), self->descriptor, &why) == QY_OK;
}

void qy_service_serve(qy_service *service, int socket)
{
  const qy_channel client = {
      .socket = socket, .timeout_ms = TIMEOUT_MS, .patience_ms = PATIENCE_MS, .takes_descriptor = true};
  turn *self = calloc(1, sizeof(*self));
  if (self == NULL) {
    return;
  }
  self->frame.descriptor = -1;
  self->descriptor = -1;
  qy_buffer_init(&self->request, QY_PLATFORM_MAX_REQUEST);
  qy_buffer_init(&self->payload, QY_PLATFORM_MAX_ANSWER);
  qy_buffer_init(&self->answer, QY_PLATFORM_MAX_ANSWER + QY_ANSWER_MAX_OVERHEAD);
  while (serve_one(service, &client, self)) {
    turn_clear(self);
  }
  turn_clear(self);
  free(self);
}
