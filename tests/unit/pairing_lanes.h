/* SPDX-License-Identifier: Apache-2.0 */
/* For tests compiled for the instructions of the lanes: leaves, as skipped, before main where the CPU has none. */
#ifndef QY_TEST_PAIRING_LANES_H
#define QY_TEST_PAIRING_LANES_H

#include <unistd.h>

#ifndef QY_LANES_EMULATED
__attribute__((constructor)) static void skip_without_ifma(void)
{
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512ifma") || !__builtin_cpu_supports("avx512dq")) {
    _exit(77); /* SKIP_RETURN_CODE of src/pairing/lanes/lanes.cmake */
  }
}
#endif

#endif
