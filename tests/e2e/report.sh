#!/usr/bin/env bash
# BUILD: does what the field report did, with curl and sqlite3 against the vx11d, spawner and plugins of that build
# directory, and fails where one of its findings is there again. Says each thing that it expects.
set -euo pipefail
export LC_ALL=C.UTF-8 no_proxy=127.0.0.1

build=$1
tasks=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../packaging/report" && pwd)
work=$(mktemp -d)
# Daughters with a user of their own have to get through to their directories.
chmod 0711 "$work"
database=$work/state/vx11.db
token=e2e-token
failures=0

expect() { # WHAT EXPECTED FOUND
  if [[ $2 == "$3" ]]; then
    printf 'ok    %s\n' "$1"
  else
    printf 'WRONG %s\n        expected: %s\n        found:    %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}
fatal() {
  printf 'WRONG %s\n' "$*"
  failures=$((failures + 1))
  exit 1
}

door=
call() { # METHOD PATH [BODY]
  local -a body=()
  [[ -z ${3:-} ]] || body=(-H 'Content-Type: application/json' -d "$3")
  curl -sS --max-time 60 -X "$1" "$door$2" -H "X-VX11-Token: $token" "${body[@]}"
}
field() { # NAME, of the JSON object on standard input; nothing where it is null
  /usr/bin/python3 -c 'import json, sys
value = json.load(sys.stdin).get(sys.argv[1])
sys.stdout.write("" if value is None else json.dumps(value) if isinstance(value, (bool, dict, list)) else str(value))' "$1"
}
sql() { sqlite3 -readonly "$database" "$1"; }

# Which processes are ours is said by their command lines: they name the temporary directory.
pids_here() {
  local file
  for file in /proc/[0-9]*/cmdline; do
    if tr '\0' '\n' 2>/dev/null <"$file" | grep -qF -- "$work/"; then
      file=${file#/proc/}
      [[ ${file%/cmdline} == "$$" ]] || printf '%s\n' "${file%/cmdline}"
    fi
  done 2>/dev/null || true
}
clean_up() {
  local status=$? pid
  if [[ $failures -ne 0 || $status -ne 0 ]]; then
    tail -n 40 "$work"/vx11d.log "$work"/state/*.log 2>/dev/null || true
  fi
  [[ -z ${host:-} ]] || end "$host"
  for pid in $(pids_here); do end "$pid"; done
  rm -rf -- "$work"
}
end() { # PID
  kill -TERM "$1" 2>/dev/null || return 0
  timeout 20 tail -s 0.05 -f /dev/null --pid="$1" || kill -KILL "$1" 2>/dev/null || true
}
trap clean_up EXIT

# --- start -------------------------------------------------------------------------------------------------------
printf '%s\n' "$token" >"$work/token"
chmod 0600 "$work/token"
mkfifo "$work/ready"
"$build/bin/vx11d" --set http.port=0 --set "state.directory=$work/state" --set "auth.token_file=$work/token" \
  --set "plugins.path=$build/lib/vx11/plugins" --set "spawner.binary=$build/bin/vx11-spawner" \
  --set "tasks.directory=$work/tasks" >"$work/ready" 2>"$work/vx11d.log" </dev/null &
host=$!
exec {ready}<"$work/ready"
read -r -t 60 line <&"$ready" || fatal "vx11d did not say READY"
door=${line#READY }
expect "READY names the door" "http://127.0.0.1" "${door%:*}"

# --- health, status, policy --------------------------------------------------------------------------------------
expect "health" '{"status":"ok","module":"tentaculo_link"}' \
  "$(curl -sS "$door/health" | /usr/bin/python3 -c 'import json, sys
a = json.load(sys.stdin); print(json.dumps({k: a[k] for k in ("status", "module")}, separators=(",", ":")))')"
expect "status: all windows closed" solo_madre "$(call GET /vx11/status | field mode)"
expect "status: policy" SOLO_MADRE "$(call GET /vx11/status | field policy)"
shell_task=$(<"$tasks/1_shell.json")
denied=$(call POST /vx11/spawn "$shell_task")
expect "closed window: denied" "ERROR off_by_policy" "$(field status <<<"$denied") $(field error <<<"$denied")"
expect "closed window: no spawn id" "" "$(field spawn_id <<<"$denied")"
expect "closed window: no row" 0 "$(sql 'SELECT count(*) FROM spawns')"
opened=$(call POST /vx11/window/open '{"target": "spawner", "ttl_seconds": 600, "reason": "report"}')
expect "window opened" true "$(field is_open <<<"$opened")"
expect "window status" true "$(call GET /vx11/window/status/spawner | field is_open)"
expect "status: a window is open" windowed "$(call GET /vx11/status | field mode)"

# --- the three tasks, polled -------------------------------------------------------------------------------------
ids=() correlations=() types=()
run_task() { # NAME TYPE TTL
  local name=$1 answer id status='' deadline=$((SECONDS + 60))
  answer=$(call POST /vx11/spawn "$(<"$tasks/$name.json")")
  id=$(field spawn_id <<<"$answer")
  [[ $id =~ ^spawn-[0-9a-f]{8}$ ]] || fatal "$name: no spawn id in $answer"
  expect "$name: queued" QUEUED "$(field status <<<"$answer")"
  while status=$(call GET "/vx11/result/$id" | field status) && [[ $status == QUEUED || $status == RUNNING ]]; do
    [[ $SECONDS -lt $deadline ]] || fatal "$name: still $status after a minute"
    sleep 0.2 # between two polls, as a person's script has it
  done
  answer=$(call GET "/vx11/result/$id")
  expect "$name: done" "DONE succeeded 0" \
    "$(field status <<<"$answer") $(field outcome <<<"$answer") $(field exit_code <<<"$answer")"
  expect "$name: its own task_type and ttl" "$2 $3" "$(field task_type <<<"$answer") $(field ttl_seconds <<<"$answer")"
  expect "$name: standard output" "$(<"$tasks/$name.stdout")" "$(field stdout <<<"$answer")"
  expect "$name: nothing on standard error" "" "$(field stderr <<<"$answer")"
  expect "$name: found by its uuid and its correlation id" "$id $id" \
    "$(call GET "/vx11/result/$(field spawn_uuid <<<"$answer")" | field spawn_id) $(
      call GET "/vx11/result/$(field correlation_id <<<"$answer")" | field spawn_id)"
  ids+=("$id") types+=("$2") correlations+=("$(field correlation_id <<<"$answer")")
}
run_task 1_shell shell 60
run_task 2_python python 120
run_task 3_steps shell 240
failing=$(call POST '/vx11/spawn?wait=30' '{"task_type": "python", "code": "raise SystemExit(2)", "ttl_seconds": 30}')
expect "an exit code is kept" "ERROR failed 2" \
  "$(field status <<<"$failing") $(field outcome <<<"$failing") $(field exit_code <<<"$failing")"
ids+=("$(field spawn_id <<<"$failing")") types+=(python) correlations+=("$(field correlation_id <<<"$failing")")

# --- the report's SQL, on the live file --------------------------------------------------------------------------
list=$(printf "'%s'," "${ids[@]}")
rows=$(sql "SELECT name, status, pid, exit_code, created_at, started_at, ended_at
FROM spawns
WHERE name IN (${list%,});")
printf '%s\n' "$rows"
moment='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}'
ends=(completed completed completed failed)
codes=(0 0 0 2)
for i in "${!ids[@]}"; do
  expect "row of ${ids[i]}: status, no pid, exit code, all times" 1 \
    "$(grep -cE "^${ids[i]}\|${ends[i]}\|\|${codes[i]}\|$moment\|$moment\|$moment\$" <<<"$rows")"
done
expect "times are in order" "" \
  "$(sql 'SELECT name FROM spawns WHERE NOT (created_at <= started_at AND started_at <= ended_at)')"
expect "the steps took their time" 1 \
  "$(sql "SELECT (julianday(ended_at) - julianday(started_at)) * 86400 BETWEEN 2.3 AND 30 FROM spawns
          WHERE name = '${ids[2]}'")"
expect "no status but terminal ones" "completed 3,failed 1" \
  "$(sql "SELECT group_concat(line) FROM (SELECT status || ' ' || count(*) AS line FROM spawns GROUP BY status ORDER BY status)")"
expect "no row is stuck" 0 "$(sql "SELECT count(*) FROM spawns WHERE pid IS NOT NULL OR ended_at IS NULL
                                   OR status IN ('pending', 'running', 'accepted')")"
events=$(sql 'SELECT * FROM routing_events ORDER BY timestamp DESC LIMIT 20;')
usage=$(sql 'SELECT * FROM cli_usage_stats ORDER BY timestamp DESC LIMIT 20;')
expect "one routing event a spawn" "${#ids[@]}" "$(grep -c . <<<"$events")"
expect "one usage row a spawn" "${#ids[@]}" "$(grep -c . <<<"$usage")"
for i in "${!ids[@]}"; do
  cid=${correlations[i]}
  expect "routing event of ${ids[i]} by its correlation id" "$cid|spawn|spawner|1.0|Daughter spawn: ${ids[i]}" \
    "$(sql "SELECT * FROM routing_events
WHERE trace_id='$cid'" | cut -d'|' -f3-7)"
  error=$([[ ${ends[i]} == completed ]] || echo failed)
  expect "usage row of ${ids[i]}" "spawner:${types[i]}|$([[ -n $error ]] && echo 0 || echo 1)|$error" \
    "$(sql "SELECT provider_id, success, error_class FROM cli_usage_stats WHERE trace_id='$cid'")"
done

# --- no process is left, and the spawner's log knows every daughter ----------------------------------------------
left=
for uuid in $(sql 'SELECT uuid FROM spawns'); do
  left+=$(grep -lsF "VX11_TASK_ID=$uuid" /proc/[0-9]*/environ || true)
done
expect "no daughter's process is left" "" "$left"
log=$work/state/vx11-spawner.log
found=$(grep -niE "switch|routing|provider|hermes|cli|trace_id|delegation" "$log") || true
for i in "${!ids[@]}"; do
  expect "spawner's log: started and finished ${ids[i]}" true \
    "$([[ $(grep -F -- "${ids[i]}" <<<"$found" | grep -cF -- "trace_id=${correlations[i]}") -ge 2 ]] && echo true)"
done

# --- the end -----------------------------------------------------------------------------------------------------
expect "window closed" true "$(call POST /vx11/window/close '{"target": "spawner"}' | field was_open)"
kill -TERM "$host"
status=0
wait "$host" || status=$?
expect "vx11d ends well on SIGTERM" 0 "$status"
host=
[[ $failures -eq 0 ]] || exit 1
echo "nothing of the report has come back"
