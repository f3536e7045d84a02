/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <quotary/quote.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_group_certificate certificate;
  if (qy_group_certificate_decode(&certificate, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  const uint32_t group_id = (uint32_t)data[4] << 24 | (uint32_t)data[5] << 16 | (uint32_t)data[6] << 8 | data[7];
  if (size != QY_GROUP_CERTIFICATE_SIZE || certificate.group_id != group_id || certificate.signed_part.bytes != data ||
      certificate.public_key.bytes != data + 4 || certificate.public_key.size != QY_GROUP_PUBLIC_KEY_SIZE ||
      certificate.signature.bytes != data + certificate.signed_part.size || certificate.signature.size != 64) {
    abort();
  }
  return 0;
}
