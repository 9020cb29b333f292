# SPDX-License-Identifier: Apache-2.0
# The shared library, of the static ones' objects, and which of the two the name ssmz::ssmz stands for.
if(NOT BUILD_SHARED_LIBS)
  add_library(ssmz::ssmz ALIAS ssmz)
  return()
endif()
# A source of its own, or CMake would not know the language to link with.
add_library(ssmz_shared SHARED codec/api/library.cpp $<FILTER:$<TARGET_OBJECTS:ssmz>,EXCLUDE,/library\\.cpp\\.>
                               $<TARGET_OBJECTS:ssmz_vocabulary> $<TARGET_OBJECTS:ssmz_layers>
                               $<TARGET_OBJECTS:ssmz_model>)
add_library(ssmz::ssmz_shared ALIAS ssmz_shared)
add_library(ssmz::ssmz ALIAS ssmz_shared)
# Below version 1.0 a new minor version may change the interface; the soname says so.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(SSMZ_SOVERSION 0.${PROJECT_VERSION_MINOR})
else()
  set(SSMZ_SOVERSION ${PROJECT_VERSION_MAJOR})
endif()
set_target_properties(ssmz_shared PROPERTIES OUTPUT_NAME ssmz VERSION ${PROJECT_VERSION} SOVERSION ${SSMZ_SOVERSION})
target_include_directories(ssmz_shared PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/codec> PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(ssmz_shared PRIVATE $<BUILD_INTERFACE:ssmz_options> Threads::Threads)
# The inline parts of the standard library stay inside: only names of ssmz are offered, with a version.
if(NOT APPLE)
  set(version_script ${PROJECT_SOURCE_DIR}/cmake/exported_symbols.map)
  target_link_options(ssmz_shared PRIVATE -Wl,--version-script=${version_script} -Wl,-z,defs)
  if(SSMZ_SANITIZE)
    target_link_options(ssmz_shared PRIVATE -Wl,-z,undefs)
  endif()
  set_target_properties(ssmz_shared PROPERTIES LINK_DEPENDS ${version_script})
endif()
