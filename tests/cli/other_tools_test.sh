#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ssmz under the tools that people run compressors from: GNU tar, bsdtar, find and xargs, logrotate, rsync. A tool that is
# not installed is left out, and named.
. "$(dirname "$0")/harness.sh"
has() { command -v "$1" >/dev/null || { echo "left out: $1 is not installed"; false; }; }
PATH=$(dirname "$SSMZ"):$PATH

mkdir -p tree/sub
text tree/text 60
head -c 3000 "$SSMZ" >tree/sub/program
: >tree/empty

if has tar; then
  tar -I 'ssmz -1' -cf tree.tar.ssmz tree || fail "GNU tar does not write"
  mkdir tar && tar -I ssmz -xf tree.tar.ssmz -C tar || fail "GNU tar does not read"
  diff -r tree tar/tree || fail "GNU tar: other files"
  tar -I ssmz -tf tree.tar.ssmz | grep -q sub/program || fail "GNU tar does not list"
fi
if has bsdtar; then
  bsdtar --use-compress-program 'ssmz -1' -cf bsd.tar.ssmz tree || fail "bsdtar does not write"
  mkdir bsd && bsdtar --use-compress-program 'ssmz -d' -xf bsd.tar.ssmz -C bsd || fail "bsdtar does not read"
  diff -r tree bsd/tree || fail "bsdtar: other files"
fi
if has xargs; then
  cp -r tree many
  find many -type f -print0 | xargs -0 -n 1 -P 2 ssmz -q -1 --rm || fail "find and xargs: status $?"
  [ "$(find many -type f ! -name '*.ssmz' | wc -l)" = 0 ] || fail "find and xargs: sources are left"
  find many -name '*.ssmz' -exec ssmz -q -d --rm {} + || fail "find -exec: status $?"
  diff -r tree many || fail "find and xargs: other files"
fi
if has rsync; then
  rsync -a tree.tar.ssmz copy.ssmz || fail "rsync: status $?"
  run 0 -t copy.ssmz
  [ copy.ssmz -nt tree.tar.ssmz ] && fail "rsync: another time"
fi
if PATH=$PATH:/usr/sbin has logrotate; then
  text log 40
  cp log log.before
  cat >rotate.conf <<EOF
$scratch/log {
  rotate 2
  compress
  compresscmd $SSMZ
  uncompresscmd $SSMZ
  compressext .ssmz
  compressoptions -1 --rm
  create
}
EOF
  chmod 600 rotate.conf log
  chmod 755 .
  PATH=$PATH:/usr/sbin logrotate -f -s state rotate.conf 2>err || fail "logrotate: $(cat err)"
  exists log.1.ssmz
  "$SSMZ" -dc log.1.ssmz 2>/dev/null | cmp -s - log.before || fail "logrotate: other content"
fi
finish
