# SPDX-License-Identifier: Apache-2.0
qy_fuzz(describe ROOMS describe SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_describe.c)
