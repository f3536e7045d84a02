# SPDX-License-Identifier: Apache-2.0
qy_fuzz(image ROOMS image SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_image.c)
qy_fuzz(td_image ROOMS image SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_td_image.c)
foreach(part IN ITEMS answer instruction)
  qy_fuzz(simulated_${part} ROOMS enclave SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_simulated_${part}.c)
endforeach()
qy_fuzz(simulated_wire ROOMS platform SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_simulated_wire.c)
qy_fuzz(simulated_levels ROOMS simulated SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_simulated_levels.c)
