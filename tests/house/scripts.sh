#!/usr/bin/env bash
# TREE: fails where shellcheck finds fault with a script; exit 77 (skipped) where there is no shellcheck.
set -euo pipefail

if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is not installed: not checked"
  exit 77
fi
cd -- "$1"
# The parts of packaging/dev are checked as what they are, parts of one program.
mapfile -d '' -t scripts < <(
  find .ci packaging tests -type f -not -name '*.bash' -print0 |
    xargs -0 grep -lIZE '^#!.*[/ ](ba)?sh$')
shellcheck --external-sources --check-sourced --source-path=SCRIPTDIR "${scripts[@]}"
