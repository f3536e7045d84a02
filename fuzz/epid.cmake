# SPDX-License-Identifier: Apache-2.0
qy_fuzz(epid_verify ROOMS epid SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_epid_verify.c)
qy_fuzz(epid_files ROOMS epid SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_epid_files.c)
qy_fuzz(epid_blobs ROOMS epid SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_epid_blobs.c)
qy_fuzz(epid_requests ROOMS epid SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_epid_requests.c)
qy_fuzz(epid_precomputed ROOMS epid SOURCES ${CMAKE_SOURCE_DIR}/fuzz/fuzz_epid_precomputed.c)
