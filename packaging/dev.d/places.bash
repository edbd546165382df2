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

# DIRECTORY: makes it, for nobody else to look into.
make_private() {
  (umask 077 && mkdir -p -- "$1") 2>/dev/null || true
  [[ -O $1 && -w $1 ]] || die "cannot write to $1; set XDG_CACHE_HOME and XDG_STATE_HOME to directories of yours"
}

# Sets cache, stage, state: global, for they are the same throughout.
choose_places() {
  local tag
  tag=$(printf '%s' "$clone" | sha256sum | cut -c1-16)
  cache=$(base_directory XDG_CACHE_HOME .cache)/vx11/$tag
  state=$(base_directory XDG_STATE_HOME .local/state)/vx11-dev/$tag
  stage=$cache/stage
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
