/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <sgx/sealed_blob.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_sealed_blob blob;
  QY_SCOPED_BUFFER(again, 1u << 24);
  if (qy_sealed_blob_decode(&blob, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  if (qy_sealed_blob_encode(&again, &blob, NULL) != QY_OK || again.size != size ||
      memcmp(again.bytes, data, size) != 0) {
    abort();
  }
  return 0;
}
