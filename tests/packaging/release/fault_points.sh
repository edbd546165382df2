#!/usr/bin/env bash
# CLONE WORK: what is installed has no fault points: neither the option nor, in compiled code, the names.
set -euo pipefail
clone=$1 work=$2

cmake -S "$clone" --preset release -B "$work" -DVX11_BUILD_TESTS=OFF >"$work.log" || {
  cat "$work.log"
  exit 1
}
if grep -n 'VX11_FAULT_POINTS' "$work/compile_commands.json" | head -n 3 | grep .; then
  echo "the release preset compiles with the fault points"
  exit 1
fi
grep -q 'VX11_FAULT_POINTS:BOOL=OFF' "$work/CMakeCache.txt"

parts=host/spawner/CMakeFiles/vx11_spawner_parts.dir
ninja -C "$work" "$parts/ends/record_log.cpp.o" "$parts/__/src/base/fault_point.cpp.o" >"$work.log"
for object in "$work/$parts/ends/record_log.cpp.o" "$work/$parts/__/src/base/fault_point.cpp.o"; do
  if grep -aqE 'compact\.before_rename|VX11_FAULT_TABLE' "$object"; then
    echo "$object has fault points"
    exit 1
  fi
done
