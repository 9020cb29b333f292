# SPDX-License-Identifier: Apache-2.0
# The vocabulary and the first values (data/VOCABULARY.md, data/FIRST_VALUES.md) are kept packed in data/statistics.tar.xz,
# which bench/pack_statistics makes, and unpacked by the build: three quarters of the size, and CMake itself can read it.
set(statistics_dir ${PROJECT_BINARY_DIR}/data)
set(builtin_vocabulary ${statistics_dir}/builtin.vocab)
set(builtin_first_values ${statistics_dir}/first_values.bin)
file(MAKE_DIRECTORY ${statistics_dir})
add_custom_command(OUTPUT ${builtin_vocabulary} ${builtin_first_values}
                   COMMAND ${CMAKE_COMMAND} -E tar xf ${PROJECT_SOURCE_DIR}/data/statistics.tar.xz --touch
                   WORKING_DIRECTORY ${statistics_dir}
                   DEPENDS ${PROJECT_SOURCE_DIR}/data/statistics.tar.xz VERBATIM)
