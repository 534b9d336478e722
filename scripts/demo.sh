#!/usr/bin/env bash
# Sets up, builds, and segments the shipped picture. The second run takes seconds.
#
#   scripts/demo.sh [PICTURE PROMPT...]     your own picture and prompts instead
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
cmake --preset release >build-demo.log 2>&1 || { cat build-demo.log >&2; exit 1; }
cmake --build --preset release
rm -f build-demo.log

picture=examples/zoo.png
prompts=(panda elephant sunflower grass sky)
if [ $# -ge 2 ]; then
  picture=$1
  prompts=("${@:2}")
fi
arguments=()
for prompt in "${prompts[@]}"; do arguments+=(--prompt "$prompt"); done
build/release/ldznet segment "$picture" "${arguments[@]}" --save overlay,mask,labels --output ldznet-out --overwrite
echo
echo "Try: build/release/ldznet segment $picture --prompt ${prompts[0]}"
echo "All prompts at once: $(ls -t ldznet-out/*/*.labels.png ldznet-out/*.labels.png 2>/dev/null | head -1)"
