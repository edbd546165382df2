# `packaging/dev torture`: rounds of load in which host and spawner are killed, and checks after each.
# shellcheck shell=bash

torture_command() {
  local rounds=20 seed=$EPOCHSECONDS status=0 torture_pid
  local -a point=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      --rounds)
        [[ ${2:-} =~ ^[1-9][0-9]{0,8}$ ]] || die "--rounds needs a number from 1 to 999999999"
        rounds=$2
        shift
        ;;
      --seed)
        [[ ${2:-} =~ ^[0-9]{1,18}$ ]] || die "--seed needs a whole number of at most 18 digits"
        seed=$((10#$2))
        shift
        ;;
      --point)
        [[ -n ${2:-} ]] || die "--point needs the name of a fault point (host/src/base/fault_point.hpp lists them)"
        point=(--point "$2")
        shift
        ;;
      *) unknown_option "packaging/dev torture" "$1" ;;
    esac
    shift
  done
  choose_places
  install_packages test
  # Held until the end: a build would replace the programs that are started again and again.
  lock_builds
  build_preset dev
  heading "Torturing for $rounds rounds with seed $seed"
  "$cache/build/dev/bin/vx11_torture" --rounds "$rounds" --seed "$seed" "${point[@]}" &
  torture_pid=$!
  # It ends the host and the spawner that it has started before it ends itself.
  trap 'kill -TERM "$torture_pid" 2>/dev/null || true' INT TERM HUP
  wait "$torture_pid" || status=$?
  while kill -0 "$torture_pid" 2>/dev/null; do
    status=0
    wait "$torture_pid" || status=$?
  done
  trap - INT TERM HUP
  return "$status"
}
