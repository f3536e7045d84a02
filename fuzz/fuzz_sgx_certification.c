/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte is the type of the certification data. */
#include <stdlib.h>
#include <string.h>

#include <quotary/dcap_quote.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pem(const qy_certification *certification)
{
  const qy_view text = qy_certification_pem(certification);
  const qy_view data = certification->data;
  if (text.size > data.size || (text.size > 0 && text.bytes != data.bytes) ||
      (text.size > 0 && text.size + 1 < data.size)) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_ppid_certification decoded;
  uint8_t again[512];
  size_t written = 0;
  if (size == 0) {
    return 0;
  }
  const qy_certification certification = {data[0], qy_view_over(data + 1, size - 1)};
  pem(&certification);
  if (qy_ppid_certification_decode(&decoded, &certification, NULL) != QY_OK) {
    return 0;
  }
  if (qy_ppid_certification_encode(again, sizeof(again), &written, data[0], &decoded, NULL) != QY_OK ||
      written != size - 1 || memcmp(again, data + 1, written) != 0) {
    abort();
  }
  return 0;
}
