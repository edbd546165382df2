# Where builds, the stage and the development state lie.
# shellcheck shell=bash

# The home directory. HOME of somebody else (sudo keeps it in some configurations) would leave root's files there.
home_directory() {
  if [[ -n ${HOME:-} && -O $HOME ]]; then
    printf '%s' "$HOME"
  else
    getent passwd "$EUID" | cut -d: -f6
  fi
}

# VARIABLE DEFAULT: an XDG base directory; a relative one is to be ignored.
base_directory() {
  if [[ ${!1:-} == /* ]]; then printf '%s' "${!1}"; else printf '%s/%s' "$(home_directory)" "$2"; fi
}

# DIRECTORY: whether vx11d would load plugins from it: nobody but root and this user may write to it or to anything
# above it, but for sticky directories of root's (/tmp). What is not there yet will be made with a good mode.
is_trusted() {
  local at owner mode
  at=$(readlink -m -- "$1")
  while :; do
    if [[ -e $at ]]; then
      read -r owner mode < <(stat -c '%u %a' -- "$at")
      [[ $owner -eq 0 || $owner -eq $EUID ]] || return 1
      (((8#$mode & 8#022) == 0 || ((8#$mode & 8#1000) && owner == 0))) || return 1
    fi
    [[ $at != / ]] || return 0
    at=$(dirname -- "$at")
  done
}

# DIRECTORY: makes it, for nobody else to look into.
make_private() {
  (umask 077 && mkdir -p -- "$1") 2>/dev/null || true
  [[ -O $1 && -w $1 ]] || die "cannot write to $1; set XDG_CACHE_HOME and XDG_STATE_HOME to directories of yours"
}

# Sets cache, stage, state: global, for they are the same throughout.
choose_places() {
  local tag base
  tag=$(printf '%s' "$clone" | sha256sum | cut -c1-16)
  base=$(base_directory XDG_CACHE_HOME .cache)/vx11
  if ! is_trusted "$base/$tag"; then
    say "Others may write to $base or above it (umask 002?), and plugins are not loaded from such places;"
    base=${TMPDIR:-/var/tmp}/vx11-$EUID
    say "so builds go to $base"
    is_trusted "$base/$tag" || die "others may write there too; set XDG_CACHE_HOME to a directory of yours alone"
  fi
  cache=$base/$tag
  stage=$cache/stage
  state=$(base_directory XDG_STATE_HOME .local/state)/vx11-dev/$tag
  make_private "$cache"
  make_private "$state"
  chmod 0700 -- "$state"
}

# Two builds of one clone at a time would write into each other; the second one waits.
lock_builds() {
  exec {build_lock}>"$cache/lock"
  flock -n "$build_lock" || {
    say "Waiting for another build of this clone"
    flock "$build_lock"
  }
}
unlock_builds() { exec {build_lock}>&-; }
