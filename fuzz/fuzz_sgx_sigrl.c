/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/quote.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void number(const uint8_t *at, uint32_t value)
{
  const uint8_t big_endian[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
  if (memcmp(at, big_endian, sizeof(big_endian)) != 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_sigrl list;
  size_t quote_size = 0;
  if (qy_sigrl_decode(&list, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  number(data + 4, list.group_id);
  number(data + 8, list.version);
  number(data + 12, list.count);
  if (list.entries.size + QY_SIGRL_MIN_SIZE != size || list.signed_part.bytes != data ||
      list.signature.bytes != data + list.signed_part.size || list.signed_part.size + list.signature.size != size) {
    abort();
  }
  for (uint32_t i = 0; i < list.count; i++) {
    if (qy_sigrl_entry(&list, i).bytes != data + QY_SIGRL_HEADER_SIZE + (size_t)i * QY_SIGRL_ENTRY_SIZE) {
      abort();
    }
  }
  const qy_status status = qy_quote_size_under(&quote_size, qy_view_over(data, size), NULL);
  if (status != (list.count == 0 ? QY_ERR_MALFORMED : QY_OK) ||
      quote_size != (list.count == 0 ? 0 : qy_quote_size(list.count))) {
    abort();
  }
  return 0;
}
