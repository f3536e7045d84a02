/* SPDX-License-Identifier: Apache-2.0 */
/* The sample enclave: attests to a provider, takes one secret, and shows what can be done with it inside. Everything
 * that it trusts is in its measured image: this program and the provider's public key. The calls are described in
 * exchange/calls.h; whoever makes them is not trusted. */
#include <stdlib.h>
#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>
#include <base/secret.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <enclave/runtime.h>
#include <exchange/calls.h>
#include <quotary/exchange.h>

/* One conversation at a time, one secret at a time. */
typedef struct sample {
  qy_enclave_side side;
  qy_vault secret;
  size_t name_size;
  char name[QY_MAX_SECRET_NAME];
} sample;

static void forget_secret(sample *self)
{
  qy_vault_free(&self->secret);
  self->name_size = 0;
}

static qy_status need_secret(const sample *self, qy_error *why)
{
  return self->secret.size != 0 ? QY_OK : qy_fail(why, QY_ERR_SEQUENCE, "enclave: it holds no secret");
}

/* ---- The conversation ---- */

static qy_status begin(sample *self, qy_view in, qy_trace *trace, qy_error *why)
{
  const qy_view key = qy_enclave_section(QY_SAMPLE_SECTION_PROVIDER_KEY);
  if (key.size != QY_GROUP_ELEMENT_SIZE) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "enclave: its image has no provider key (section \"%s\" of %zu bytes)",
                   QY_SAMPLE_SECTION_PROVIDER_KEY, key.size);
  }
  forget_secret(self);
  qy_enclave_side_clear(&self->side);
  return qy_enclave_side_begin(&self->side, key.bytes, in, NULL, trace, why);
}

static qy_status msg1(sample *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_MSG1_SIZE];
  uint32_t group_id = 0;
  QY_TRY(qy_sample_msg1_decode(&group_id, in, why));
  QY_TRY(qy_enclave_side_msg1(&self->side, bytes, group_id, qy_random_system(), trace, why));
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status msg2(sample *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
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

static qy_status msg3(sample *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
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

static qy_status msg4(sample *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_SAMPLE_OUTCOME_SIZE];
  qy_sample_outcome outcome = {0};
  forget_secret(self);
  QY_TRY(qy_enclave_side_msg4(&self->side, &outcome.answer, &self->secret, in, trace, why));
  if (outcome.answer.has_secret) {
    memcpy(self->name, self->side.secret_name, self->side.secret_name_size);
    self->name_size = self->side.secret_name_size;
    outcome.secret_size = (uint32_t)self->secret.size;
    QY_TRY(qy_sha256(outcome.secret_sha256, qy_view_over(self->secret.bytes, self->secret.size), why));
  }
  qy_sample_outcome_encode(bytes, &outcome);
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

/* ---- What one does with a secret ---- */

static qy_status answer_challenge(const sample *self, qy_view in, qy_buffer *out, qy_error *why)
{
  uint8_t mac[QY_SAMPLE_HMAC_SIZE];
  QY_TRY(need_secret(self, why));
  if (in.size > QY_SAMPLE_MAX_CHALLENGE_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "challenge: %zu bytes, at most %d", in.size, QY_SAMPLE_MAX_CHALLENGE_SIZE);
  }
  QY_TRY(qy_hmac_sha256(mac, qy_view_over(self->secret.bytes, self->secret.size), &in, 1, why));
  qy_buffer_append(out, mac, sizeof(mac));
  return QY_OK;
}

/* To this very enclave: a next version of it would have to attest again. */
static qy_status seal(const sample *self, qy_view in, qy_buffer *out, qy_error *why)
{
  if (in.size != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "call seal: %zu bytes left over", in.size);
  }
  QY_TRY(need_secret(self, why));
  return qy_enclave_seal(out, QY_KEY_POLICY_MRENCLAVE, qy_view_over(self->name, self->name_size),
                         qy_view_over(self->secret.bytes, self->secret.size), why);
}

static qy_status keep(sample *self, qy_view secret, qy_view name, qy_error *why)
{
  if (secret.size == 0 || name.size == 0 || name.size > sizeof(self->name)) {
    return qy_fail(why, QY_ERR_MALFORMED, "sealed blob: %zu bytes of secret, %zu bytes of name", secret.size,
                   name.size);
  }
  forget_secret(self);
  QY_TRY(qy_vault_new(&self->secret, secret.size, why));
  memcpy(self->secret.bytes, secret.bytes, secret.size);
  memcpy(self->name, name.bytes, name.size);
  self->name_size = name.size;
  return QY_OK;
}

static qy_status unseal(sample *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
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
  sample *self = context;
  switch (operation) {
  case QY_SAMPLE_BEGIN:
    return begin(self, in, trace, why);
  case QY_SAMPLE_MSG1:
    return msg1(self, in, out, trace, why);
  case QY_SAMPLE_MSG2:
    return msg2(self, in, out, trace, why);
  case QY_SAMPLE_MSG3:
    return msg3(self, in, out, trace, why);
  case QY_SAMPLE_MSG4:
    return msg4(self, in, out, trace, why);
  case QY_SAMPLE_HMAC:
    return answer_challenge(self, in, out, why);
  case QY_SAMPLE_SEAL:
    return seal(self, in, out, why);
  case QY_SAMPLE_UNSEAL:
    return unseal(self, in, out, trace, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "enclave: no operation %u", operation);
  }
}

int main(void)
{
  sample *self = calloc(1, sizeof(*self));
  if (self == NULL) {
    return 3;
  }
  const int code = qy_enclave_run(answer, self);
  forget_secret(self);
  qy_enclave_side_clear(&self->side);
  free(self);
  return code;
}
