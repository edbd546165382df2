# Finding processes and ending them, with nothing but /proc.
# shellcheck shell=bash

# NAME TEXT: pids whose program is called NAME and whose command line has TEXT in one argument.
pids_of() {
  local file
  local -a words
  for file in /proc/[0-9]*/cmdline; do
    mapfile -d '' -t words 2>/dev/null <"$file" || continue
    [[ ${#words[@]} -gt 0 && ${words[0]##*/} == "$1" ]] || continue
    if [[ "${words[*]}" == *"$2"* ]]; then
      file=${file#/proc/}
      printf '%s\n' "${file%/cmdline}"
    fi
  done 2>/dev/null
}

# PID SECONDS: TERM, a deadline, then KILL. Fails where it took a KILL.
end_process() {
  kill -TERM "$1" 2>/dev/null || return 0
  timeout "$2" tail -s 0.05 -f /dev/null --pid="$1" && return 0
  kill -KILL "$1" 2>/dev/null
  return 1
}

# PORT: inode and uid of the listener that keeps 127.0.0.1:PORT from being bound, if there is one.
listener_at() {
  local hex loopback=0100007F any=00000000
  local any6=00000000000000000000000000000000 mapped=0000000000000000FFFF00000100007F
  hex=$(printf '%04X' "$1")
  local slot local_address remote status queues timer retransmits uid timeout inode rest
  # shellcheck disable=SC2034
  while read -r slot local_address remote status queues timer retransmits uid timeout inode rest; do
    [[ $status == 0A && ${local_address#*:} == "$hex" ]] || continue
    case ${local_address%:*} in
      "$loopback" | "$any" | "$any6" | "$mapped")
        printf '%s %s\n' "$inode" "$uid"
        return
        ;;
    esac
  done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

# PORT: who listens there, as a phrase; empty where nobody does.
port_owner() {
  local inode uid link pid
  read -r inode uid < <(listener_at "$1") || return 0
  link=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null) || true
  if [[ -z $link ]]; then
    printf 'a process of user %s' "$(getent passwd "$uid" | cut -d: -f1 || true)"
    return
  fi
  pid=${link#/proc/}
  pid=${pid%%/*}
  printf 'process %s: %s' "$pid" "$(tr '\0\n' '  ' <"/proc/$pid/cmdline" | cut -c1-200)"
}

# PORT: ends the script where somebody listens there already.
refuse_taken_port() {
  [[ $1 -ne 0 ]] || return 0
  local owner
  owner=$(port_owner "$1")
  [[ -z $owner ]] || die "port $1 is taken by $owner
  Take another one: packaging/dev run --port $(($1 < 65535 ? $1 + 1 : 8000)) (or --port 0 for any free one)"
}
