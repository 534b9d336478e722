"""Long use: requests to one worker, and a run over a folder. Memory must stay flat within 32 MB after the first tenth, the
number of open files constant, and the time for a picture the same at the end as at the beginning.

    tests/soak.py build/dev/ldznet --requests 50000 --pictures 10000

Prints the figures and exits with 1 if one of the three does not hold.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

GROWTH = 32 << 20  # bytes
SLOWDOWN = 1.5  # of medians; other programs on the machine cause some
SHORTEST = 1000  # pictures: times of fewer say nothing
PICTURES = 20  # different ones
PROMPTS = ["sky", "panda", "(panda OR cat) AND NOT sky"]


class Watch:
    """What a process takes, picture by picture."""

    def __init__(self, process: subprocess.Popen, count: int):
        self.process, self.count = process, count
        self.resident: list[int] = []
        self.files: list[int] = []
        self.seconds: list[float] = []
        self.last = time.perf_counter()

    def picture_done(self) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.last)
        self.last = now
        if len(self.seconds) % max(self.count // 100, 1) == 0:
            self.sample()

    def sample(self) -> None:
        folder = Path(f"/proc/{self.process.pid}")
        pages = int((folder / "statm").read_text().split()[1])
        self.resident.append(pages * os.sysconf("SC_PAGESIZE"))
        self.files.append(len(list((folder / "fd").iterdir())))

    def verdict(self, name: str) -> bool:
        tenth, quarter = max(len(self.resident) // 10, 1), max(len(self.seconds) // 4, 1)
        growth = max(self.resident[tenth:]) - self.resident[tenth]
        half = len(self.files) // 2  # the fewest: pictures and their files are open now and then
        more_files = min(self.files[half:]) - min(self.files[:half])
        early, late = (
            statistics.median(part) for part in (self.seconds[quarter : 2 * quarter], self.seconds[-quarter:])
        )
        print(
            f"{name}: {len(self.seconds)} pictures; memory {self.resident[tenth] / 2**20:.0f} MiB, then at most "
            f"{growth / 2**20:+.1f} MiB; {min(self.files[:half])} open files, then {more_files:+d}; "
            f"{1000 * early:.1f} ms a picture, at the end {1000 * late:.1f}"
        )
        slow = len(self.seconds) >= SHORTEST and late > SLOWDOWN * early
        return growth <= GROWTH and more_files <= 0 and not slow


def make_pictures(folder: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = []
    for i in range(PICTURES):
        pixels = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        size = (64 + 8 * (i % 5), 48 + 8 * (i % 3))
        paths.append(folder / f"{i}.{['png', 'jpg', 'webp'][i % 3]}")
        Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(paths[-1])
    return paths


def soak_worker(binary: str, folder: Path, count: int, size: int) -> bool:
    """One worker, asked about pictures, missing files and damaged ones in turn."""
    pictures = [*map(str, make_pictures(folder)), "missing.png", __file__]
    command = [binary, "worker", "-q", "--size", str(size)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
    ) as process:
        assert process.stdout.readline(), f"the worker ended with {process.wait()}; run it yourself to see what it says"
        watch = Watch(process, count)
        for k in range(count):
            request = {"id": k, "image": pictures[k % len(pictures)], "prompts": PROMPTS[: k % len(PROMPTS) + 1]}
            if k % 7 == 0:
                request |= {"save": ["mask", "overlay"], "output": "files", "overwrite": True}
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"request {k}: the worker ended with {process.wait()}; run it yourself to see what it says"
            answer = json.loads(line)
            assert answer["id"] == k, answer
            assert ("error" in answer) == (k % len(pictures) >= PICTURES), answer
            watch.picture_done()
        process.stdin.close()
        assert process.wait() == 0
    return watch.verdict("worker")


def soak_folder(binary: str, folder: Path, count: int, size: int) -> bool:
    """One run over a folder; its pictures are links to a few files."""
    pictures = make_pictures(folder)
    (folder / "in").mkdir()
    for k in range(count):
        path = pictures[k % len(pictures)]
        os.link(path, folder / "in" / f"{k:06d}{path.suffix}")
    command = [binary, "segment", "in", "-p", "|".join(PROMPTS), "--size", str(size), "-o", "out", "--json", "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder) as process:
        watch = Watch(process, count)
        for line in process.stdout:
            assert "error" not in json.loads(line), line
            watch.picture_done()
        assert process.wait() == 0
    assert len(watch.seconds) == count
    return watch.verdict("folder")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--requests", type=int, default=5000, help="to the worker; 0: leave it out")
    parser.add_argument("--pictures", type=int, default=1000, help="in the folder; 0: leave it out")
    parser.add_argument("--size", type=int, default=64, help="working size in pixels")
    options = parser.parse_args()
    held = True
    for soak, count in ((soak_worker, options.requests), (soak_folder, options.pictures)):
        with tempfile.TemporaryDirectory() as folder:
            held = (count == 0 or soak(options.binary, Path(folder), count, options.size)) and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
