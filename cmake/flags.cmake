# SPDX-License-Identifier: Apache-2.0
# One place for compiler settings; every target gets them.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # cleanup attribute, unsigned __int128
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(BUILD_TESTING "Build the tests" ON)
option(QUOTARY_WERROR "Warnings are errors" ON)
option(QUOTARY_FUZZ "Build the libFuzzer targets (clang)" OFF)
option(QUOTARY_MUTATION "Let tests switch off one check at a time; never for use" OFF)
set(QUOTARY_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wno-missing-field-initializers
  -fno-strict-aliasing -fstack-protector-strong -fvisibility=hidden)
add_compile_definitions(_GNU_SOURCE)
add_link_options(-Wl,-z,relro,-z,now)
if(QUOTARY_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT QUOTARY_SANITIZE)
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
if(QUOTARY_SANITIZE)
  add_compile_options(-fsanitize=${QUOTARY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${QUOTARY_SANITIZE})
  add_compile_definitions(QUOTARY_SANITIZED)
endif()
if(QUOTARY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(QUOTARY_MUTATION)
  add_compile_definitions(QUOTARY_MUTATION)
endif()
