# The three tasks of the field report, sent with curl so that one sees each request and its answer.
# shellcheck shell=bash

# Prints a curl call as a person would type it, then makes it; its answer is shown and left in `answer`.
# METHOD PATH [BODY]
call() {
  local method=$1 path=$2 body=${3:-}
  # shellcheck disable=SC2016
  local shown='curl -sS' auth='-H "X-VX11-Token: $TOKEN"'
  local -a arguments=(-sS --max-time 100)
  if [[ $method != GET ]]; then
    shown+=" -X $method"
    arguments+=(-X "$method")
  fi
  shown+=" '$door$path' $auth"
  arguments+=("$door$path" -H "X-VX11-Token: $(<"$state/token")")
  if [[ -n $body ]]; then
    # A here-document needs no quoting of the quotes in the code.
    shown+=" -H 'Content-Type: application/json' -d @- <<'JSON'"$'\n'"$body"$'\n'JSON
    arguments+=(-H 'Content-Type: application/json' -d "$body")
  fi
  printf '\n$ %s\n' "$shown"
  answer=$(curl "${arguments[@]}") || return 1
  printf '%s\n' "$answer"
}

# FIELD: its text in the last answer; empty where it is null or absent.
answered() {
  /usr/bin/python3 -c '
import json, sys
value = json.loads(sys.argv[1]).get(sys.argv[2])
sys.stdout.write("" if value is None else str(value))' "$answer" "$1" 2>/dev/null
}

# TITLE NAME: sends report/NAME.json and compares with report/NAME.stdout. Fails unless it is DONE and right.
report_task() {
  local file=$clone/packaging/report/$2 id
  heading "$1"
  call POST /vx11/spawn "$(<"$file.json")" || return 1
  id=$(answered spawn_id)
  [[ -n $id ]] || return 1
  last_spawn=$id
  call GET "/vx11/result/$id?wait=60" || return 1
  if [[ $(answered status) == DONE && $(answered exit_code) == 0 ]] &&
    cmp -s <(answered stdout) "$file.stdout"; then
    say "-- right: DONE, exit code 0"
  else
    say "-- WRONG: expected DONE, exit code 0 and this standard output:"
    cat "$file.stdout"
    return 1
  fi
}
