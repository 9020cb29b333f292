#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# debian_test.sh BUILD_FOLDER VERSION: makes the Debian packages, installs them with dpkg into a scratch root and uses
# what they hold.
set -eu
build=$1
version=$2
for tool in dpkg cpack dpkg-shlibdeps; do
  command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-debian-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && cpack --config "$build/CPackConfig.cmake" -G DEB -B "$scratch/made" >cpack.log 2>&1) ||
  { cat "$scratch/cpack.log"; exit 1; }
root=$scratch/root
mkdir -p "$root/var/lib/dpkg/"{info,updates}
: >"$root/var/lib/dpkg/status"
for package in "$scratch"/made/*.deb; do
  name=$(dpkg-deb -f "$package" Package)
  [ "$(dpkg-deb -f "$package" Version)" = "$version" ] || { echo "$name has another version"; exit 1; }
  # What they depend on is in the machine, not in the scratch root.
  dpkg --root="$root" --force-depends --force-not-root --force-script-chrootless --log="$scratch/dpkg.log" \
    -i "$package" >/dev/null 2>"$scratch/dpkg.err" || { cat "$scratch/dpkg.err"; exit 1; }
  echo "$name $version: $(dpkg-deb -f "$package" Depends), $(dpkg-deb -c "$package" | wc -l) files"
done
[ "$(echo text | "$root/usr/bin/ssmz" -1 | "$root/usr/bin/ssmzcat")" = text ]
case $("$root/usr/bin/ssmz" --version) in *"$version"*) ;; *) echo "the program has another version"; exit 1 ;; esac
[ -f "$root/usr/include/ssmz/ssmz.h" ]
[ -n "$(find "$root/usr/lib" -name 'libssmz.a')" ]
for name in $(find "$root/usr/lib" -name 'libssmz.so*'); do
  # The name for the compiler comes with one package, the library with another.
  [ -e "$name" ] || { echo "$name leads nowhere"; exit 1; }
done
if [ -d "$root/usr/lib/python3/dist-packages/ssmz" ]; then
  PYTHONPATH=$root/usr/lib/python3/dist-packages python3 -c \
    'import ssmz; assert ssmz.decompress(ssmz.compress(b"text" * 100, 1)) == b"text" * 100'
fi
dpkg --root="$root" --force-not-root --force-script-chrootless --force-depends --log="$scratch/dpkg.log" -r ssmz >/dev/null
[ ! -e "$root/usr/bin/ssmz" ] || { echo "a removed package left its program"; exit 1; }
