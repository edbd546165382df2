# Which Debian packages are needed, and getting them.
# shellcheck shell=bash

# For what, which package. Poco's headers come in one package only (it brings the client libraries of databases that
# are not used here). make is what CMake takes by itself, as in the README's lines for plugin authors. Git is not needed.
package_table() {
  cat <<'TABLE'
run   g++
run   cmake
run   ninja-build
run   make
run   libpoco-dev
run   libboost1.81-dev
run   libsqlite3-dev
run   libcli11-dev
run   python3
run   curl
test  catch2
test  sqlite3
test  strace
TABLE
}

# run|test: the packages for it, one a line; test needs those of run too.
packages_for() {
  package_table | while read -r purpose package; do
    if [[ $purpose == run || $purpose == "$1" ]]; then printf '%s\n' "$package"; fi
  done
}

missing_packages() {
  local package found
  while read -r package; do
    found=$(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null) || found=
    # One package may be there for several architectures.
    [[ " $found " == *" installed "* ]] || printf '%s\n' "$package"
  done < <(packages_for "$1")
}

# run|test: installs what is missing, or says with one line what to type and ends the script.
install_packages() {
  if ! command -v apt-get >/dev/null; then die "this needs Debian 12: there is no apt-get here"; fi
  local -a missing become=()
  mapfile -t missing < <(missing_packages "$1")
  [[ ${#missing[@]} -gt 0 ]] || return 0

  if [[ $EUID -ne 0 ]]; then
    if sudo -n true 2>/dev/null; then
      become=(sudo -n)
    elif [[ -t 0 ]] && command -v sudo >/dev/null; then
      become=(sudo)
    fi
    if [[ ${#become[@]} -eq 0 ]]; then
      printf 'packaging/dev: packages are missing and there is no sudo to install them; as root, type:\n' >&2
      printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "${missing[*]}" >&2
      exit 1
    fi
  fi
  heading "Installing ${missing[*]}"
  local -a apt=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  # A third-party source that fails keeps nobody from Debian's own packages.
  "${apt[@]}" update || say "apt-get update failed; going on with the lists that are here"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    die "apt could not install ${missing[*]}; its own messages stand above"
}
