"""The rules of src/README.md that a compiler does not check: who may include whom, and how long a file may be."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
STAGES = ("image", "latent", "noise", "text", "unet", "znet", "mask")  # ordered: pytest-xdist needs equal test ids
OUTPUT = {"output", "output/run_files", "output/report"}
CLI = {"cli/args", "cli/texts", "cli/process", "cli/segment", "cli/worker", "cli/commands"}
PLAIN = {
    "base",
    "base/files",
    "bundle",
    "image",
    "image/format",
    "text",
    "mask",
    "prompt",
    "draw",
    "probe",
    "data",
    *OUTPUT,
}

# Each room and the rooms or single headers it may include, next to itself and the public headers.
ALLOWED = {
    "base": set(),
    "base/files": {"base"},
    "compute": {"base"},
    "bundle": {"base", "base/files", "compute", "bundle/graph"},
    "bundle/graph": {"base", "compute", "bundle/device.h", "bundle/mapped_weight.h"},
    **{stage: {"base", "bundle"} for stage in STAGES},
    "prompt": {"base", "mask"},
    "image": {"base", "bundle", "image/format"},
    "image/format": {"base"},
    "draw": {"base", "mask"},
    "probe": {"base", "mask", "data"},
    "output": {"base", "base/files", "mask", "draw"},
    "output/run_files": {"base", "base/files", "mask", "draw", "output"},
    "output/report": {"base", "base/files", "image", "mask", "draw", "output"},
    "data": {"base", "image", "mask"},
    "cli/args": {"base"},
    "cli/texts": {"cli/args"},
    "cli/process": {"cli/args", *PLAIN},
    "cli/segment": {"cli/args", "cli/process", *PLAIN},
    "cli/worker": {"cli/args", "cli/process", "cli/segment", *PLAIN},
    "cli/commands": {"cli/args", "cli/process", "compute/cpu.h", *PLAIN},
    "pipeline.cpp": {"base", "bundle", *STAGES},
    "tiles.cpp": {"mask"},
    # The program itself must not need the library: of cli/process only what finds and prepares it.
    "main.cpp": {"base", "cli/args", "cli/texts", "cli/process/load_library.h", "cli/process/process_tuning.h"},
}
# Each external library and the rooms that may include it.
LIBRARIES = {
    r"opencv2/": {"image", "mask", "draw", "probe", *OUTPUT},
    r"(vips/|gmodule|tiffio)": {"image"},
    r"png\.h": {"output"},
    r"(pango|cairo)": {"draw"},
    r"(torch|ATen|c10)/": {
        "compute",
        "bundle",
        "bundle/graph",
        "latent",
        "noise",
        "text",
        "unet",
        "znet",
        "pipeline.cpp",
    },
    r"CLI/": {"cli/args"},
    r"spdlog/": {"base"},
}
LONGEST_SOURCE = 300  # lines
MOST_SOURCES = 17  # .cpp and .h of one name count once


def sources(src=SRC):
    return sorted([*src.rglob("*.cpp"), *src.rglob("*.h")])


def room(path, src=SRC):
    """ "cli/args" for src/cli/args/app.h; a file directly in src/ is a room of its own."""
    relative = path.relative_to(src)
    return str(relative.parent) if len(relative.parts) > 1 else relative.name


def includes(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), re.MULTILINE)


def broken_rules(path, src=SRC):
    """What a source includes although its room may not."""
    here = room(path, src)
    broken = []
    for name in includes(path):
        if (src / name).is_file() and (there := room(src / name, src)) != here and not {there, name} & ALLOWED[here]:
            broken.append(f"{here} may not include {name}")
        broken += [
            f"{here} may not include {name}"
            for pattern, rooms in LIBRARIES.items()
            if re.match(pattern, name) and here not in rooms
        ]
    return broken


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_includes(path):
    assert not broken_rules(path)


# A test of the test: in each room one include that its rule forbids.
WRONG = {
    "base": "base/files/folder.h",
    "base/files": "mask/label_map.h",
    "compute": "bundle/loader.h",
    "bundle": "image/resize.h",
    "bundle/graph": "bundle/loader.h",
    **{stage: "mask/label_map.h" for stage in STAGES},
    "image/format": "image/resize.h",
    "mask": "image/resize.h",
    "prompt": "draw/palette.h",
    "draw": "output/png.h",
    "probe": "draw/palette.h",
    "output": "output/run_files/coco.h",
    "output/run_files": "output/report/report.h",
    "output/report": "output/run_files/coco.h",
    "data": "output/png.h",
    "cli/args": "cli/process/run.h",
    "cli/texts": "cli/process/run.h",
    "cli/process": "cli/segment/job.h",
    "cli/segment": "cli/worker/request.h",
    "cli/worker": "cli/commands/prediction_sources.h",
    "cli/commands": "cli/segment/job.h",
    "pipeline.cpp": "output/png.h",
    "tiles.cpp": "znet/heads.h",
    "main.cpp": "cli/process/load_pipeline.h",
}


@pytest.mark.parametrize("here", ALLOWED)
def test_a_wrong_include_is_refused_in_every_room(here, tmp_path):
    wrong = WRONG[here]
    assert (SRC / wrong).is_file(), f"{wrong} has moved"
    target = tmp_path / wrong
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("")
    source = tmp_path / here if here.endswith(".cpp") else tmp_path / here / "wrong.cpp"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(f'#include "{wrong}"\n')
    assert broken_rules(source, tmp_path) == [f"{here} may not include {wrong}"]


def test_a_library_is_refused_outside_its_rooms(tmp_path):
    source = tmp_path / "cli" / "segment" / "wrong.cpp"
    source.parent.mkdir(parents=True)
    source.write_text("#include <torch/torch.h>\n#include <opencv2/core.hpp>\n#include <CLI/CLI.hpp>\n")
    assert len(broken_rules(source, tmp_path)) == 3


def test_every_room_has_a_rule_and_is_small():
    stems = {}
    for path in sources():
        stems.setdefault(room(path), set()).add(path.stem)
    assert set(stems) == set(ALLOWED)
    assert {name: len(found) for name, found in stems.items() if len(found) > MOST_SOURCES} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "include").rglob("*.h")), ids=lambda p: p.name)
def test_public_headers_need_no_library(path):
    for name in includes(path):
        assert not re.match("|".join(LIBRARIES), name), f"{path.name} includes {name}"


def test_files_are_short():
    files = [
        *sources(),
        *(ROOT / "include").rglob("*.h"),
        *(ROOT / "scripts").rglob("*.py"),
        *(ROOT / "python").rglob("*.py"),
        *(ROOT / "tests").rglob("*.cpp"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    long = {str(f.relative_to(ROOT)): n for f in files if (n := len(f.read_text().splitlines())) > LONGEST_SOURCE}
    assert not long
