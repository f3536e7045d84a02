/* SPDX-License-Identifier: Apache-2.0 */
/* The reporting enclave: has the processor report it over whatever the host chooses, and does nothing else.
 *
 * That is why it is a program of its own. An enclave that talks to a provider reports only what it made itself; if it
 * also reported what the host chooses, the host could hold a conversation by its own keys and have the enclave vouch for
 * it. Nobody may take this one's MRENCLAVE, or its signer, for that of an enclave that keeps secrets. */
#include "reporter.h"

#include <string.h>

#include <base/cursor.h>
#include <enclave/runtime.h>

static qy_status call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  uint8_t encoded[QY_REPORT_SIZE];
  qy_target_info target;
  qy_report report;
  qy_reader reader = qy_reader_over(in);
  (void)context;
  (void)trace;
  if (operation != REPORTER_OPERATION_REPORT) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "enclave: no operation %u", operation);
  }
  const qy_view target_bytes = qy_read_view(&reader, QY_TARGET_INFO_SIZE, "target info");
  qy_read_bytes(&reader, report_data, sizeof(report_data), "report data");
  QY_TRY(qy_read_finish(&reader, "report", why));
  QY_TRY(qy_target_info_decode(&target, target_bytes, why));
  QY_TRY(qy_enclave_report(&report, &target, report_data, why));
  qy_report_encode(encoded, &report);
  qy_buffer_append(out, encoded, sizeof(encoded));
  return QY_OK;
}

int main(void)
{
  return qy_enclave_run(call, NULL);
}
