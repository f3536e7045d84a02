# SPDX-License-Identifier: Apache-2.0
foreach(target IN ITEMS att_key_id certification dcap_quote group_certificate key_request platform_info quote report
                        sealed_blob sigrl sigstruct target_info td_report)
  qy_fuzz(sgx_${target} ROOMS sgx SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_sgx_${target}.c)
endforeach()
