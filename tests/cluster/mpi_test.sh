#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ssmz-mpi over 1 and 3 ranks: the bytes of one machine, both ways; failures leave nothing under the output's name.
set -u
: "${SSMZ:?names the program}" "${SSMZ_MPI:?names ssmz-mpi}"
command -v mpirun >/dev/null || { echo "mpirun is not installed"; exit 77; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-mpi-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }
# Without a network and as root, as in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl=self,vader OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
ranks() { timeout 120 mpirun --oversubscribe -n "$1" "$SSMZ_MPI" -q "${@:2}" 2>err </dev/null; }

for ((i = 0; i < 400; i++)); do echo "line $i: the river under the house number $((i * 7919 % 1000))"; done >text
: >empty
"$SSMZ" -q -1 -T1 --frame-size 2KiB -c text >expected || exit 1
for n in 1 3; do
  ranks $n -1 --frame-size 2KiB text || fail "$n ranks: $(cat err)"
  cmp -s text.ssmz expected || fail "$n ranks: other bytes"
  ranks $n -d -o back text.ssmz || fail "$n ranks, back: $(cat err)"
  cmp -s text back || fail "$n ranks: other content"
  rm -f text.ssmz back
done
# Several files in one run, one of them empty.
cp text other
ranks 3 -1 --frame-size 2KiB text other empty || fail "several files: $(cat err)"
cmp -s other.ssmz expected || fail "several files: other bytes"
"$SSMZ" -q -1 -c empty | cmp -s - empty.ssmz || fail "an empty file: other bytes"

# A prime, smaller tables, other layers, no checksum.
head -c 6000 text >prime
for options in "-D prime" "-M 128M" "--no-check" "--ssm=s6 --ssm-width=32"; do
  # shellcheck disable=SC2086
  "$SSMZ" -q -1 -T1 $options --frame-size 4KiB -c other >wanted || fail "$options on one machine"
  # shellcheck disable=SC2086
  ranks 3 -1 $options --frame-size 4KiB -f -o made other || fail "$options: $(cat err)"
  cmp -s wanted made || fail "$options: other bytes"
done
"$SSMZ" -q -1 -D prime --frame-size 4KiB -c other >primed || exit 1
ranks 3 -d -D prime -f -o back primed || fail "back with the prime: $(cat err)"
cmp -s other back || fail "the prime: other content"
rm -f back
ranks 3 -d -o back primed && fail "decoded without the prime"
ranks 3 -1 -D missing -f -o made other && fail "a missing prime"
[ "$(grep -c missing err)" = 1 ] || fail "a missing prime, told by each rank: $(cat err)"

# Failures.
ranks 3 -1 text && fail "replaced a file without --force"
cmp -s text.ssmz expected || fail "the file that was there changed"
ranks 3 -1 -f --frame-size 2KiB text || fail "--force: $(cat err)"
printf '\x55' | dd of=expected bs=1 seek=$(($(stat -c %s expected) / 2)) conv=notrunc status=none
ranks 3 -d -o back expected && fail "a damaged frame decodes"
grep -q "frame [0-9]*: .*(rank [0-9]* on" err || fail "no word of frame and rank: $(cat err)"
head -c $(($(stat -c %s text.ssmz) / 2)) text.ssmz >half
ranks 3 -d -o back half && fail "a cut archive decodes"
ranks 2 -1 missing && fail "a missing file compresses"
ranks 2 -1 --frame-size nonsense text && fail "a size of nonsense"
ranks 2 -1 text.ssmz && fail "an archive is compressed again without --force"
ranks 2 -d text && fail "a name without the suffix gave another"
grep -q "does not end in .ssmz" err || fail "no word of the suffix: $(cat err)"
ranks 2 -1 --levle=3 text && fail "an unknown option"
[ ! -e back ] || fail "a wrong file under the final name"
[ -z "$(find . -name '*.ssmz-mpi')" ] || fail "a temporary file is left"
exit $((failures > 0))
