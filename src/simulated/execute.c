/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/execute.h>

#include <string.h>

#include <enclave/instruction.h>
#include <sgx/trust_domain.h>

static qy_status ereport(const qy_processor_state *processor, const qy_guest *guest, const qy_instruction *instruction,
                         uint8_t *value, size_t *size, qy_error *why)
{
  qy_report report;
  QY_TRY(qy_sgx_report_make(&report, processor->fuses, processor->cpu_svn, &guest->secs, &instruction->target,
                            instruction->report_data, why));
  qy_report_encode(value, &report);
  *size = QY_REPORT_SIZE;
  return QY_OK;
}

static qy_status egetkey(const qy_processor_state *processor, const qy_guest *guest, const qy_instruction *instruction,
                         uint8_t *value, size_t *size, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  QY_TRY(qy_sgx_key_derive(&key, processor->fuses, processor->cpu_svn, &guest->secs, &instruction->key_request, why));
  memcpy(value, key.bytes, key.size);
  *size = key.size;
  return QY_OK;
}

static qy_status everifyreport2(const qy_processor_state *processor, const qy_instruction *instruction, uint8_t *value,
                                size_t *size, qy_error *why)
{
  bool fits = false;
  QY_TRY(
      qy_td_report_mac_fits(&fits, instruction->mac_struct, &processor->fuses->td_report_key, processor->cpu_svn, why));
  value[0] = fits ? 1 : 0;
  *size = 1;
  return QY_OK;
}

static qy_status execute_for_enclave(const qy_processor_state *processor, const qy_guest *guest,
                                     const qy_instruction *instruction, uint8_t *value, size_t *size, qy_error *why)
{
  switch (instruction->code) {
  case QY_INSTRUCTION_EREPORT:
    return ereport(processor, guest, instruction, value, size, why);
  case QY_INSTRUCTION_EGETKEY:
    return egetkey(processor, guest, instruction, value, size, why);
  case QY_INSTRUCTION_EVERIFYREPORT2:
    return everifyreport2(processor, instruction, value, size, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "instruction %u is not for an enclave", instruction->code);
  }
}

static qy_status execute_for_domain(const qy_processor_state *processor, qy_guest *guest,
                                    const qy_instruction *instruction, uint8_t *value, size_t *size, qy_error *why)
{
  qy_td_report report;
  switch (instruction->code) {
  case QY_INSTRUCTION_TDG_MR_REPORT:
    QY_TRY(qy_trust_domain_report(&report, &guest->domain, processor->tdx_module, processor->fuses, processor->cpu_svn,
                                  instruction->version, instruction->report_data, why));
    qy_td_report_encode(value, &report);
    *size = QY_TD_REPORT_SIZE;
    return QY_OK;
  case QY_INSTRUCTION_TDG_MR_RTMR_EXTEND:
    return qy_trust_domain_extend(&guest->domain, instruction->rtmr, instruction->digest, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "instruction %u is not for a trust domain", instruction->code);
  }
}

qy_status qy_execute(const qy_processor_state *processor, qy_guest *guest, qy_view packet, uint8_t *value, size_t *size,
                     qy_error *why)
{
  qy_instruction instruction;
  *size = 0;
  QY_TRY(qy_instruction_decode(&instruction, packet, why));
  return guest->is_trust_domain ? execute_for_domain(processor, guest, &instruction, value, size, why)
                                : execute_for_enclave(processor, guest, &instruction, value, size, why);
}
