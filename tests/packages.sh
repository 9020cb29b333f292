#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing; sourced by the scripts that build, test and measure.

# The compiler, the build system and the libraries the code is written with.
build_packages=(cmake ninja-build g++ libxsimd-dev libcli11-dev libxxhash-dev libgtest-dev libbenchmark-dev)

# What makes the files of bench/corpus.
corpus_packages=(netpbm libjpeg-turbo-progs sqlite3)

# True if the named package is installed.
is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages NAME...: quiet, asks nothing, does nothing when all are there. Fails where apt cannot install.
install_packages() {
  local missing=() name sudo=()
  for name in "$@"; do
    is_installed "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]} (no apt-get here: install them by hand)" >&2
    return 1
  fi
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${sudo[@]}" apt-get update -qq -o Acquire::Retries=3 || true
  "${sudo[@]}" apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    "${missing[@]}" >/dev/null
}
