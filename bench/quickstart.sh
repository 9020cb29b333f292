#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a table of figures in one command.
#
#   bench/quickstart.sh [FILE]
#
# Installs the packages that are missing, builds ssmz, compresses FILE, decompresses it, compares, and prints sizes and
# seconds beside those of zstd, xz, brotli, bzip2, 7z and zpaq. Without FILE it takes the first 1,000,000 bytes of
# ../shared/data/enwik8_head.xz if that is there, else a text of the system's own documentation.
set -eu -o pipefail
cd "$(dirname "$0")/.."
. tests/packages.sh

sample_bytes=1000000

# Text that every Debian has: the licences and the documents of packages.
system_text() {
  cat /usr/share/common-licenses/* 2>/dev/null
  find /usr/share/doc /usr/share/perl /usr/lib/python3* /usr/include -type f \
    \( -name copyright -o -name '*.txt' -o -name '*.pod' -o -name '*.py' -o -name '*.h' \) 2>/dev/null |
    LC_ALL=C sort | tr '\n' '\0' | xargs -0 cat 2>/dev/null
}

make_sample() {
  if [ $# -gt 0 ]; then
    cp -- "$1" "$sample"
  elif [ -r ../shared/data/enwik8_head.xz ]; then
    xz -dc ../shared/data/enwik8_head.xz 2>/dev/null | head -c $sample_bytes >"$sample" || true
    title="the beginning of enwik8"
  else
    { system_text || true; } 2>/dev/null | head -c $sample_bytes >"$sample" || true
    title="text from this system's documentation"
  fi
}

install_packages "${build_packages[@]}" python3 xz-utils zstd brotli bzip2 p7zip-full zpaq
echo "building"
cmake --preset release >/dev/null
cmake --build --preset release --target ssmz_cli -j "$(nproc)" | tail -n 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sample=$work/sample
title=${1-}
make_sample "$@"
echo "sample: $title, $(wc -c <"$sample") bytes"

ssmz=$PWD/build/release/ssmz
echo "\$ ssmz sample"
"$ssmz" -k -q "$sample"
echo "\$ ssmz -d -o restored sample.ssmz"
"$ssmz" -d -q -o "$work/restored" "$sample.ssmz"
cmp "$sample" "$work/restored"
echo "$(wc -c <"$sample") -> $(wc -c <"$sample.ssmz") bytes, and back: identical"
echo
bench/compare "$sample" --levels 1,5,9 --repeat 1 --only zstd,xz,brotli,bzip2,7z,zpaq --out build/quickstart
echo "The same as CSV, JSON and a plot: build/quickstart/"
