# Configuring and building one preset outside the clone.
# shellcheck shell=bash

# PRESET [CMAKE OPTION…]: configures it once and where the presets changed (ninja notices other CMake files by itself) and builds it.
build_preset() {
  local preset=$1 directory=$cache/build/$1
  shift
  local wanted
  wanted="$clone $preset $* $(cksum <"$clone/CMakePresets.json")"
  if [[ ! -f $directory/build.ninja || $(cat "$directory/configured" 2>/dev/null) != "$wanted" ]]; then
    heading "Configuring $preset in $directory"
    (cd -- "$clone" && cmake --preset "$preset" -B "$directory" "$@") || die "configuring $preset failed"
    printf '%s\n' "$wanted" >"$directory/configured"
  fi
  heading "Building $preset"
  ninja -C "$directory" -j "$(nproc)" || die "building $preset failed"
}

# Daemon, spawner and plugins into the stage.
install_stage() {
  build_preset release -DVX11_BUILD_TESTS=OFF
  cmake --install "$cache/build/release" --prefix "$stage" >"$cache/install.log" ||
    die "installing into $stage failed; see $cache/install.log"
}
