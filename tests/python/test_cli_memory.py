"""Memory: the estimate before the networks run against what they take, what is refused, and what a worker keeps."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import BINARY, ROOT, failed, picture

PROMPTS = ["panda", "cat", "dog", "monkey", "lion", "tiger", "fox", "bear"]
NEEDED = re.compile(r"(\S+): (\d+) bytes of memory needed, (\d+) available, (\d+) in use")
SIZES = [512, 1024, 2048] if "LDZNET_TEST_LARGE" in os.environ else [512]  # the larger ones take minutes and gigabytes


def largest_estimate() -> bool:
    """Whether the machine has so much memory that it would begin to compute what these tests expect it to refuse."""
    return int(re.search(r"MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) > 60e6


def peak(process) -> int:
    """The process's peak memory so far, in bytes."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())[1]) << 10


def answer(worker, **request) -> dict:
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 8])
def test_the_estimate_is_near_the_peak(ldznet, zoo, size, count):
    """The peak of a worker's memory, of which the bundle is about 300 MB. That of a process which has ended would count
    the memory of the tests themselves, from before it became ldznet."""
    if b"__asan_init" in BINARY.read_bytes():
        pytest.skip("AddressSanitizer takes memory of its own")
    with (ldznet.folder / "log").open("w") as log:
        process = ldznet.start("worker", "-v", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    process.stdout.readline()
    assert "results" in answer(process, image="zoo/a.png", prompts=PROMPTS[:count], size=size)
    highest = peak(process)
    process.communicate(timeout=60)
    needed, _, used = map(int, NEEDED.search((ldznet.folder / "log").read_text()).groups()[1:])
    ratio = (used + needed) / highest
    print(f"--size {size}, {count} prompts: estimated {(used + needed) / 1e6:.0f} MB, {ratio:.2f} of the peak")
    assert 0.85 <= ratio <= 1.5


@pytest.mark.skipif(largest_estimate(), reason="this machine has enough memory")
@pytest.mark.parametrize("command", [
    ("segment", "zoo/a.png", "-p", "panda"),
    ("eval", ROOT / "tests/data/mini-set/trained", "--limit", 2),
    ("features", "zoo/a.png"),
    ("probe", ROOT / "tests/data/mini-set/trained"),
], ids=lambda command: command[0])  # fmt: skip
def test_what_cannot_fit_is_refused_before_it_is_computed(ldznet, zoo, command):
    result = ldznet(*command, "--size", 16384)
    failed(result, 75, "png: needs about ", " GB of memory, and ", "Use --size ")
    assert ldznet.files() == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]


@pytest.mark.skipif(largest_estimate(), reason="this machine has enough memory")
def test_a_worker_refuses_and_has_one_map_at_a_time(ldznet, zoo):
    width, height = 3000, 2000
    picture(1, width, height).save(ldznet.folder / "large.jpg")
    process = ldznet.start("worker", "-q", "--size", "64", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()

    error = answer(process, image="zoo/a.png", prompts=PROMPTS, size=16384)["error"]
    assert error["code"] == "out_of_memory" and 'Use "size"' in error["message"], error
    assert len(answer(process, image="zoo/a.png", prompts=PROMPTS)["results"]) == len(PROMPTS)
    assert "results" in answer(process, image="large.jpg", prompts=PROMPTS[:1])
    before = peak(process)
    assert "results" in answer(process, image="large.jpg", prompts=PROMPTS)
    assert peak(process) - before < 3 * 4 * width * height
    process.stdin.close()
    assert process.wait(timeout=60) == 0
