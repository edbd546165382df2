#!/usr/bin/env bash
# DEV: what packaging/dev says when something is wrong, before it installs or builds anything.
set -euo pipefail
export LC_ALL=C.UTF-8

work=$(mktemp -d)
background=()
clean_up() {
  [[ ${#background[@]} -eq 0 ]] || kill "${background[@]}" 2>/dev/null || true
  rm -rf -- "$work"
}
trap clean_up EXIT

# A clone that anybody may read, at a path with blanks that is longer than a socket address.
clone="$work/a clone/$(printf 'long%.0s' {1..40})"
mkdir -p -- "$clone" "$work/programs" "$work/home"
cp -R -- "$(dirname -- "$1")" "$clone/packaging"
chmod -R a+rX -- "$work"
state=$work/home/state/vx11-dev/$(printf '%s' "$clone" | sha256sum | cut -c1-16)

# Nobody's sudo, packages and apt are real here: each test puts the programs it needs first on the path.
program() { # NAME SCRIPT
  printf '#!/bin/sh\n%s\n' "$2" >"$work/programs/$1"
  chmod 0755 "$work/programs/$1"
}
program dpkg-query 'echo installed'
as_person=()
if [[ $EUID -eq 0 ]]; then
  chown -R 65534:65534 "$work/home" "$work/programs"
  as_person=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
dev() {
  status=0
  output=$("${as_person[@]}" env PATH="$work/programs:$PATH" HOME="$work/home" XDG_CACHE_HOME="$work/home/cache" \
    XDG_STATE_HOME="$work/home/state" "$clone/packaging/dev" "$@" 2>&1 </dev/null) || status=$?
}

failures=0
expect() { # WHAT STATUS PATTERN
  if [[ $status -eq $2 ]] && grep -qE -- "$3" <<<"$output"; then
    printf 'ok    %s\n' "$1"
  else
    printf 'WRONG %s: expected status %s and "%s"; got status %s and\n%s\n' "$1" "$2" "$3" "$status" "$output"
    failures=$((failures + 1))
  fi
}

dev help
expect "help says what there is" 0 'run \[--once\] \[--fresh\] \[--port N\]'
dev
expect "no command is help" 0 'packaging/dev test \[--sanitize\]'
dev build
expect "an unknown command is named" 2 'does not know "build"'
dev run --often
expect "an unknown option of run is named" 2 'packaging/dev run does not know "--often"'
dev test --quick
expect "an unknown option of test is named" 2 'packaging/dev test does not know "--quick"'
for port in 65536 -1 8k ''; do
  dev run --port "$port"
  expect "port \"$port\" is refused" 1 'needs a number from 0 to 65535'
done
dev test -R
expect "-R without an expression is refused" 1 '-R needs a regular expression'
dev torture --gently
expect "an unknown option of torture is named" 2 'packaging/dev torture does not know "--gently"'
for rounds in 0 -1 many ''; do
  dev torture --rounds "$rounds"
  expect "\"$rounds\" rounds are refused" 1 '--rounds needs a number from 1 to 999999999'
done
dev torture --seed fortune
expect "a seed that is no number is refused" 1 '--seed needs a whole number'

# --- a port that is taken ----------------------------------------------------------------------------------------
mkfifo "$work/port"
"${as_person[@]}" /usr/bin/python3 -c '
import signal, socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
signal.pause()' the-owner-of-the-port >"$work/port" &
background+=("$!")
read -r port <"$work/port"
dev run --port "$port"
expect "a taken port names its owner" 1 "port $port is taken by process $!: .*the-owner-of-the-port"
expect "a taken port offers another one" 1 'packaging/dev run --port [0-9]+'

# --- a second one ------------------------------------------------------------------------------------------------
"${as_person[@]}" mkdir -p -- "$state"
"${as_person[@]}" /usr/bin/python3 -c '
import fcntl, os, signal, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print(os.getpid(), file=lock, flush=True)
print(flush=True)
signal.pause()' "$state/vx11d.lock" >"$work/port" &
background+=("$!")
read -r _ <"$work/port"
dev run --port 0
expect "a vx11d that uses this state is named" 1 "runs already: process $!"
dev run --port 0 --fresh
expect "--fresh leaves the state of a running vx11d alone" 1 "runs already: process $!"
kill "$!"
wait "$!" || true

# --- tests that fail ---------------------------------------------------------------------------------------------
echo '{}' >"$clone/CMakePresets.json"
# shellcheck disable=SC2016
program cmake 'while [ $# -gt 0 ]; do [ "$1" != -B ] || mkdir -p "$2"; shift; done'
program ninja 'exit 0'
# As ctest writes it, here with what failed in the midst of much that did not.
# shellcheck disable=SC2016
program ctest 'mkdir -p "$2/Testing/Temporary"
exec >"$2/Testing/Temporary/LastTest.log"
for name in fine "broken: in two ways" "fine too"; do
  printf "1/3 Testing: %s\nOutput:\n%s says this\n<end of output>\n" "$name" "$name"
  case $name in broken*) echo "Test Failed." ;; *) echo "Test Passed." ;; esac
done
exit 8'
dev test --sanitize
expect "what failed is printed once more" 1 '^== What failed$'
output=$(sed '1,/^== What failed$/d' <<<"$output")
expect "each failure with its preset, name and output, and nothing else" 1 '^asan: broken: in two ways$'
expect "of every preset" 1 '^tsan: broken: in two ways$'
expect "with what it printed" 1 '^    broken: in two ways says this$'
[[ $output != *fine* ]] || expect "not what passed" 1 'nothing of the others'
program ctest 'exit 0'
dev test
expect "nothing of the kind where all pass" 0 '^== Testing dev$'
[[ $output != *'What failed'* ]] || expect "no failures where all pass" 0 'no such heading'
rm -- "$work/programs/cmake" "$work/programs/ninja" "$work/programs/ctest"

# --- packages ----------------------------------------------------------------------------------------------------
# shellcheck disable=SC2016
program dpkg-query '[ "$3" = cmake ] || [ "$3" = catch2 ] || { echo installed; exit 0; }; exit 1'
program sudo 'exit 1'
dev run --port 0
expect "without sudo the one apt line is printed" 1 \
  '^  apt-get update && apt-get install -y --no-install-recommends cmake$'
dev test
expect "the tests need more packages" 1 'apt-get install -y --no-install-recommends cmake catch2$'
program sudo "shift; printf '%s\n' \"\$*\" >>'$work/home/sudo.log'; [ \"\$1\" = true ] || [ \"\${*%update}\" != \"\$*\" ]"
dev run --port 0
expect "an apt that fails ends it" 1 'apt could not install cmake'
output=$(<"$work/home/sudo.log") status=0
expect "apt is run through sudo, without questions" 0 \
  '^env DEBIAN_FRONTEND=noninteractive apt-get .* install -y --no-install-recommends cmake$'

# --- places ------------------------------------------------------------------------------------------------------
mkdir -p "$work/home/cache" "$work/home/temporary"
[[ $EUID -ne 0 ]] || chown 65534 "$work/home/temporary"
chmod 0775 "$work/home/cache"
as_person+=(env "TMPDIR=$work/home/temporary")
dev run --port 0
expect "builds go elsewhere where the group may write to the cache" 1 \
  "so builds go to $work/home/temporary/vx11-[0-9]+\$"
chmod 0777 "$work/home/temporary"
dev run --port 0
expect "no place that is one's own is said" 1 'set XDG_CACHE_HOME to a directory of yours alone'

# --- no home -----------------------------------------------------------------------------------------------------
status=0
output=$("${as_person[@]}" env -u HOME XDG_CACHE_HOME=/proc/none XDG_STATE_HOME=/proc/none \
  "$clone/packaging/dev" run --port 0 2>&1) || status=$?
expect "no place to write is said" 1 'cannot write to /proc/none/.*; set XDG_CACHE_HOME'

[[ $failures -eq 0 ]]
