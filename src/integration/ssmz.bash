# SPDX-License-Identifier: Apache-2.0
# Completion of ssmz, unssmz and ssmzcat for bash.
_ssmz() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options='--compress --decompress --uncompress --test --list --bench --info-memory --fast --best --no-adjust
    --stdout --to-stdout --output --output-dir --output-dir-mirror --suffix --force --keep --rm --verify --no-sync --sync
    --sparse --no-sparse --recursive --exclude-compressed --files --files0 --stream-size --max-output --range --frames --resume
    --recover --count-frames --prime --prime-limit --patch-from
    --threads --memory --memlimit --frame-size --vocab --ssm --ssm-width --no-check --ignore-check
    --flush-timeout --single-stream
    --quiet --no-warn --verbose --progress --no-progress --robot --help --version'
  COMPREPLY=()
  [[ $word == = ]] && word=
  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
  case $before in
    --output-dir | --output-dir-mirror) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --progress) mapfile -t COMPREPLY < <(compgen -W 'auto on off json' -- "$word"); return ;;
    -T | --threads | -M | --memory | --memlimit | --frame-size | --range | --frames | --prime-limit | --ssm | --ssm-width | --stream-size | --max-output | -S | --suffix) return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    return
  fi
  compopt -o filenames
  local name line=" ${COMP_WORDS[*]} " compressed=no
  [[ ${COMP_WORDS[0]##*/} == ssmz ]] || compressed=yes
  [[ $line =~ \ -[a-zA-Z0-9]*[dtl][a-zA-Z0-9]*\  || $line =~ \ --(decompress|uncompress|test|list)\  ]] && compressed=yes
  while IFS= read -r name; do
    [[ -d $name || $compressed == no || $name == *.ssmz ]] && COMPREPLY+=("$name")
  done < <(compgen -f -- "$word")
}
complete -F _ssmz ssmz unssmz ssmzcat
