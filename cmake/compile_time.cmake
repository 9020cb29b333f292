# SPDX-License-Identifier: Apache-2.0
# What builds from nothing take. A release build, cold, in processor seconds: 1,111, of these tests 368, programs of bench/
# 131, replays of fuzzers 90.
option(SSMZ_PRECOMPILE "Precompile what nearly every source includes: for builds from nothing, not with ccache" OFF)

# The target's sources see these headers whether they include them or not: the builds without notice what is missing.
# Sources of the codec and of the model take 0.7 of the time so, tests 0.5. Not for programs: gcc 12 then warns within its
# own headers (of std::string), which it else does not.
function(ssmz_precompile target)
  if(SSMZ_PRECOMPILE)
    set(headers "")
    foreach(header ${ARGN})
      list(APPEND headers "$<$<COMPILE_LANGUAGE:CXX>:<${header}$<ANGLE-R>>")
    endforeach()
    target_precompile_headers(${target} PRIVATE ${headers})
  endif()
endfunction()

set(ssmz_common_headers algorithm array functional memory optional span string string_view utility vector)

# What only calls the library or reads its command line need not be fast, but compiled in 0.7 of the time.
function(ssmz_not_hot target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()
