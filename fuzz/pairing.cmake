# SPDX-License-Identifier: Apache-2.0
qy_fuzz(pairing_points ROOMS pairing SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_pairing_points.c)
