#!/usr/bin/env bash
# Sets up, builds and runs the tests. CI runs it without options.
#
#   scripts/test.sh            everything: C++ and Python tests, the program as users run it, formats, include rules
#   scripts/test.sh --quick    C++ tests without the golden ones, house rules, links and flags of the documentation,
#                              formats, and one run of the program
#   scripts/test.sh --asan     C++ tests with the address and undefined-behaviour sanitizers
#   scripts/test.sh --tsan     C++ tests with the thread sanitizer (tests/tsan.supp lists reports about other libraries)
#   scripts/test.sh --tidy     clang-tidy on all sources (takes minutes)
#
# Every step prints how long it took. --quick takes under two minutes on two cores once build/dev is built.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=all
for argument in "$@"; do
  case "$argument" in
    --quick | --asan | --tsan | --tidy) mode=${argument#--} ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown argument '$argument' (known: --quick, --asan, --tsan, --tidy)" >&2; exit 64 ;;
  esac
done
preset=dev
case "$mode" in asan | tsan) preset=$mode ;; esac

failed=()
# Runs a command as a named step: prints its name, then how long it took, and notes a failure.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@" || failed+=("$name")
  printf -- '-- %s: %d s\n' "$name" $((SECONDS - start))
}
# The same for a step without which the following ones make no sense.
required_step() {
  step "$@"
  [ "${#failed[@]}" -eq 0 ] || finish
}
finish() {
  printf '\n== result after %d s\n' "$SECONDS"
  [ "${#failed[@]}" -gt 0 ] || { echo "all passed"; exit 0; }
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
}

build() { cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset"; }

tidy() {
  # A build folder of its own: clang cannot read GCC's precompiled headers.
  cmake -S . -B build/tidy -G Ninja -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DLDZNET_TESTS=OFF >/dev/null &&
    git ls-files 'src/*.cpp' | xargs -P "$(nproc)" -n 1 clang-tidy-14 --quiet --extra-arg=-fno-openmp -p build/tidy
}

# Other versions of clang-format format differently.
clang_format() {
  local version
  version=$(clang-format-14 --version 2>/dev/null) || true
  if [[ $version != *"version 14."* ]]; then
    echo "clang-format-14 is needed and not there: scripts/setup.sh --dev installs it" >&2
    return 1
  fi
  git ls-files '*.cpp' '*.h' | xargs clang-format-14 --dry-run --Werror
}

ruff_check() { .venv/bin/ruff check scripts python tests; }
ruff_format() { .venv/bin/ruff format --check scripts python tests; }

quick_cpp_tests() { "build/$preset/ldznet_tests" --gtest_brief=1 --gtest_filter='-Golden.*'; }
cpp_tests() { ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j 2; }
python_tests() { LDZNET_BINARY=$PWD/build/dev/ldznet .venv/bin/python -m pytest -q "$@"; }

one_run() {
  local folder
  folder=$(mktemp -d)
  build/dev/ldznet segment examples/zoo.png -p panda -o "$folder/panda.png" && [ -s "$folder/panda.png" ]
  local result=$?
  rm -r "$folder"
  return $result
}

required_step "set-up" scripts/setup.sh --dev
required_step "build ($preset)" build

# Leaks in the one-time initialisation of LibTorch and OpenCV cannot be fixed here; some tests let memory run out.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:allocator_may_return_null=1}
# A long history keeps the stack of the older access, by which a report about a library is recognized.
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/tests/tsan.supp:history_size=4:allocator_may_return_null=1}

case "$mode" in
  tidy) step "clang-tidy" tidy ;;
  asan | tsan) step "C++ tests" cpp_tests ;;
  quick)
    step "C++ tests without the golden ones" quick_cpp_tests
    step "house rules and documentation" python_tests tests/python/test_house_rules.py tests/python/test_docs.py \
      -k "not commands_run"
    step "one run of the program" one_run
    ;;
  all)
    step "C++ tests" cpp_tests
    step "Python tests, and the program as users run it" python_tests -n 2 tests/python
    ;;
esac
case "$mode" in
  quick | all)
    step "ruff check" ruff_check
    step "ruff format" ruff_format
    step "clang-format" clang_format
    ;;
esac
finish
