# SPDX-License-Identifier: Apache-2.0
foreach(part IN ITEMS certificates head json)
  qy_fuzz(net_${part} ROOMS net SOURCES fuzz_net_${part}.c)
endforeach()
