# `packaging/dev run`: set up, start, show, serve, end.
# shellcheck shell=bash

host_pid=

run_command() {
  local once=false fresh=false port=8000 begun token_file
  begun=$(milliseconds)
  while [[ $# -gt 0 ]]; do
    case $1 in
      --once) once=true ;;
      --fresh) fresh=true ;;
      --port)
        [[ ${2:-} =~ ^[0-9]{1,5}$ && $((10#$2)) -le 65535 ]] || die "--port needs a number from 0 to 65535"
        port=$((10#$2))
        shift
        ;;
      *) unknown_option "packaging/dev run" "$1" ;;
    esac
    shift
  done

  choose_places
  refuse_second_host
  refuse_taken_port "$port"
  install_packages run
  lock_builds
  install_stage
  unlock_builds
  if $fresh; then empty_state; fi
  make_token

  trap shut_down EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  start_host "$port"
  local failed=0
  last_spawn=
  heading "The token, and whether it is there"
  printf -v token_file %q "$state/token"
  printf '\n$ TOKEN=%s\n' "\$(cat $token_file)"
  call GET /health || die "no answer from $door; see $state/vx11d.log"
  heading "Every window is closed at first; this opens the one for running code"
  call POST /vx11/window/open '{"target": "spawner", "ttl_seconds": 3600, "reason": "development"}' || failed=1
  report_task "Task 1: a shell line" 1_shell || failed=1
  print_times "$begun"
  report_task "Task 2: a calculation in Python" 2_python || failed=1
  report_task "Task 3: several steps, some seconds" 3_steps || failed=1
  if $once; then
    [[ $failed -eq 0 ]] || die "not all three tasks were right"
    return
  fi
  trap 'exit 0' INT TERM HUP
  print_lines_to_paste
  local status=0
  wait "$host_pid" || status=$?
  tail -n 5 -- "$state/vx11d.log" >&2
  local how="with status $status"
  # As bash has it of one that a signal ended.
  ((status <= 128)) || how="by signal $((status - 128))"
  die "vx11d ended $how; the end of $state/vx11d.log stands above"
}

spawners_of_state() { pids_of vx11-spawner "$state/"; }

# vx11d holds this lock as long as it uses the state, and writes its pid into the file.
refuse_second_host() {
  local lock=$state/vx11d.lock
  [[ -f $lock ]] || return 0
  flock -n "$lock" true || die "a vx11d of this clone runs already: process $(<"$lock")
  End it with Ctrl-C in its terminal, or: kill $(<"$lock")"
}

# A spawner that outlived its host would go on writing into what is being removed.
empty_state() {
  local pid
  for pid in $(spawners_of_state); do
    say "Ending the spawner $pid that the last run left"
    end_process "$pid" 8 || true
  done
  find "$state" -mindepth 1 -delete
  say "Emptied $state"
}

make_token() {
  [[ -s $state/token ]] || (umask 077 && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$state/token")
}

# PORT: starts vx11d and waits for its line READY; sets host_pid and door.
start_host() {
  local line='' ready=$state/ready
  heading "Starting vx11d"
  rm -f -- "$ready"
  mkfifo -m 0600 -- "$ready"
  # A session of its own: Ctrl-C is for this script, which then ends things in the right order.
  setsid "$stage/sbin/vx11d" --set "http.port=$1" --set "state.directory=$state" --set "auth.token_file=$state/token" \
    --set "plugins.path=$stage/lib/vx11/plugins" --set "spawner.binary=$stage/libexec/vx11/vx11-spawner" \
    >"$ready" 2>>"$state/vx11d.log" </dev/null &
  host_pid=$!
  exec {ready_fd}<"$ready"
  rm -f -- "$ready"
  if ! read -r -t 60 line <&"$ready_fd" || [[ $line != "READY "* ]]; then
    tail -n 5 -- "$state/vx11d.log" >&2
    refuse_taken_port "$1"
    die "vx11d did not start; the end of $state/vx11d.log stands above"
  fi
  door=${line#READY }
  say "$line"
}

# BEGUN: the time to the first task's answer, and that of the first start of all, which is kept in the cache.
print_times() {
  local took
  took=$(seconds $(($(milliseconds) - $1)))
  [[ -f $cache/first_start ]] || printf '%s\n' "$took" >"$cache/first_start"
  say
  say "From the command to the first task's answer: $took s now, $(<"$cache/first_start") s at the first start of this clone."
}

print_lines_to_paste() {
  local json="-H 'Content-Type: application/json'"
  # shellcheck disable=SC2016
  local auth='-H "X-VX11-Token: $TOKEN"'
  heading "To paste into another terminal"
  cat <<LINES
TOKEN=\$(cat $token_file)
curl -sS -X POST '$door/vx11/spawn?wait=10' $auth $json -d '{"task_type": "bash", "code": "echo hello from \$BASH_VERSION"}'
curl -sS '$door/vx11/result/$last_spawn' $auth
curl -sS -X POST '$door/vx11/window/open' $auth $json -d '{"target": "spawner", "ttl_seconds": 3600}'
export VX11_STATE=$(printf %q "$state") PATH=$(printf %q "$stage"/bin):\$PATH
vx11 run --type bash --code 'for i in 1 2 3; do echo \$i; sleep 1; done'
vx11 ps; vx11 doctor

State   $state (database vx11.db, token)
PREFIX  $stage (for the README's lines on plugins)
Logs    $state/vx11d.log
        $state/vx11-spawner.log
Build   $cache

Serving at $door until Ctrl-C.
LINES
}

# Rows without an end: name, type and status, one a line. Asked of the database, for the host may be gone.
unfinished_tasks() {
  /usr/bin/python3 - "$state/vx11.db" <<'PYTHON' 2>/dev/null || true
import pathlib, sqlite3, sys
database = sqlite3.connect(pathlib.Path(sys.argv[1]).as_uri() + "?mode=ro", uri=True)
for row in database.execute("SELECT name, task_type, status FROM spawns WHERE ended_at IS NULL ORDER BY created_at"):
    print("  %s  %s  %s" % row)
PYTHON
}

# Ends host and spawner, in this order: a host whose spawner goes starts a new one.
shut_down() {
  local status=$? pid unfinished
  trap '' INT TERM HUP
  trap - EXIT
  if [[ -n $host_pid ]]; then
    unfinished=$(unfinished_tasks)
    say
    say "Ending vx11d and its spawner"
    end_process "$host_pid" 15 || say "vx11d had to be killed"
    for pid in $(spawners_of_state); do
      end_process "$pid" 8 || say "the spawner had to be killed"
    done
    if [[ -n $unfinished ]]; then
      say "These tasks had not finished; the next start records what became of them:"
      say "$unfinished"
    fi
  fi
  exit "$status"
}
