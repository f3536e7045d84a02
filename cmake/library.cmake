# SPDX-License-Identifier: Apache-2.0
# libquotary.a: EPID for other programs, with the headers that need nothing else and a pkg-config file. The rooms are
# linked into one object, of which only what the headers declare (QY_API) stays visible.
set(library ${CMAKE_BINARY_DIR}/libquotary.a)
set(object ${CMAKE_BINARY_DIR}/libquotary.o)
set(rooms qy_epid qy_pairing qy_crypto qy_base)
list(TRANSFORM rooms REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE archives)
add_custom_command(
  OUTPUT ${library}
  COMMAND ${CMAKE_LINKER} -r -o ${object} --whole-archive ${archives}
  COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${object}
  COMMAND ${CMAKE_COMMAND} -E rm -f ${library}
  COMMAND ${CMAKE_AR} rcs ${library} ${object}
  DEPENDS ${rooms}
  VERBATIM)
add_custom_target(libquotary ALL DEPENDS ${library})

set(headers status.h check.h checks.def epid.h)
list(TRANSFORM headers PREPEND ${CMAKE_SOURCE_DIR}/include/quotary/)
install(FILES ${library} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/quotary COMPONENT library)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/quotary/checks DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/quotary
  COMPONENT library FILES_MATCHING PATTERN *.def)

# The file finds its prefix by where it lies, so that what is installed may be moved.
file(RELATIVE_PATH QUOTARY_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/quotary.pc.in ${CMAKE_BINARY_DIR}/quotary.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/quotary.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)

if(BUILD_TESTING)
  add_test(NAME install_library
    COMMAND ${CMAKE_SOURCE_DIR}/tests/install/library.sh ${CMAKE_COMMAND} ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER}
      "${QUOTARY_SANITIZE}")
  set_tests_properties(install_library PROPERTIES TIMEOUT 120 LABELS unit)
endif()
