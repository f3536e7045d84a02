# SPDX-License-Identifier: Apache-2.0
# The paths of src/pairing/path.h. A text is one compilation of the sources below, with the names of path_names.h; a path
# may also be a text with some entries replaced.
set(QUOTARY_PATH_SOURCES fp.c fq.c fq12.c g1.c g1_products.c g1_public.c g1_table.c g2.c pairing.c path_table.c)
list(TRANSFORM QUOTARY_PATH_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/pairing/)
set(QUOTARY_PATHS portable)
set(QUOTARY_TEXTS portable)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND QUOTARY_PATHS adx)
  list(APPEND QUOTARY_TEXTS adx)
endif()
set(QUOTARY_TEXT_OPTIONS_portable -DQY_PATH_PORTABLE)
set(QUOTARY_TEXT_OPTIONS_adx -DQY_PATH_ADX -mbmi2 -madx)

# qy_pairing_paths(TARGET [OPTION...]): gives TARGET the objects of every text, compiled with these options too.
function(qy_pairing_paths target)
  foreach(text IN LISTS QUOTARY_TEXTS)
    add_library(${target}_${text} OBJECT ${QUOTARY_PATH_SOURCES})
    target_include_directories(${target}_${text} PRIVATE ${CMAKE_BINARY_DIR}/rooms/pairing)
    target_link_libraries(${target}_${text} PRIVATE qy_crypto)
    target_compile_options(${target}_${text} PRIVATE ${QUOTARY_TEXT_OPTIONS_${text}} ${ARGN})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${text}>)
  endforeach()
  if(adx IN_LIST QUOTARY_PATHS)
    target_compile_definitions(${target} PRIVATE QUOTARY_X86_PATHS)
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
