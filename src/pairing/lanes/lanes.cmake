# SPDX-License-Identifier: Apache-2.0
# Tests of the lanes, over both bodies of vec.h: the instructions where the CPU has them, the emulation everywhere.
# cmake/paths.cmake compiles the sources.
if(BUILD_TESTING AND QUOTARY_LANES_SOURCES AND ifma IN_LIST QUOTARY_PATHS)
  # the room once more, with the vectors of its path ifma emulated
  get_target_property(sources qy_pairing SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.c$")
  add_library(qy_pairing_emulated STATIC ${sources})
  target_include_directories(qy_pairing_emulated PUBLIC ${CMAKE_BINARY_DIR}/rooms/pairing)
  target_link_libraries(qy_pairing_emulated PUBLIC qy_base qy_crypto)
  qy_pairing_paths(qy_pairing_emulated EMULATED)

  # qy_lanes_test(NAME SOURCES file...): NAME.ifma and NAME.emulated, for the sources that include headers of lanes/.
  function(qy_lanes_test name)
    qy_test(${name}.ifma ROOMS pairing ${ARGN})
    target_compile_options(test_${name}.ifma PRIVATE -mavx512f -mavx512dq -mavx512vl -mavx512ifma)
    set_tests_properties(${name}.ifma PROPERTIES SKIP_RETURN_CODE 77)
    qy_test(${name}.emulated ROOMS pairing_emulated ${ARGN})
    target_compile_options(test_${name}.emulated PRIVATE -DQY_LANES_EMULATED)
  endfunction()

  foreach(name IN ITEMS field fq12 g1 pairing)
    qy_lanes_test(pairing_lanes_${name} SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/pairing_lanes_${name}.c)
  endforeach()

  # what goes by the path, which is ifma there
  qy_test(pairing_products.emulated ROOMS pairing_emulated SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/pairing_products.c)
endif()
