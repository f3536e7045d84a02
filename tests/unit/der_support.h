/* SPDX-License-Identifier: Apache-2.0 */
/* DER for tests that need some of their own. */
#ifndef QY_TEST_DER_SUPPORT_H
#define QY_TEST_DER_SUPPORT_H

#include <base/buffer.h>

static inline void der_element(qy_buffer *out, uint8_t tag, const void *content, size_t size)
{
  const uint8_t first = size < 128 ? (uint8_t)size : size < 256 ? 0x81 : 0x82;
  const uint8_t header[] = {tag, first, (uint8_t)(size >> 8), (uint8_t)size};
  qy_buffer_append(out, header, 2);
  qy_buffer_append(out, header + (size < 256 ? 3 : 2), size < 128 ? 0 : size < 256 ? 1 : 2);
  qy_buffer_append(out, content, size);
}

/* SEQUENCE { 1.2.840.113741.1.13.1.`under`.`number`, value }, without `under` when that is 0. */
static inline void der_item(qy_buffer *out, uint8_t under, uint8_t number, uint8_t tag, const void *value, size_t size)
{
  QY_SCOPED_BUFFER(id, 64);
  QY_SCOPED_BUFFER(pair, 4096);
  qy_buffer_append(&id, "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01", 9);
  qy_buffer_append(&id, &under, under == 0 ? 0 : 1);
  qy_buffer_append(&id, &number, 1);
  der_element(&pair, 0x06, id.bytes, id.size);
  der_element(&pair, tag, value, size);
  der_element(out, 0x30, pair.bytes, pair.size);
}

#endif
