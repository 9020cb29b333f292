#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the test vectors: frames with their contents in data/vectors, damaged frames in data/vectors/bad.
#
#   tests/make_vectors.sh [--replace] [SSMZ]
#
# Frames that exist are kept: every later version must decode them. --replace makes them all anew, which is right only
# as long as the format has not been released. Contents that exist are kept in any case.
set -eu -o pipefail
cd "$(dirname "$0")/.."

replace=false
if [ "${1-}" = --replace ]; then
  replace=true
  shift
fi
ssmz=$(realpath "${1:-build/release/ssmz}")
vectors=data/vectors
mkdir -p $vectors/bad
$replace && rm -f $vectors/*.ssmz $vectors/bad/*.ssmz

# content NAME: standard input becomes the content, unless it is there.
content() { [ -e "$vectors/$1" ] && cat >/dev/null || cat >"$vectors/$1"; }

# frame NAME TAG OPTION...: NAME.TAG.ssmz from NAME.
frame() {
  local name=$1 tag=$2
  shift 2
  [ -e "$vectors/$name.$tag.ssmz" ] || "$ssmz" -q -c -T1 "$@" "$vectors/$name" >"$vectors/$name.$tag.ssmz"
}

# damaged NAME OFFSET: a copy of text.txt.5.ssmz with the bits of one byte turned over.
damaged() {
  local file=$vectors/bad/$1.ssmz byte
  [ -e "$file" ] && return
  cp $vectors/text.txt.5.ssmz "$file"
  byte=$(od -An -tu1 -j"$2" -N1 "$file")
  printf "\\x$(printf %02x $((byte ^ 255)))" | dd of="$file" bs=1 seek="$2" conv=notrunc status=none
}

sed -n '3,60p' LICENSE | content text.txt
content page.xml <<'XML'
<page>
  <title>River</title>
  <revision>
    <id>15898945</id>
    <timestamp>2002-08-22T03:11:05Z</timestamp>
    <text xml:space="preserve">A '''river''' is a natural stream of [[water]], usually [[fresh water]], that flows
towards an [[ocean]], a [[lake]] or another river. &quot;River&quot; has no ''official'' definition.

== Größe und Länge ==
* [[Nile]]: 6,650 km
* [[Amazon River|Amazon]]: 6,400 km
* Лена: 4,294 km — 長江: 6,300 km
{| class="wikitable"
! Name !! Length
|-
| Nile || 6650
|}
[[Category:Rivers]]</text>
  </revision>
</page>
XML
awk 'BEGIN { for (i = 0; i < 60; ++i) printf "%d,%s,%.2f,2024-01-%02d\n", 1000 + i, i % 7 ? "open" : "closed", i * 1.37, 1 + i % 28 }' |
  content table.csv
head -c 3000 "$ssmz" | content program.bin
{ head -c 1200 LICENSE; head -c 1500 data/statistics.tar.xz; head -c 1200 codec/ssmz/status.hpp; } | content mixed.bin
head -c 2000 data/statistics.tar.xz | tail -c 1000 | content dense.bin
head -c 20000 /dev/zero | content zeros.bin
: | content empty
printf x | content one

# What is written from plainer bytes, and pictures.
sed 's/$/\r/' $vectors/text.txt | content text.crlf
iconv -f UTF-8 -t UTF-16LE $vectors/page.xml | content page.utf16
base64 $vectors/program.bin | content program.b64
gzip -9nc $vectors/text.txt | content text.gz
LC_ALL=C awk 'BEGIN {
  printf "P6 48 40 255\n"
  for (y = 0; y < 40; ++y) for (x = 0; x < 48; ++x)
    printf "%c%c%c", 1 + (x * 5 + y) % 255, 1 + (y * 6 + x * x / 40) % 255, 1 + (x * y / 8 + x % 3) % 255
}' | content picture.ppm
[ -e $vectors/picture.png ] || pnmtopng -compression 9 $vectors/picture.ppm | content picture.png
bzip2 -9c $vectors/text.txt | content text.bz2
[ -e $vectors/text.Z ] || compress -c $vectors/text.txt | content text.Z
[ -e $vectors/picture.gif ] || pnmquant 64 $vectors/picture.ppm 2>/dev/null | ppmtogif 2>/dev/null | content picture.gif
[ -e $vectors/photograph.jpg ] || LC_ALL=C awk 'BEGIN {
  printf "P6 160 112 255\n"
  for (y = 0; y < 112; ++y) for (x = 0; x < 160; ++x)
    printf "%c%c%c", 1 + (x + y * y / 60 + x * 7 % 13) % 255, 1 + (y * 2 + y * 5 % 11) % 255, 1 + (x * y / 90 + y % 9) % 255
}' | cjpeg -quality 90 -restart 3 | content photograph.jpg
[ -e $vectors/mixed.tar.gz ] || tar -C $vectors --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar \
  -cf - text.txt program.bin picture.ppm table.csv | gzip -9n | content mixed.tar.gz

for level in 1 2 3 4 5 6 7 8 9; do frame text.txt $level -$level; done
# Our own code for another processor.
[ -e $vectors/program.arm64 ] || {
  work=$(mktemp -d)
  aarch64-linux-gnu-g++ -std=c++20 -O2 -I. -Icodec -c codec/predict/context_bank.cpp -o "$work/object"
  aarch64-linux-gnu-objcopy -O binary -j .text "$work/object" "$work/code"
  content program.arm64 <"$work/code"
  rm -r "$work"
}

for name in page.xml table.csv program.bin mixed.bin mixed.tar.gz picture.gif program.arm64; do
  for level in 1 5 9; do frame $name $level -$level; done
done
for name in dense.bin zeros.bin empty one text.crlf page.utf16 program.b64 text.gz text.bz2 text.Z picture.ppm picture.png photograph.jpg; do
  frame $name 5 -5
done
frame text.txt frames -5 --frame-size=1K
frame text.txt unchecked -5 --no-check
[ -e $vectors/text.txt.piped.ssmz ] || "$ssmz" -q -5 <$vectors/text.txt >$vectors/text.txt.piped.ssmz

size=$(stat -c %s $vectors/text.txt.5.ssmz)
[ -e $vectors/bad/truncated.ssmz ] || head -c $((size / 2)) $vectors/text.txt.5.ssmz >$vectors/bad/truncated.ssmz
[ -e $vectors/bad/trailing.ssmz ] || { cat $vectors/text.txt.5.ssmz; echo garbage; } >$vectors/bad/trailing.ssmz
[ -e $vectors/bad/foreign.ssmz ] || head -c 300 LICENSE >$vectors/bad/foreign.ssmz
[ -e $vectors/bad/nothing.ssmz ] || : >$vectors/bad/nothing.ssmz
# unfinished: the first two frames of text.txt.frames.ssmz alone; swapped: in the wrong order.
starts=$("$ssmz" -l -v --robot $vectors/text.txt.frames.ssmz | awk '$1 == "frame" { print $2 }' | sed -n 2,3p | xargs)
read -r first second <<<"$starts"
[ -e $vectors/bad/unfinished.ssmz ] || head -c "$second" $vectors/text.txt.frames.ssmz >$vectors/bad/unfinished.ssmz
[ -e $vectors/bad/swapped.ssmz ] || {
  head -c "$second" $vectors/text.txt.frames.ssmz | tail -c $((second - first))
  head -c "$first" $vectors/text.txt.frames.ssmz
  tail -c +$((second + 1)) $vectors/text.txt.frames.ssmz
} >$vectors/bad/swapped.ssmz
damaged magic 0
damaged version 4
damaged header 6
damaged data $((size / 2))
damaged checksum $((size - 1))

for path in $vectors/*.ssmz; do
  name=${path%.ssmz}
  "$ssmz" -q -d -c "$path" | cmp - "${name%.*}"
done
du -cb $vectors/* $vectors/bad/* | tail -1
