/* SPDX-License-Identifier: Apache-2.0 */
/* The sample trust domain: attests to a provider and takes one secret, as the sample enclave does. Everything that it trusts
 * is in what MRTD measures: this program and the provider's public key. No quoting enclave answers to it, so that the quote
 * itself must carry this session's data; and there is no sealing: a trust domain has no keys of the processor's. */

#include <crypto/random.h>
#include <enclave/trust_domain.h>
#include <exchange/calls.h>

#include "conversation.h"

static qy_status msg2(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  qy_sample_msg2_td call;
  qy_td_report report;
  qy_msg2_answer made;
  QY_TRY(qy_sample_msg2_td_decode(&call, in, why));
  QY_TRY(qy_enclave_side_msg2(&self->side, &made, call.head, NULL, qy_random_system(), trace, why));
  QY_TRY(qy_td_report_self(&report, call.version, made.report_data, why));
  qy_td_report_encode(bytes, &report);
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status msg3(conversation *self, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t bytes[QY_MSG3_HEAD_SIZE];
  QY_TRY(qy_enclave_side_msg3_own(&self->side, bytes, in, trace, why));
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status answer(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  conversation *self = context;
  switch (operation) {
  case QY_SAMPLE_MSG2_TD:
    return msg2(self, in, out, trace, why);
  case QY_SAMPLE_MSG3_TD:
    return msg3(self, in, out, trace, why);
  default:
    return conversation_answer(self, operation, in, out, trace, why);
  }
}

int main(void)
{
  return conversation_run(answer);
}
