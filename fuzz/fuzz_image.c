/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever decodes as an enclave image encodes to the same bytes, and can be measured. */
#include <stdlib.h>

#include <image/image.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_image image;
  uint8_t mrenclave[32];
  if (qy_image_decode(&image, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  QY_SCOPED_BUFFER(again, QY_IMAGE_MAX_SIZE);
  if (qy_image_encode(&again, &image, NULL) != QY_OK ||
      !qy_view_equal(qy_buffer_view(&again), qy_view_over(data, size)) ||
      qy_image_measure(mrenclave, &image, NULL) != QY_OK) {
    abort();
  }
  return 0;
}
