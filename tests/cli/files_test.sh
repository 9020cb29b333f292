#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files: names, sources, targets, attributes.
. "${0%/*}/harness.sh"
text a 40
text b 30

run 0 -1 a
silent
exists a
exists a.ssmz
run 0 -dc a.ssmz
same out a

# A target that exists is kept unless -f.
echo keep >b.ssmz
run 1 -1 b
says exists
[ "$(cat b.ssmz)" = keep ] || fail "b.ssmz was replaced"
run 0 -1 -f b
run 0 -t b.ssmz

# Mode and time go with the file.
chmod 640 a
touch -d '2001-02-03 04:05:06.123456789' a
run 0 -1 -f a
[ "$(stat -c '%a %y' a.ssmz)" = "$(stat -c '%a %y' a)" ] || fail "attributes of a.ssmz: $(stat -c '%a %y' a.ssmz)"
cp a original
rm a
run 0 -d a.ssmz
same a original
[ "$(stat -c %a a)" = 640 ] || fail "mode of a"

# --rm removes a source once its output is complete, -k takes it back, -c never removes.
cp a c
run 0 -1 --rm c
absent c
run 0 -d --rm c.ssmz
absent c.ssmz
same c original
run 0 -1 --rm -k c
exists c
rm c.ssmz
run 0 -1 -c --rm c
exists c

# -o, -S, --output-dir.
run 0 -1 -o named c
run 0 -d -o back named
same back original
run 0 -1 -S .x c
exists c.x
rm c
run 0 -d -S .x c.x
same c original
mkdir dir
run 0 -1 --output-dir dir c
exists dir/c.ssmz
run 1 -o out1 a b
run 1 -o out1 -c a

# Unknown suffixes, folders, links, what has the suffix already.
cp named odd.name
run 1 -d odd.name
says "does not end in"
run 2 dir
says folder
run 0 --no-warn dir
run 2 a.ssmz
says "already has the suffix"
ln -s b link
run 2 -1 link
says link
run 0 -1 -c link
run 0 -1 -f link
exists link.ssmz

# Several files: goes on after a failure, the worst status wins.
rm -f a.ssmz b.ssmz
run 1 -1 a missing b dir
exists a.ssmz
exists b.ssmz
says "missing: cannot open"
run 1 -qq -1 missing
silent
run 2 -q dir
silent
nothing_left
finish
