#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# package_test.sh BUILD_FOLDER: installs into a scratch folder and builds programs against it by CMake and pkg-config.
set -eu
build=$1
source=${0%/*}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-package-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/usr" >/dev/null
# Moved: nothing may depend on where it was installed first.
mv "$scratch/usr" "$scratch/moved"
cmake -S "$source" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/moved" >/dev/null
cmake --build "$scratch/build" >/dev/null
"$scratch/build/user"
"$scratch/build/user_c"
head -c 20000 "$source/../../README.md" >"$scratch/text"
"$build/ssmz-generate" "$scratch/text" --save "$scratch/weights" --length 0 >/dev/null 2>&1
"$scratch/build/model_user" "$scratch/weights" "Lorem " >/dev/null
[ "$(echo text | "$scratch/moved/bin/ssmz" -1 | "$scratch/moved/bin/ssmzcat")" = text ]
if command -v pkg-config >/dev/null; then
  export PKG_CONFIG_PATH
  PKG_CONFIG_PATH=$(dirname "$(find "$scratch/moved" -name ssmz.pc)")
  flags=$(pkg-config --cflags --libs ssmz)
  c++ -std=c++20 "$source/user.cpp" $flags -o "$scratch/user" && "$scratch/user"
  model_flags=$(pkg-config --cflags --libs ssmz-model)
  c++ -std=c++20 "$source/model_user.cpp" $model_flags -o "$scratch/model_user"
  "$scratch/model_user" "$scratch/weights" "Lorem " >/dev/null
  cc "$source/user_c.c" $flags -o "$scratch/user_c" && "$scratch/user_c"
fi
