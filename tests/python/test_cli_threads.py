"""What docs/formats.md promises about results with other numbers of threads."""

import os
import re

import numpy as np
import pytest
from conftest import ROOT, Program, good, lines_of, picture, pixels, without_times

CLOSE = 7  # levels of 65535: 0.0001
HALF = 32768

RUNS = {
    "one": ["--threads", 1],
    "two": ["--threads", 2],
    "two again": ["--threads", 2],
    "four": ["--threads", 4],
    "one core": [],
}


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    """By run, the probabilities and the mask."""
    program = Program(tmp_path_factory.mktemp("threads"))
    found = {}
    for name, flags in RUNS.items():
        pin = (lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})) if name == "one core" else None
        good(program("segment", ROOT / "examples/zoo.png", "-p", "elephant", "-s", "probability,mask", "-o", name, *flags,
                     preexec_fn=pin))  # fmt: skip
        probability, mask = (next((program.folder / name).rglob(f"*.{kind}.png")) for kind in ("probability", "mask"))
        found[name] = pixels(probability).astype(int), pixels(mask)
    return found


@pytest.mark.parametrize("first, second", [("two", "two again"), ("one", "one core")])
def test_as_many_threads_give_the_same(maps, first, second):
    for one, other in zip(maps[first], maps[second], strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("other", ["two", "four"])
def test_other_threads_change_the_last_digits_only(maps, other):
    (one, mask), (another, other_mask) = maps["one"], maps[other]
    assert np.abs(one - another).max() <= CLOSE
    clear = np.abs(one - HALF) > CLOSE
    assert np.array_equal(mask[clear], other_mask[clear])


def at_once(result) -> int:
    return int(re.search(rb"networks work on at a time: (\d+)", result.stderr)[1])


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.png")}


def run(program, *arguments):
    result = program("segment", *arguments, "-p", "sky|panda", "-s", "probability,mask", "--json", "-v")
    good(result)
    return result


@pytest.fixture
def folder(ldznet):
    (ldznet.folder / "in").mkdir()
    for i in range(6):
        picture(i, 64 + 16 * (i % 3)).save(ldznet.folder / "in" / f"{i}.png")
    return ldznet.folder


def test_pictures_side_by_side_have_a_thread_each(ldznet, folder):
    together = run(ldznet, "in", "--threads", 2, "-o", "together")
    one_by_one = run(ldznet, "in", "--threads", 1, "-o", "one_by_one")
    alone = run(ldznet, "in/4.png", "--threads", 1, "-o", "alone")
    assert [at_once(result) for result in (together, one_by_one, alone)] == [2, 1, 1]
    assert contents(folder / "together") == contents(folder / "one_by_one")
    assert len(contents(folder / "alone")) == 4
    assert contents(folder / "alone").items() <= contents(folder / "together").items()


def test_results_are_in_the_order_of_the_pictures(ldznet, folder):
    """Also when some cannot be read, and the maps of others are so large that these wait for their turn."""
    (folder / "in" / "1.png").write_bytes(b"nothing")
    picture(2, 4400, 4000).save(folder / "in" / "2.png")  # the maps of one prompt take 64 MiB
    (folder / "in" / "6.png").symlink_to(folder / "none.png")
    runs = [ldznet("segment", "in", "-p", "sky", "--json", "--threads", 2) for _ in range(2)]
    lines = [list(map(without_times, lines_of(result.stdout))) for result in runs]
    assert [line["image"] for line in lines[0]] == [f"in/{i}.png" for i in range(7)]
    assert [line["image"] for line in lines[0] if "error" in line] == ["in/1.png", "in/6.png"]
    assert lines[0] == lines[1]


@pytest.mark.parametrize("arguments", [
    ["in", "--threads", 7],  # more than there are pictures
    ["in", "--threads", 2, "--tiles", 64],
    ["in", "--threads", 2, "--size", 16384],  # takes more memory than there is
])  # fmt: skip
def test_the_networks_work_on_one_picture_at_a_time(ldznet, folder, arguments):
    for path in (folder / "in").iterdir():
        path.write_bytes(b"nothing")  # what is computed does not matter here
    assert at_once(ldznet("segment", *arguments, "-p", "sky", "-v")) == 1
