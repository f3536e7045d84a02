/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of enclaves and of the processor: whatever decodes encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include <enclave/answer.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_answer answer;
  qy_error why = {0};
  qy_trace *trace = calloc(1, sizeof(*trace));
  if (trace == NULL) {
    return 0;
  }
  if (qy_answer_decode(&answer, trace, qy_view_over(data, size), "fuzz", NULL) == QY_OK &&
      (answer.status != QY_OK || answer.message[0] == '\0')) {
    QY_SCOPED_BUFFER(again, 1u << 20);
    memcpy(why.message, answer.message, sizeof(answer.message));
    qy_answer_encode(&again, answer.status, &why, trace, answer.payload);
    if (!qy_view_equal(qy_buffer_view(&again), qy_view_over(data, size))) {
      abort();
    }
  }
  free(trace);
  return 0;
}
