# SPDX-License-Identifier: Apache-2.0
# The paths of src/pairing/path.h. A text is one compilation of the sources below, with the names of path_names.h. The path
# ifma is the text of adx with entries of src/pairing/lanes/ in its table.
set(QUOTARY_PATH_SOURCES
  fp.c fq.c fq12.c g1.c g1_jacobian.c g1_odd_powers.c g1_power.c g1_products.c g1_public.c g1_search.c g1_table.c g2.c
  g2_jacobian.c pairing.c path_table.c)
set(QUOTARY_LANES_SOURCES # names below src/pairing/lanes/
  final.c fq12.c fq2.c lanes_g1.c lanes_g1_powers.c lanes_g1_products.c lanes_g1_search.c lanes_g1_table.c lines.c miller.c
  path_ifma.c twist.c)
list(TRANSFORM QUOTARY_PATH_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/pairing/)
list(TRANSFORM QUOTARY_LANES_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/pairing/lanes/)

set(QUOTARY_PATHS portable)
set(QUOTARY_TEXTS portable)
set(QUOTARY_TEXT_OPTIONS_portable -DQY_PATH_PORTABLE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND QUOTARY_PATHS adx)
  list(APPEND QUOTARY_TEXTS adx)
  # its assembly takes every register there is, the frame pointer's too (which sanitizers keep otherwise)
  set(QUOTARY_TEXT_OPTIONS_adx -DQY_PATH_ADX -mbmi2 -madx -fomit-frame-pointer)
  # clang 14's AddressSanitizer copies vectors to a stack that it does not align; inlined, the lanes take it many minutes
  if(NOT (QUOTARY_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "Clang"))
    list(APPEND QUOTARY_PATHS ifma)
  endif()
endif()

function(qy_path_objects target part sources)
  add_library(${target}_${part} OBJECT ${sources})
  target_include_directories(${target}_${part} PRIVATE ${CMAKE_BINARY_DIR}/rooms/pairing)
  target_link_libraries(${target}_${part} PRIVATE qy_crypto)
  target_compile_options(${target}_${part} PRIVATE ${ARGN})
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${part}>)
endfunction()

# qy_pairing_paths(TARGET [EMULATED] [OPTIONS option...]): gives TARGET the objects of every path, compiled with these
# options too. EMULATED replaces vector instructions by plain C (lanes/vec.h), for what cannot run them.
function(qy_pairing_paths target)
  cmake_parse_arguments(WITH "EMULATED" "" "OPTIONS" ${ARGN})
  foreach(text IN LISTS QUOTARY_TEXTS)
    qy_path_objects(${target} ${text} "${QUOTARY_PATH_SOURCES}" ${QUOTARY_TEXT_OPTIONS_${text}} ${WITH_OPTIONS})
  endforeach()
  if(adx IN_LIST QUOTARY_PATHS)
    target_compile_definitions(${target} PRIVATE QUOTARY_X86_PATHS)
  endif()
  if(ifma IN_LIST QUOTARY_PATHS)
    set(vectors -mavx512f -mavx512dq -mavx512vl -mavx512ifma)
    if(WITH_EMULATED)
      set(vectors -DQY_LANES_EMULATED)
    endif()
    qy_path_objects(${target} ifma "${QUOTARY_LANES_SOURCES}" ${QUOTARY_TEXT_OPTIONS_adx} ${vectors} ${WITH_OPTIONS})
    target_compile_definitions(${target} PRIVATE QUOTARY_IFMA_PATH)
  endif()
endfunction()

# qy_path_tests(NAME PATHS COMMAND program argument...): one test for each of these paths, NAME.portable and so on. The
# program is linked with tests/support/cpu_path.c, which leaves with 77 where the CPU cannot take the path.
function(qy_path_tests name paths)
  foreach(path IN LISTS paths)
    add_test(NAME ${name}.${path} ${ARGN})
    set_tests_properties(${name}.${path} PROPERTIES ENVIRONMENT QUOTARY_CPU=${path} SKIP_RETURN_CODE 77)
  endforeach()
endfunction()
