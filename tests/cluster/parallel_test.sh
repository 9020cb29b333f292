#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Frames over GNU parallel, one job killed and the run resumed, and as tasks of a Slurm array: the bytes of one run.
set -u
: "${SSMZ:?names the program}"
command -v parallel >/dev/null || { echo "GNU parallel is not installed"; exit 77; }
source_folder=$(cd "${0%/*}/../.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-parallel-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
mkdir bin home
ln -s "$SSMZ" bin/ssmz
export PATH="$scratch/bin:$PATH" HOME="$scratch/home" SSMZ_OPT="--frame-size=4KiB"
failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }
for ((i = 0; i < 500; i++)); do echo "line $i: the river under the house number $((i * 7919 % 1000))"; done >large
ssmz -q -1 -T1 -c large >expected || exit 1
n=$(ssmz -1 --count-frames large)
[ "$n" -gt 3 ] || fail "$n frames only"

# A job that kills itself once, as a machine that goes down would.
cat >job <<'END'
if [ "$1" = 2 ] && [ ! -e killed ]; then : >killed; kill -9 $$; fi
ssmz -q -1 --frames "$1" -o "part.$1" large
END
run() { seq 0 $((n - 1)) | parallel --will-cite -j2 --joblog jobs --resume-failed bash job {} 2>err; }
run && fail "a killed job is not told"
[ -e part.2 ] && fail "a part of a killed job"
run || fail "resumed: $(cat err)"
ssmz join $(seq -f part.%.0f 0 $((n - 1))) -o large.ssmz || fail "join"
cmp -s large.ssmz expected || fail "parallel: other bytes"
rm -f part.* large.ssmz

for task in 0 1 2; do
  SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=3 "$source_folder/bench/slurm.sh" frames 1 large "$n" || fail "task $task"
done
"$source_folder/bench/slurm.sh" join large "$n" || fail "joining tasks"
cmp -s large.ssmz expected || fail "Slurm: other bytes"

# Over an sshd of this test's own on 127.0.0.1, whose folder is shared as a cluster's is.
sshd=$(command -v sshd || echo /usr/sbin/sshd)
[ -x "$sshd" ] || { echo "sshd is not installed: left out"; exit $((failures > 0)); }
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f key
ssh-keygen -q -t ed25519 -N '' -f host_key
cp key.pub authorized
port=$((20000 + RANDOM % 20000))
"$sshd" -D -e -f /dev/null -h "$scratch/host_key" -p $port -o ListenAddress=127.0.0.1 -o StrictModes=no -o UsePAM=no \
  -o PermitRootLogin=prohibit-password -o AuthorizedKeysFile="$scratch/authorized" -o PidFile=none 2>sshd.log &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
login="ssh -p $port -i $scratch/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=$scratch/known -o LogLevel=ERROR $(id -un)@127.0.0.1"
for ((i = 0; i < 50; i++)); do
  # shellcheck disable=SC2086
  $login true 2>/dev/null && break
  sleep 0.1
done
rm -f part.* large.ssmz
seq 0 $((n - 1)) | parallel --will-cite -j2 --sshlogin "1/$login" \
  "cd '$scratch' && SSMZ_OPT=$SSMZ_OPT bin/ssmz -q -1 --frames {} -o part.{} large" 2>err || fail "sshd: $(cat err sshd.log)"
# shellcheck disable=SC2046
ssmz join $(seq -f part.%.0f 0 $((n - 1))) -o large.ssmz || fail "join"
cmp -s large.ssmz expected || fail "sshd: other bytes"
exit $((failures > 0))
