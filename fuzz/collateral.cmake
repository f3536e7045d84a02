# SPDX-License-Identifier: Apache-2.0
foreach(what IN ITEMS chain crl extension identity tcb_info)
  qy_fuzz(collateral_${what} ROOMS collateral SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_collateral_${what}.c)
endforeach()
qy_fuzz(json_reader ROOMS json SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_json_reader.c)
