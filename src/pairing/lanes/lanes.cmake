# SPDX-License-Identifier: Apache-2.0
# Tests of the lanes themselves (vec.h), over both bodies: the instructions, and the emulation. cmake/paths.cmake compiles
# the sources.
set(lanes_bodies emulated)
set(lanes_options_emulated -DQY_LANES_EMULATED)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND lanes_bodies ifma)
  set(lanes_options_ifma -mavx512f -mavx512dq -mavx512vl -mavx512ifma)
endif()

# qy_lanes_test(NAME SOURCES file...): NAME.emulated and NAME.ifma.
function(qy_lanes_test name)
  foreach(body IN LISTS lanes_bodies)
    qy_test(${name}.${body} ROOMS pairing ${ARGN})
    if(BUILD_TESTING)
      target_compile_options(test_${name}.${body} PRIVATE ${lanes_options_${body}})
      set_tests_properties(${name}.${body} PROPERTIES SKIP_RETURN_CODE 77)
    endif()
  endforeach()
endfunction()

qy_lanes_test(pairing_lanes_field SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/pairing_lanes_field.c)
