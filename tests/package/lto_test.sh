#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# lto_test.sh BUILD_FOLDER COMPILER: with -flto for everything the embedded files are still found in an archive. Compiles
# the two sources that embed them as the build does, with -flto before, as CMAKE_CXX_FLAGS would have it.
set -eu
build=$1
compiler=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ssmz-lto-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/main.cpp" <<'EOF'
#include <cstdint>
extern "C" const std::uint8_t ssmz_builtin_vocabulary_begin[], ssmz_builtin_vocabulary_end[];
extern "C" const std::uint8_t ssmz_builtin_first_values_begin[], ssmz_builtin_first_values_end[];
int main() {
  return ssmz_builtin_vocabulary_end - ssmz_builtin_vocabulary_begin > 1000 &&
                 ssmz_builtin_first_values_end - ssmz_builtin_first_values_begin > 0
             ? 0 : 1;
}
EOF
for source in builtin_vocabulary builtin_first_values; do
  # The command of the build with another output; its first word is the compiler, or ccache before it.
  python3 - "$build/compile_commands.json" "$source.cpp" "$scratch/$source.o" >"$scratch/$source.sh" <<'EOF'
import json, shlex, sys
commands, source, output = sys.argv[1:]
entry = next(e for e in json.load(open(commands)) if e["file"].endswith("/" + source))
words = shlex.split(entry["command"])
first = next(i for i, word in enumerate(words) if word.startswith("-"))
words[words.index("-o") + 1] = output
print("cd", shlex.quote(entry["directory"]), "&&", shlex.join(words[:first] + ["-flto"] + words[first:]))
EOF
  sh "$scratch/$source.sh"
done
ar rcs "$scratch/libembedded.a" "$scratch"/*.o
"$compiler" -flto -O1 "$scratch/main.cpp" -L"$scratch" -lembedded -o "$scratch/program"
"$scratch/program"
