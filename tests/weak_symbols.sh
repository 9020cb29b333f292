#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# weak_symbols.sh BUILD_FOLDER: no object that is compiled for a later instruction set (AVX2, AVX-512) offers a weak
# function: the linker takes one of all weak definitions, and code for any machine would then hold instructions that
# its machine may lack. What is only compiled in such an object (a template over its registers) is free to be weak.
set -u
build=$1
command -v nm >/dev/null || exit 77
checked=0
failed=0
while read -r object; do
  checked=$((checked + 1))
  # W: weak function, u: unique global. Names over the instruction set's own types cannot meet baseline code.
  found=$(nm -C --defined-only "$object" | grep -E '^[0-9a-f]* [Wu] ' | grep -vE 'xsimd::(avx|fma3|avx512)|__m(256|512)')
  [ -z "$found" ] && continue
  echo "$object offers to all code:"
  echo "$found"
  failed=1
done < <(find "$build" -name '*_avx2.cpp.o' -o -name '*_avx512.cpp.o')
[ $checked -gt 0 ] || { echo "no such objects in $build"; exit 77; }
echo "$checked objects looked at"
exit $failed
