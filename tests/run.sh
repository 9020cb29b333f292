#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and tests everything; the only command needed on a fresh Debian 12.
#
#   tests/run.sh [--quick|--full]
#
# Stages: packages, release build, frames compared between builds and machines (not with --quick), all tests; with --full
# also clang-tidy over what changed, address and undefined-behaviour sanitizers on all that is not slow, the thread
# sanitizer on what has threads and further machines, which take longer than all the rest. Every stage runs even when one
# before it failed; the last lines are a table of the stages and ctest's own summary. Tests that need the files of ../shared/data say that they are skipped where those
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
  local preset=$1 launcher=() log
  shift
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  log=build/$preset.log
  mkdir -p build
  if cmake --preset "$preset" "${launcher[@]}" "$@" >"$log" 2>&1 &&
    cmake --build --preset "$preset" -j "$jobs" >>"$log" 2>&1; then
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
  build "$preset" -DSSMZ_BENCH=OFF -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" || return 1
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ctest --preset "$preset" -j "$jobs" --timeout 1200 -LE slow "$@" 2>&1 |
    tee "build/ctest-$preset.log" | grep -v ' Passed \|^ *Start '
}

all_tests() {
  ctest --preset release -j "$jobs" --timeout 1200 2>&1 | tee build/ctest.log | grep -v ' Passed \|^ *Start '
}

stage "packages" packages || exit 1
stage "release build" build release -DSSMZ_PYTHON=ON -DSSMZ_MPI=ON || exit 1
if $full; then
  stage "clang-tidy" tests/tidy.sh
  stage "address and undefined sanitizers" sanitized asan-ubsan -E "$slow_with_sanitizers"
  stage "thread sanitizer" sanitized tsan \
    -R 'Thread|Worker|OnlineModel|Api\.|Stream|Jobs|Team|Runner|Recover|c_api|decoder|^parallel|cli\.streams|cli\.pipes'
  stage "further machines" tests/bit_exact.sh --further --quick
  [ "$(uname -m)" != x86_64 ] || grep -qw avx512bw /proc/cpuinfo || stage "AVX-512, emulated" tests/avx512.sh
fi
if ! $quick; then
  stage "same bytes from every build" tests/bit_exact.sh --builds --emulated --quick
fi
stage "tests" all_tests

echo
printf '%s\n' "${report[@]}"
grep -h "tests passed" build/ctest.log
exit $failed
