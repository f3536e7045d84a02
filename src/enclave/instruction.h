/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between an enclave and its simulated processor: one packet for the instruction, one for its outcome.
 * Instruction: u8 1 (EREPORT), target info (512), report data (64); or u8 2 (EGETKEY), key request (512).
 * Outcome: u16 status (little-endian), u8 size of the message, message, then report (432) or key (16) on success. */
#ifndef QY_ENCLAVE_INSTRUCTION_H
#define QY_ENCLAVE_INSTRUCTION_H

#include <base/buffer.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

#define QY_INSTRUCTION_EREPORT 1
#define QY_INSTRUCTION_EGETKEY 2
#define QY_INSTRUCTION_MAX_SIZE (1 + QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE)
#define QY_OUTCOME_MAX_SIZE (3 + 255 + QY_REPORT_SIZE)

typedef struct qy_instruction {
  uint8_t code;
  qy_target_info target; /* EREPORT */
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  qy_key_request key_request; /* EGETKEY */
} qy_instruction;

qy_status qy_instruction_decode(qy_instruction *out, qy_view packet, qy_error *why) QY_MUST_CHECK;
/* `out` has QY_INSTRUCTION_MAX_SIZE bytes; gives the number written. */
size_t qy_instruction_encode(uint8_t *out, const qy_instruction *instruction);

/* `out` has QY_OUTCOME_MAX_SIZE bytes; gives the number written. `value` is empty on failure. */
size_t qy_outcome_encode(uint8_t *out, qy_status status, const qy_error *why, qy_view value);
/* `value` borrows from `packet`; a failure that the packet tells is handed up as its own status and message. */
qy_status qy_outcome_decode(qy_view *value, qy_view packet, qy_error *why) QY_MUST_CHECK;

#endif
