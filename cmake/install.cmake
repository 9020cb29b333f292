# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the program and its names, the library, headers as <ssmz/...>, a CMake package
# (find_package(ssmz), target ssmz::ssmz) and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
# Components: runtime (the program), shared (the shared library), development (static library, headers), python.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)

set(SSMZ_PUBLIC_HEADERS codec/ssmz/ssmz.hpp codec/ssmz/archive.hpp codec/ssmz/cursor.hpp codec/ssmz/ssmz.h codec/ssmz/status.hpp codec/ssmz/export.h)
install(FILES ${SSMZ_PUBLIC_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ssmz)
target_include_directories(ssmz INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# The model by itself: headers as "ssmz/model/...", targets ssmz::model and ssmz::layers. Its headers name each other as
# in the tree, "model/...", so its folder is searched as well.
foreach(room base kernels layers online inference zoo)
  install(DIRECTORY model/${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ssmz/model
          FILES_MATCHING PATTERN "*.hpp" PATTERN "*_detail.hpp" EXCLUDE PATTERN "ability_tasks.hpp" EXCLUDE)
endforeach()
target_include_directories(ssmz_model INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                                                $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/ssmz>)
set_target_properties(ssmz_model PROPERTIES EXPORT_NAME model)
set_target_properties(ssmz_layers PROPERTIES EXPORT_NAME layers)
install(PROGRAMS model/convert.py DESTINATION ${CMAKE_INSTALL_DATADIR}/ssmz)

set_target_properties(ssmz PROPERTIES EXPORT_NAME ssmz_static)
install(TARGETS ssmz ssmz_model ssmz_layers EXPORT ssmz ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET ssmz_shared)
  target_include_directories(ssmz_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(TARGETS ssmz_shared EXPORT ssmz
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT shared NAMELINK_COMPONENT development)
endif()
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME runtime)
if(TARGET ssmz_cli)
  install(TARGETS ssmz_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  file(GLOB ssmz_man_pages CONFIGURE_DEPENDS src/man/*.1)
  install(FILES ${ssmz_man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(PROGRAMS src/integration/ssmzgrep src/integration/ssmzless src/integration/ssmzdiff
          DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES src/integration/ssmz.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ssmz)
  install(FILES src/integration/_ssmz DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES src/integration/ssmz.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(FILES src/integration/ssmz.magic DESTINATION ${CMAKE_INSTALL_DATADIR}/ssmz)
  foreach(alias unssmz ssmzcat)
    file(CREATE_LINK ssmz ${CMAKE_CURRENT_BINARY_DIR}/${alias} SYMBOLIC)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${alias} DESTINATION ${CMAKE_INSTALL_BINDIR})
  endforeach()
endif()

if(TARGET ssmz-mpi)
  install(TARGETS ssmz-mpi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT mpi)
endif()

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ssmz)
install(EXPORT ssmz NAMESPACE ssmz:: DESTINATION ${package_dir} FILE ssmzTargets.cmake)
# The C++ library's name, for those who link the static library without a C++ compiler.
set(SSMZ_CXX_LIBRARY "")
foreach(library ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
  if(library MATCHES "^(stdc\\+\\+|c\\+\\+)$")
    set(SSMZ_CXX_LIBRARY ${library})
  endif()
endforeach()
configure_package_config_file(cmake/ssmzConfig.cmake.in ssmzConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(ssmzConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ssmzConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ssmzConfigVersion.cmake
        DESTINATION ${package_dir})
# Relative to the file itself, so that the installed tree may be moved.
file(RELATIVE_PATH SSMZ_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(PREPEND SSMZ_PC_PREFIX "\${pcfiledir}/")
string(REGEX REPLACE "/$" "" SSMZ_PC_PREFIX "${SSMZ_PC_PREFIX}")
# What a static library needs behind it: without a shared one everybody needs it.
if(SSMZ_CXX_LIBRARY STREQUAL "")
  set(ssmz_needs "-lssmz_layers -lssmz_model -lm -pthread")
else()
  set(ssmz_needs "-lssmz_layers -lssmz_model -l${SSMZ_CXX_LIBRARY} -lm -pthread")
endif()
if(TARGET ssmz_shared)
  set(SSMZ_PC_PRIVATE "${ssmz_needs}")
else()
  set(SSMZ_PC_PUBLIC " ${ssmz_needs}")
endif()
configure_file(cmake/ssmz.pc.in ssmz.pc @ONLY)
configure_file(cmake/ssmz-model.pc.in ssmz-model.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ssmz.pc ${CMAKE_CURRENT_BINARY_DIR}/ssmz-model.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE codec/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
