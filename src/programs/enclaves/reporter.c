/* SPDX-License-Identifier: Apache-2.0 */
/* The reporter: as an enclave or as a trust domain it has the processor report it over whatever the host chooses, and does
 * nothing else.
 *
 * That is why it is a program of its own. An enclave that talks to a provider reports only what it made itself; if it
 * also reported what the host chooses, the host could hold a conversation by its own keys and have the enclave vouch for
 * it. Nobody may take this one's MRENCLAVE, its signer, or its MRTD for that of a program that keeps secrets. */
#include "reporter.h"

#include <base/cursor.h>
#include <enclave/trust_domain.h>

static qy_status report_enclave(qy_view in, qy_buffer *out, qy_error *why)
{
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  uint8_t encoded[QY_REPORT_SIZE];
  qy_target_info target;
  qy_report report;
  qy_reader reader = qy_reader_over(in);
  const qy_view target_bytes = qy_read_view(&reader, QY_TARGET_INFO_SIZE, "target info");
  qy_read_bytes(&reader, report_data, sizeof(report_data), "report data");
  QY_TRY(qy_read_finish(&reader, "report", why));
  QY_TRY(qy_target_info_decode(&target, target_bytes, why));
  QY_TRY(qy_enclave_report(&report, &target, report_data, why));
  qy_report_encode(encoded, &report);
  qy_buffer_append(out, encoded, sizeof(encoded));
  return QY_OK;
}

static qy_status report_domain(qy_view in, qy_buffer *out, qy_error *why)
{
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  uint8_t encoded[QY_TD_REPORT_SIZE];
  qy_td_report report;
  qy_reader reader = qy_reader_over(in);
  const uint8_t version = qy_read_u8(&reader, "version");
  qy_read_bytes(&reader, report_data, sizeof(report_data), "report data");
  QY_TRY(qy_read_finish(&reader, "TD report", why));
  QY_TRY(qy_td_report_self(&report, version, report_data, why));
  qy_td_report_encode(encoded, &report);
  qy_buffer_append(out, encoded, sizeof(encoded));
  return QY_OK;
}

static qy_status call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  (void)context;
  (void)trace;
  switch (operation) {
  case REPORTER_OPERATION_REPORT:
    return report_enclave(in, out, why);
  case REPORTER_OPERATION_TD_REPORT:
    return report_domain(in, out, why);
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "reporter: no operation %u", operation);
  }
}

int main(void)
{
  return qy_enclave_run(call, NULL);
}
