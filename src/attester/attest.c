/* SPDX-License-Identifier: Apache-2.0 */
#include <attester/attest.h>

#include <string.h>

#include <attester/broker_client.h>
#include <base/limits.h>

static const size_t message_limits[QY_ATTEST_MESSAGE_COUNT] = {QY_HELLO_SIZE, QY_MSG2_HEAD_SIZE + QY_MAX_SIGRL_SIZE,
                                                               QY_MAX_QUOTE_SIZE, QY_MAX_MSG_SIZE, QY_MSG4_MAX_SIZE};

/* One run. */
typedef struct run {
  qy_attest_result *result;
  const qy_attest_config *config;
  const qy_attest_observer *observer;
  qy_broker_client *broker;
  size_t told; /* checks of the enclave that the observer knows of */
} run;

const char *qy_attest_message_name(qy_attest_message message)
{
  static const char *const names[QY_ATTEST_MESSAGE_COUNT] = {"msg0 and msg1", "msg2", "quote", "msg3", "msg4"};
  return (unsigned)message < QY_ATTEST_MESSAGE_COUNT ? names[message] : "unknown";
}

void qy_attest_result_init(qy_attest_result *result)
{
  *result = (qy_attest_result){0};
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_init(&result->messages[i], message_limits[i]);
  }
}

void qy_attest_result_clear(qy_attest_result *result)
{
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_clear(&result->messages[i]);
  }
  if (result->has_enclave) {
    qy_enclave_handle_close(&result->enclave);
  }
  *result = (qy_attest_result){0};
}

/* ---- Telling ---- */

static void tell_checks(run *self, const qy_trace *trace, size_t *told)
{
  for (; *told < trace->count; (*told)++) {
    if (self->observer->checked != NULL) {
      self->observer->checked(self->observer->context, &trace->records[*told]);
    }
  }
}

static qy_status tell_message(run *self, qy_attest_message which, qy_error *why)
{
  const qy_buffer *message = &self->result->messages[which];
  QY_TRY(qy_buffer_finish(message, qy_attest_message_name(which), why));
  if (self->observer->message != NULL) {
    self->observer->message(self->observer->context, which, qy_buffer_view(message));
  }
  return QY_OK;
}

/* After a call into the enclave: its checks first, then whether it went well. */
static qy_status after_call(run *self, qy_status status)
{
  tell_checks(self, &self->result->trace, &self->told);
  return status;
}

/* ---- Before the session ---- */

static qy_status launch(run *self, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_platform *platform = self->config->platform;
  size_t told = 0;
  const qy_status status =
      platform->functions->launch(platform, &result->enclave, self->config->image, &result->machine_trace, why);
  tell_checks(self, &result->machine_trace, &told);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "launching the enclave");
  }
  result->has_enclave = true;
  if (self->observer->launched != NULL) {
    self->observer->launched(self->observer->context, &result->enclave);
  }
  return QY_OK;
}

static qy_status prepare_quoting(run *self, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_platform *platform = self->config->platform;
  const qy_status status = platform->functions->init_quote(platform, &result->qe, &result->group_id, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "making ready to quote");
  }
  if (self->observer->quoting != NULL) {
    self->observer->quoting(self->observer->context, &result->qe, result->group_id);
  }
  return QY_OK;
}

/* ---- The session ---- */

static qy_status make_hello(run *self, qy_error *why)
{
  static const uint8_t msg0[QY_MSG0_SIZE] = {0}; /* extended group 0, the only one in use */
  qy_attest_result *result = self->result;
  uint8_t msg1[QY_MSG1_SIZE];
  const qy_view name = qy_view_text(self->config->secret_name);
  QY_TRY(after_call(self, qy_sample_call_begin(&result->enclave, name, &result->trace, why)));
  QY_TRY(after_call(self, qy_sample_call_msg1(&result->enclave, msg1, result->group_id, &result->trace, why)));
  qy_buffer_append(&result->messages[QY_ATTEST_HELLO], msg0, sizeof(msg0));
  qy_buffer_append(&result->messages[QY_ATTEST_HELLO], msg1, sizeof(msg1));
  return tell_message(self, QY_ATTEST_HELLO, why);
}

/* A report for the quoting enclave, and its quote. */
static qy_status make_quote(run *self, const qy_msg2_parts *parts, qy_report *qe_report, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_platform *platform = self->config->platform;
  qy_buffer *quote = &result->messages[QY_ATTEST_QUOTE];
  qy_sample_report report;
  QY_TRY(
      after_call(self, qy_sample_call_msg2(&result->enclave, &report, parts->head, &result->qe, &result->trace, why)));
  const qy_quote_request request = {.report = &report.report,
                                    .quote_type = (uint16_t)parts->sign_type,
                                    .spid = parts->spid,
                                    .nonce = report.nonce,
                                    .sigrl = parts->sigrl};
  const qy_status status = platform->functions->quote(platform, quote, qe_report, &request, why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "quoting");
  }
  if (quote->size != parts->quote_size) {
    return qy_fail(why, QY_ERR_MALFORMED, "quoting: %zu bytes of quote, %zu expected for this revocation list",
                   quote->size, parts->quote_size);
  }
  return tell_message(self, QY_ATTEST_QUOTE, why);
}

static qy_status make_msg3(run *self, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_buffer *msg3 = &result->messages[QY_ATTEST_MSG3];
  const qy_buffer *quote = &result->messages[QY_ATTEST_QUOTE];
  uint8_t head[QY_MSG3_HEAD_SIZE];
  qy_msg2_parts parts;
  qy_report qe_report = {0};
  QY_TRY(qy_msg2_split(&parts, qy_buffer_view(&result->messages[QY_ATTEST_MSG2]), why));
  QY_TRY(make_quote(self, &parts, &qe_report, why));
  QY_TRY(after_call(
      self, qy_sample_call_msg3(&result->enclave, head, qy_buffer_view(quote), &qe_report, &result->trace, why)));
  qy_buffer_append(msg3, head, sizeof(head));
  qy_buffer_append(msg3, quote->bytes, quote->size);
  return tell_message(self, QY_ATTEST_MSG3, why);
}

/* `*again`: the broker asks for a new session. */
static qy_status run_session(run *self, bool *again, qy_error *why)
{
  qy_attest_result *result = self->result;
  qy_buffer *messages = result->messages;
  *again = false;
  result->sessions++;
  QY_TRY(make_hello(self, why));
  QY_TRY(qy_broker_client_begin(self->broker, &messages[QY_ATTEST_MSG2], self->config->secret_name,
                                qy_buffer_view(&messages[QY_ATTEST_HELLO]), why));
  QY_TRY(tell_message(self, QY_ATTEST_MSG2, why));
  QY_TRY(make_msg3(self, why));
  const qy_status status =
      qy_broker_client_finish(self->broker, &messages[QY_ATTEST_MSG4], qy_buffer_view(&messages[QY_ATTEST_MSG3]), why);
  *again = status == QY_ERR_SEQUENCE;
  QY_TRY(status);
  QY_TRY(tell_message(self, QY_ATTEST_MSG4, why));
  return after_call(self, qy_sample_call_msg4(&result->enclave, &result->outcome,
                                              qy_buffer_view(&messages[QY_ATTEST_MSG4]), &result->trace, why));
}

static void forget_session(run *self)
{
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_clear(&self->result->messages[i]);
    qy_buffer_init(&self->result->messages[i], message_limits[i]);
  }
  self->result->trace = (qy_trace){0};
  self->told = 0;
}

static qy_status run_sessions(run *self, qy_error *why)
{
  qy_error reason = {0};
  bool again = false;
  const qy_status first = run_session(self, &again, &reason);
  if (first == QY_OK || !again) {
    return first == QY_OK ? QY_OK : qy_fail(why, first, "%s", reason.message);
  }
  if (self->observer->retrying != NULL) {
    self->observer->retrying(self->observer->context, reason.message);
  }
  forget_session(self);
  return run_session(self, &again, why);
}

qy_status qy_attest(qy_attest_result *result, const qy_attest_config *config, const qy_attest_observer *observer,
                    qy_error *why)
{
  static const qy_attest_observer nobody = {0};
  QY_SCOPED_BROKER_CLIENT(broker);
  run self = {.result = result, .config = config, .observer = observer == NULL ? &nobody : observer};
  const size_t name_size = qy_view_text(config->secret_name).size;
  if (name_size == 0 || name_size > QY_MAX_SECRET_NAME) {
    return qy_fail(why, QY_ERR_ARGUMENT, "name of the secret: %zu bytes, 1 to %u", name_size, QY_MAX_SECRET_NAME);
  }
  QY_TRY(qy_broker_client_new(&broker, config->broker_url, config->broker_ca_pem, why));
  self.broker = broker;
  QY_TRY(launch(&self, why));
  QY_TRY(prepare_quoting(&self, why));
  return run_sessions(&self, why);
}
