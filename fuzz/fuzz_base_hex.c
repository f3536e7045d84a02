/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <strings.h>

#include <base/encoding.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every text that is taken comes out again, but for case. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  QY_SCOPED_BUFFER(bytes, 1 << 20);
  QY_SCOPED_BUFFER(text, 1 << 21);
  qy_hex_decode_append(&bytes, (qy_view){data, size});
  if (bytes.status == QY_OK) {
    qy_hex_append(&text, qy_buffer_view(&bytes));
    if (text.size != size || strncasecmp(qy_buffer_text(&text), (const char *)data, size) != 0) {
      abort();
    }
  }
  return 0;
}
