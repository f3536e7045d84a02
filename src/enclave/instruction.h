/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between an enclave or a trust domain and its simulated processor: one packet for the instruction, one for
 * its outcome.
 * Instruction of an enclave: u8 1 (EREPORT), target info (512), report data (64); u8 2 (EGETKEY), key request (512); or u8 3
 * (EVERIFYREPORT2), REPORTMACSTRUCT (256). Of a trust domain: u8 4 (TDG.MR.REPORT), u8 version of the report, report data
 * (64); or u8 5 (TDG.MR.RTMR.EXTEND), u8 register, digest (48).
 * Outcome: u16 status (little-endian), u8 size of the message, message, then on success report (432), key (16), u8 whether
 * the MAC fits, TD report (1024), or nothing. */
#ifndef QY_ENCLAVE_INSTRUCTION_H
#define QY_ENCLAVE_INSTRUCTION_H

#include <base/buffer.h>
#include <quotary/dcap_quote.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

#define QY_INSTRUCTION_EREPORT 1
#define QY_INSTRUCTION_EGETKEY 2
#define QY_INSTRUCTION_EVERIFYREPORT2 3
#define QY_INSTRUCTION_TDG_MR_REPORT 4
#define QY_INSTRUCTION_TDG_MR_RTMR_EXTEND 5
#define QY_INSTRUCTION_MAX_SIZE (1 + QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE)
#define QY_OUTCOME_VALUE_MAX_SIZE QY_TD_REPORT_SIZE
#define QY_OUTCOME_MAX_SIZE (3 + 255 + QY_OUTCOME_VALUE_MAX_SIZE)

typedef struct qy_instruction {
  uint8_t code;
  qy_target_info target;                            /* EREPORT */
  uint8_t report_data[QY_REPORT_DATA_SIZE];         /* EREPORT, TDG.MR.REPORT */
  qy_key_request key_request;                       /* EGETKEY */
  uint8_t mac_struct[QY_TD_REPORT_MAC_STRUCT_SIZE]; /* EVERIFYREPORT2 */
  uint8_t version;                                  /* TDG.MR.REPORT */
  uint8_t rtmr;                                     /* TDG.MR.RTMR.EXTEND, and the next */
  uint8_t digest[QY_TD_HASH_SIZE];
} qy_instruction;

qy_status qy_instruction_decode(qy_instruction *out, qy_view packet, qy_error *why) QY_MUST_CHECK;
/* `out` has QY_INSTRUCTION_MAX_SIZE bytes; gives the number written. */
size_t qy_instruction_encode(uint8_t *out, const qy_instruction *instruction);

/* `out` has QY_OUTCOME_MAX_SIZE bytes; gives the number written. `value` is empty on failure. */
size_t qy_outcome_encode(uint8_t *out, qy_status status, const qy_error *why, qy_view value);
/* `value` borrows from `packet`; a failure that the packet tells is handed up as its own status and message. */
qy_status qy_outcome_decode(qy_view *value, qy_view packet, qy_error *why) QY_MUST_CHECK;

#endif
