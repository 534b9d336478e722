#!/usr/bin/env bash
# Sets up, builds and runs every test. This is what CI calls.
#
#   scripts/test.sh            the whole: C++ and Python tests, the binary, formats, include rules
#   scripts/test.sh --asan     the C++ tests under address and undefined-behaviour sanitizers
#   scripts/test.sh --tsan     the C++ tests under the thread sanitizer (tests/tsan.supp: what is not ours)
#   scripts/test.sh --tidy     clang-tidy over all sources (slow: minutes)
set -euo pipefail
cd "$(dirname "$0")/.."

preset=dev
tidy=0
for argument in "$@"; do
  case "$argument" in
    --asan) preset=asan ;;
    --tsan) preset=tsan ;;
    --tidy) tidy=1 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown argument '$argument' (known: --asan, --tsan, --tidy)" >&2; exit 64 ;;
  esac
done

step() { printf '\n== %s\n' "$*"; }

step "set-up"
scripts/setup.sh --dev

step "build ($preset)"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"

if [ "$tidy" = 1 ]; then
  step "clang-tidy"
  # Its own folder: clang cannot read GCC's precompiled headers.
  cmake -S . -B build/tidy -G Ninja -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DLDZNET_TESTS=OFF >/dev/null
  git ls-files 'src/*.cpp' | xargs -P "$(nproc)" -n 1 clang-tidy --quiet --extra-arg=-fno-openmp -p build/tidy
  exit 0
fi

failed=()
step "C++ tests"
# Leaks inside LibTorch's and OpenCV's one-time initialisation are not ours to mend; and tests let memory run out.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:allocator_may_return_null=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/tests/tsan.supp:allocator_may_return_null=1}
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j 2 || failed+=("C++ tests")

if [ "$preset" = dev ]; then
  step "Python tests, and the binary as a user runs it"
  LDZNET_BINARY=$PWD/build/dev/ldznet .venv/bin/python -m pytest -q -n 2 tests/python || failed+=("Python tests")
  step "formats"
  .venv/bin/ruff check scripts tests || failed+=("ruff check")
  .venv/bin/ruff format --check scripts tests || failed+=("ruff format")
  git ls-files '*.cpp' '*.h' | xargs clang-format --dry-run --Werror || failed+=("clang-format")
fi

step "result"
if [ "${#failed[@]}" -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
echo "all passed"
