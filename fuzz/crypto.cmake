# SPDX-License-Identifier: Apache-2.0
qy_fuzz(crypto_keys ROOMS crypto SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_crypto_keys.c)
