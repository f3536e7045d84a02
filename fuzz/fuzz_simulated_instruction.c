/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of enclaves: whatever decodes encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include <enclave/instruction.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_instruction instruction;
  uint8_t again[QY_INSTRUCTION_MAX_SIZE];
  qy_view value;
  if (qy_outcome_decode(&value, qy_view_over(data, size), NULL) == QY_OK && value.size > size) {
    abort();
  }
  if (qy_instruction_decode(&instruction, qy_view_over(data, size), NULL) == QY_OK &&
      (qy_instruction_encode(again, &instruction) != size || memcmp(again, data, size) != 0)) {
    abort();
  }
  return 0;
}
