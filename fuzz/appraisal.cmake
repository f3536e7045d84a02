# SPDX-License-Identifier: Apache-2.0
foreach(what IN ITEMS chain policy report)
  qy_fuzz(appraisal_${what} ROOMS appraisal SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_appraisal_${what}.c)
endforeach()
