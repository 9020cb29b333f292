#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Man pages and completions know every option; the wrappers of grep, diff and less; file(1); other tools.
tools=$(cd "${0%/*}/../../src" && pwd)
. "${0%/*}/harness.sh"
text a 40
run 0 -1 a
export SSMZ

# Each option of the help stands in the man page and in each completion, and the man page has no others.
"$SSMZ" --help | grep -oE -- '--[a-z][a-z0-9-]+' | sort -u >known
sed 's/\\-/-/g' "$tools/man/ssmz.1" >page
while read -r option; do
  for file in page "$tools/integration/ssmz.bash" "$tools/integration/_ssmz"; do
    grep -qE -- "$option([^a-z0-9-]|\$)" "$file" || fail "$file lacks $option"
  done
  grep -qE -- "-l ${option#--}( |\$)" "$tools/integration/ssmz.fish" || fail "ssmz.fish lacks $option"
done <known
grep -oE -- '--[a-z][a-z0-9-]+' page | sort -u | while read -r option; do
  # Of grep, find and train-vocab.
  case $option in --size | --recursive | --include | --exclude | --exclude-dir) continue ;; esac
  grep -qx -- "$option" known || echo "$option"
done >unknown
[ ! -s unknown ] || fail "the man page has options that do not exist: $(cat unknown)"
for page in "$tools"/man/*.1; do
  # unssmz.1 and ssmzcat.1 only name ssmz.1, which is found once it is installed.
  if command -v man >/dev/null && ! grep -q "^.so " "$page"; then
    (cd "$tools" && MANWIDTH=80 man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null) | grep -v 'cannot' >warnings
    [ ! -s warnings ] || fail "$page: $(cat warnings)"
  fi
done
bash -n "$tools/integration/ssmz.bash" || fail "completion for bash"
for shell in zsh fish; do
  command -v $shell >/dev/null || continue
  file=$tools/integration/ssmz.fish
  [ $shell = zsh ] && file=$tools/integration/_ssmz
  $shell -n "$file" || fail "completion for $shell"
done
completed=$(bash -c '. "$1/integration/ssmz.bash"; compopt() { :; }
  COMP_WORDS=(ssmz -d --out); COMP_CWORD=2; _ssmz; echo "${COMPREPLY[*]}"
  COMP_WORDS=(ssmz -d a); COMP_CWORD=2; _ssmz; echo "${COMPREPLY[*]}"' - "$tools")
[ "$completed" = "--output --output-dir --output-dir-mirror
a.ssmz" ] || fail "bash completes $completed"

# Wrappers.
text b 30
echo "a river with 'quotes'" >>b
grep_it() {
  local expected=$1 status=0
  shift
  "$tools/integration/ssmzgrep" "$@" >out 2>err || status=$?
  [ $status = "$expected" ] || fail "ssmzgrep $*: $status: $(cat err)"
}
grep_it 0 'line 7:' a.ssmz
same out <(grep 'line 7:' a)
grep_it 0 -c river a.ssmz b
same out <(printf 'a.ssmz:40\nb:31\n')
grep_it 0 -h "with 'quotes'" a.ssmz b
[ "$(cat out)" = "a river with 'quotes'" ] || fail "ssmzgrep with quotes: $(cat out)"
grep_it 1 nothing a.ssmz
grep_it 0 -q river a.ssmz
grep_it 0 -e nothing -e 'line 3:' -n b a.ssmz
[ "$(wc -l <out)" = 2 ] || fail "ssmzgrep -e: $(cat out)"
grep_it 2 river missing
grep_it 2 -r river .
head -c 100 a.ssmz >cut.ssmz
grep_it 2 nothing cut.ssmz
"$tools/integration/ssmzgrep" 'line 1:' <a.ssmz >out || fail "ssmzgrep on standard input"

diff_it() {
  local expected=$1 status=0
  shift
  "$tools/integration/ssmzdiff" "$@" >out 2>err || status=$?
  [ $status = "$expected" ] || fail "ssmzdiff $*: $status: $(cat err)"
}
diff_it 0 a.ssmz
diff_it 0 a.ssmz a
diff_it 1 -u a.ssmz b
grep -q '^--- a.ssmz' out || fail "ssmzdiff names: $(head -2 out)"
diff_it 2 a.ssmz missing
diff_it 2 cut.ssmz a
if command -v less >/dev/null; then
  "$tools/integration/ssmzless" a.ssmz >out </dev/null
  same out a
fi

if command -v file >/dev/null; then
  file -m "$tools/integration/ssmz.magic" a.ssmz >out 2>err
  grep -q 'ssmz compressed data, format version [0-9]*, level 1$' out || fail "file: $(cat out err)"
fi
if command -v find >/dev/null; then
  mkdir logs
  cp a logs/one
  cp a logs/two
  find logs -type f -print0 | "$SSMZ" -1 --rm --files0 || fail "find -print0"
  [ "$(cd logs && echo *)" = "one.ssmz two.ssmz" ] || fail "find: $(ls logs)"
fi
if command -v bsdtar >/dev/null; then
  bsdtar --use-compress-program="$SSMZ -1" -cf t.tar.ssmz a || fail "bsdtar -c"
  bsdtar --use-compress-program="$SSMZ -d" -xOf t.tar.ssmz a | cmp -s - a || fail "bsdtar -x"
fi
finish
