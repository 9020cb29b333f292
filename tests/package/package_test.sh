#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# package_test.sh BUILD_FOLDER: installs into a scratch folder and builds programs against it by CMake (C and C++, C only)
# and pkg-config, linked with the shared library and with the static one.
set -eu
build=$1
source=$(cd "${0%/*}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-package-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/usr" >/dev/null
# Moved: nothing may depend on where it was installed first.
mv "$scratch/usr" "$scratch/moved"
moved=$scratch/moved
shared=$(find "$moved" -name 'libssmz.so')
export LD_LIBRARY_PATH=${shared:+${shared%/*}}

# links_shared PROGRAM: does it load libssmz at run time?
links_shared() { objdump -p "$1" | grep -q 'NEEDED *libssmz'; }

# is_linked KIND PROGRAM: runs it and looks whether it is linked as KIND, shared or static, says.
is_linked() {
  "$2" >/dev/null || { echo "$2 fails"; exit 1; }
  if [ "$1" = shared ]; then links_shared "$2"; else ! links_shared "$2"; fi ||
    { echo "$2 is not linked $1"; exit 1; }
}

for kind in ${shared:+shared} static; do
  static=OFF
  [ $kind = shared ] || static=ON
  for project in . c_only; do
    folder=$scratch/build-$kind/$project
    cmake -S "$source/$project" -B "$folder" -DSTATIC=$static -DCMAKE_PREFIX_PATH="$moved" >/dev/null
    cmake --build "$folder" >/dev/null
    is_linked $kind "$folder/user_c"
  done
  is_linked $kind "$scratch/build-$kind/user"
done

# As a folder of another project, configured only: building it again would take minutes.
cmake -S "$source/subproject" -B "$scratch/parent" -DSSMZ_FOLDER="$source/../.." >/dev/null
head -c 20000 "$source/../../README.md" >"$scratch/text"
"$build/ssmz-generate" "$scratch/text" --save "$scratch/weights" --length 0 >/dev/null 2>&1
"$scratch/build-static/model_user" "$scratch/weights" "Lorem " >/dev/null
[ "$(echo text | "$moved/bin/ssmz" -1 | "$moved/bin/ssmzcat")" = text ]
if command -v pkg-config >/dev/null; then
  export PKG_CONFIG_PATH
  PKG_CONFIG_PATH=$(dirname "$(find "$moved" -name ssmz.pc)")
  flags=$(pkg-config --cflags --libs ssmz)
  kind=${shared:+shared}
  c++ -std=c++20 "$source/user.cpp" $flags -o "$scratch/user"
  cc "$source/user_c.c" $flags -o "$scratch/user_c"
  is_linked "${kind:-static}" "$scratch/user"
  is_linked "${kind:-static}" "$scratch/user_c"
  # The static one beside a shared one, by its file's name.
  flags=$(pkg-config --cflags --libs --static ssmz | sed 's/-lssmz /-l:libssmz.a /')
  cc "$source/user_c.c" $flags -o "$scratch/user_c"
  is_linked static "$scratch/user_c"
  model_flags=$(pkg-config --cflags --libs ssmz-model)
  c++ -std=c++20 "$source/model_user.cpp" $model_flags -o "$scratch/model_user"
  "$scratch/model_user" "$scratch/weights" "Lorem " >/dev/null
fi
