#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Damaged, truncated and foreign data, limits, missing vocabularies, full disks.
. "${0%/*}/harness.sh"
text a 20
run 0 -1 a
size=$(stat -c %s a.ssmz)

for keep in 0 3 10 30 $((size / 2)) $((size - 1)); do
  head -c $keep a.ssmz >cut.ssmz
  rm -f cut
  run 1 -t cut.ssmz
  says "unexpected end"
  run 1 -d cut.ssmz
  absent cut
done
for at in 0 4 5 6 12 25 $((size / 2)) $((size - 1)); do
  cp a.ssmz damaged.ssmz
  byte=$(od -An -tu1 -j$at -N1 a.ssmz)
  printf "\\x$(printf %02x $((byte ^ 0x55)))" | dd of=damaged.ssmz bs=1 seek=$at conv=notrunc status=none
  run 1 -t -M 1G damaged.ssmz
  run 1 -d -M 1G damaged.ssmz
  absent damaged
done
{ cat a.ssmz; echo garbage; } >trailing.ssmz
run 1 -t trailing.ssmz
says "follows the last frame"
run 1 -t a
says "not ssmz data"
run 1 -l a

run 1 -t -M 1M a.ssmz
says "needs .* MiB of memory"
need=$(sed -n 's/.*needs \([0-9]*\) MiB.*/\1/p' err)
run 0 -t -M ${need}MiB a.ssmz
run 1 -1 -M 1M -c a

if [ -w /dev/full ]; then
  "$SSMZ" -1 -c a >/dev/full 2>err
  [ $? = 1 ] || fail "a full disk gave no error"
  says "writing failed"
fi
echo "no vocabulary" >v
run 1 -1 --vocab v -c a
says "damaged vocabulary"
run 1 --vocab missing -c a
nothing_left

# A signal removes the unfinished output.
text big 40000
"$SSMZ" -9 big 2>/dev/null &
pid=$!
for ((i = 0; i < 100; i++)); do
  [ -n "$(find . -name '.*ssmz-partial')" ] && break
  sleep 0.05
done
kill -TERM $pid
wait $pid 2>/dev/null
[ $? = 143 ] || fail "SIGTERM did not end the program"
absent big.ssmz
nothing_left

# An archive that shrinks while it is listed, tested and decompressed: an error or what was there, never a signal.
: >nothing
"$SSMZ" -1 -c nothing >frames
for _ in $(seq 15); do cat frames frames >twice && mv twice frames; done
for action in -l -t -dc; do
  for delay in 0 0.01 0.03 0.1; do
    cp frames shrinking.ssmz
    "$SSMZ" $action shrinking.ssmz >out 2>err &
    pid=$!
    sleep $delay
    truncate -s 1000 shrinking.ssmz
    wait $pid
    status=$?
    [ $status -le 2 ] || fail "$action of an archive that shrinks: exit status $status"
  done
done
finish
