#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# symbols_test.sh LIBRARY: what the shared library exports is the functions of ssmz.h and, in C++, what
# exported_names.txt lists; all of it has the version SSMZ_x.y.
set -eu
library=$1
source=${0%/*}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-symbols-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' >"$scratch/all"
if grep -v '@@SSMZ_' "$scratch/all"; then
  echo "these have no version"
  exit 1
fi
sed 's/@@.*//' "$scratch/all" >"$scratch/names"
grep '^ssmz_' "$scratch/names" | sort >"$scratch/c"
grep -oE '^SSMZ_API [^(]*\(' "$source/../../codec/ssmz/ssmz.h" | grep -oE 'ssmz_\w+\(' | tr -d '(' | sort >"$scratch/c_header"
diff "$scratch/c_header" "$scratch/c" || { echo "the header's functions (<) and those exported (>) differ"; exit 1; }
# Names without parameters: constructors and overloads appear once.
grep -v '^ssmz_' "$scratch/names" | c++filt -p | LC_ALL=C sort -u >"$scratch/cpp"
diff "$source/exported_names.txt" "$scratch/cpp" ||
  { echo "what is listed (<) and what is exported of C++ (>) differ: is the change meant?"; exit 1; }
