#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sources are removed only for an output that holds them, and nothing is replaced that was not meant.
. "${0%/*}/harness.sh"
text a 40
cp a original
run 0 -1 a

# Closed standard streams: messages never reach a file.
cp a b
sh -c '"$0" -1 -v --rm b <&- 2>&-' "$SSMZ" || fail "a closed stderr gave $?"
absent b
run 0 -t b.ssmz
run 0 -d b.ssmz
same b original
rm -f b b.ssmz
sh -c '"$0" -d -vv a.ssmz -o z >&- 2>&-' "$SSMZ" || fail "closed output streams gave $?"
same z original
sh -c '"$0" -dc a.ssmz >&- 2>err' "$SSMZ" && fail "writing to a closed standard output gave 0"
sh -c '"$0" -1 -c <&- 2>err >out' "$SSMZ" && fail "reading a closed standard input gave 0"

# A source that is replaced or appended to meanwhile is kept, and told.
text long 2500
cp long log
"$SSMZ" -5 --rm log 2>err &
pid=$!
for ((i = 0; i < 200; i++)); do [ -e .log.ssmz.ssmz-partial ] && break; sleep 0.02; done
exists .log.ssmz.ssmz-partial
mv log log.1
echo new >log
# Meanwhile the output's name is claimed: a second run says so at once.
run 1 -1 -o log.ssmz a
says "being written by another ssmz"
wait $pid
status=$?
[ $status = 2 ] || fail "a replaced source gave $status: $(cat err)"
says "another file"
[ "$(cat log)" = new ] || fail "the new file was removed"
rm -f log log.1 log.ssmz

cp long log
"$SSMZ" -5 --rm log 2>err &
pid=$!
for ((i = 0; i < 200; i++)); do [ -e .log.ssmz.ssmz-partial ] && break; sleep 0.02; done
echo more >>log
wait $pid
status=$?
[ $status = 2 ] || fail "a growing source gave $status: $(cat err)"
says "grew while it was read"
exists log
"$SSMZ" -dc log.ssmz | cmp -s - <(head -c "$(stat -c %s long)" log) || fail "the beginning of a growing source"
rm -f log log.ssmz

cp long log
"$SSMZ" -5 log 2>err &
pid=$!
for ((i = 0; i < 200; i++)); do [ -e .log.ssmz.ssmz-partial ] && break; sleep 0.02; done
echo precious >log.ssmz
wait $pid
status=$?
[ $status = 1 ] || fail "an output that appeared gave $status"
says "appeared while"
[ "$(cat log.ssmz)" = precious ] || fail "what appeared was replaced"
nothing_left
rm -f log log.ssmz

# Files of the kernel, whose sizes say nothing.
run 0 -1 -o mounts.ssmz /proc/self/status
if [ -r /sys/kernel/mm/transparent_hugepage/enabled ]; then
  run 0 -1 -o sys.ssmz /sys/kernel/mm/transparent_hugepage/enabled
  "$SSMZ" -dc sys.ssmz | cmp -s - /sys/kernel/mm/transparent_hugepage/enabled || fail "/sys"
fi

# The output is the source, another input, or a vocabulary.
cp a x
run 1 -1 -f --rm -o x x
says "is the input itself"
same x original
run 1 -1 -f --rm -o /dev/null x
says "is no file"
exists x
mkdir p q out.d
echo one >p/x
echo two >q/x
run 1 -1 -f --rm --output-dir out.d p/x q/x
says "written from p/x and again from q/x"
exists p/x
exists q/x
[ -z "$(ls out.d)" ] || fail "something was done"
cp a foo
cp a.ssmz foo.ssmz
run 1 -1 -f foo foo.ssmz
says "is an input too"
same foo.ssmz a.ssmz
text corpus 500
run 0 train-vocab --size 512 -o v corpus
cp v v.kept
run 1 -1 -f --rm --vocab v v
says "vocabulary itself"
run 1 -1 -f -o v --vocab v a
says "is the vocabulary"
same v v.kept
run 1 train-vocab --size 512 -o v corpus
says "exists already"
run 0 train-vocab -f --size 512 -o v corpus
: >nothing
run 1 train-vocab --size 512 -o v2 nothing
says "empty"
absent v2

# Sources with more than one name, or with special bits, stay unless -f.
cp a h
ln h h2
run 2 -1 --rm h
says "more than one name"
exists h
run 0 -1 -f --rm h
absent h
cp a s
chmod u+s s
run 2 -1 --rm s
says setuid
exists s

# Names that are too long are told at once.
long_name=$(printf 'n%.0s' $(seq 252))
cp a "$long_name"
run 1 -1 "$long_name"
says "File name too long"
run 0 -1 -o "$(printf 'm%.0s' $(seq 255))" a

# --verify reads back what was written.
cp a checked
run 0 -1 --verify --rm checked
absent checked
run 0 -d checked.ssmz
same checked original
run 1 -1 --verify -c a
run 1 -d --verify a.ssmz

# A leftover of a killed run is no obstacle; what is not ours is.
"$SSMZ" -9 long 2>/dev/null &
pid=$!
for ((i = 0; i < 200; i++)); do [ -e .long.ssmz.ssmz-partial ] && break; sleep 0.02; done
kill -KILL $pid
wait $pid 2>/dev/null
exists .long.ssmz.ssmz-partial
absent long.ssmz
run 0 -1 -o long.ssmz a
nothing_left
ln -s a .w.ssmz-partial
run 1 -1 -o w a
says "in the way"
same a original
rm .w.ssmz-partial
nothing_left
finish
