# SPDX-License-Identifier: Apache-2.0
foreach(target IN ITEMS messages transport)
  qy_fuzz(provisioning_${target} ROOMS provisioning SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_provisioning_${target}.c)
endforeach()
qy_fuzz(provisioning_enclaves ROOMS architectural SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_provisioning_enclaves.c)
