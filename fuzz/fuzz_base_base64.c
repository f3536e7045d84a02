/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <base/encoding.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* There is one text for each sequence of bytes, so every text that is taken comes out again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view input = {data, size};
  QY_SCOPED_BUFFER(bytes, 1 << 20);
  QY_SCOPED_BUFFER(text, 1 << 21);
  QY_SCOPED_BUFFER(encoded, 1 << 21);
  QY_SCOPED_BUFFER(decoded, 1 << 20);
  qy_base64_decode_append(&bytes, input);
  if (bytes.status == QY_OK) {
    qy_base64_append(&text, qy_buffer_view(&bytes));
    if (!qy_view_equal(qy_buffer_view(&text), input)) {
      abort();
    }
  }
  qy_base64_append(&encoded, input);
  qy_base64_decode_append(&decoded, qy_buffer_view(&encoded));
  if (decoded.status != QY_OK || !qy_view_equal(qy_buffer_view(&decoded), input)) {
    abort();
  }
  return 0;
}
