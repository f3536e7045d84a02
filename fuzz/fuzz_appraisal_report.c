/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a report: what it says is bounded, terminated text without control characters. */
#include <stdlib.h>
#include <string.h>

#include <quotary/appraisal.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need_plain(const char *text, size_t size)
{
  const size_t length = strnlen(text, size);
  if (length == size) {
    abort();
  }
  for (size_t i = 0; i < length; i++) {
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_avr report;
  qy_error why;
  if (qy_avr_decode(&report, qy_view_over(data, size), &why) != QY_OK) {
    if (!qy_view_is_zero(qy_view_over(&report, sizeof(report)))) {
      abort();
    }
    return 0;
  }
  need_plain(report.id, sizeof(report.id));
  need_plain(report.timestamp, sizeof(report.timestamp));
  need_plain(report.status_text, sizeof(report.status_text));
  need_plain(report.nonce, sizeof(report.nonce));
  need_plain(report.platform_info, sizeof(report.platform_info));
  need_plain(report.pse_status, sizeof(report.pse_status));
  need_plain(report.advisory_url, sizeof(report.advisory_url));
  if (report.advisory_count > QY_AVR_MAX_ADVISORIES || report.status >= QY_AVR_STATUS_COUNT) {
    abort();
  }
  for (size_t i = 0; i < report.advisory_count; i++) {
    need_plain(report.advisories[i], sizeof(report.advisories[i]));
  }
  return 0;
}
