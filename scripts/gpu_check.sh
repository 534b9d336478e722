#!/usr/bin/env bash
# Builds the networks' half of the program on a machine with a GPU and no internet, checks it and measures it: golden
# parity, speed and memory in the published width with random weights. Writes FOLDER/gpu.json and FOLDER/gpu.md.
#
#   scripts/gpu_check.sh --output FOLDER [--packages DEBS]
#   scripts/gpu_check.sh --output FOLDER --device cpu --small     rehearsal: golden tests' bundle instead of full width
#   scripts/gpu_check.sh --prepare [--packages DEBS]     builds and makes the bundles, measures nothing
#   scripts/gpu_check.sh --pack DEBS     downloads the Debian packages that the build needs, 6 MB, to take along
#
# Needs PyTorch (its LibTorch is used), NumPy, safetensors, a C++20 compiler, CMake, and for a GPU CUDA's compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

needed=(libfmt-dev libfmt9 libgtest-dev libspdlog-dev libspdlog1.10 libssl-dev libssl3 libutf8proc-dev libutf8proc2
  nlohmann-json3-dev)
output='' packages='' device=cuda small=0 prepare=0
while [ $# -gt 0 ]; do
  case "$1" in
    --output) output=$(realpath -m "$2"); shift ;;
    --packages) packages=$(realpath "$2"); shift ;;
    --device) device=$2; shift ;;
    --small) small=1 ;;
    --prepare) prepare=1 ;;
    --pack) mkdir -p "$2" && cd "$2" && exec apt-get download "${needed[@]}" ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "gpu_check.sh: unknown argument '$1' (see --help)" >&2; exit 64 ;;
  esac
  shift
done
[ -n "$output" ] || [ "$prepare" = 1 ] || { echo "gpu_check.sh: --output is missing (see --help)" >&2; exit 64; }

build=build/gpu
python=.venv/bin/python
[ -x "$python" ] || python=python3
mkdir -p "$build" ${output:+"$output"}

# The longest part, on one core: meanwhile the others build.
bundle=$build/full/bundle
[ "$small" = 1 ] && bundle=$build/golden/bundle
make_bundles() {
  "$python" tests/support/golden_bundle.py "$build/golden"
  [ -e "$bundle/model.json" ] || "$python" tests/support/full_width.py "$build/full" --dtype float16
}
make_bundles >"$build/bundles.log" 2>&1 &
bundles=$!

link_flags=-Wl,--allow-shlib-undefined  # LibTorch finds CUDA's libraries when it is loaded, the linker may not
prefixes=$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')
if [ -n "$packages" ]; then
  unpacked=$PWD/$build/packages
  for package in "$packages"/*.deb; do dpkg -x "$package" "$unpacked"; done
  prefixes="$prefixes;$unpacked/usr"
  link_flags+=" -Wl,-rpath,$(echo "$unpacked"/usr/lib/*-linux-gnu)"
fi
generator=()
command -v ninja >/dev/null && generator=(-G Ninja)
cmake -S . -B "$build" "${generator[@]}" -DLDZNET_NETWORKS_ONLY=ON "-DCMAKE_PREFIX_PATH=$prefixes" \
  "-DCMAKE_EXE_LINKER_FLAGS=$link_flags" >"$build/cmake.log" 2>&1 || { cat "$build/cmake.log" >&2; exit 1; }
cmake --build "$build" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" >"$build/build.log" 2>&1 ||
  { tail -n 50 "$build/build.log" >&2; exit 1; }
echo "gpu_check: built after $SECONDS s"
wait "$bundles" || { cat "$build/bundles.log" >&2; exit 1; }
echo "gpu_check: bundles made after $SECONDS s"
[ "$prepare" = 0 ] || exit 0

"$python" scripts/gpu_report.py --programs "$build" --golden "$build/golden" --bundle "$bundle" --device "$device" \
  --output "$output"
echo "gpu_check: finished after $SECONDS s"
