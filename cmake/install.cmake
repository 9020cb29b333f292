# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the program and its names, the library, headers as <ssmz/...>, a CMake package
# (find_package(ssmz), target ssmz::ssmz) and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Public headers include each other from the root of the tree; outside they live in a folder named ssmz.
set(SSMZ_PUBLIC_HEADERS codec/ssmz.hpp codec/ssmz.h codec/status.hpp)
foreach(header ${SSMZ_PUBLIC_HEADERS})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  get_filename_component(name ${header} NAME)
  file(READ ${header} text)
  string(REPLACE "#include \"codec/" "#include \"ssmz/" text "${text}")
  file(CONFIGURE OUTPUT include/ssmz/${name} CONTENT "${text}" @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/include/ssmz/${name} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ssmz)
endforeach()
target_include_directories(ssmz INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}/include>
                                          $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(TARGETS ssmz ssmz_model EXPORT ssmz ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET ssmz_cli)
  install(TARGETS ssmz_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES src/ssmz.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  foreach(alias unssmz ssmzcat)
    file(CREATE_LINK ssmz ${CMAKE_CURRENT_BINARY_DIR}/${alias} SYMBOLIC)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${alias} DESTINATION ${CMAKE_INSTALL_BINDIR})
  endforeach()
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ssmz)
install(EXPORT ssmz NAMESPACE ssmz:: DESTINATION ${package_dir} FILE ssmzTargets.cmake)
configure_package_config_file(cmake/ssmzConfig.cmake.in ssmzConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(ssmzConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ssmzConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ssmzConfigVersion.cmake
        DESTINATION ${package_dir})
# Relative to the file itself, so that the installed tree may be moved.
file(RELATIVE_PATH SSMZ_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(PREPEND SSMZ_PC_PREFIX "\${pcfiledir}/")
string(REGEX REPLACE "/$" "" SSMZ_PC_PREFIX "${SSMZ_PC_PREFIX}")
configure_file(cmake/ssmz.pc.in ssmz.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ssmz.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE codec/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
