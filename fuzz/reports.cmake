# SPDX-License-Identifier: Apache-2.0
qy_fuzz(reports_request ROOMS reports SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_reports_request.c)
qy_fuzz(reports_state ROOMS reports endorser SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_reports_state.c)
