#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy with the tree's .clang-tidy over the sources that changed lately; a warning is a failure.
#
#   tests/tidy.sh [--all | COMMIT | FILE...]
#
# Without arguments the sources changed since the tenth commit back, at most 16 of them, the newest first. Needs
# build/release/compile_commands.json.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed"; exit 77; }
[ -f build/release/compile_commands.json ] || { echo "configure build/release first"; exit 2; }

most=16
files=()
case ${1-} in
  --all) mapfile -t files < <(git ls-files 'src/*.cpp' 'codec/*.cpp' 'model/*.cpp'); most=100000 ;;
  *.cpp) files=("$@") ;;
  *)
    since=${1:-$(git rev-list --max-count=11 HEAD | tail -1)}
    mapfile -t files < <(git log --format= --name-only "$since"..HEAD -- 'src/*.cpp' 'codec/*.cpp' 'model/*.cpp' |
      awk 'NF && !seen[$0]++' | while read -r file; do [ -f "$file" ] && echo "$file"; done) ;;
esac
# Files for one instruction set take minutes and include what others are checked with.
mapfile -t files < <(printf '%s\n' "${files[@]}" | grep -vE '_(avx2|avx512|neon|double)\.cpp$' | head -n "$most")
[ -n "${files[*]}" ] || { echo "nothing has changed"; exit 0; }
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/release --quiet --warnings-as-errors='*' 2>/dev/null
status=$?
echo "clang-tidy: ${#files[@]} sources"
exit $status
