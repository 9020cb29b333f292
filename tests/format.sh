#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C and C++ file is as clang-format 14 (Debian 12's) writes it with .clang-format; other versions differ in
# details, so without that one the test is skipped (exit status 77).
#
#   tests/format.sh [--fix]
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2

if ! clang-format --version 2>/dev/null | grep 'version 14\.' >/dev/null; then
  echo "skipped: no clang-format 14 here"
  exit 77
fi
mode=(--dry-run -Werror)
[ "${1-}" = --fix ] && mode=(-i)
find src codec model bench tests -name '*.[ch]pp' -print0 -o -name '*.[ch]' -print0 | xargs -0 clang-format "${mode[@]}"
