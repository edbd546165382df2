#!/usr/bin/env bash
# TREE: fails where clang-format would change a source. Its versions differ in taste, so it has to be 14, that of
# Debian 12; exit 77 (skipped) where there is none.
set -euo pipefail

format=clang-format-14
if ! command -v "$format" >/dev/null; then
  echo "clang-format-14 is not installed: not checked"
  exit 77
fi
cd -- "$1"
find host client plugins sdk tests -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.c' -o -name '*.h' \) -print0 |
  xargs -0 "$format" --dry-run -Werror --ferror-limit=1 2>&1 | grep -E '^[^ ]+:[0-9]+:[0-9]+: ' || status=$?
# grep finds nothing where all is well.
[[ ${status:-0} -ne 0 ]] && exit 0
echo "Put them right with: $format -i FILE"
exit 1
