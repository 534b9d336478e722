"""Runs at the same time, the temporary files of killed runs, and memory that does not grow with the number of pictures."""

import ctypes
import json
import os
import statistics
import subprocess

import numpy as np
import pytest
from conftest import picture
from PIL import Image


@pytest.fixture
def folder(ldznet):
    """Two pictures in the folder `in`, and last.png for stdin."""
    (ldznet.folder / "in").mkdir()
    for i in range(2):
        picture(i).save(ldznet.folder / "in" / f"{i}.png")
    picture(2).save(ldznet.folder / "last.png")
    return ldznet.folder


def waiting_run(ldznet, *arguments):
    """A run that has finished the pictures of `in` and waits for one on stdin."""
    process = ldznet.start("segment", "in", "-", "-p", "sky", *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)  # fmt: skip
    for _ in range(2):
        process.stdout.readline()
    return process


def finish(process, folder) -> None:
    process.communicate((folder / "last.png").read_bytes(), timeout=60)
    assert process.returncode == 0


def temporaries(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob(".ldznet-tmp-??????"))


RUN_FILES = ("--coco", "run/c.json", "--coco-results", "run/r.json", "--panoptic", "run/p.json", "--label-studio",
             "run/l.json", "--report", "run/page.html")  # fmt: skip


def test_the_next_run_removes_a_killed_runs_temporaries(ldznet, folder):
    process = waiting_run(ldznet, *RUN_FILES, "-o", "out")
    process.kill()
    process.wait()
    assert len(temporaries(folder)) == 6 and not list(folder.glob("run/[a-z]*.*"))
    (folder / "run" / ".ldznet-backup").write_text("by somebody else")
    again = ldznet("segment", "in", "-p", "sky", *RUN_FILES, "-o", "out", "--resume")
    assert again.returncode == 0 and b"2 already done" in again.stderr
    assert temporaries(folder) == []
    assert ldznet.files("run") == sorted([".ldznet-backup", *(f.removeprefix("run/") for f in RUN_FILES[1::2]),
                                          "l.xml", "p/in/0.png.png", "p/in/1.png.png"])  # fmt: skip


def test_a_running_programs_temporaries_stay(ldznet, folder):
    process = waiting_run(ldznet, "--coco", "one.json")
    assert len(temporaries(folder)) == 1
    assert ldznet("segment", "in", "-p", "sky", "--coco", "two.json", "--overwrite").returncode == 0
    finish(process, folder)
    one, two = (json.loads((folder / name).read_text()) for name in ("one.json", "two.json"))
    assert [len(one["images"]), len(two["images"])] == [3, 2] and temporaries(folder) == []


def test_a_file_that_appears_in_mid_run_stays(ldznet, folder):
    process = waiting_run(ldznet, "-o", "out")
    (folder / "out" / "stdin.sky.mask.png").write_text("by somebody else")
    process.communicate((folder / "last.png").read_bytes(), timeout=60)
    assert process.returncode == 73
    assert (folder / "out" / "stdin.sky.mask.png").read_text() == "by somebody else"


def test_a_journal_that_is_no_file_is_refused(ldznet, folder):
    (folder / "out").mkdir()
    journal = folder / "out" / ".ldznet-journal"
    journal.symlink_to(folder / "elsewhere")
    for make in (lambda: None, lambda: (journal.unlink(), os.mkfifo(journal))):
        make()
        run = ldznet("segment", "in", "-p", "sky", "-o", "out")
        assert run.returncode == 73 and b"out/.ldznet-journal: it is not a regular file" in run.stderr
    assert not (folder / "elsewhere").exists()


def test_one_run_per_folder_at_a_time(ldznet, folder):
    process = waiting_run(ldznet, "-o", "out")
    for more in (["--resume"], ["--overwrite"], ["--resume", "--shard", "1/2"]):
        second = ldznet("segment", "in", "last.png", "-p", "sky", "-o", "out", *more)
        assert second.returncode == 73 and second.stdout == b""
        assert b"another run is writing to out" in second.stderr
    assert ldznet("segment", "in", "-p", "sky", "-o", "other").returncode == 0
    assert ldznet("segment", "last.png", "-p", "sky", "-o", "out").returncode == 0  # a single picture has no journal
    finish(process, folder)
    assert ldznet("segment", "in", "-p", "sky", "-o", "out", "--resume").returncode == 0


def test_shards_share_a_folder(ldznet, folder):
    process = waiting_run(ldznet, "-o", "out", "--shard", "1/1")
    finish(process, folder)
    for i in range(2, 5):
        picture(i).save(folder / "in" / f"{i}.png")
    process = waiting_run(ldznet, "-o", "out", "--shard", "2/2", "--resume")  # 1, 3, and stdin
    second = ldznet("segment", "in", "-", "-p", "sky", "-o", "out", "--shard", "1/2", "--resume")
    assert second.returncode == 0, second.stderr
    for part in ([], ["--shard", "2/2"]):
        refused = ldznet("segment", "in", "-", "-p", "sky", "-o", "out", "--resume", *part)
        assert refused.returncode == 73 and b"another run is writing to out" in refused.stderr
    finish(process, folder)


PR_SET_THP_DISABLE = 41


def peak(ldznet, *arguments) -> int:
    """The run's peak memory in bytes, with one heap and without huge pages: several heaps and huge pages add 10 MB and
    more, by chance."""
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)  # a new process inherits it
    process = ldznet.start(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env=ldznet.env | {"MALLOC_ARENA_MAX": "1"})  # fmt: skip
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


def test_memory_does_not_grow_with_the_number_of_pictures(ldznet):
    """Masks of many short runs: the output about 40 pictures is larger than the memory that may be added."""
    wide = np.full((6, 131072, 3), (110, 170, 240), np.uint8)
    wide[3:] = (80, 160, 60)
    for name, count in (("few", 12), ("many", 52)):  # few, but more than are prepared before their turn
        (ldznet.folder / name).mkdir()
        for k in range(count):
            Image.fromarray(wide).save(ldznet.folder / name / f"{k}.png")
    peaks = {}
    for name in ("few", "many"):
        files = [f"--json={name}.jsonl", "--coco", f"{name}.json", "--coco-results", f"{name}-results.json",
                 "--panoptic", f"{name}-panoptic.json", "--label-studio", f"{name}-tasks.json"]  # fmt: skip
        run = ["segment", name, "-p", "sky|grass", "-t", "0.1", "--size", "32", "--overwrite", *files]
        peaks[name] = statistics.median(peak(ldznet, *run) for _ in range(3))  # what threads hold at once differs
    for kind in (".jsonl", ".json", "-results.json"):
        assert (ldznet.folder / f"many{kind}").stat().st_size > 16 << 20
    assert peaks["many"] < peaks["few"] + (8 << 20)
