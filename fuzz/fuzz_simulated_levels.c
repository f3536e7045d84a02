/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a machine's CPU levels: each there once and none zero, or nothing at all. */
#include <stdlib.h>
#include <string.h>

#include <simulated/machine.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_cpu_levels levels;
  if (qy_cpu_levels_decode(&levels, qy_view_over(data, size), NULL) != QY_OK) {
    if (!qy_view_is_zero(qy_view_over(&levels, sizeof(levels)))) {
      abort();
    }
    return 0;
  }
  for (size_t i = 0; i < levels.count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (memcmp(levels.cpu_svns[i], levels.cpu_svns[j], sizeof(levels.cpu_svns[i])) == 0) {
        abort();
      }
    }
  }
  return 0;
}
