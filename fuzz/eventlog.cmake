# SPDX-License-Identifier: Apache-2.0
qy_fuzz(eventlog ROOMS eventlog SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_eventlog.c)
