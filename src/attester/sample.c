/* SPDX-License-Identifier: Apache-2.0 */
#include <attester/sample.h>

#include <string.h>

#include <base/limits.h>

/* A call whose answer has one size. */
static qy_status fixed_call(uint8_t *out, size_t size, qy_enclave_handle *enclave, uint16_t operation, qy_view in,
                            qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(answer, QY_TD_REPORT_SIZE); /* the largest of them */
  memset(out, 0, size);
  QY_TRY(qy_enclave_handle_call(enclave, operation, in, &answer, trace, why));
  if (answer.size != size) {
    return qy_fail(why, QY_ERR_MALFORMED, "enclave: %zu bytes answer call %u, %zu expected", answer.size, operation,
                   size);
  }
  memcpy(out, answer.bytes, size);
  return QY_OK;
}

qy_status qy_sample_call_begin(qy_enclave_handle *enclave, qy_view secret_name, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(answer, 1);
  return qy_enclave_handle_call(enclave, QY_SAMPLE_BEGIN, secret_name, &answer, trace, why);
}

qy_status qy_sample_call_msg1(qy_enclave_handle *enclave, uint8_t out[QY_MSG1_SIZE], uint32_t group_id, qy_trace *trace,
                              qy_error *why)
{
  uint8_t in[QY_SAMPLE_MSG1_SIZE];
  qy_sample_msg1_encode(in, group_id);
  return fixed_call(out, QY_MSG1_SIZE, enclave, QY_SAMPLE_MSG1, QY_VIEW_OF(in), trace, why);
}

qy_status qy_sample_call_msg2(qy_enclave_handle *enclave, qy_sample_report *out, qy_view head, const qy_target_info *qe,
                              qy_trace *trace, qy_error *why)
{
  const qy_sample_msg2 call = {.head = head, .qe = *qe};
  uint8_t in[QY_SAMPLE_MSG2_SIZE];
  uint8_t answer[QY_SAMPLE_REPORT_SIZE];
  *out = (qy_sample_report){0};
  if (head.size != QY_MSG2_HEAD_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg2: a head of %zu bytes", head.size);
  }
  qy_sample_msg2_encode(in, &call);
  QY_TRY(fixed_call(answer, sizeof(answer), enclave, QY_SAMPLE_MSG2, QY_VIEW_OF(in), trace, why));
  return qy_sample_report_decode(out, QY_VIEW_OF(answer), why);
}

qy_status qy_sample_call_msg3(qy_enclave_handle *enclave, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                              const qy_report *qe_report, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(in, QY_REPORT_SIZE + QY_MAX_QUOTE_SIZE);
  uint8_t report[QY_REPORT_SIZE];
  memset(out, 0, QY_MSG3_HEAD_SIZE);
  qy_report_encode(report, qe_report);
  qy_buffer_append(&in, report, sizeof(report));
  qy_buffer_append(&in, quote.bytes, quote.size);
  QY_TRY(qy_buffer_finish(&in, "quote for the enclave", why));
  return fixed_call(out, QY_MSG3_HEAD_SIZE, enclave, QY_SAMPLE_MSG3, qy_buffer_view(&in), trace, why);
}

qy_status qy_sample_call_msg2_td(qy_enclave_handle *domain, uint8_t td_report[QY_TD_REPORT_SIZE], uint8_t version,
                                 qy_view head, qy_trace *trace, qy_error *why)
{
  const qy_sample_msg2_td call = {.version = version, .head = head};
  uint8_t in[QY_SAMPLE_MSG2_TD_SIZE];
  memset(td_report, 0, QY_TD_REPORT_SIZE);
  if (head.size != QY_MSG2_HEAD_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "msg2: a head of %zu bytes", head.size);
  }
  qy_sample_msg2_td_encode(in, &call);
  return fixed_call(td_report, QY_TD_REPORT_SIZE, domain, QY_SAMPLE_MSG2_TD, QY_VIEW_OF(in), trace, why);
}

qy_status qy_sample_call_msg3_td(qy_enclave_handle *domain, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                                 qy_trace *trace, qy_error *why)
{
  return fixed_call(out, QY_MSG3_HEAD_SIZE, domain, QY_SAMPLE_MSG3_TD, quote, trace, why);
}

qy_status qy_sample_call_msg4(qy_enclave_handle *enclave, qy_sample_outcome *out, qy_view msg4, qy_trace *trace,
                              qy_error *why)
{
  uint8_t answer[QY_SAMPLE_OUTCOME_SIZE];
  *out = (qy_sample_outcome){0};
  QY_TRY(fixed_call(answer, sizeof(answer), enclave, QY_SAMPLE_MSG4, msg4, trace, why));
  return qy_sample_outcome_decode(out, QY_VIEW_OF(answer), why);
}

qy_status qy_sample_call_hmac(qy_enclave_handle *enclave, uint8_t out[QY_SAMPLE_HMAC_SIZE], qy_view challenge,
                              qy_error *why)
{
  return fixed_call(out, QY_SAMPLE_HMAC_SIZE, enclave, QY_SAMPLE_HMAC, challenge, NULL, why);
}

qy_status qy_sample_call_seal(qy_enclave_handle *enclave, qy_buffer *blob, qy_error *why)
{
  QY_SCOPED_BUFFER(answer, QY_SAMPLE_MAX_BLOB_SIZE);
  QY_TRY(qy_enclave_handle_call(enclave, QY_SAMPLE_SEAL, (qy_view){NULL, 0}, &answer, NULL, why));
  qy_buffer_append(blob, answer.bytes, answer.size);
  return qy_buffer_finish(blob, "sealed blob", why);
}

qy_status qy_sample_call_unseal(qy_enclave_handle *enclave, uint8_t sha256[32], qy_buffer *name, qy_view blob,
                                qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(answer, 4 + 32 + QY_MAX_SECRET_NAME);
  qy_sample_unsealed unsealed;
  memset(sha256, 0, 32);
  QY_TRY(qy_enclave_handle_call(enclave, QY_SAMPLE_UNSEAL, blob, &answer, trace, why));
  QY_TRY(qy_sample_unsealed_decode(&unsealed, qy_buffer_view(&answer), why));
  qy_buffer_append(name, unsealed.name.bytes, unsealed.name.size);
  QY_TRY(qy_buffer_finish(name, "name of the secret", why));
  memcpy(sha256, unsealed.secret_sha256, 32);
  return QY_OK;
}
