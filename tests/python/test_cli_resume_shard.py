"""`--resume`, `--shard`, `--max-failures` and interrupted runs."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import Program, failed, picture, without_times

KILLS = int(os.environ.get("LDZNET_TEST_KILLS", "25"))


def make_pictures(folder, count: int) -> None:
    (folder / "in").mkdir()
    for i in range(count):
        picture(i).save(folder / "in" / f"{i}.png")


@pytest.fixture
def folder(ldznet):
    """The folder `in` with ten pictures."""
    make_pictures(ldznet.folder, 10)
    return ldznet.folder


def contents(folder) -> dict[str, bytes]:
    """Path -> bytes of every file that is not hidden."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and not p.name.startswith(".")}  # fmt: skip


def timeless(lines: bytes) -> list[dict]:
    return [without_times(json.loads(line)) for line in lines.splitlines()]


def done_before(result) -> int:
    """The number of pictures that a run skipped, from its summary."""
    assert result.returncode == 0, result.stderr.decode()
    said = re.search(r" masks?.* (\d+) already done", result.stderr.decode())
    return int(said[1]) if said else 0


RUN = ("segment", "in", "-p", "panda", "-p", "sky", "--save", "mask,probability")
FP32 = (*RUN, "--resume", "--precision=fp32")


@pytest.fixture(scope="module")
def finished(shared):
    """A folder with ten pictures and what RUN makes of them, to be copied."""
    make_pictures(shared.folder, 10)
    assert shared(*RUN).returncode == 0
    return shared.folder


@pytest.fixture(scope="module")
def finished_one(tmp_path_factory):
    """The same with one picture, in fp32."""
    program = Program(tmp_path_factory.mktemp("one"))
    make_pictures(program.folder, 1)
    assert program(*FP32).returncode == 0
    return program.folder


def test_a_finished_run_is_not_done_again(ldznet, folder):
    first = ldznet(*RUN, "--json=one.jsonl", "--coco", "one.json")
    assert first.returncode == 0 and b"10 pictures in " in first.stderr and b": 20 masks" in first.stderr
    before = contents(folder / "ldznet-out")
    stamps = {p: p.stat().st_mtime_ns for p in (folder / "ldznet-out").rglob("*.png")}
    again = ldznet(*RUN, "--json=two.jsonl", "--coco", "two.json", "--resume")
    assert done_before(again) == 10
    assert contents(folder / "ldznet-out") == before
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps
    assert (folder / "one.jsonl").read_bytes() == (folder / "two.jsonl").read_bytes()
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()
    table = ldznet(*RUN, "--resume").stdout
    assert len(table.splitlines()) == 20 and table.startswith(b"in/0.png\tpanda\t")


@pytest.mark.parametrize("change, kept", [
    (lambda out: (out / "in" / "3.png.sky.mask.png").unlink(), 9),
    (lambda out: (out / "in" / "3.png.sky.mask.png").write_bytes(b"other"), 9),
    (lambda out: picture(77).save(out.parent / "in" / "3.png"), 9),
    (lambda out: picture(77).save(out.parent / "in" / "new.png"), 10),
    (lambda out: (out / ".ldznet-journal").write_bytes(b"no journal\n\0{"), 0),
    (lambda out: (out / ".ldznet-journal").unlink(), 0),
    (lambda out: os.truncate(out / ".ldznet-journal", (out / ".ldznet-journal").stat().st_size - 9), 9),
], ids=["file gone", "file changed", "picture changed", "picture added", "journal spoilt", "journal gone", "journal torn"])  # fmt: skip
def test_changed_pictures_are_done_again(ldznet, finished, change, kept):
    folder = shutil.copytree(finished, ldznet.folder, dirs_exist_ok=True)
    change(folder / "ldznet-out")
    again = ldznet(*RUN)
    has_journal = (folder / "ldznet-out/.ldznet-journal").exists()
    assert again.returncode == 73 and (b"an interrupted run with --resume" in again.stderr) == has_journal
    assert done_before(ldznet(*RUN, "--resume")) == kept
    here = contents(folder / "ldznet-out")
    shutil.rmtree(folder / "ldznet-out")
    ldznet(*RUN)
    assert contents(folder / "ldznet-out") == here


def test_with_the_same_options_it_is_skipped(ldznet, finished_one):
    shutil.copytree(finished_one, ldznet.folder, dirs_exist_ok=True)
    assert done_before(ldznet(*FP32)) == 1


@pytest.mark.parametrize("option", ["--threshold=0.4", "--seed=1", "--prompt=tree", "--min-area=9", "--largest",
                                    "--fill-holes", "--size=128", "--samples=2", "--timestep=60", "--save=cutout",
                                    "--template=a {}", "--precision=bf16"])  # fmt: skip
def test_with_another_option_nothing_is_skipped(ldznet, finished_one, option):
    shutil.copytree(finished_one, ldznet.folder, dirs_exist_ok=True)
    result = ldznet(*FP32, option)
    if option == "--precision=bf16" and result.returncode == 69:
        pytest.skip("this machine has no bf16")
    assert done_before(result) == 0


def test_resuming_with_a_single_output_file(ldznet, folder):
    """The journal is next to the only output file."""
    arguments = ("segment", "in", "-p", "panda", "--json=found.jsonl")
    ldznet(*arguments)
    before = (folder / "found.jsonl").read_bytes()
    assert (folder / ".found.jsonl.ldznet-journal").is_file()
    assert done_before(ldznet(*arguments, "--resume")) == 10
    assert (folder / "found.jsonl").read_bytes() == before
    one = ("segment", "in/1.png", "-p", "panda", "-o", "one.png", "--resume")
    assert done_before(ldznet(*one)) == 0
    assert done_before(ldznet(*one)) == 1
    failed(ldznet("segment", "in", "-p", "panda", "--json", "--resume"), 64, "--resume", "--output")


def test_failed_pictures_are_tried_again(ldznet, folder):
    whole = (folder / "in" / "4.png").read_bytes()
    (folder / "in" / "4.png").write_bytes(whole[:50])
    assert ldznet(*RUN).returncode == 1
    (folder / "in" / "4.png").write_bytes(whole)
    assert done_before(ldznet(*RUN, "--resume")) == 9
    assert len(contents(folder / "ldznet-out")) == 40


def test_killed_at_random_moments(ldznet, folder):
    """Resuming a killed run gives the same bytes, and there are never partial files."""
    ldznet(*RUN, "--json=whole.jsonl")
    expected, lines = contents(folder / "ldznet-out"), timeless((folder / "whole.jsonl").read_bytes())
    begun = time.monotonic()
    ldznet(*RUN, "-o", "timed")
    longest = time.monotonic() - begun
    rng = random.Random(3)
    shutil.rmtree(folder / "ldznet-out")
    kills = 0
    while kills < KILLS:
        process = ldznet.start(*RUN, "--resume", "--json=found.jsonl", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        time.sleep(rng.uniform(0.2, 1) * longest)
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:  # it finished before the signal
            assert contents(folder / "ldznet-out") == expected
            shutil.rmtree(folder / "ldznet-out")
        kills += 1
        for name, data in contents(folder / "ldznet-out").items():
            assert data == expected[name]
    assert ldznet(*RUN, "--resume", "--json=found.jsonl").returncode == 0
    assert contents(folder / "ldznet-out") == expected
    assert timeless((folder / "found.jsonl").read_bytes()) == lines


def test_shards_make_the_whole_run(ldznet, folder):
    whole = ldznet(*RUN, "-o", "whole", "--json=whole.jsonl")
    assert whole.returncode == 0
    lines = []
    for part in (1, 2, 3):
        result = ldznet(*RUN, "-o", "parts", "--shard", f"{part}/3", "--json")
        assert result.returncode == 0
        lines += timeless(result.stdout)
    assert contents(folder / "parts") == contents(folder / "whole")
    assert {line["image"] for line in lines} == {f"in/{i}.png" for i in range(10)} and len(lines) == 10
    # Resuming works with another number of shards.
    assert done_before(ldznet(*RUN, "-o", "parts", "--shard", "2/2", "--resume")) == 5
    assert done_before(ldznet(*RUN, "-o", "parts", "--resume")) == 10
    assert ldznet(*RUN, "-o", "many", "--shard", "11/12").returncode == 0


@pytest.mark.parametrize("value, env, expected", [
    ("/5", {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "4"}, ["3", "8"]),
    ("/5", {"JOB_COMPLETION_INDEX": "0"}, ["0", "5"]),
    ("auto", {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "10"}, ["0"]),
    ("2/5", {"SLURM_ARRAY_TASK_ID": "4"}, ["1", "6"]),
])  # fmt: skip
def test_shards_from_the_clusters_variables(ldznet, folder, value, env, expected):
    result = ldznet("segment", "in", "-p", "panda", "--dry-run", "--shard", value, env=env)
    assert result.returncode == 0, result.stderr.decode()
    assert [line.split("\t")[0] for line in result.stdout.decode().splitlines()] == [f"in/{i}.png" for i in expected]


def test_the_clusters_variables_alone_do_not_shard(ldznet, folder):
    result = ldznet("segment", "in", "-p", "panda", "--dry-run",
                    env={"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "4"})  # fmt: skip
    assert len(result.stdout.splitlines()) == 10


@pytest.mark.parametrize("value, env", [
    ("0/4", {}), ("5/4", {}), ("2", {}), ("1/0", {}), ("/4", {}), ("auto", {}), ("a/b", {}), ("", {}),
    ("auto", {"SLURM_ARRAY_TASK_ID": "1"}),
    ("/4", {"SLURM_ARRAY_TASK_ID": "4"}),
    ("/4", {"SLURM_ARRAY_TASK_ID": "x"}),
])  # fmt: skip
def test_invalid_shards(ldznet, folder, value, env):
    failed(ldznet("segment", "in", "-p", "panda", "--dry-run", "--shard", value, env=env), 64, "--shard")


def test_stopping_after_failures(ldznet, folder):
    for i in (2, 5, 7):
        (folder / "in" / f"{i}.png").write_bytes(b"nothing")
    pictures = [f"in/{i}.png" for i in range(10)]
    result = ldznet("segment", *pictures, "-p", "panda", "--max-failures", "2")
    assert result.returncode == 1 and b"2 of 10 pictures failed; the run was stopped there" in result.stderr
    assert sorted(contents(folder / "ldznet-out")) == [f"in/{i}.png.panda.mask.png" for i in (0, 1, 3, 4)]
    result = ldznet("segment", *pictures, "-p", "panda", "--fail-fast", "-o", "other")
    assert result.returncode == 1 and sorted(contents(folder / "other")) == ["in/0.png.panda.mask.png", "in/1.png.panda.mask.png"]  # fmt: skip
    failed(ldznet("segment", "in", "-p", "panda", "--max-failures", "0"), 64, "--max-failures")
    failed(ldznet("segment", "in", "-p", "panda", "--max-failures", "2", "--fail-fast"), 64, "--fail-fast")


def test_interrupted_and_resumed(ldznet, folder):
    for i in range(10, 60):
        picture(i).save(folder / "in" / f"{i}.png")
    process = ldznet.start(*RUN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()  # the first mask is written
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 143 and b"finished pictures are kept" in said
    kept = len(contents(folder / "ldznet-out")) // 4
    assert 1 <= kept < 60 and len(contents(folder / "ldznet-out")) == 4 * kept
    again = ldznet(*RUN)
    has_journal = (folder / "ldznet-out/.ldznet-journal").exists()
    assert again.returncode == 73 and (b"an interrupted run with --resume" in again.stderr) == has_journal
    assert done_before(ldznet(*RUN, "--resume")) == kept
