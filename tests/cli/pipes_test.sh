#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Standard input and output, concatenations, aliases, tar.
. "${0%/*}/harness.sh"
text a 40
: >empty
printf x >one
head -c 100000 /dev/urandom >random

for file in a empty one random; do
  pipe 0 $file -1
  mv out $file.piped
  pipe 0 $file.piped -d
  same out $file
  "$SSMZ" -1 <$file | cat | "$SSMZ" -d | cmp -s - $file || fail "$file through pipes"
  run 0 -1 -c $file
  same out $file.piped
done
[ "$(stat -c %s empty.piped)" -le 32 ] || fail "the empty file takes too much"
[ "$(stat -c %s random.piped)" -le $((100000 + 100 + 64)) ] || fail "random bytes grow too much"

pipe 0 a -1 -
run 0 -1 -T2 --frame-size=500 -o frames a
run 0 -1 -T1 --frame-size=500 -o frames1 a
same frames frames1
cat a.piped frames one.piped empty.piped >all
cat a a one >expected
run 0 -dc all
same out expected
run 0 -dc -T3 all
same out expected

# Content comes as it is decoded: all of it is out before the end of its frame (its checksum) is read.
text long 1000
run 0 -1 -o long.ssmz long
for threads in 1 2 4; do
  pipe 1 <(head -c -4 long.ssmz) -d -T$threads
  same out long
  says "ends inside a frame"
done

ln -s "$SSMZ" ssmzcat
ln -s "$SSMZ" unssmz
./ssmzcat all | cmp -s - expected || fail ssmzcat
cp a.piped u.ssmz
./unssmz u.ssmz || fail unssmz
same u a

# -dcf passes through what is no frame; without -f it is an error.
run 0 -dcf a
same out a
run 1 -dc a
says "not ssmz data"

# No reader: dies of the signal, quietly.
{ "$SSMZ" -dc random.piped random.piped random.piped random.piped 2>err; echo $? >status; } | head -c 1 >/dev/null
[ "$(cat status)" = 141 ] || fail "a broken pipe gave $(cat status)"
silent

if command -v tar >/dev/null; then
  tar -I "$SSMZ -1" -cf t.tar.ssmz a one || fail "tar -c"
  tar -I "$SSMZ" -xOf t.tar.ssmz a | cmp -s - a || fail "tar -x"
fi
SSMZ_OPT=-1 "$SSMZ" -c a | cmp -s - a.piped || fail SSMZ_OPT

# --single-stream: what follows the first stream is left, be it a stream or none.
cat frames a.piped >two
run 0 -dc --single-stream two
same out a
(cat a.piped; echo "no frame") >followed
run 0 -dc --single-stream followed
same out a
run 1 -dc followed
head -c -1 a.piped >cut
run 1 -dc --single-stream cut
says "ends inside a frame"

# --ignore-check: a wrong checksum passes, damage elsewhere does not.
run 0 -1 -o checked.ssmz a
size=$(stat -c %s checked.ssmz)
(head -c $((size - 1)) checked.ssmz; tail -c 1 checked.ssmz | tr '\000-\377' '\001-\377\000') >wrong
run 1 -dc wrong
run 0 -dc --ignore-check wrong
same out a
run 1 -dc --ignore-check cut

# --flush-timeout: a pipe that stays silent gets what came so far; the end is not taken for silence.
mkfifo slow
"$SSMZ" -1 --flush-timeout=1 <slow >flushed &
exec 5>slow
cat a >&5
for _ in $(seq 100); do
  [ -s flushed ] && break
  sleep 0.1
done
"$SSMZ" -dc flushed 2>err | cmp -s - a || fail "--flush-timeout held back what came"
cat one >&5
exec 5>&-
wait
run 0 -dc flushed
cat a one | cmp -s - out || fail "--flush-timeout lost something"
[ "$("$SSMZ" -l --robot flushed | grep -c ^frame)" = 2 ] || fail "--flush-timeout made other frames"

# A frame that is whole leaves while more input is awaited, with any number of threads.
for threads in 1 2; do
  "$SSMZ" -1 -T$threads --frame-size=500 <slow >waiting &
  exec 5>slow
  cat a >&5
  for _ in $(seq 100); do
    [ -s waiting ] && break
    sleep 0.1
  done
  [ -s waiting ] || fail "whole frames were held back with $threads threads"
  exec 5>&-
  wait
  run 0 -dc waiting
  same out a
done

run 1 -1 --flush-timeout=0 -c a
says "--flush-timeout=0: is no number of seconds"
finish
