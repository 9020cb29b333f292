#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Injects faults into ssmz and looks whether data survive: the table of tests/FAULTS.md.
#
#   tests/faults.sh [--quick | --most N | --all] [--only WORDS] [--jobs N] [--write] [SSMZ]
#
# --quick  a dozen places of each kind; without it about 200
# --most   N of each kind
# --all    the N-th call for every N: takes hours
# --only   the kinds whose names match the extended regular expression
# --jobs   so many kinds at once
# --write  puts the table into tests/FAULTS.md
# SSMZ is the program with shared libraries, by default build/release/ssmz-dynamic; ssmz-fault-sweep beside it injects
# into the library. Random places come from a fixed seed.
#
# A fault is survived if the program ends by itself and not by a signal it did not get from us; status 0 means that the
# output is whole and right; any other status that nothing wrong or half stands under the output's name; and the source
# is there in either case, or, with --rm and status 0, its archive is. A failure says something on standard error.
set -u -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
most=200
write=false
only=.
jobs=1 share=0 rows_file=
ssmz=$root/build/release/ssmz-dynamic
while [ $# -gt 0 ]; do
  case $1 in
    --quick) most=12 ;;
    --most) most=$2; shift ;;
    --all) most=1000000 ;;
    --only) only=$2; shift ;;
    --jobs) jobs=$2; shift ;;
    --share) share=$2 rows_file=$3; shift 2 ;; # for the processes of --jobs: every N-th kind
    --write) write=true ;;
    -*) sed -n '3,20s/^# \{0,1\}//p' "$0"; exit 2 ;;
    *) ssmz=$(realpath "$1") ;;
  esac
  shift
done
[ -x "$ssmz" ] || { echo "no program at $ssmz: build it first" >&2; exit 2; }
# Not grep -q: it would end before the program has said all, which then, with pipefail, would seem to have failed.
LD_TRACE_LOADED_OBJECTS=1 "$ssmz" < /dev/null 2>/dev/null | grep libc >/dev/null || { echo "$ssmz has no shared libraries" >&2; exit 2; }
unset SSMZ_OPT

work=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-faults-XXXXXX")
trap 'rm -rf "$work"' EXIT
cc -O1 -shared -fPIC -I"$root" -o "$work/inject.so" "$root/tests/faults/fault_inject.c" -ldl || exit 2
cd "$work" || exit 2
RANDOM=1

# A text of several frames of 1 KiB, and its archives. A vocabulary of 512 lexemes makes a run ten times as quick: its
# tables are what a short text waits for. Words, not a path: it is given to every run.
head -c 2600 "$root/LICENSE" >content
"$ssmz" train-vocab -q --size 512 -o vocabulary "$root/LICENSE" || exit 2
vocabulary="--vocab $work/vocabulary"
# shellcheck disable=SC2086
"$ssmz" -q -1 -T1 $vocabulary --frame-size 1KiB -c content >archive.1 &&
  "$ssmz" -q -5 -T1 $vocabulary -c content >archive.5 || exit 2

injected=0 survived=0 kind_injected=0 kind_survived=0 kinds=0
rows=()

broken() { # WHAT STATUS
  echo "  NOT SURVIVED: $kind, $1 (status $2): $(head -c 300 run/err 2>/dev/null | tr '\n' ' ')" >&2
  return 1
}

# judge STATUS: looks at run/, where a source or an archive stood and an output was asked for.
judge() {
  local status=$1
  # Ended by the signal that came is as it should be.
  [ "$sent" -eq 0 ] || [ "$status" -ne $((128 + sent)) ] || { status=1; echo "ended" >>run/err; }
  [ "$status" -lt 126 ] || { broken "ended by a signal" "$status"; return; }
  if [ "$status" -ne 0 ] && ! [ -s run/err ]; then broken "a failure without a word" "$status"; return; fi
  case $direction in
    compress)
      if [ -e run/content.ssmz ]; then
        # shellcheck disable=SC2086
        "$ssmz" -q -T1 $vocabulary -dc run/content.ssmz 2>/dev/null | cmp -s - content || { broken "wrong archive" "$status"; return; }
      elif [ "$status" -eq 0 ]; then
        broken "no archive" "$status"; return
      fi
      if [ -e run/content ]; then
        cmp -s run/content content || { broken "the source changed" "$status"; return; }
      elif ! [ -e run/content.ssmz ]; then
        broken "source and archive are gone" "$status"; return
      fi ;;
    decompress)
      if [ -e run/content ]; then
        cmp -s run/content content || { broken "wrong content" "$status"; return; }
      elif [ "$status" -eq 0 ]; then
        broken "no content" "$status"; return
      fi ;;
  esac
  if [ -n "$(find run -name '.ssmz-*' -o -name '*.ssmz-partial' -o -name '*.tmp' -o -name '*.part')" ] && [ "$leftovers" = no ]; then
    broken "a temporary file is left" "$status"; return
  fi
}

# prepare ARCHIVE: a fresh folder with what the direction reads.
prepare() {
  rm -rf run
  mkdir run
  case $direction in
    compress) cp content run/content ;;
    decompress) cp "$1" run/content.ssmz ;;
  esac
}

count() { # judged as the arguments say
  kind_injected=$((kind_injected + 1))
  judge "$1" && kind_survived=$((kind_survived + 1))
}

# begin KIND: false if it is not asked for, or another process's.
begin() {
  kind=$1 kind_injected=0 kind_survived=0 leftovers=no sent=0
  kinds=$((kinds + 1))
  [[ $1 =~ $only ]] && [ $((kinds % jobs)) -eq "$share" ]
}

finish() {
  rows+=("| $kind | $kind_injected | $kind_survived |")
  [ -z "$rows_file" ] || printf '%s\t%s\t%s\t%s\n' $kinds "$kind" $kind_injected $kind_survived >>"$rows_file"
  printf '%-58s %7d %7d\n' "$kind" $kind_injected $kind_survived
  injected=$((injected + kind_injected)) survived=$((survived + kind_survived))
}

# command: what is run in run/, by direction and level.
arguments() { # LEVEL
  case $direction in
    compress)
      if [ "$1" = 5 ]; then echo "-5 -T2 $vocabulary --rm content"
      else echo "-1 -T2 $vocabulary --frame-size 1KiB --rm content"; fi ;;
    decompress) echo "-d -T2 $vocabulary content.ssmz" ;;
  esac
}

# run_with FAULT LEVEL: sets `status`, and `hit` if the fault came.
run_with() {
  prepare "archive.$2"
  rm -f hit
  # shellcheck disable=SC2046 # The arguments are words.
  (cd run && timeout 60 env SSMZ_FAULT="$1" SSMZ_FAULT_HIT="$work/hit" LD_PRELOAD="$work/inject.so" "$ssmz" $(arguments "$2") \
    >out 2>err </dev/null) 2>/dev/null
  status=$?
  hit=false
  [ -e hit ] && hit=true
}

# Calls of a kind in a whole run.
calls_of() { # CALL LEVEL
  rm -f counted
  SSMZ_FAULT_COUNT=$work/counted run_with "$1:0" "$2"
  calls=$(cat counted)
}

# The N-th call fails, for N spread over all calls; once, and from then on.
sweep() { # CALL LEVEL DIRECTION
  local n step calls
  direction=$3
  begin "$1 fails, $3 at -$2" || return 0
  calls_of "$1" "$2"
  step=$(((calls + most - 1) / most))
  [ "$step" -ge 1 ] || step=1
  for ((n = 1; n <= calls; n += step)); do
    run_with "$1:$n" "$2"
    $hit && count "$status"
    case $1 in
      interrupted-* | short-*) ;;
      *)
        run_with "$1:$n+" "$2"
        $hit && count "$status" ;;
    esac
  done
  finish
}

# SIGTERM in the N-th call, wherever that stands between what belongs together.
terminated_in() { # CALL DIRECTION
  local n step calls
  direction=$2
  begin "SIGTERM within $1, $2 at -1" || return 0
  calls_of "$1" 1
  step=$(((calls + most - 1) / most))
  [ "$step" -ge 1 ] || step=1
  for ((n = 1; n <= calls; n += step)); do
    sent=15
    SSMZ_FAULT_SIGNAL=15 run_with "$1:$n" 1
    $hit && count "$status"
  done
  finish
}

# Ended by a signal at a random time: what stands under the final name is whole.
ended() { # SIGNAL DIRECTION
  local i pid
  direction=$2
  begin "SIG$1 at a random time, $2" || return 0
  [ "$1" = KILL ] && leftovers=yes
  for ((i = 0; i < most && i < 400; ++i)); do
    prepare archive.1
    # shellcheck disable=SC2046
    (cd run && exec "$ssmz" $(arguments 1) >out 2>err </dev/null) &
    pid=$!
    sleep "0.$(printf '%03d' $((RANDOM % 40)))"
    kill -"$1" $pid 2>/dev/null
    wait $pid 2>/dev/null
    echo "ended" >>run/err
    count 1
  done
  finish
}

# Damaged archives: an error and nothing under the name, or the right content.
damaged() { # KIND ARCHIVE
  local size i at how
  direction=decompress
  begin "$1, archive of -${2#archive.}" || return 0
  size=$(stat -c %s "$2")
  for ((i = 0; i < most; ++i)); do
    prepare "$2"
    how=$((RANDOM * 32768 + RANDOM))
    at=$((how % size))
    case $1 in
      truncated) at=$((size * i / most)); truncate -s "$at" run/content.ssmz ;;
      "a bit flipped")
        local byte
        byte=$(od -An -tu1 -j "$at" -N 1 "$2")
        # shellcheck disable=SC2059 # The format is the byte.
        printf "$(printf '\\x%02x' $((byte ^ (1 << RANDOM % 8))))" |
          dd of=run/content.ssmz bs=1 seek="$at" conv=notrunc status=none ;;
      "bytes removed") { head -c "$at" "$2"; tail -c +$((at + 2 + RANDOM % 64)) "$2"; } >run/content.ssmz ;;
      "bytes inserted") { head -c "$at" "$2"; head -c $((1 + RANDOM % 64)) "$root/LICENSE"; tail -c +$((at + 1)) "$2"; } >run/content.ssmz ;;
      "a page of zeros") dd if=/dev/zero of=run/content.ssmz bs=1 seek="$at" count=$((size - at < 512 ? size - at : 512)) conv=notrunc status=none ;;
    esac
    cmp -s run/content.ssmz "$2" && continue
    # shellcheck disable=SC2086
    (cd run && timeout 60 "$ssmz" -d $vocabulary content.ssmz >out 2>err </dev/null)
    count $?
  done
  finish
}

inject() {
  for direction in compress decompress; do
    sweep allocation 1 $direction
    sweep allocation 5 $direction
    sweep mapping 5 $direction
    sweep thread 5 $direction
    for call in read interrupted-read short-read write interrupted-write short-write fsync close rename \
      attributes stat; do
      sweep $call 1 $direction
    done
    for call in stat write fsync rename attributes close; do terminated_in $call $direction; done
    for signal in KILL TERM INT HUP; do ended $signal $direction; done
  done
  for archive in archive.1 archive.5; do
    for how in truncated "a bit flipped" "bytes removed" "bytes inserted" "a page of zeros"; do damaged "$how" $archive; done
  done
  library
}

# The library itself, a row for each way to use it.
library() {
  local sweeper=${ssmz%/*}/ssmz-fault-sweep name tried well
  [ -x "$sweeper" ] && [[ library =~ $only ]] || return 0
  while IFS=$'\t' read -r name tried well; do
    kind=$name kind_injected=$tried kind_survived=$well kinds=$((kinds + 1))
    finish
  done < <("$sweeper" "$most" "$share" "$jobs")
}

# The rows of all processes, as one alone would have them but for those of the library, which keep their levels' order.
inject_side_by_side() {
  local i
  for ((i = 0; i < jobs; ++i)); do
    bash "$root/tests/faults.sh" --most "$most" --only "$only" --jobs "$jobs" --share $i "$work/rows.$i" "$ssmz" >/dev/null &
  done
  wait
  while IFS=$'\t' read -r _ kind kind_injected kind_survived; do finish; done < <(sort -s -n "$work"/rows.*)
}

printf '%-58s %7s %7s\n' "kind of fault" injected survived
if [ "$jobs" -gt 1 ] && [ -z "$rows_file" ]; then inject_side_by_side; else inject; fi

rows+=("| **all** | **$injected** | **$survived** |")
printf '%-58s %7d %7d\n' all $injected $survived

if $write; then
  {
    sed '/^| kind of fault/,$d' "$root/tests/FAULTS.md"
    echo "| kind of fault | injected | survived |"
    echo "|---|---:|---:|"
    printf '%s\n' "${rows[@]}"
  } >FAULTS.md && cp FAULTS.md "$root/tests/FAULTS.md"
fi
[ $injected -eq $survived ]
