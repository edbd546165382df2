# `packaging/dev test`: build everything and run the tests, plainly or under the sanitizers.
# shellcheck shell=bash

test_command() {
  local sanitize=false preset failures=
  local -a select=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      --sanitize) sanitize=true ;;
      -R)
        [[ -n ${2:-} ]] || die "-R needs a regular expression"
        select=(-R "$2")
        shift
        ;;
      *) unknown_option "packaging/dev test" "$1" ;;
    esac
    shift
  done
  choose_places
  install_packages test
  local -a presets=(dev)
  if $sanitize; then presets=(asan tsan); fi
  lock_builds
  for preset in "${presets[@]}"; do
    build_preset "$preset"
    run_tests "$preset" || failures+=$(failures_of "$preset")$'\n'
  done
  [[ -n $failures ]] || return 0
  # Once more and last: many logs keep only their end.
  heading "What failed"
  printf '%s' "$failures"
  return 1
}

# PRESET: each test that failed in its last run, with the end of what it printed.
failures_of() {
  awk -v preset="$1" -v most=60 '
    / Testing: / { name = $0; sub(/^.* Testing: /, "", name); lines = 0; next }
    /^Test Failed\.$/ {
      ++failures
      print preset ": " name
      for (i = lines > most ? lines - most : 0; i < lines; ++i) print "    " kept[i]
    }
    { kept[lines++] = $0 }
    END { if (!failures) print preset ": see above" }' "$cache/build/$1/Testing/Temporary/LastTest.log"
}

# PRESET: everything but what measures (bench) and what tortures for long (torture).
run_tests() {
  local supp=$clone/tests/sanitizers
  local -a around=()
  heading "Testing $1"
  if [[ $1 != dev ]] && setarch -R true 2>/dev/null; then
    # The sanitizers of GCC 12 cannot live with more than 28 random bits in mmap, which newer kernels use.
    around=(setarch -R)
  fi
  ASAN_OPTIONS="detect_stack_use_after_return=1:$(suppressions "$supp/asan.supp")" \
    LSAN_OPTIONS="$(suppressions "$supp/lsan.supp")" \
    UBSAN_OPTIONS="print_stacktrace=1:$(suppressions "$supp/ubsan.supp")" \
    TSAN_OPTIONS="second_deadlock_stack=1:$(suppressions "$supp/tsan.supp")" \
    "${around[@]}" ctest --test-dir "$cache/build/$1" -j "$(nproc)" --output-on-failure --no-tests=error \
    -LE '^(bench|torture)$' "${select[@]}"
}

# FILE: the option that names it, if it is there; quoted, for the path may have blanks or colons.
suppressions() { if [[ -f $1 ]]; then printf "suppressions='%s'" "$1"; fi; }
