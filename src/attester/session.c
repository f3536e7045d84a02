/* SPDX-License-Identifier: Apache-2.0 */
#include <attester/session.h>

#include <base/limits.h>

const size_t qy_session_limits[QY_ATTEST_MESSAGE_COUNT] = {QY_HELLO_SIZE, QY_MSG2_HEAD_SIZE + QY_MAX_SIGRL_SIZE,
                                                           QY_MAX_QUOTE_SIZE, QY_MAX_MSG_SIZE, QY_MSG4_MAX_SIZE};

static void tell_checks(qy_session *self)
{
  for (; self->told < self->trace->count; self->told++) {
    if (self->observer != NULL && self->observer->checked != NULL) {
      self->observer->checked(self->observer->context, &self->trace->records[self->told]);
    }
  }
}

static qy_status tell_message(qy_session *self, qy_attest_message which, qy_error *why)
{
  const qy_buffer *message = &self->messages[which];
  QY_TRY(qy_buffer_finish(message, qy_attest_message_name(which), why));
  if (self->observer != NULL && self->observer->message != NULL) {
    self->observer->message(self->observer->context, which, qy_buffer_view(message));
  }
  return QY_OK;
}

/* After a call to the enclave: its checks first, then whether it went well. */
static qy_status after_call(qy_session *self, qy_status status)
{
  tell_checks(self);
  return status;
}

static qy_status say_hello(qy_session *self, const qy_session_enclave *enclave, qy_error *why)
{
  uint8_t hello[QY_HELLO_SIZE];
  QY_TRY(after_call(self, enclave->hello(enclave->context, hello, self->trace, why)));
  qy_buffer_append(&self->messages[QY_ATTEST_HELLO], hello, sizeof(hello));
  QY_TRY(tell_message(self, QY_ATTEST_HELLO, why));
  QY_TRY(qy_broker_client_begin(self->broker, &self->messages[QY_ATTEST_MSG2], self->secret_name, self->kind,
                                qy_buffer_view(&self->messages[QY_ATTEST_HELLO]), why));
  return tell_message(self, QY_ATTEST_MSG2, why);
}

static qy_status make_msg3(qy_session *self, const qy_session_enclave *enclave, qy_error *why)
{
  qy_buffer *msg3 = &self->messages[QY_ATTEST_MSG3];
  qy_buffer *quote = &self->messages[QY_ATTEST_QUOTE];
  uint8_t head[QY_MSG3_HEAD_SIZE];
  QY_TRY(after_call(self, enclave->quote(enclave->context, quote, qy_buffer_view(&self->messages[QY_ATTEST_MSG2]),
                                         self->trace, why)));
  QY_TRY(tell_message(self, QY_ATTEST_QUOTE, why));
  QY_TRY(after_call(self, enclave->msg3(enclave->context, head, qy_buffer_view(quote), self->trace, why)));
  qy_buffer_append(msg3, head, sizeof(head));
  qy_buffer_append(msg3, quote->bytes, quote->size);
  return tell_message(self, QY_ATTEST_MSG3, why);
}

/* `*again`: the broker asks for a new session. */
static qy_status run_once(qy_session *self, const qy_session_enclave *enclave, bool *again, qy_error *why)
{
  qy_buffer *msg4 = &self->messages[QY_ATTEST_MSG4];
  *again = false;
  self->count++;
  QY_TRY(say_hello(self, enclave, why));
  QY_TRY(make_msg3(self, enclave, why));
  const qy_status status =
      qy_broker_client_finish(self->broker, msg4, qy_buffer_view(&self->messages[QY_ATTEST_MSG3]), why);
  *again = status == QY_ERR_SEQUENCE;
  QY_TRY(status);
  QY_TRY(tell_message(self, QY_ATTEST_MSG4, why));
  return after_call(self, enclave->msg4(enclave->context, qy_buffer_view(msg4), self->trace, why));
}

static void forget(qy_session *self)
{
  for (size_t i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    qy_buffer_clear(&self->messages[i]);
    qy_buffer_init(&self->messages[i], qy_session_limits[i]);
  }
  *self->trace = (qy_trace){0};
  self->told = 0;
}

qy_status qy_session_run(qy_session *self, const qy_session_enclave *enclave, qy_error *why)
{
  qy_error reason = {0};
  bool again = false;
  const qy_status first = run_once(self, enclave, &again, &reason);
  if (first == QY_OK || !again) {
    return first == QY_OK ? QY_OK : qy_fail(why, first, "%s", reason.message);
  }
  if (self->observer != NULL && self->observer->retrying != NULL) {
    self->observer->retrying(self->observer->context, reason.message);
  }
  forget(self);
  return run_once(self, enclave, &again, why);
}
