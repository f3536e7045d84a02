/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever decodes as the image of a trust domain encodes to the same bytes, and can be measured. */
#include <stdlib.h>

#include <image/td_image.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_td_image image;
  uint8_t mr_td[QY_TD_HASH_SIZE];
  if (qy_td_image_decode(&image, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  QY_SCOPED_BUFFER(again, QY_IMAGE_MAX_SIZE);
  if (qy_td_image_encode(&again, &image, NULL) != QY_OK ||
      !qy_view_equal(qy_buffer_view(&again), qy_view_over(data, size)) ||
      qy_td_image_measure(mr_td, &image, NULL) != QY_OK || qy_td_image_config_id(mr_td, &image, NULL) != QY_OK) {
    abort();
  }
  return 0;
}
