"""Long runs beside others: memory that does not grow with the pictures, one run a folder, and what a killed one leaves."""

import json
import os
import subprocess

import numpy as np
import pytest
from conftest import picture
from PIL import Image


@pytest.fixture
def folder(ldznet):
    """Two pictures in the folder in, and a third one for stdin."""
    (ldznet.folder / "in").mkdir()
    for i in range(2):
        picture(i).save(ldznet.folder / "in" / f"{i}.png")
    picture(2).save(ldznet.folder / "last.png")
    return ldznet.folder


def begun(ldznet, *arguments):
    """A run that has done its first pictures and waits for one on stdin."""
    process = ldznet.start("segment", "in", "-", "-p", "sky", *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)  # fmt: skip
    for _ in range(2):
        process.stdout.readline()
    return process


def end(process, folder) -> None:
    process.communicate((folder / "last.png").read_bytes(), timeout=60)
    assert process.returncode == 0


def left_behind(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob(".ldznet-??????"))


RUN_FILES = ("--coco", "run/c.json", "--coco-results", "run/r.json", "--panoptic", "run/p.json", "--label-studio",
             "run/l.json", "--report", "run/page.html")  # fmt: skip


def test_what_a_killed_run_leaves_goes_with_the_next(ldznet, folder):
    process = begun(ldznet, *RUN_FILES, "-o", "out")
    process.kill()
    process.wait()
    assert len(left_behind(folder)) == 5 and not list(folder.glob("run/[a-z]*.*"))
    (folder / "run" / ".ldznet-mine").write_text("by somebody else")
    again = ldznet("segment", "in", "-p", "sky", *RUN_FILES, "-o", "out", "--resume")
    assert again.returncode == 0 and b"2 done before" in again.stderr
    assert left_behind(folder) == []
    assert ldznet.files("run") == sorted([".ldznet-mine", *(f.removeprefix("run/") for f in RUN_FILES[1::2]),
                                          "p/in/0.png.png", "p/in/1.png.png"])  # fmt: skip


def test_what_others_still_write_stays(ldznet, folder):
    process = begun(ldznet, "--coco", "one.json")
    assert len(left_behind(folder)) == 1
    assert ldznet("segment", "in", "-p", "sky", "--coco", "two.json", "--overwrite").returncode == 0
    end(process, folder)
    one, two = (json.loads((folder / name).read_text()) for name in ("one.json", "two.json"))
    assert [len(one["images"]), len(two["images"])] == [3, 2] and left_behind(folder) == []


def test_one_run_a_folder_at_a_time(ldznet, folder):
    process = begun(ldznet, "-o", "out")
    for more in (["--resume"], ["--overwrite"], ["--resume", "--shard", "1/2"]):
        second = ldznet("segment", "in", "last.png", "-p", "sky", "-o", "out", *more)
        assert second.returncode == 73 and second.stdout == b""
        assert b"another run is writing to out" in second.stderr
    assert ldznet("segment", "in", "-p", "sky", "-o", "other").returncode == 0
    assert ldznet("segment", "last.png", "-p", "sky", "-o", "out").returncode == 0  # a single picture has no journal
    end(process, folder)
    assert ldznet("segment", "in", "-p", "sky", "-o", "out", "--resume").returncode == 0


def test_parts_work_in_one_folder_at_a_time(ldznet, folder):
    process = begun(ldznet, "-o", "out", "--shard", "1/1")
    end(process, folder)
    for i in range(2, 5):
        picture(i).save(folder / "in" / f"{i}.png")
    process = begun(ldznet, "-o", "out", "--shard", "2/2", "--resume")  # 1, 3, and stdin
    second = ldznet("segment", "in", "-", "-p", "sky", "-o", "out", "--shard", "1/2", "--resume")
    assert second.returncode == 0, second.stderr
    for part in ([], ["--shard", "2/2"]):
        refused = ldznet("segment", "in", "-", "-p", "sky", "-o", "out", "--resume", *part)
        assert refused.returncode == 73 and b"another run is writing to out" in refused.stderr
    end(process, folder)


def peak(ldznet, *arguments) -> int:
    """Bytes of memory that a run has held at most."""
    process = ldznet.start(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


def test_memory_does_not_grow_with_the_pictures(ldznet):
    """Masks of many short runs: what is told of 40 pictures fills many times what memory may grow by."""
    wide = np.full((6, 131072, 3), (110, 170, 240), np.uint8)
    wide[3:] = (80, 160, 60)
    for name, count in (("few", 4), ("many", 44)):
        (ldznet.folder / name).mkdir()
        for k in range(count):
            Image.fromarray(wide).save(ldznet.folder / name / f"{k}.png")
    peaks = {}
    for name in ("few", "many"):
        files = [f"--json={name}.jsonl", "--coco", f"{name}.json", "--coco-results", f"{name}-results.json",
                 "--panoptic", f"{name}-panoptic.json", "--label-studio", f"{name}-tasks.json"]  # fmt: skip
        peaks[name] = peak(ldznet, "segment", name, "-p", "sky|grass", "-t", "0.1", "--size", "32", *files)
    for kind in (".jsonl", ".json", "-results.json"):
        assert (ldznet.folder / f"many{kind}").stat().st_size > 16 << 20
    assert peaks["many"] < peaks["few"] + (8 << 20)
