/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/quote.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void from_hex(const uint8_t *data, size_t size)
{
  static const char digits[] = "0123456789abcdef";
  qy_platform_info info;
  uint8_t again[QY_PLATFORM_INFO_TLV_SIZE];
  if (qy_platform_info_decode_hex(&info, qy_view_over(data, size), NULL) != QY_OK) {
    return;
  }
  qy_platform_info_encode_tlv(again, &info);
  const size_t skipped = sizeof(again) - size / 2;
  for (size_t i = 0; i < size; i++) {
    const uint8_t byte = again[skipped + i / 2];
    if (digits[i % 2 == 0 ? byte >> 4 : byte & 15] != (data[i] >= 'A' && data[i] <= 'F' ? data[i] | 0x20 : data[i])) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_platform_info info;
  uint8_t again[QY_PLATFORM_INFO_TLV_SIZE];
  from_hex(data, size);
  if (qy_platform_info_decode(&info, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  qy_platform_info_encode_tlv(again, &info);
  if (size > sizeof(again) || memcmp(again + sizeof(again) - size, data, size) != 0) {
    abort();
  }
  return 0;
}
