/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <base/encoding.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A time that is taken and can be written reads back as itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  int64_t time_s = 0, again_s = 0;
  char text[21];
  qy_error why;
  if (qy_time_parse(&time_s, (qy_view){data, size}, "time", &why) == QY_OK && time_s >= 0 && time_s < 253402300800) {
    qy_time_format(text, time_s);
    if (qy_time_parse(&again_s, qy_view_text(text), "time", &why) != QY_OK || again_s != time_s) {
      abort();
    }
  }
  return 0;
}
