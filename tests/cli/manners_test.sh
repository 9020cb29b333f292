#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Help, mistakes and their explanations, lists of names, folders, progress, names that are not plain.
. "${0%/*}/harness.sh"
text a 40

# Help: short, long, and none of a parser's insides.
run 0 -h
[ "$(wc -l <out)" -le 24 ] || fail "-h has $(wc -l <out) lines"
grep -q Examples out || fail "-h has no examples"
run 0 --help
for word in --frame-size --output-dir-mirror --verify --files0 --no-sync; do
  grep -q -- "$word" out || fail "--help lacks $word"
done
grep -qE 'UINT|TEXT|\{[0-9]\}' out && fail "--help shows a parser's insides"
[ "$(wc -L <out)" -le 80 ] || fail "--help is wider than 80 columns"
run 0 -Hv
run 0 train-vocab --help
run 0 train-prime --help

# Flags take no values; what does not exist is explained.
for flag in --keep=2 --rm=true --fast=7 --decompress=3 --best=42 --best=99999999999999999999; do
  run 1 $flag a
  says "${flag%%=*}: takes no value"
done
exists a
run 1 --thread=2 a
says "did you mean --threads"
run 1 --memry=1G a
says "did you mean --memory"
run 1 --ultra -22 a
says "smallest level"
run 1 -19 a
says "-19: levels are -1"
run 1 -0 a
says "-0: levels are"
run 1 --xyzzyxyzzy a
says "no such option"
run 1 -y a
says "-y: there is no such option"
run 1 -M 1X a
says "-M 1X: is no size"
run 1 --memory=99999999999999999999 a
says "--memory=99999999999999999999: is no size"
run 1 -T 2000 a
says "-T 2000: is no number of threads (0 to 1024)"
run 1 --frame-size=1 a
says "at least"
run 1 --progress=often a
says "auto, on, off or json"
run 1 -o
says "needs a value"
run 1 -d -M
says "-M: needs a value"
run 1 --files= a
says "value is empty"
run 1 -1 -M 1M --no-adjust -c a
says "level 1 needs"
run 1 -9 -M 200M --no-adjust -c a
says "fits"
pipe 0 <(cat a) -9 -M 700M
says "tables shrink"
pipe 0 <(cat a) -9 -q -M 700M
silent
run 0 --info-memory
grep -q "^    9" out || fail "--info-memory: $(cat out)"
run 0 -1fkqc -- a
run 0 -9 -1 -c a
mv out reference
run 0 -c1 a
same out reference

# The environment: quotes, no file names.
SSMZ_OPT="-1 --suffix '.a b'" "$SSMZ" a 2>err || fail "SSMZ_OPT with quotes: $(cat err)"
exists "a.a b"
SSMZ_OPT="-1 a" "$SSMZ" -c a >/dev/null 2>err && fail "SSMZ_OPT named a file"
says "is no option"
SSMZ_OPT="-1 'x" "$SSMZ" -c a >/dev/null 2>err && fail "an open quote in SSMZ_OPT"
says "quote is not closed"

# Lists of names, folders, mirrors.
mkdir -p tree/sub
cp a tree/one
cp a tree/sub/two
cp a 'tree/sub/new
line'
printf x >tree/photo.JPG
ln -s one tree/link
find tree -type f -print0 >names0
printf 'tree/one\n\na\n' >names
run 0 -1 --files=names
exists tree/one.ssmz
exists a.ssmz
rm tree/one.ssmz a.ssmz
pipe 0 names0 -1 --files0 --exclude-compressed -v
exists tree/sub/two.ssmz
absent tree/photo.JPG.ssmz
says "passed over"
says "3 of 3 files"
find tree -name '*.ssmz' -delete
run 1 --files=nowhere
says "nowhere: cannot read"
run 0 -1 -r --output-dir-mirror mirror ./tree
exists mirror/tree/sub/two.ssmz
exists mirror/tree/photo.JPG.ssmz
absent mirror/tree/link.ssmz
run 0 -d -r --output-dir-mirror back mirror
same back/mirror/tree/sub/two a
run 0 -1 -r --rm tree
[ "$(find tree -type f ! -name '*.ssmz')" = "" ] || fail "-r --rm left $(find tree -type f)"
run 0 -d -r --rm tree
same tree/sub/two a
cp a outside
run 1 -1 --output-dir-mirror mirror tree/../outside
says "has .. in its path"

# Names do not reach the terminal raw; robots get them escaped.
bad=$(printf 'x\033[31m\nname\377')
cp a "$bad"
run 0 -1 -v "$bad"
grep -q "$(printf '\033')" err && fail "an escape character reached the terminal"
[ "$(wc -l <err)" = 1 ] || fail "a name broke a line: $(cat err)"
run 0 -l --robot "$bad.ssmz"
grep -q 'x\\x1b\[31m\\nname\\xff.ssmz$' out || fail "robot names: $(cat out)"
run 0 -l "$bad.ssmz"
[ "$(wc -l <out)" = 2 ] || fail "list of a bad name: $(cat out)"

# Limits on what comes and what goes.
run 0 -1 -f a
run 1 -dc --max-output=10 a.ssmz
says "max-output"
run 0 -dc --max-output=1M a.ssmz
pipe 0 a -1 --stream-size="$(stat -c %s a)"
pipe 1 a -1 --stream-size=17

# Progress: records for programs, one line at any width of a terminal.
text long 1000
run 0 -5 --progress=json -c long
tail -1 err | grep -q '^{"file":"long","number":1,"files":1,"content":[0-9]*,.*"done":true}$' || fail "json: $(cat err)"

# While it compresses, what has left stands for what is said: with two threads at work, too.
text longer 25000
run 0 -1 -T2 --frame-size=700KB --progress=json -c longer
grep '"compressed"' err | grep -v done | head -3 >shown
while IFS= read -r record; do
  compressed=$(sed 's/.*"compressed":\([0-9]*\).*/\1/' <<<"$record") of=$(sed 's/.*"of_content":\([0-9]*\).*/\1/' <<<"$record")
  given=$(head -c "$compressed" out | "$SSMZ" -dc 2>/dev/null | wc -c)
  [ "$given" = "$of" ] || fail "what has left stands for $given bytes, not for $of: $record"
done <shown
if command -v python3 >/dev/null; then
  cat >terminal.py <<'P'
# Runs a program on a terminal of some columns; fails if any line it draws is wider, or if a message is glued on.
import fcntl, os, pty, re, struct, sys, termios
columns, program, arguments = int(sys.argv[1]), sys.argv[2], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    os.execv(program, arguments)
shown = b''
while True:
    try: piece = os.read(terminal, 4096)
    except OSError: break
    if not piece: break
    shown += piece
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
text = shown.decode(errors='replace')
lines = [l.replace('\x1b[K', '') for l in re.split('[\r\n]+', text)]
wide = [l for l in lines if len(l) >= columns and not l.startswith('ssmz: ')]
assert not wide, wide
drawn = [l for l in lines if ' left' in l or '%' in l]
assert drawn, text
for l in lines: assert 'leftssmz' not in l, l
sys.exit(status)
P
  cp long "a-name-of-thirty-six-letters-for-this"
  for columns in 30 60 200; do
    python3 terminal.py $columns "$SSMZ" -5 -v -f a-name-of-thirty-six-letters-for-this a || fail "progress on $columns columns"
  done
fi
nothing_left
finish
