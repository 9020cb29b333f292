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
exit $((failures > 0))
