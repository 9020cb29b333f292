# SPDX-License-Identifier: Apache-2.0
# Sourced by the command-line tests: a scratch folder, inputs, and checks that say what was expected.
# SSMZ is the program. The folder is removed at the end; the exit status is that of the checks.
set -u
: "${SSMZ:?names the program}"
unset SSMZ_OPT
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-cli-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# run STATUS ARGUMENTS...: runs the program; standard output to ./out, standard error to ./err.
run() {
  local expected=$1 status=0
  shift
  "$SSMZ" "$@" >out 2>err </dev/null || status=$?
  [ "$status" = "$expected" ] || fail "ssmz $*: exit status $status, not $expected: $(cat err)"
}

# pipe STATUS INPUT ARGUMENTS...: the same with INPUT as standard input.
pipe() {
  local expected=$1 input=$2 status=0
  shift 2
  "$SSMZ" "$@" >out 2>err <"$input" || status=$?
  [ "$status" = "$expected" ] || fail "ssmz $* < $input: exit status $status, not $expected: $(cat err)"
}

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
exists() { [ -e "$1" ] || fail "$1 is missing"; }
absent() { [ ! -e "$1" ] || fail "$1 is there"; }
says() { grep -q -- "$1" err || fail "the message has no \"$1\": $(cat err)"; }
silent() { [ ! -s err ] || fail "was not silent: $(cat err)"; }
nothing_left() { [ -z "$(find . -name '.*ssmz-partial')" ] || fail "a temporary file was left"; }

# text FILE LINES: compressible, the same every time.
text() {
  local i
  for ((i = 0; i < $2; i++)); do echo "line $i: the river under the house number $((i * 7919 % 1000))"; done >"$1"
}

finish() {
  [ "$failures" = 0 ] || { echo "$failures checks failed" >&2; exit 1; }
}
