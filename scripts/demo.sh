#!/usr/bin/env bash
# Installs what is missing, builds, and segments examples/zoo.png. The second run takes seconds.
#
#   scripts/demo.sh [PICTURE PROMPT...]     segment your own picture instead
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
if [ $# -eq 1 ]; then
  echo "demo.sh: no prompts after the picture; for example: scripts/demo.sh $1 panda sky" >&2
  exit 64
fi
picture=$(realpath -- "${1:-$(dirname "$0")/../examples/zoo.png}")
cd "$(dirname "$0")/.."
picture=${picture#"$PWD"/}

scripts/setup.sh
cmake --preset release >build-demo.log 2>&1 || { cat build-demo.log >&2; exit 1; }
cmake --build --preset release
rm -f build-demo.log

prompts=(panda elephant balloon banana grass sky)
[ $# -ge 2 ] && prompts=("${@:2}")
arguments=()
for prompt in "${prompts[@]}"; do arguments+=(--prompt "$prompt"); done
started=$(mktemp)
trap 'rm -f "$started"' EXIT
build/release/ldznet segment "$picture" "${arguments[@]}" --save overlay,mask,labels --output ldznet-out --overwrite
name=$(basename "$picture")
echo
echo "All prompts in one picture: $(find ldznet-out -name "$name.labels.png" -newer "$started")"
echo "Each prompt as an overlay:"
find ldznet-out -name "$name.*.overlay.png" -newer "$started" | sort
echo "Next: build/release/ldznet segment $picture --prompt ${prompts[0]} --output mask.png"
