/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/instruction.h>

#include <string.h>

#include <base/cursor.h>

static qy_status decode_ereport(qy_instruction *out, qy_reader *in, qy_error *why)
{
  const qy_view target = qy_read_view(in, QY_TARGET_INFO_SIZE, "target info");
  qy_read_bytes(in, out->report_data, sizeof(out->report_data), "report data");
  QY_TRY(qy_read_finish(in, "EREPORT", why));
  return qy_target_info_decode(&out->target, target, why);
}

static qy_status decode_egetkey(qy_instruction *out, qy_reader *in, qy_error *why)
{
  const qy_view request = qy_read_view(in, QY_KEY_REQUEST_SIZE, "key request");
  QY_TRY(qy_read_finish(in, "EGETKEY", why));
  return qy_key_request_decode(&out->key_request, request, why);
}

static qy_status decode_everifyreport2(qy_instruction *out, qy_reader *in, qy_error *why)
{
  qy_read_bytes(in, out->mac_struct, sizeof(out->mac_struct), "REPORTMACSTRUCT");
  return qy_read_finish(in, "EVERIFYREPORT2", why);
}

static qy_status decode_report(qy_instruction *out, qy_reader *in, qy_error *why)
{
  out->version = qy_read_u8(in, "version");
  qy_read_bytes(in, out->report_data, sizeof(out->report_data), "report data");
  return qy_read_finish(in, "TDG.MR.REPORT", why);
}

static qy_status decode_extend(qy_instruction *out, qy_reader *in, qy_error *why)
{
  out->rtmr = qy_read_u8(in, "register");
  qy_read_bytes(in, out->digest, sizeof(out->digest), "digest");
  return qy_read_finish(in, "TDG.MR.RTMR.EXTEND", why);
}

qy_status qy_instruction_decode(qy_instruction *out, qy_view packet, qy_error *why)
{
  *out = (qy_instruction){0};
  qy_reader in = qy_reader_over(packet);
  out->code = qy_read_u8(&in, "code");
  QY_TRY(qy_read_so_far(&in, "instruction", why));
  switch (out->code) {
  case QY_INSTRUCTION_EREPORT:
    return decode_ereport(out, &in, why);
  case QY_INSTRUCTION_EGETKEY:
    return decode_egetkey(out, &in, why);
  case QY_INSTRUCTION_EVERIFYREPORT2:
    return decode_everifyreport2(out, &in, why);
  case QY_INSTRUCTION_TDG_MR_REPORT:
    return decode_report(out, &in, why);
  case QY_INSTRUCTION_TDG_MR_RTMR_EXTEND:
    return decode_extend(out, &in, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "instruction: code %u at byte 0", out->code);
  }
}

size_t qy_instruction_encode(uint8_t *out, const qy_instruction *instruction)
{
  uint8_t target[QY_TARGET_INFO_SIZE];
  uint8_t request[QY_KEY_REQUEST_SIZE];
  qy_writer writer = qy_writer_over(out, QY_INSTRUCTION_MAX_SIZE);
  qy_write_u8(&writer, instruction->code);
  switch (instruction->code) {
  case QY_INSTRUCTION_EREPORT:
    qy_target_info_encode(target, &instruction->target);
    qy_write_bytes(&writer, target, sizeof(target));
    qy_write_bytes(&writer, instruction->report_data, sizeof(instruction->report_data));
    break;
  case QY_INSTRUCTION_EVERIFYREPORT2:
    qy_write_bytes(&writer, instruction->mac_struct, sizeof(instruction->mac_struct));
    break;
  case QY_INSTRUCTION_TDG_MR_REPORT:
    qy_write_u8(&writer, instruction->version);
    qy_write_bytes(&writer, instruction->report_data, sizeof(instruction->report_data));
    break;
  case QY_INSTRUCTION_TDG_MR_RTMR_EXTEND:
    qy_write_u8(&writer, instruction->rtmr);
    qy_write_bytes(&writer, instruction->digest, sizeof(instruction->digest));
    break;
  case QY_INSTRUCTION_EGETKEY:
  default:
    qy_key_request_encode(request, &instruction->key_request);
    qy_write_bytes(&writer, request, sizeof(request));
    break;
  }
  return writer.offset;
}

size_t qy_outcome_encode(uint8_t *out, qy_status status, const qy_error *why, qy_view value)
{
  qy_writer writer = qy_writer_over(out, QY_OUTCOME_MAX_SIZE);
  const size_t size = status == QY_OK || why == NULL ? 0 : strnlen(why->message, sizeof(why->message) - 1);
  qy_write_u16le(&writer, (uint16_t)status);
  qy_write_u8(&writer, (uint8_t)size);
  if (size > 0) {
    qy_write_bytes(&writer, why->message, size);
  }
  if (status == QY_OK) {
    qy_write_view(&writer, value);
  }
  return writer.offset;
}

qy_status qy_outcome_decode(qy_view *value, qy_view packet, qy_error *why)
{
  *value = (qy_view){NULL, 0};
  qy_reader in = qy_reader_over(packet);
  const uint16_t status = qy_read_u16le(&in, "status");
  const uint8_t size = qy_read_u8(&in, "size of the message");
  const qy_view message = qy_read_view(&in, size, "message");
  const qy_view rest = qy_read_rest(&in);
  QY_TRY(qy_read_finish(&in, "outcome of an instruction", why));
  if (status >= QY_STATUS_COUNT || (status != QY_OK && rest.size > 0)) {
    return qy_fail(why, QY_ERR_MALFORMED, "outcome of an instruction: status %u at byte 0", status);
  }
  if (status != QY_OK) {
    return qy_fail(why, (qy_status)status, "%.*s", (int)message.size,
                   message.size == 0 ? "" : (const char *)message.bytes);
  }
  *value = rest;
  return QY_OK;
}
