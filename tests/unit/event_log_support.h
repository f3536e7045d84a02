/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs for tests, written byte by byte from the specification, not by the code under test. */
#ifndef QY_TEST_EVENT_LOG_SUPPORT_H
#define QY_TEST_EVENT_LOG_SUPPORT_H

#include "vectors.h"

#include <string.h>

#include <base/buffer.h>
#include <crypto/hash.h>

#define EV_NO_ACTION 3u
#define EV_SEPARATOR 4u
#define EV_EFI_ACTION 0x80000007u

static inline void put_u16(qy_buffer *out, unsigned value)
{
  const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
  qy_buffer_append(out, bytes, sizeof(bytes));
}

static inline void put_u32(qy_buffer *out, uint32_t value)
{
  put_u16(out, value & 0xffff);
  put_u16(out, value >> 16);
}

/* "Spec ID Event03" with these algorithms: id and digest size, each. */
static inline void put_log_header(qy_buffer *out, const uint16_t (*algorithms)[2], uint32_t count)
{
  static const uint8_t zeros[20];
  put_u32(out, 0);
  put_u32(out, EV_NO_ACTION);
  qy_buffer_append(out, zeros, 20);
  put_u32(out, 16 + 4 + 4 + 4 + 4 * count + 1);
  qy_buffer_append(out, "Spec ID Event03", 16);
  put_u32(out, 0);
  qy_buffer_append(out, "\0\2\0\2", 4);
  put_u32(out, count);
  for (uint32_t i = 0; i < count; i++) {
    put_u16(out, algorithms[i][0]);
    put_u16(out, algorithms[i][1]);
  }
  qy_buffer_append(out, "\0", 1);
}

static const uint16_t sha384_alone[][2] = {{0x000c, 48}};

/* An event with one digest: that of its data. */
static inline void put_event(qy_buffer *out, uint32_t index, uint32_t type, const char *text)
{
  uint8_t digest[48];
  const qy_view data = qy_view_text(text);
  assert_ok(qy_hash_parts(digest, QY_SHA384, &data, 1, NULL));
  put_u32(out, index);
  put_u32(out, type);
  put_u32(out, 1);
  put_u16(out, 0x000c);
  qy_buffer_append(out, digest, sizeof(digest));
  put_u32(out, (uint32_t)data.size);
  qy_buffer_append(out, data.bytes, data.size);
}

static inline void extend(uint8_t target[48], const char *text)
{
  uint8_t both[96];
  const qy_view data = qy_view_text(text);
  memcpy(both, target, 48);
  assert_ok(qy_hash_parts(both + 48, QY_SHA384, &data, 1, NULL));
  const qy_view whole = QY_VIEW_OF(both);
  assert_ok(qy_hash_parts(target, QY_SHA384, &whole, 1, NULL));
}

#endif
