"""The rules of src/README.md that a compiler does not check: who may include whom, and how long a file may be."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAGES = {"image", "latent", "noise", "text", "unet", "znet", "mask"}
ALLOWED = {
    "base": set(),
    "compute": {"base"},
    "bundle": {"base", "compute"},
    **{stage: {"base", "bundle"} for stage in STAGES},
    "output": {"base", "mask"},
    "data": {"base", "image", "mask"},
    "cli": {"base", "bundle", "image", "text", "mask", "output", "data"},
    "pipeline.cpp": {"base", "bundle", *STAGES},
    "main.cpp": {"cli", "base"},
}
LIBRARIES = {
    r"opencv2/": {"image", "mask", "output"},
    r"(torch|ATen|c10)/": {"compute", "bundle", "latent", "noise", "text", "unet", "znet", "pipeline.cpp"},
    r"CLI/": {"cli", "main.cpp"},
    r"spdlog/": {"base"},
}
SOURCES = sorted([*ROOT.glob("src/**/*.cpp"), *ROOT.glob("src/**/*.h")])


def room(path):
    return path.relative_to(ROOT / "src").parts[0]


def includes(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_includes(path):
    here = room(path)
    for name in includes(path):
        first = name.split("/")[0]
        if (ROOT / "src" / name).is_file() and first != here:
            assert first in ALLOWED[here], f"{here} may not include {name}"
        for pattern, rooms in LIBRARIES.items():
            if re.match(pattern, name):
                assert here in rooms, f"{here} may not include {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "include").rglob("*.h")), ids=lambda p: p.name)
def test_public_headers_need_no_library(path):
    for name in includes(path):
        assert not re.match("|".join(LIBRARIES), name), f"{path.name} includes {name}"


def test_files_are_short():
    files = [
        *SOURCES,
        *(ROOT / "include").rglob("*.h"),
        *(ROOT / "scripts").rglob("*.py"),
        *(ROOT / "tests").rglob("*.cpp"),
    ]
    long = {str(f.relative_to(ROOT)): n for f in files if (n := len(f.read_text().splitlines())) > 350}
    assert not long
