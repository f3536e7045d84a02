/* SPDX-License-Identifier: Apache-2.0 */
#include <exchange/calls.h>

#include <base/cursor.h>
#include <base/limits.h>

#define FLAG_PLATFORM_INFO 0x1u
#define FLAG_SECRET 0x2u
#define FLAG_SIMULATED 0x4u
#define FLAGS_KNOWN 0x7u

void qy_sample_msg1_encode(uint8_t out[QY_SAMPLE_MSG1_SIZE], uint32_t group_id)
{
  qy_writer writer = qy_writer_over(out, QY_SAMPLE_MSG1_SIZE);
  qy_write_u32le(&writer, group_id);
}

qy_status qy_sample_msg1_decode(uint32_t *group_id, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  *group_id = qy_read_u32le(&reader, "group");
  return qy_read_finish(&reader, "call msg1", why);
}

void qy_sample_msg2_encode(uint8_t out[QY_SAMPLE_MSG2_SIZE], const qy_sample_msg2 *msg2)
{
  qy_writer writer = qy_writer_over(out, QY_SAMPLE_MSG2_SIZE);
  qy_write_view(&writer, qy_view_slice(msg2->head, 0, QY_MSG2_HEAD_SIZE));
  qy_target_info_encode(out + QY_MSG2_HEAD_SIZE, &msg2->qe);
}

qy_status qy_sample_msg2_decode(qy_sample_msg2 *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  *out = (qy_sample_msg2){0};
  const qy_view head = qy_read_view(&reader, QY_MSG2_HEAD_SIZE, "msg2");
  const qy_view target = qy_read_view(&reader, QY_TARGET_INFO_SIZE, "target info");
  QY_TRY(qy_read_finish(&reader, "call msg2", why));
  QY_TRY(qy_target_info_decode(&out->qe, target, why));
  out->head = head;
  return QY_OK;
}

void qy_sample_msg2_td_encode(uint8_t out[QY_SAMPLE_MSG2_TD_SIZE], const qy_sample_msg2_td *msg2)
{
  qy_writer writer = qy_writer_over(out, QY_SAMPLE_MSG2_TD_SIZE);
  qy_write_u8(&writer, msg2->version);
  qy_write_view(&writer, qy_view_slice(msg2->head, 0, QY_MSG2_HEAD_SIZE));
}

qy_status qy_sample_msg2_td_decode(qy_sample_msg2_td *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  *out = (qy_sample_msg2_td){.version = qy_read_u8(&reader, "version")};
  const qy_view head = qy_read_view(&reader, QY_MSG2_HEAD_SIZE, "msg2");
  const qy_status status = qy_read_finish(&reader, "call msg2 of a trust domain", why);
  if (status != QY_OK) {
    *out = (qy_sample_msg2_td){0};
    return status;
  }
  out->head = head;
  return QY_OK;
}

void qy_sample_report_encode(uint8_t out[QY_SAMPLE_REPORT_SIZE], const qy_sample_report *report)
{
  qy_writer writer = qy_writer_over(out + QY_REPORT_SIZE, QY_QUOTE_NONCE_SIZE);
  qy_report_encode(out, &report->report);
  qy_write_bytes(&writer, report->nonce, sizeof(report->nonce));
}

qy_status qy_sample_report_decode(qy_sample_report *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  *out = (qy_sample_report){0};
  const qy_view report = qy_read_view(&reader, QY_REPORT_SIZE, "report");
  qy_read_bytes(&reader, out->nonce, sizeof(out->nonce), "nonce");
  QY_TRY(qy_read_finish(&reader, "answer to msg2", why));
  return qy_report_decode(&out->report, report, why);
}

qy_status qy_sample_quote_decode(qy_sample_quote *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  *out = (qy_sample_quote){0};
  const qy_view report = qy_read_view(&reader, QY_REPORT_SIZE, "report of the quoting enclave");
  const qy_view quote = qy_read_rest(&reader);
  QY_TRY(qy_read_finish(&reader, "call msg3", why));
  QY_TRY(qy_report_decode(&out->qe_report, report, why));
  out->quote = quote;
  return QY_OK;
}

void qy_sample_outcome_encode(uint8_t out[QY_SAMPLE_OUTCOME_SIZE], const qy_sample_outcome *outcome)
{
  qy_writer writer = qy_writer_over(out, QY_SAMPLE_OUTCOME_SIZE);
  const qy_msg4_answer *answer = &outcome->answer;
  qy_write_u8(&writer, (uint8_t)answer->verdict);
  qy_write_u8(&writer, (uint8_t)((answer->has_platform_info ? FLAG_PLATFORM_INFO : 0) |
                                 (answer->has_secret ? FLAG_SECRET : 0) | (answer->simulated ? FLAG_SIMULATED : 0)));
  qy_write_u32le(&writer, outcome->secret_size);
  qy_write_bytes(&writer, answer->platform_info, sizeof(answer->platform_info));
  qy_write_bytes(&writer, outcome->secret_sha256, sizeof(outcome->secret_sha256));
}

qy_status qy_sample_outcome_decode(qy_sample_outcome *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  qy_msg4_answer *answer = &out->answer;
  *out = (qy_sample_outcome){0};
  const uint8_t verdict = qy_read_u8(&reader, "verdict");
  const uint8_t flags = qy_read_u8(&reader, "flags");
  out->secret_size = qy_read_u32le(&reader, "secret size");
  qy_read_bytes(&reader, answer->platform_info, sizeof(answer->platform_info), "platform info");
  qy_read_bytes(&reader, out->secret_sha256, sizeof(out->secret_sha256), "SHA-256 of the secret");
  if (verdict > QY_REFUSED) {
    qy_read_reject(&reader, QY_ERR_MALFORMED, "verdict", 0);
  }
  if ((flags & ~FLAGS_KNOWN) != 0) {
    qy_read_reject(&reader, QY_ERR_MALFORMED, "flags", 1);
  }
  const qy_status status = qy_read_finish(&reader, "answer to msg4", why);
  if (status != QY_OK) {
    *out = (qy_sample_outcome){0};
    return status;
  }
  answer->verdict = (qy_trust)verdict;
  answer->has_platform_info = (flags & FLAG_PLATFORM_INFO) != 0;
  answer->has_secret = (flags & FLAG_SECRET) != 0;
  answer->simulated = (flags & FLAG_SIMULATED) != 0;
  return QY_OK;
}

qy_status qy_sample_unsealed_decode(qy_sample_unsealed *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  *out = (qy_sample_unsealed){0};
  out->secret_size = qy_read_u32le(&reader, "secret size");
  qy_read_bytes(&reader, out->secret_sha256, sizeof(out->secret_sha256), "SHA-256 of the secret");
  out->name = qy_read_rest(&reader);
  if (out->name.size > QY_MAX_SECRET_NAME) {
    qy_read_reject(&reader, QY_ERR_LIMIT, "name", 36);
  }
  const qy_status status = qy_read_finish(&reader, "answer to unseal", why);
  if (status != QY_OK) {
    *out = (qy_sample_unsealed){0};
  }
  return status;
}
