#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signals, broken pipes, full disks, links, devices and descriptors that do not wait.
. "${0%/*}/harness.sh"
text a 40
cp a original
run 0 -1 a

# Every signal that ends the program removes what is unfinished.
text long 6000
for signal in HUP INT QUIT TERM XCPU USR2 ABRT; do
  (ulimit -c 0; exec "$SSMZ" -9 long) &
  pid=$!
  for ((i = 0; i < 200; i++)); do [ -e .long.ssmz.ssmz-partial ] && break; sleep 0.02; done
  # A shell starts background jobs with SIGINT and SIGQUIT ignored, which the program respects.
  kill -$signal $pid
  sleep 0.05
  kill -TERM $pid 2>/dev/null
  wait $pid 2>/dev/null
  absent long.ssmz
  nothing_left
done

# A limit on file sizes is an error of the write, not a silent death.
head -c 60000 /dev/urandom >random
(ulimit -f 8; "$SSMZ" -1 random 2>err)
[ $? = 1 ] || fail "a file size limit"
says "File too large"
absent random.ssmz
nothing_left

# Whoever reads the messages may go: the work is done all the same.
cp a c
{ "$SSMZ" -1 -v --rm c 2>&1 >/dev/null; echo $? >status; } | true
[ "$(cat status)" = 0 ] || fail "a broken pipe for messages gave $(cat status)"
absent c
run 0 -t c.ssmz
(trap '' PIPE; "$SSMZ" -dc random.piped 2>/dev/null; true)
run 0 -1 -c random
mv out random.piped
{ (trap '' PIPE; "$SSMZ" -dc random.piped random.piped random.piped random.piped 2>err); } | head -c 1 >/dev/null
silent

# Help and lists that cannot be written are errors.
if [ -w /dev/full ]; then
  for arguments in --help -H -V "-l a.ssmz" --info-memory; do
    "$SSMZ" $arguments >/dev/full 2>err && fail "$arguments to a full disk gave 0"
    says "writing failed"
  done
fi

# /dev/stdout is written through, also where it is a file; a link to a file is followed, one to nothing is not.
ln -s /proc/self/fd/1 so
"$SSMZ" -1 -f -o so a >o || fail "-o to a link to the standard output"
same o a.ssmz
[ -L so ] || fail "the link was replaced"
"$SSMZ" -1 -o /dev/stdout a >o || fail "-o /dev/stdout"
same o a.ssmz
echo old >target
ln -s target to-file
run 1 -1 -o to-file a
run 0 -1 -f -o to-file a
[ -L to-file ] || fail "the link to a file was replaced"
same target a.ssmz
ln -s nowhere dangling
run 1 -1 -o dangling a
says "leads nowhere"
absent nowhere
run 1 -1 -o . a
says "is a folder"
run 1 -1 -o '' a
says "name is empty"

# A pipe under a name made from the input's is left alone; named by the user it is written to.
cp a f
mkfifo f.ssmz
run 1 -1 f
says "no regular file"
(cat f.ssmz >read) &
run 0 -1 -o f.ssmz f
wait
same read a.ssmz
run 1 -l f.ssmz
run 0 -1 -o taken <(cat a)
run 0 -dc taken
same out original

# Descriptors that do not wait.
if command -v python3 >/dev/null; then
  cat >nonblocking.py <<'P'
import os, subprocess, sys, time
program, source = sys.argv[1:]
data = open(source, 'rb').read()
def run(arguments, data):
    r0, w0 = os.pipe()
    r1, w1 = os.pipe()
    for fd in (r0, w1):
        os.set_blocking(fd, False)
    child = subprocess.Popen([program] + arguments, stdin=r0, stdout=w1)
    os.close(r0); os.close(w1)
    if os.fork() == 0:
        os.close(r1)
        for i in range(0, len(data), 50000):
            time.sleep(0.02)
            os.write(w0, data[i:i + 50000])
        os._exit(0)
    os.close(w0)
    time.sleep(0.2)
    out = b''
    while True:
        piece = os.read(r1, 1000)
        if not piece: break
        out += piece
    return child.wait(), out
status, packed = run(['-1', '-c'], data)
assert status == 0, status
status, back = run(['-d', '-c'], packed)
assert status == 0 and back == data, status
P
  python3 nonblocking.py "$SSMZ" random || fail "descriptors that do not wait"
fi

# A file that something is mounted on cannot be renamed to.
if unshare -m true 2>/dev/null; then
  echo old >mounted
  echo below >below
  unshare -m sh -c 'mount --bind below mounted && "$0" -1 mounted -o x.ssmz 2>/dev/null; "$0" -1 -f -o mounted a 2>err' "$SSMZ"
  [ $? = 0 ] || fail "a mount point: $(cat err)"
  same below a.ssmz
fi

# Zeros come back as holes.
truncate -s 128K sparse
printf end >>sparse
run 0 -1 sparse
mv sparse sparse.original
run 0 -d sparse.ssmz
same sparse sparse.original
[ "$(stat -c %b sparse)" -lt 100 ] || fail "holes were filled: $(stat -c %b sparse) blocks"
run 0 -d -f --no-sparse sparse.ssmz
same sparse sparse.original
[ "$(stat -c %b sparse)" -ge 256 ] || fail "--no-sparse left holes"
nothing_left
finish
