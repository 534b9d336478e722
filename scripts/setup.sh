#!/usr/bin/env bash
# Installs what ldznet is built and tested with. Does only what is missing, so it can be run again at any time.
#
#   scripts/setup.sh            compiler, libraries, and .venv with PyTorch, whose wheel contains LibTorch
#   scripts/setup.sh --dev      also what the tests and linters need
#
# To build with another LibTorch, set Torch_DIR or CMAKE_PREFIX_PATH; the Python scripts need PyTorch all the same. If your
# package index has PyTorch for CUDA only (several GB), set PIP_INDEX_URL to PyTorch's index of CPU wheels.
set -euo pipefail
cd "$(dirname "$0")/.."

dev=0
for argument in "$@"; do
  case "$argument" in
    --dev) dev=1 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "setup.sh: unknown argument '$argument' (known: --dev)" >&2; exit 64 ;;
  esac
done

packages=(build-essential ca-certificates ccache cmake git ninja-build pkg-config python3 python3-pip python3-venv
  libcli11-dev libopencv-core-dev libopencv-imgproc-dev libpango1.0-dev libpng-dev libspdlog-dev libssl-dev
  libtiff-dev libtomlplusplus-dev libutf8proc-dev libvips-dev nlohmann-json3-dev zlib1g-dev)
# clang-format and clang-tidy 14: other versions format and warn differently. jq: the documentation's examples use it.
[ "$dev" = 1 ] && packages+=(clang-format-14 clang-tidy-14 jq libgtest-dev)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  echo "setup: installing ${missing[*]}"
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# torch is installed first and pinned, so that nothing installed later replaces its build.
[ -x .venv/bin/python ] || python3 -m venv .venv
torch=$(grep '^torch==' scripts/requirements.txt)
has() { .venv/bin/python -c "import importlib.metadata as m, sys; sys.exit(m.version('$1').split('+')[0] != '$2')" 2>/dev/null; }
has torch "${torch#torch==}" || .venv/bin/pip install --quiet --disable-pip-version-check "$torch"

# Installs a file of requirements, with pip's options, unless it is installed.
install() {
  local file=$1 stamp wanted
  shift
  stamp=.venv/$(basename "$file").installed
  wanted=$(cat scripts/requirements.txt "$file")
  [ "$wanted" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
  .venv/bin/pip install --quiet --disable-pip-version-check "$@" -r "$file"
  printf '%s\n' "$wanted" >"$stamp"
}
if [ "$dev" = 1 ]; then
  install scripts/requirements-dev.txt
  install scripts/requirements-label-tools.txt --no-deps
else
  install scripts/requirements.txt
fi
echo "setup: ready"
