# SPDX-License-Identifier: Apache-2.0
qy_fuzz(broker_names ROOMS broker SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_broker_names.c)
