#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and tests everything; the only command needed on a fresh Debian 12.
#
#   tests/run.sh [--quick|--full]
#
# Stages: packages, release build, all tests, the address and undefined-behaviour sanitizers on what reads others' bytes,
# the thread sanitizer on what has threads, frames compared between builds and machines (these three not with --quick).
# With --full the sanitizers run on all that is not slow, and clang-tidy over what changed, more builds and further machines
# come in, which take longer than all the rest. Every stage runs even when one before it failed; the last lines are a table
# of the stages and ctest's own summary. Tests that need the files of ../shared/data say that they are skipped where those
# are absent.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2
. tests/packages.sh

quick=false
full=false
[ "${1-}" = --quick ] && quick=true
[ "${1-}" = --full ] && full=true
jobs=$(nproc)
failed=0
report=()

# stage NAME COMMAND...: runs it and notes how it went.
stage() {
  local name=$1 started=$SECONDS outcome=ok
  shift
  echo "== $name"
  "$@" || { outcome=FAILED; failed=1; }
  report+=("$(printf '%-32s %-7s %4d s' "$name" "$outcome" $((SECONDS - started)))")
  [ $outcome = ok ]
}

packages() {
  install_packages "${build_packages[@]}" clang-format python3 xz-utils file dpkg-dev libarchive-tools rsync logrotate binutils \
    python3-dev pybind11-dev python3-pytest libopenmpi-dev openmpi-bin parallel openssh-server ||
    return 1
  $quick || install_packages clang qemu-user g++-aarch64-linux-gnu || return 1
  ! $full || install_packages clang-tidy g++-i686-linux-gnu g++-s390x-linux-gnu
}

# build PRESET CMAKE-OPTION...: prints warnings and errors only.
build() {
  local preset=$1 launcher=(-DSSMZ_PRECOMPILE=ON) log
  shift
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  log=build/$preset.log
  mkdir -p build
  if cmake --preset "$preset" "${launcher[@]}" "$@" >"$log" 2>&1 &&
    cmake --build --preset "$preset" -j "$jobs" ${build_targets[@]:+--target "${build_targets[@]}"} >>"$log" 2>&1; then
    grep -E "warning:" "$log"
    return 0
  fi
  grep -E -A5 "error|FAILED|CMake Error" "$log" | head -60
  return 1
}

# Tests that only take long under a sanitizer (ManyTokens: 60,000 steps of every layer, minutes): they find nothing there that
# others do not.
slow_with_sanitizers='VocabularyTrainer|ModelAbilities|ModelLayers.*Gradient|ManyTokens|package|format|Style|Include|faults'

sanitized() { # PRESET CTEST-OPTION...
  local preset=$1
  shift
  build "$preset" -DSSMZ_BENCH=OFF -DBUILD_SHARED_LIBS=ON -DSSMZ_EMBED_TABLES=ON -DSSMZ_TEST_SOURCES= \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" || return 1
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ctest --preset "$preset" -j "$jobs" --timeout 1200 -LE slow "$@" 2>&1 |
    tee "build/ctest-$preset.log" | grep -v ' Passed \|^ *Start '
}

# The same within what CI has time for: a few sources of tests, a process a processor, so that what a process works out once
# is not worked out for each test.
sanitized_part() { # PRESET SOURCES GTEST-FILTER REPLAYS [FURTHER-TARGET | -DOPTION]...
  local preset=$1 sources=$2 filter=$3 replays=() name shard pids=() result=0
  for name in $4; do replays+=("ssmz-replay-$name"); done
  shift 4
  local build_targets=(ssmz-tests "${replays[@]}") option options=()
  for option in "$@"; do
    case $option in -D*) options+=("$option") ;; *) build_targets+=("$option") ;; esac
  done
  build "$preset" -DSSMZ_BENCH=OFF -DBUILD_SHARED_LIBS=OFF -DSSMZ_EMBED_TABLES=OFF \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" "-DSSMZ_TEST_SOURCES=$sources" "${options[@]}" || return 1
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 GTEST_TOTAL_SHARDS=$jobs
  for ((shard = 0; shard < jobs; ++shard)); do
    GTEST_SHARD_INDEX=$shard timeout 900 "build/$preset/ssmz-tests" --gtest_brief=1 "--gtest_filter=$filter" \
      >"build/tests-$preset.$shard.log" 2>&1 &
    pids+=($!)
  done
  for shard in "${!pids[@]}"; do
    wait "${pids[shard]}" || { result=1; tail -60 "build/tests-$preset.$shard.log"; }
    tail -2 "build/tests-$preset.$shard.log"
  done
  unset GTEST_TOTAL_SHARDS
  for name in "${replays[@]#ssmz-replay-}"; do
    timeout 300 "build/$preset/ssmz-replay-$name" "tests/fuzz/corpus/$name" 20 >"build/replay-$preset-$name.log" 2>&1 ||
      { result=1; echo "replay of $name:"; tail -40 "build/replay-$preset-$name.log"; }
  done
  return $result
}

all_tests() {
  ctest --preset release -j "$jobs" --timeout 1200 2>&1 | tee build/ctest.log | grep -v ' Passed \|^ *Start '
}

# What reads others' bytes; without those that take long only because their contents are large, which --full runs.
hostile='frame|frame_header|frame_order|block_coder|c_api|archive|repeat|vocabulary|model_weight_file|record_chain|row_state|jpeg|jpeg_scan'
hostile+='|slot_table|typeset_state|text_state|x86_code|tokenizer|picture|sound|raw_sound|sample_scale|ranks|transform|charset|deflate|deflate_writers|quoted|png|nested_blocks'
hostile+='|lzw|bzip2|unfinished|eexec|base85|instructions|dynamic_symbols|unwind|windows_image|record_steps|sqlite_pages|catalogue|zip|font|objects|vax_code|m68k_code|halfword_code|word_code|pdf_images|volume_headers'
large='*.ComesBack*:*.ComeBack:Sound.IsSmaller*:Repeat.That*:Repeat.GoesOn*:Repeat.OfMany*:Frame.HoldsContentLonger*'
large+=':Frame.GivesBackEvery*:Vocabulary.BuiltinTables*:Transform.MakesFrames*:Charset.MakesFrames*'
fuzzed='archive block_decode c_api content_states decoder frame_decode frame_round_trip hostile_vocabulary inspect jpeg options region_finder'
fuzzed+=' stack_text transform vocabulary weight_file'
# What undefined behaviour is looked for: the checks of each pointer (alignment, pointer-overflow, null), which the address
# sanitizer covers in part, double the time to compile (text_content.cpp 18.1 s, 8.7 s without); --full has them.
checks=address,shift,integer-divide-by-zero,signed-integer-overflow,bounds,enum,bool
# What has threads.
threaded='frame|frame_stream|cursor|c_api|archive'
threads='*Thread*:FrameStream.*:*Cursor*:CApi.*:ArchiveRecovery.*'

stage "packages" packages || exit 1
stage "release build" build release -DSSMZ_PYTHON=ON -DSSMZ_MPI=ON || exit 1
stage "tests" all_tests
if $full; then
  stage "clang-tidy" tests/tidy.sh
  stage "address and undefined sanitizers" sanitized asan-ubsan -E "$slow_with_sanitizers"
  stage "thread sanitizer" sanitized tsan \
    -R 'Thread|Worker|OnlineModel|Api\.|Stream|Jobs|Team|Runner|Recover|c_api|decoder|^parallel|cli\.streams|cli\.pipes'
  stage "further machines" tests/bit_exact.sh --further --quick
  [ "$(uname -m)" != x86_64 ] || grep -qw avx512bw /proc/cpuinfo || stage "AVX-512, emulated" tests/avx512.sh
fi
if $full; then
  stage "same bytes from every build" tests/bit_exact.sh --builds --emulated --quick
elif ! $quick; then
  stage "address and undefined sanitizers" sanitized_part asan-ubsan "$hostile" "*-$large" "$fuzzed" \
    "-DSSMZ_SANITIZE=$checks" ssmz_cli
  stage "thread sanitizer" sanitized_part tsan "$threaded" "$threads" c_api
  stage "same bytes from every build" tests/bit_exact.sh --clang --sanitized --emulated --quick
fi

echo
printf '%s\n' "${report[@]}"
grep -h "tests passed" build/ctest.log
exit $failed
