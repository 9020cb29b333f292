#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same frame from every build and machine: encodes a set of small files with each variant of the program, compares
# the frames byte for byte with the reference's, and lets the variant decode what the reference encoded.
#
#   tests/bit_exact.sh [--here | --builds | --clang | --sanitized | --emulated | --further | --all] [--quick] [SSMZ]
#
# --here      the program SSMZ
# --builds    gcc -O1, clang -O1 and clang -O3 builds beside SSMZ, which is gcc -O3 as a rule
# --clang     of these only clang -O3
# --sanitized the program of build/asan-ubsan, of gcc -O1 with scalar kernels only, which must be there
# --emulated  AArch64, and x86-64 without AVX and FMA, under qemu-user
# --further   32-bit x86 with SSE2 (on the processor itself where it can) and big-endian s390x under qemu-user
# --all       here, builds, emulated and further (default)
# --quick     levels 1, 5 and 9 instead of all
# Each program runs with every instruction set it has on this machine and with 1, 2 and 4 threads.
# SSMZ is the reference program, by default build/release/ssmz. Needs cmake, ninja and a C++ compiler; the packages for
# --builds and --emulated are installed when missing.
set -u -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/packages.sh"

parts=() levels="1 2 3 4 5 6 7 8 9" ssmz=
for argument in "$@"; do
  case $argument in
    --here | --builds | --clang | --sanitized | --emulated | --further) parts+=("${argument#--}") ;;
    --all) parts=(here builds emulated further) ;;
    --quick) levels="1 5 9" ;;
    -*) echo "unknown option $argument" >&2; exit 2 ;;
    *) ssmz=$(realpath "$argument") ;;
  esac
done
[ ${#parts[@]} -gt 0 ] || parts=(here builds emulated further)
ssmz=${ssmz:-$root/build/release/ssmz}
[ -x "$ssmz" ] || { echo "no program at $ssmz: build it first" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$ssmz" "$work/ssmz" # a build that goes on meanwhile shall not matter
ssmz=$work/ssmz
# Small frames: several a file, so that threads have something to share out.
declare -A frame_sizes=([here]=2KiB [small]=512)

# Text, a program, records with text between them, nothing, and one byte. The set `small` holds their beginnings: for
# emulated machines, which are slow, and for the many combinations of one program.
make_inputs() {
  mkdir -p "$work/here" "$work/small"
  cat "$root/LICENSE" "$root"/codec/*/*.hpp | head -c 8000 >"$work/here/text"
  head -c 4000 "$ssmz" >"$work/here/program"
  { awk 'BEGIN { for (i = 0; i < 50; ++i) printf "%d;%s;%.2f;item %d\n", i, i % 7 ? "open" : "closed", i * 1.37, i * i % 97 }'
    head -c 1000 "$root/data/statistics.tar.xz"
    head -c 1500 "$root/codec/ssmz/status.hpp"; } >"$work/here/mixed"
  : >"$work/here/empty"
  printf x >"$work/here/one"
  local name
  for name in text program mixed empty one; do
    head -c 800 "$work/here/$name" >"$work/small/$name"
  done
}

encode() { # SET LEVEL COMMAND...: frames of the set's files to standard output
  local set=$1 level=$2
  shift 2
  (cd "$work/$set" && "$@" "-$level" -q -c --frame-size ${frame_sizes[$set]} text program mixed empty one)
}

fail() { echo "  FAILED: $*"; echo "$*" >>"$work/failures"; }

# The reference frames of a set at every level, and the contents they stand for.
make_reference() { # SET
  local set=$1 level
  (cd "$work/$set" && cat text program mixed empty one >contents)
  for level in $levels; do
    encode "$set" "$level" "$ssmz" -T1 >"$work/$set/reference.$level" || fail "reference $set -$level: status $?"
  done
}

# Both directions of one variant, all levels.
check() { # NAME SET COMMAND...
  local name=$1 set=$2 level frames started=$SECONDS
  shift 2
  for level in $levels; do
    frames=$(mktemp -p "$work")
    encode "$set" "$level" "$@" >"$frames" || fail "$name -$level: encoder's status $?"
    cmp -s "$frames" "$work/$set/reference.$level" || fail "$name -$level: other frame bytes"
    "$@" -d -q -c <"$work/$set/reference.$level" | cmp -s - "$work/$set/contents" ||
      fail "$name -$level: does not decode the reference"
    rm -f "$frames"
  done
  echo "  $name: levels ${levels// /,}, $((SECONDS - started)) s"
}

# Starts a check beside those that run, at most one per processor.
start() {
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  check "$@" &
}

machine_has() { grep -qw "$1" /proc/cpuinfo 2>/dev/null; }

paths_here() {
  echo scalar
  if machine_has avx2 && machine_has fma; then echo avx2; fi
  if machine_has avx512bw && machine_has avx512vl; then echo avx512; fi
  if [ "$(uname -m)" = aarch64 ]; then echo neon; fi
}

# One program of this machine in all its combinations.
check_program() { # NAME PROGRAM
  local path threads
  for path in $(paths_here); do start "$1, $path" small env SSMZ_CPU_PATH="$path" "$2" -T1; done
  for threads in 2 4; do start "$1, $threads threads" small "$2" -T$threads; done
  start "$1, larger files, 2 threads" here "$2" -T2
}

check_here() { check_program "${ssmz##*/}" "$ssmz"; }

# build NAME FLAGS CMAKE-OPTION...: only the program, in build/exact-NAME.
build() {
  local directory=$root/build/exact-$1 flags=$2 launcher=(-DSSMZ_PRECOMPILE=ON)
  shift 2
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -S "$root" -B "$directory" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="$flags" \
    -DSSMZ_TESTS=OFF -DSSMZ_BENCH=OFF "${launcher[@]}" "$@" >"$work/log" 2>&1 &&
    cmake --build "$directory" --target ssmz_cli >>"$work/log" 2>&1 && return 0
  tail -30 "$work/log"
  fail "build in $directory"
  return 1
}

clang=(-DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang)

check_clang() {
  install_packages clang
  build clang-O3 "-O3 -DNDEBUG" "${clang[@]}" && check_program "clang -O3" "$root/build/exact-clang-O3/ssmz"
}

check_builds() {
  install_packages clang
  build gcc-O1 "-O1 -DNDEBUG" -DCMAKE_CXX_COMPILER=g++ && check_program "gcc -O1" "$root/build/exact-gcc-O1/ssmz"
  build clang-O1 "-O1 -DNDEBUG" "${clang[@]}" && check_program "clang -O1" "$root/build/exact-clang-O1/ssmz"
  check_clang
}

check_sanitized() {
  local program=$root/build/asan-ubsan/ssmz
  if [ -x "$program" ]; then
    start "gcc -O1, sanitizers" small "$program" -T1
    start "gcc -O1, sanitizers, 2 threads" small "$program" -T2
  else
    fail "no program at $program"
  fi
}

# cross NAME PROCESSOR TRIPLET [FLAGS]: a build for another machine.
cross() {
  # xsimd is headers only: the host's package serves.
  local xsimd
  xsimd=$(dirname "$(dpkg -L libxsimd-dev | grep /xsimdConfig.cmake)")
  build "$1" "${4:--O3 -DNDEBUG}" "-Dxsimd_DIR=$xsimd" -DCMAKE_SYSTEM_NAME=Linux "-DCMAKE_SYSTEM_PROCESSOR=$2" \
    "-DCMAKE_CXX_COMPILER=$3-g++" "-DCMAKE_C_COMPILER=$3-gcc"
}

check_emulated() {
  install_packages qemu-user g++-aarch64-linux-gnu
  if [ "$(uname -m)" = x86_64 ]; then
    start "x86-64 without AVX" small qemu-x86_64 -cpu Nehalem "$ssmz"
  fi
  if cross aarch64 aarch64 aarch64-linux-gnu; then
    start "AArch64" small qemu-aarch64 -L /usr/aarch64-linux-gnu "$root/build/exact-aarch64/ssmz"
    start "AArch64 scalar" small qemu-aarch64 -L /usr/aarch64-linux-gnu -E SSMZ_CPU_PATH=scalar \
      "$root/build/exact-aarch64/ssmz"
    start "AArch64, 2 threads" small qemu-aarch64 -L /usr/aarch64-linux-gnu "$root/build/exact-aarch64/ssmz" -T2
  fi
}

check_further() {
  install_packages qemu-user g++-i686-linux-gnu g++-s390x-linux-gnu
  local loader=(/usr/i686-linux-gnu/lib/ld-linux.so.2 --library-path /usr/i686-linux-gnu/lib)
  if cross i686 i686 i686-linux-gnu; then
    if "${loader[@]}" "$root/build/exact-i686/ssmz" --version >/dev/null 2>&1; then
      start "32-bit x86" small "${loader[@]}" "$root/build/exact-i686/ssmz" -T1
      start "32-bit x86, 2 threads" small "${loader[@]}" "$root/build/exact-i686/ssmz" -T2
    else # a second thread hangs under qemu-i386 7.2, not on a processor
      start "32-bit x86" small qemu-i386 -L /usr/i686-linux-gnu "$root/build/exact-i686/ssmz" -T1
    fi
  fi
  # At -O3 its compiler takes minutes for each file of kernels.
  if cross s390x s390x s390x-linux-gnu "-O1 -DNDEBUG"; then
    start "s390x (big-endian)" small qemu-s390x -L /usr/s390x-linux-gnu "$root/build/exact-s390x/ssmz" -T1
  fi
}

make_inputs
make_reference here
make_reference small
for part in "${parts[@]}"; do
  echo "bit-exact, $part:"
  "check_$part"
  wait
done
if [ -s "$work/failures" ]; then
  echo "bit-exact: $(wc -l <"$work/failures") checks FAILED"
  exit 1
fi
echo "bit-exact: all the same bytes"
