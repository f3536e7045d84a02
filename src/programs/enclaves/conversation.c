/* SPDX-License-Identifier: Apache-2.0 */
#include "conversation.h"

#include <stdlib.h>
#include <string.h>

#include <crypto/hash.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>
#include <exchange/calls.h>

void conversation_forget_secret(conversation *self)
{
  qy_vault_free(&self->secret);
  self->name_size = 0;
}

void conversation_clear(conversation *self)
{
  conversation_forget_secret(self);
  qy_enclave_side_clear(&self->side);
}

qy_status conversation_need_secret(const conversation *self, qy_error *why)
{
  return self->secret.size != 0 ? QY_OK : qy_fail(why, QY_ERR_SEQUENCE, "it holds no secret");
}

static qy_status begin(conversation *self, qy_view in, qy_trace *trace, qy_error *why)
{
  const qy_view key = qy_enclave_section(QY_SAMPLE_SECTION_PROVIDER_KEY);
  if (key.size != QY_GROUP_ELEMENT_SIZE) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "its image has no provider key (section \"%s\" of %zu bytes)",
                   QY_SAMPLE_SECTION_PROVIDER_KEY, key.size);
  }
  conversation_forget_secret(self);
  qy_enclave_side_clear(&self->side);
  return qy_enclave_side_begin(&self->side, key.bytes, in, NULL, trace, why);
}

static qy_status msg1(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_MSG1_SIZE];
  uint32_t group_id = 0;
  QY_TRY(qy_sample_msg1_decode(&group_id, in, why));
  QY_TRY(qy_enclave_side_msg1(&self->side, bytes, group_id, qy_random_system(), trace, why));
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status msg4(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_SAMPLE_OUTCOME_SIZE];
  qy_sample_outcome outcome = {0};
  conversation_forget_secret(self);
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

static qy_status answer_challenge(const conversation *self, qy_view in, qy_buffer *out, qy_error *why)
{
  uint8_t mac[QY_SAMPLE_HMAC_SIZE];
  QY_TRY(conversation_need_secret(self, why));
  if (in.size > QY_SAMPLE_MAX_CHALLENGE_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "challenge: %zu bytes, at most %d", in.size, QY_SAMPLE_MAX_CHALLENGE_SIZE);
  }
  QY_TRY(qy_hmac_sha256(mac, qy_view_over(self->secret.bytes, self->secret.size), &in, 1, why));
  qy_buffer_append(out, mac, sizeof(mac));
  return QY_OK;
}

qy_status conversation_answer(conversation *self, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                              qy_error *why)
{
  switch (operation) {
  case QY_SAMPLE_BEGIN:
    return begin(self, in, trace, why);
  case QY_SAMPLE_MSG1:
    return msg1(self, in, out, trace, why);
  case QY_SAMPLE_MSG4:
    return msg4(self, in, out, trace, why);
  case QY_SAMPLE_HMAC:
    return answer_challenge(self, in, out, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "no operation %u", operation);
  }
}

int conversation_run(qy_enclave_call *answer)
{
  conversation *self = calloc(1, sizeof(*self));
  if (self == NULL) {
    return 3;
  }
  const int code = qy_enclave_run(answer, self);
  conversation_clear(self);
  free(self);
  return code;
}
