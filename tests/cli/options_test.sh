#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Help, versions, lists, modes, sizes, messages.
. "${0%/*}/harness.sh"
text a 40

run 0 --version
grep -q '^ssmz [0-9]*\.[0-9]*\.[0-9]*' out || fail "version: $(cat out)"
run 0 --help
grep -q -- --frame-size out || fail help
run 1 --bogus
says bogus
run 1 --frame-size=10x a
says "--frame-size=10x: is no size"
run 1 -T x a
run 0 --frame-size=1KiB -M 50% -1 -c a

run 0 -1 a
run 0 -z -l -t a.ssmz
silent
[ ! -s out ] || fail "-t wrote something"
run 0 -v -t a.ssmz
says ratio
run 0 -vv -1 -c a
says "level 1"

run 0 -1 --frame-size=1000 -o frames.ssmz a
run 0 -l a.ssmz frames.ssmz
[ "$(wc -l <out)" = 4 ] || fail "list: $(cat out)"
grep -q XXH3 out || fail "list names no check"
run 0 -l --robot frames.ssmz
content=$(stat -c %s a)
frames=$(((content + 999) / 1000))
[ "$(head -1 out | cut -f1-4)" = "$(printf 'file\t%s\t%s\t%s' $frames "$(stat -c %s frames.ssmz)" "$content")" ] ||
  fail "robot list: $(head -1 out)"
[ "$(grep -c ^frame out)" = $frames ] || fail "robot list has no line a frame"
[ "$(tail -1 out | cut -f1)" = totals ] || fail "robot list has no totals"
pipe 1 a.ssmz -l

run 0 -1 --no-check -o unchecked.ssmz a
run 0 -t unchecked.ssmz
[ "$(stat -c %s unchecked.ssmz)" = $(($(stat -c %s a.ssmz) - 4)) ] || fail "--no-check"

run 0 --ssm=help
grep -q '^mamba3: ' out || fail "no layer is listed: $(cat out)"
run 0 -1 --ssm "s6 | mlp:32" --ssm-width 32 -o layers.ssmz a
run 0 -dc layers.ssmz
cmp -s out a || fail "other content came back"
run 0 -lv layers.ssmz
grep -q 'SSM s6 | mlp:32 of width 32' out || fail "the list names no layers: $(cat out)"
run 1 -1 --ssm "s6 | nosuch" -c a
says "--ssm: there is no layer called 'nosuch'"
run 1 -1 --ssm-width 32 -c a
says "--ssm-width: the level has no layers to widen"
run 1 -1 --ssm-width 33 -c a
says "is no multiple of 16"
run 1 -1 --ssm "swa:w4096 | swa:w4096" --ssm-width 1024 -c a
says "of memory, --memory allows"

# A prime of samples, folders and lists among them, serves both ways.
mkdir samples
for i in 1 2 3 4 5 6 7 8; do text samples/$i 20; done
run 0 train-prime --size 512 -o prime samples
says "8 samples"
ls samples/* >names
run 0 train-prime --size 512 -o prime2 --files=names
same prime prime2
run 0 -1 -D prime -c a
mv out primed.ssmz
run 0 -dc -D prime primed.ssmz
same out a
run 1 train-prime -o prime samples
says "exists already"
run 1 train-prime -o p3 missing
run 1 train-prime --size 100 -o p3 samples
says "less than 256"
run 1 train-prime samples
says "-o FILE is missing"
absent p3

text corpus 500
run 0 train-vocab --size 512 -o v corpus
says lexemes
run 1 train-vocab --size 512 corpus
run 1 train-vocab --size 512 -o w missing
absent w
# A weight changes the vocabulary; a path hides what looks like a weight.
text other 300
run 0 train-vocab --size 512 -o w1 corpus other
run 0 train-vocab --size 512 -o w3 corpus 3:other
cp other 3:other
run 0 train-vocab --size 512 -o w-path corpus ./3:other
same w1 w-path
cmp -s w1 w3 && fail "a weight changed nothing"
for weight in 0 256 1000; do
  run 1 train-vocab --size 512 -o w0 $weight:other
  says "weights are 1 to 255"
done
absent w0
run 0 -1 --vocab v -o special.ssmz a
run 1 -dc special.ssmz
says "needs the vocabulary"
run 0 -dc --vocab v special.ssmz
same out a

run 0 --progress=on -1 -c a
run 0 -b -1 a
grep -q "bits per byte" out || fail "bench: $(cat out)"
finish
