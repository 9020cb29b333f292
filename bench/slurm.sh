#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Compresses one large file over a Slurm job array: each task makes every so many-th frame, the last job joins them.
#   bench/slurm.sh LEVEL FILE TASKS      submits; FILE must be seen by all nodes
#SBATCH --cpus-per-task=1
#SBATCH --mem=3G
set -eu

# The whole frames that are there are kept, so a task that was killed and requeued goes on.
frames() {
  local level=$1 file=$2 count=$3 frame
  for ((frame = SLURM_ARRAY_TASK_ID; frame < count; frame += SLURM_ARRAY_TASK_COUNT)); do
    [ -e "$file.part.$frame" ] || ssmz -q "-$level" -T1 --frames "$frame" -o "$file.part.$frame" "$file"
  done
}

join() {
  local file=$1 count=$2 parts=() frame
  for ((frame = 0; frame < count; ++frame)); do parts+=("$file.part.$frame"); done
  ssmz join "${parts[@]}" -o "$file.ssmz"
  rm -- "${parts[@]}"
}

if [ "${1-}" = frames ] || [ "${1-}" = join ]; then
  "$@"
  exit
fi
[ $# -eq 3 ] || { echo "usage: $0 LEVEL FILE TASKS" >&2; exit 2; }
count=$(ssmz "-$1" --count-frames "$2")
array=$(sbatch --parsable --requeue --array="0-$(($3 - 1))" "$0" frames "$1" "$2" "$count")
sbatch --dependency="afterok:$array" "$0" join "$2" "$count"
