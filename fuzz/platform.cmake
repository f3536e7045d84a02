# SPDX-License-Identifier: Apache-2.0
qy_fuzz(image ROOMS image SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_image.c)
