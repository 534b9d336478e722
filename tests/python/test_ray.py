"""ldznet.ray: rows in are rows out, also when workers and actors are killed. Ray is large, so these tests run only where
it is installed, see tests/README.md."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from conftest import BINARY, MODEL, ROOT, SCHEMA, Program, lines_of, picture, without_times

ray = pytest.importorskip("ray", reason="Ray (600 MB) is not installed, see tests/README.md")
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as parquet  # noqa: E402

import ldznet  # noqa: E402
import ldznet.ray  # noqa: E402
from ldznet.ray.columns import RESULT_COLUMNS, rows_of  # noqa: E402
from ldznet.ray.output import _Folder  # noqa: E402
from ldznet.ray.segment import _Actor  # noqa: E402

OPTIONS = {"model": MODEL, "method": "rgbnet", "size": 64, "threshold": 0.05, "threads": 1, "batch_size": 1}
PROMPTS = ["panda", "sky"]

# Passes requests to the program. Dies of the picture 090.png, and its actor of 150.png, when it is asked for the first
# time; of 190.png always.
DYING = """#!{python}
import os, pathlib, signal, subprocess, sys
worker = subprocess.Popen([{binary!r}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
sys.stdout.buffer.write(worker.stdout.readline())
for line in sys.stdin.buffer:
    for name in (b"090.png", b"150.png", b"190.png"):
        mark = pathlib.Path({folder!r}) / name.decode()
        if name in line and (name == b"190.png" or not mark.exists()):
            mark.touch()
            if name == b"150.png":
                os.kill(os.getppid(), signal.SIGKILL)
            os._exit(1)
    worker.stdin.write(line)
    worker.stdin.flush()
    sys.stdout.buffer.write(worker.stdout.readline())
    sys.stdout.buffer.flush()
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Ray on this machine with two cores; yields the environment for programs that use it."""
    variables = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0", "RAY_DISABLE_MEMORY_MONITOR": "1"}
    paths = [str(ROOT / "python/src"), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**variables, "PYTHONPATH": ":".join(paths), "LDZNET": str(BINARY)}.items():
            patch.setenv(name, value)
        context = ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield {**os.environ, "RAY_ADDRESS": context.address_info["address"]}
        ray.shutdown()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number in range(200):
        picture(number).save(folder / f"{number:03}.png")
    (folder / "100.png").write_text("text")
    return folder


@pytest.fixture(scope="module")
def expected(photos):
    """By path, what the program finds in all pictures; errors for 100.png only."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in OPTIONS.items()]
    run = Program(photos)("segment", photos, *flags, *(f"--prompt={prompt}" for prompt in PROMPTS), "--json")
    assert run.returncode == 1, run.stderr
    return {line["image"]: without_times(line) for line in lines_of(run.stdout.decode())}


def test_killed_workers_and_actors_lose_and_repeat_nothing(cluster, photos, expected, tmp_path):
    program = tmp_path / "dying"
    program.write_text(DYING.format(python=sys.executable, binary=str(BINARY), folder=str(tmp_path)))
    program.chmod(0o755)
    rows = [{"image": path, "number": number} for number, path in enumerate(expected)]
    masks = ldznet.ray.segment(
        ray.data.from_items(rows, override_num_blocks=20), PROMPTS, actors=2, batch_rows=5, program=program, **OPTIONS
    )
    assert ldznet.ray.write(masks, tmp_path / "results") == (198, 2)
    assert all((tmp_path / name).exists() for name in ("090.png", "150.png", "190.png"))  # all have died
    files = list((tmp_path / "results").iterdir())
    assert {file.name.split("-")[0] for file in files} == {"part", "errors"}
    found = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert sorted(line.pop("number") for line in found) == list(range(200))
    by_name = {line["image"]: without_times(line) for line in found}
    died = str(photos / "190.png")
    assert by_name.pop(died)["error"]["code"] == "worker_died"
    assert by_name == {name: line for name, line in expected.items() if name != died}
    SCHEMA.validate(found[0])


def test_the_command_resumes(cluster, photos, expected, tmp_path):
    options = [f"--worker-option={name}={value}" for name, value in OPTIONS.items()]
    command = [sys.executable, "-m", "ldznet.ray", photos, "-p", *PROMPTS, "-o", tmp_path / "out", *options]
    command += ["--format=parquet", "--actors=2"]

    def run(*more):
        return subprocess.run([*command, *more], env=cluster, capture_output=True, text=True)

    first = run()
    assert first.returncode == 1 and first.stdout == "199 pictures done, 1 failed, 0 skipped\n", first.stderr
    next((tmp_path / "out").glob("part-*")).unlink()
    assert run().returncode == 73  # results are there
    for wrong, code, words in (
        ("--worker-option=threshold=7", 64, "--threshold"),
        ("--worker-option=model=none", 66, "no bundle in"),
    ):
        failing = run("--resume", wrong)
        assert failing.returncode == code and words in failing.stderr.splitlines()[-1], failing.stderr
    done = len(ldznet.ray.finished(tmp_path / "out"))
    assert 0 < done < 199
    again = run("--resume")
    assert again.stdout == f"{199 - done} pictures done, 1 failed, {done} skipped\n", again.stderr
    rows = [row for file in (tmp_path / "out").iterdir() for row in parquet.read_table(file).to_pylist()]
    assert sorted(row["image"] for row in rows) == sorted(expected)
    for row in rows:
        assert [r["area"] for r in row["results"] or ()] == [
            r["area"] for r in expected[row["image"]].get("results", ())
        ]


def test_pixels_and_errors_of_the_whole_run(cluster, photos, expected):
    pictures = ray.data.read_images(str(photos / "000.png"), include_paths=True)
    (row,) = ldznet.ray.segment(pictures, PROMPTS, **OPTIONS).take_all()
    name = str(photos / "000.png")
    assert row["image"] == row["path"] == name
    assert [result["segmentation"] for result in row["results"]] == [
        result["segmentation"] for result in expected[name]["results"]
    ]
    with pytest.raises(Exception, match="AND"):
        ldznet.ray.segment(ray.data.from_items([{"image": name}]), ["panda AND"], **OPTIONS).take_all()
    with pytest.raises(ValueError, match="no column 'picture'"):
        ldznet.ray.segment(pictures, PROMPTS, column="picture")


# Dies of its first request; starting fails as often as there are files left in its folder, which then are fewer by one.
FAILING = """#!{python}
import pathlib, sys
folder = pathlib.Path({folder!r})
if (folder / "died").exists():
    for file in folder.glob("fail*"):
        file.unlink()
        sys.exit(75)
print('{{"ready":true}}', flush=True)
for line in sys.stdin:
    if not (folder / "died").exists():
        (folder / "died").touch()
        sys.exit(1)
    print('{{"schema":"ldznet/1","results":[]}}', flush=True)
"""


@pytest.mark.parametrize(("failures", "codes"), [(1, [None, None]), (2, ["out_of_memory", "out_of_memory"])])
def test_a_worker_that_cannot_be_started_again_is_tried_once_more(tmp_path, failures, codes):
    program = tmp_path / "program"
    program.write_text(FAILING.format(python=sys.executable, folder=str(tmp_path)))
    program.chmod(0o755)
    for number in range(failures):
        (tmp_path / f"fail{number}").touch()
    actor = _Actor(PROMPTS, "image", "image", program, {})
    table = pa.table({"image": ["a.png", "b.png"]})
    rows = actor(table).to_pylist()
    assert [row["image"] for row in rows] == ["a.png", "b.png"]
    assert [row["error"] and row["error"]["code"] for row in rows] == codes
    assert [row["error"] for row in actor(table).to_pylist()] == [None, None]  # it goes on with other pictures


def test_a_repeated_task_replaces_both_files(tmp_path):
    def written(task, errors):
        lines = [
            {"schema": "ldznet/1", "image": name, **({"error": {"code": "internal", "message": "x"}} if failed else {})}
            for name, failed in zip("ab", errors)
        ]
        counts = _Folder(str(tmp_path), "jsonl").write([pa.table(rows_of(lines))], SimpleNamespace(task_idx=task))
        return counts, sorted(file.name.split("-")[0] for file in tmp_path.iterdir())

    assert written(0, [False, True]) == ((1, 1), ["errors", "part"])
    assert written(0, [True, True]) == ((0, 2), ["errors"])
    assert written(0, [False, False]) == ((2, 0), ["part"])
    assert written(1, [False, False]) == ((2, 0), ["part", "part"])  # another block with the same names


def test_every_member_of_a_result_is_a_column():
    schema = SCHEMA.schema
    assert {*schema["properties"]} - {"id"} <= {*RESULT_COLUMNS.names}
    result = RESULT_COLUMNS.field("results").type.value_type
    assert {*schema["$defs"]["result"]["properties"]} <= {field.name for field in result}
    for name in ("model", "error"):
        assert {*schema["properties"][name]["properties"]} == {field.name for field in RESULT_COLUMNS.field(name).type}
