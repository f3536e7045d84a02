/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions, as packets on the socket to the processor. */
#include <enclave/trust_domain.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <enclave/instruction.h>
#include <sgx/keys.h>

/* Sends the instruction and copies its value, which must have `size` bytes. */
static qy_status execute(uint8_t *value, size_t size, const qy_instruction *instruction, qy_error *why)
{
  uint8_t packet[QY_INSTRUCTION_MAX_SIZE];
  uint8_t outcome[QY_OUTCOME_MAX_SIZE] = {0};
  const size_t sent = qy_instruction_encode(packet, instruction);
  if (send(QY_ENCLAVE_FD_CPU, packet, sent, MSG_NOSIGNAL) != (ssize_t)sent) {
    return qy_fail(why, QY_ERR_IO, "processor: cannot reach it: %s", strerror(errno));
  }
  const ssize_t got = recv(QY_ENCLAVE_FD_CPU, outcome, sizeof(outcome), 0);
  if (got <= 0) {
    return qy_fail(why, QY_ERR_IO, "processor: no answer");
  }
  qy_view view;
  qy_status status = qy_outcome_decode(&view, qy_view_over(outcome, (size_t)got), why);
  if (status == QY_OK && view.size != size) {
    status = qy_fail(why, QY_ERR_INTERNAL, "processor: answer of %zu bytes instead of %zu", view.size, size);
  }
  if (status == QY_OK && size > 0) {
    memcpy(value, view.bytes, size);
  }
  qy_wipe(outcome, sizeof(outcome));
  return status;
}

qy_status qy_enclave_report(qy_report *out, const qy_target_info *target, const uint8_t report_data[64], qy_error *why)
{
  uint8_t bytes[QY_REPORT_SIZE];
  qy_instruction instruction = {.code = QY_INSTRUCTION_EREPORT, .target = *target};
  memcpy(instruction.report_data, report_data, sizeof(instruction.report_data));
  *out = (qy_report){0};
  QY_TRY(execute(bytes, sizeof(bytes), &instruction, why));
  return qy_report_decode(out, QY_VIEW_OF(bytes), why);
}

qy_status qy_enclave_key(qy_secret *out, const qy_key_request *request, qy_error *why)
{
  uint8_t bytes[QY_SGX_KEY_SIZE];
  const qy_instruction instruction = {.code = QY_INSTRUCTION_EGETKEY, .key_request = *request};
  qy_secret_clear(out);
  const qy_status status = execute(bytes, sizeof(bytes), &instruction, why);
  if (status == QY_OK) {
    qy_secret_set(out, bytes, sizeof(bytes));
  }
  qy_wipe(bytes, sizeof(bytes));
  if (status == QY_ERR_DENIED) {
    if (why != NULL) {
      why->status = QY_ERR_REFUSED;
    }
    return QY_ERR_REFUSED;
  }
  return status;
}

qy_status qy_enclave_report_key(qy_secret *out, const uint8_t key_id[32], qy_error *why)
{
  qy_key_request request = {.key_name = QY_KEY_REPORT};
  memcpy(request.key_id, key_id, sizeof(request.key_id));
  return qy_enclave_key(out, &request, why);
}

qy_status qy_enclave_self(qy_report_body *out, qy_error *why)
{
  static const uint8_t nothing[QY_REPORT_DATA_SIZE];
  const qy_target_info nobody = {0};
  qy_report report;
  *out = (qy_report_body){0};
  QY_TRY(qy_enclave_report(&report, &nobody, nothing, why));
  *out = report.body;
  return QY_OK;
}

qy_status qy_enclave_verify_td_report(bool *fits, const uint8_t mac_struct[256], qy_error *why)
{
  uint8_t answer = 0;
  qy_instruction instruction = {.code = QY_INSTRUCTION_EVERIFYREPORT2};
  memcpy(instruction.mac_struct, mac_struct, sizeof(instruction.mac_struct));
  *fits = false;
  QY_TRY(execute(&answer, 1, &instruction, why));
  *fits = answer == 1;
  return QY_OK;
}

qy_status qy_td_report_self(qy_td_report *out, uint8_t version, const uint8_t report_data[QY_REPORT_DATA_SIZE],
                            qy_error *why)
{
  uint8_t bytes[QY_TD_REPORT_SIZE];
  qy_instruction instruction = {.code = QY_INSTRUCTION_TDG_MR_REPORT, .version = version};
  memcpy(instruction.report_data, report_data, sizeof(instruction.report_data));
  *out = (qy_td_report){0};
  QY_TRY(execute(bytes, sizeof(bytes), &instruction, why));
  return qy_td_report_decode(out, QY_VIEW_OF(bytes), why);
}

qy_status qy_td_rtmr_extend(unsigned rtmr, const uint8_t digest[QY_TD_HASH_SIZE], qy_error *why)
{
  qy_instruction instruction = {.code = QY_INSTRUCTION_TDG_MR_RTMR_EXTEND, .rtmr = (uint8_t)rtmr};
  memcpy(instruction.digest, digest, sizeof(instruction.digest));
  return execute(NULL, 0, &instruction, why);
}
