#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Parts of files and archives: ranges, frames, joining, going on, recovering, primes.
. "${0%/*}/harness.sh"
text a 250
size=$(stat -c %s a)
frame=2000
count=$(((size + frame - 1) / frame))
run 0 -1 --frame-size=$frame -o whole a

# Ranges of content, within and across frames, at the end and behind it.
for range in 1990-20 5000-3001 $((size - 5))-5 $((size - 5))- 0-; do
  run 0 -dc --range $range whole
  offset=${range%-*} length=${range#*-}
  tail -c +$((offset + 1)) a | head -c "${length:-$size}" | cmp -s - out || fail "--range $range"
done
run 2 -dc --range $((size - 5))-10 whole
says "content ends"
run 1 -dc --range 5 whole
run 1 -dc --range 5-x whole
run 1 -1 -c --range 5-5 a

# Frames compressed one by one and joined are what one run gives; one part gives the table anew.
[ "$("$SSMZ" -1 --count-frames --frame-size=$frame a)" = $count ] || fail "--count-frames of a file"
[ "$("$SSMZ" --count-frames whole)" = $count ] || fail "--count-frames of an archive"
half=$((count / 2))
run 0 -1 --frame-size=$frame --frames 0-$((half - 1)) -o part0 a
run 0 -1 --frame-size=$frame --frames $half-$half -o part1 a
run 0 -1 --frame-size=$frame --frames $((half + 1))- -o part2 a
run 0 join part0 part1 part2 -o joined
silent
same joined whole
run 0 -t joined
run 1 join part0 -o joined
says "exists already"
run 1 join part0 joined -f -o joined
says "is a part itself"
run 0 join whole -o again
same again whole
cat part0 part1 >concatenated
run 0 join concatenated part2 -o joined2
same joined2 whole
head -c 50 part1 >cut
run 1 join part0 cut part2 -o broken
says "^ssmz: cut: "
absent broken
run 1 join a -o broken
run 1 join missing -o broken
nothing_left
run 1 -1 --frame-size=$frame --frames $count -c a
says "there would be $count frames"

# A file comes back in parallel, each run filling its part.
for frames in $((half + 1))- 0-$((half - 1)) $half; do run 0 -d --frames $frames -o back whole; done
same back a
run 0 -dc --frames $half whole
tail -c +$((half * frame + 1)) a | head -c $frame | cmp -s - out || fail "-dc --frames"

# A killed run goes on behind its whole frames.
text long 1500
run 0 -5 --frame-size=8000 -o long.whole long
"$SSMZ" -5 -T1 --frame-size=8000 -o resumed long 2>/dev/null &
pid=$!
for ((i = 0; i < 400; i++)); do [ "$(stat -c %s .resumed.ssmz-partial 2>/dev/null || echo 0)" -gt 300 ] && break; sleep 0.02; done
kill -KILL $pid
wait $pid 2>/dev/null
exists .resumed.ssmz-partial
run 0 -5 --resume --verify --frame-size=8000 -o resumed long
says "goes on behind [1-9][0-9]* frames"
same resumed long.whole
nothing_left
# What another source, level or frame size has left is begun anew.
head -c 6000 long.whole >.other.ssmz-partial
run 0 -1 --resume --frame-size=$frame -o other a
same other whole
cp whole .done.ssmz-partial
run 0 -1 --resume --frame-size=$frame -o done a
same done whole

# So is what other layers have left; the same ones, however they are written, go on.
run 0 -5 --ssm 's6:n8 | mlp' --frame-size=8000 -o layers.whole long
for asked in 's6:n8|mlp' 's6:n4|mlp'; do
  head -c $(($(stat -c %s layers.whole) - 200)) layers.whole >.layers.ssmz-partial
  run 0 -5 --ssm "$asked" --resume --verify --frame-size=8000 -f -o layers long
  case $asked in
    *n8*) says "goes on behind [1-9][0-9]* frames" && same layers layers.whole ;;
    *) ! grep -q "goes on" err || fail "went on behind frames with other layers" ;;
  esac
done

# What is intact of a damaged archive comes back; the rest is told.
frames_of() { "$SSMZ" -l --robot "$1" | awk -F'\t' -v n="$2" '$1 == "frame" && i++ == n { print $2, $3 }'; }
read -r at length < <(frames_of whole 3)
expected_without() { { head -c $(($1 * frame)) a; tail -c +$((($1 + 1) * frame + 1)) a; } >expected; }
for damage in overwritten cut inserted; do
  case $damage in
    overwritten) cp whole damaged; printf 'xxxxxxxx' | dd of=damaged bs=1 seek=$((at + length / 2)) conv=notrunc status=none ;;
    cut) { head -c $((at + length / 2)) whole; tail -c +$((at + length / 2 + 10)) whole; } >damaged ;;
    inserted) { head -c $((at + length / 2)) whole; echo inserted; tail -c +$((at + length / 2 + 1)) whole; } >damaged ;;
  esac
  run 1 -t damaged
  rm -f recovered
  run 2 --recover damaged -o recovered
  expected_without 3
  same recovered expected
  says "bytes $at to .* with frames 3 to 3, are lost"
done
head -c $((at + 20)) whole >damaged
run 2 --recover damaged -o recovered2
head -c $((3 * frame)) a | cmp -s - recovered2 || fail "recovering the beginning"
says "frame 3 and what followed it"
run 0 --recover whole -o recovered3
same recovered3 a
run 1 --recover a -o recovered4
says "no intact frame"
absent recovered4

# Primes: what resembles them becomes small; without them nothing is read.
text old 100
{ cat old; echo "one more line"; } >new
run 0 -1 -o alone new
run 0 -1 -D old -o primed new
[ "$(stat -c %s primed)" -lt $(($(stat -c %s alone) / 2)) ] || fail "a prime changed little"
run 0 -dc -D old primed
same out new
run 1 -dc primed
says 'needs the prime "old" of'
run 1 -dc -D a primed
says 'needs the prime "old" of'
run 0 -lv primed
grep -q 'prime old' out || fail "the list names no prime: $(cat out)"
run 1 -1 --prime-limit=100 -D old -c new
says "larger than a prime may be"
run 1 -1 -D missing -c new
run 0 -1 --patch-from old -o patch new
run 0 -dc --patch-from old patch
same out new
run 0 -1 --verify -D old -f -o primed new
nothing_left
finish
