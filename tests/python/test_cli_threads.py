"""What docs/formats.md promises about results with other numbers of threads."""

import os

import numpy as np
import pytest
from conftest import ROOT, Program, good, pixels

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
