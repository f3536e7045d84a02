# SPDX-License-Identifier: Apache-2.0
foreach(target IN ITEMS messages enclave provider)
  qy_fuzz(exchange_${target} ROOMS exchange SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_exchange_${target}.c)
endforeach()
