# SPDX-License-Identifier: Apache-2.0
# The built-in vocabulary's tables (9 MB) are worked out by the build and lie in the library, so that a process that
# compresses a kilobyte need not spend 40 ms on them. Where what is built cannot run here (cross-compiling without an
# emulator) or size matters more, processes work them out when they first need them.
set(can_run_what_is_built ON)
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  set(can_run_what_is_built OFF)
endif()
option(SSMZ_EMBED_TABLES "Hold the built-in vocabulary's tables in the library, 9 MB" ${can_run_what_is_built})

set(tables ${CMAKE_BINARY_DIR}/builtin_tables.bin)
if(SSMZ_EMBED_TABLES)
  # Only what the tables need, so that they are made anew when these change and not with every source.
  add_executable(ssmz-tables EXCLUDE_FROM_ALL cmake/builtin_tables_main.cpp $<TARGET_OBJECTS:ssmz_vocabulary>
                             codec/predict/adaptive_map.cpp codec/predict/logistic.cpp)
  target_include_directories(ssmz-tables PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/codec)
  target_link_libraries(ssmz-tables PRIVATE ssmz_options ssmz_model)
  add_custom_command(OUTPUT ${tables} COMMAND ssmz-tables ${builtin_vocabulary} ${tables}
                     DEPENDS ssmz-tables ${builtin_vocabulary} VERBATIM)
else()
  file(WRITE ${tables} "")
endif()
set_source_files_properties(codec/vocabulary/builtin_tables.cpp PROPERTIES
  COMPILE_DEFINITIONS "SSMZ_BUILTIN_TABLES=\"${tables}\""
  COMPILE_OPTIONS -fno-lto
  OBJECT_DEPENDS ${tables})
