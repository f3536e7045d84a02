/* SPDX-License-Identifier: Apache-2.0 */
/* The sample enclave: attests to a provider, takes one secret, and shows what can be done with it inside. Everything
 * that it trusts is in its measured image: this program and the provider's public key. */
#include <string.h>

#include <base/cursor.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <exchange/calls.h>

#include "conversation.h"

static qy_status msg2(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_SAMPLE_REPORT_SIZE];
  qy_sample_msg2 call;
  qy_sample_report answer;
  qy_msg2_answer made;
  QY_TRY(qy_sample_msg2_decode(&call, in, why));
  QY_TRY(qy_enclave_side_msg2(&self->side, &made, call.head, &call.qe, qy_random_system(), trace, why));
  QY_TRY(qy_enclave_report(&answer.report, &call.qe, made.report_data, why));
  memcpy(answer.nonce, made.nonce, sizeof(answer.nonce));
  qy_sample_report_encode(bytes, &answer);
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status msg3(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_MSG3_HEAD_SIZE];
  qy_sample_quote call;
  QY_SCOPED_SECRET(report_key);
  QY_TRY(qy_sample_quote_decode(&call, in, why));
  QY_TRY(qy_enclave_report_key(&report_key, call.qe_report.key_id, why));
  QY_TRY(qy_enclave_side_msg3(&self->side, bytes, call.quote, &call.qe_report, &report_key, trace, why));
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

/* ---- What one does with a secret, besides HMAC ---- */

/* To this very enclave: a next version of it would have to attest again. */
static qy_status seal(const conversation *self, qy_view in, qy_buffer *out, qy_error *why)
{
  if (in.size != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "call seal: %zu bytes left over", in.size);
  }
  QY_TRY(conversation_need_secret(self, why));
  return qy_enclave_seal(out, QY_KEY_POLICY_MRENCLAVE, qy_view_over(self->name, self->name_size),
                         qy_view_over(self->secret.bytes, self->secret.size), why);
}

static qy_status keep(conversation *self, qy_view secret, qy_view name, qy_error *why)
{
  if (secret.size == 0 || name.size == 0 || name.size > sizeof(self->name)) {
    return qy_fail(why, QY_ERR_MALFORMED, "sealed blob: %zu bytes of secret, %zu bytes of name", secret.size,
                   name.size);
  }
  conversation_forget_secret(self);
  QY_TRY(qy_vault_new(&self->secret, secret.size, why));
  memcpy(self->secret.bytes, secret.bytes, secret.size);
  memcpy(self->name, name.bytes, name.size);
  self->name_size = name.size;
  return QY_OK;
}

static qy_status unseal(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t head[4 + QY_SHA256_SIZE];
  QY_SCOPED_BUFFER(secret, QY_MAX_SECRET_SIZE);
  QY_SCOPED_BUFFER(name, QY_MAX_SECRET_NAME);
  if (in.size > QY_SAMPLE_MAX_BLOB_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "sealed blob: %zu bytes, at most %u", in.size, QY_SAMPLE_MAX_BLOB_SIZE);
  }
  QY_TRY(qy_enclave_unseal(&secret, &name, in, trace, why));
  QY_TRY(qy_sha256(head + 4, qy_buffer_view(&secret), why));
  QY_TRY(keep(self, qy_buffer_view(&secret), qy_buffer_view(&name), why));
  qy_writer writer = qy_writer_over(head, 4);
  qy_write_u32le(&writer, (uint32_t)secret.size);
  qy_buffer_append(out, head, sizeof(head));
  qy_buffer_append(out, name.bytes, name.size);
  return QY_OK;
}

static qy_status answer(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  conversation *self = context;
  switch (operation) {
  case QY_SAMPLE_MSG2:
    return msg2(self, in, out, trace, why);
  case QY_SAMPLE_MSG3:
    return msg3(self, in, out, trace, why);
  case QY_SAMPLE_SEAL:
    return seal(self, in, out, why);
  case QY_SAMPLE_UNSEAL:
    return unseal(self, in, out, trace, why);
  default:
    return conversation_answer(self, operation, in, out, trace, why);
  }
}

int main(void)
{
  return conversation_run(answer);
}
