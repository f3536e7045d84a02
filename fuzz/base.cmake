# SPDX-License-Identifier: Apache-2.0
foreach(part IN ITEMS base64 hex time)
  qy_fuzz(base_${part} ROOMS base SOURCES fuzz_base_${part}.c)
endforeach()
