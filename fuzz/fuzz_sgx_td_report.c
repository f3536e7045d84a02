/* SPDX-License-Identifier: Apache-2.0 */
/* TD reports, whether a quoting enclave would take them, and the bodies of TD quotes. */
#include <stdlib.h>
#include <string.h>

#include <sgx/dcap_make.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void bodies(const uint8_t *data, size_t size)
{
  for (qy_dcap_body_type form = QY_DCAP_BODY_TD_1_0; form <= QY_DCAP_BODY_TD_1_5_EX; form++) {
    qy_td_body body;
    uint8_t again[QY_TD_BODY_MAX_SIZE];
    const qy_status status = qy_td_body_decode(&body, form, qy_view_over(data, size), NULL);
    if ((status == QY_OK) != (size == qy_dcap_body_size(form))) {
      abort();
    }
    if (status == QY_OK) {
      qy_td_body_encode(again, form, &body);
      if (memcmp(again, data, size) != 0) {
        abort();
      }
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_td_report report;
  qy_td_body body;
  qy_dcap_subject subject;
  uint8_t again[QY_TD_REPORT_SIZE];
  bodies(data, size);
  if (qy_td_report_decode(&report, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  qy_td_report_encode(again, &report);
  if (size != sizeof(again) || memcmp(again, data, size) != 0) {
    abort();
  }
  if (qy_dcap_subject_of_td_report(&subject, &body, &report, NULL) == QY_OK &&
      memcmp(body.report_data, data + 128, sizeof(body.report_data)) != 0) {
    abort();
  }
  return 0;
}
