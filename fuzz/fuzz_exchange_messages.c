/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as each of the messages: what decodes must encode to the same bytes. */
#include <quotary/exchange.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be(bool held)
{
  if (!held) {
    abort();
  }
}

static void short_messages(qy_view in)
{
  uint8_t out[QY_MSG2_HEAD_SIZE];
  qy_msg0 msg0;
  qy_msg1 msg1;
  qy_msg2 msg2;
  if (qy_msg0_decode(&msg0, in, NULL) == QY_OK) {
    qy_msg0_encode(out, &msg0);
    must_be(memcmp(out, in.bytes, QY_MSG0_SIZE) == 0);
  }
  if (qy_msg1_decode(&msg1, in, NULL) == QY_OK) {
    qy_msg1_encode(out, &msg1);
    must_be(memcmp(out, in.bytes, QY_MSG1_SIZE) == 0);
  }
  if (qy_msg2_head_decode(&msg2, in, NULL) == QY_OK) {
    qy_msg2_head_encode(out, &msg2);
    must_be(memcmp(out, in.bytes, QY_MSG2_HEAD_SIZE) == 0);
  }
}

static void long_messages(qy_view in)
{
  uint8_t *out = malloc(in.size + 1);
  size_t size = 0;
  qy_msg2 msg2;
  qy_msg2_parts parts;
  qy_msg3 msg3;
  qy_msg4 msg4;
  must_be(out != NULL);
  if (qy_msg2_decode(&msg2, in, NULL) == QY_OK) {
    must_be(qy_msg2_encode(out, in.size, &size, &msg2, NULL) == QY_OK);
    must_be(size == in.size && memcmp(out, in.bytes, size) == 0);
  }
  if (qy_msg2_split(&parts, in, NULL) == QY_OK) {
    must_be(parts.head.size + parts.sigrl.size == in.size && parts.quote_size >= QY_QUOTE_SIZE);
  }
  if (qy_msg3_decode(&msg3, in, NULL) == QY_OK) {
    must_be(qy_msg3_encode(out, in.size, &size, &msg3, NULL) == QY_OK);
    must_be(size == in.size && memcmp(out, in.bytes, size) == 0);
  }
  if (qy_msg4_decode(&msg4, in, NULL) == QY_OK) {
    must_be(qy_msg4_encode(out, in.size, &size, &msg4, NULL) == QY_OK);
    must_be(size == in.size && memcmp(out, in.bytes, size) == 0);
  }
  free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view in = qy_view_over(data, size);
  short_messages(in);
  long_messages(in);
  return 0;
}
