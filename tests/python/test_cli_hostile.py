"""Surroundings that other programs change or that hold a trap: folders, pipes, limits, names that control terminals."""

import fcntl
import functools
import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from conftest import BINARY, MODEL, ROOT, failed, picture

HOSTILE = "a\nldznet: error: forged\x1b[31m\u009b1m"


def wait_for(condition) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited for a minute")


def waiting_bytes(pipe: int) -> int:
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


def handles(process, number) -> bool:
    """Whether the process has a handler for the signal."""
    caught = re.search(r"SigCgt:\s+(\w+)", Path(f"/proc/{process.pid}/status").read_text())[1]
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.parametrize("change", ("removed", "linked"))
def test_the_output_folder_is_taken_away_in_mid_run(ldznet, change):
    (ldznet.folder / "in").mkdir()
    (ldznet.folder / "elsewhere").mkdir()
    for i in range(300):
        picture(i).save(ldznet.folder / "in" / f"{i:02}.png")
    out = ldznet.folder / "out"
    run = ldznet.start(
        "segment", "in", "-p", "sky", "--size", "64", "-o", "out", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for(lambda: run.poll() is not None or len(list(out.rglob("*.png"))) > 1)
    out.rename(ldznet.folder / "away")
    if change == "linked":
        out.symlink_to("elsewhere")
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 73, errors
    assert b"cannot write out: the folder was removed or replaced during the run" in errors
    assert not list((ldznet.folder / "elsewhere").iterdir()), "written through the link"
    assert change == "linked" or not out.exists(), "made again"


def test_of_runs_into_one_file_one_writes_it(ldznet, zoo):
    """All have seen that the file is not there before the first writes it."""
    content = (zoo / "a.png").read_bytes()
    command = ("segment", "-", "-p", "sky", "--size", "64", "-q", "-o", "x.png")
    runs = [ldznet.start(*command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(4)]
    for run in runs:
        run.stdin.write(content[:100])
        run.stdin.flush()
    for run in runs:
        wait_for(functools.partial(lambda run: waiting_bytes(run.stdin.fileno()) == 0, run))
    for run in runs:
        run.stdin.write(content[100:])
        run.stdin.close()
    assert sorted(run.wait(60) for run in runs) == [0, 73, 73, 73]
    assert ldznet.files() == ["x.png", "zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]


def test_a_worker_outlives_its_folder_and_refuses_what_is_no_file(ldznet, zoo):
    place = ldznet.folder / "place"
    place.mkdir()
    os.mkfifo(ldznet.folder / "pipe")
    worker = subprocess.Popen([BINARY, "worker", "-q", "--size", "64"], cwd=place, env=ldznet.env, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    worker.stdout.readline()
    place.rmdir()
    pictures = [zoo / "a.png", "a.png", ldznet.folder / "pipe", "/dev/zero", "/dev/stdin"]
    requests = [json.dumps({"id": i, "image": str(path), "prompts": ["sky"]}) for i, path in enumerate(pictures)]
    requests.append(json.dumps({"image": str(zoo / "a.png"), "prompts": ["sky"], "output": "out"}))
    answers, _ = worker.communicate("\n".join(requests), timeout=60)
    codes = [json.loads(line).get("error", {}).get("code") for line in answers.splitlines()]
    assert codes == [None, "missing_input", "bad_image", "bad_image", "bad_image", "cannot_write"]
    assert worker.returncode == 0


def test_pipes_named_as_pictures(ldznet):
    os.mkfifo(ldznet.folder / "pipe")
    failed(ldznet("segment", "pipe", "-p", "sky"), 65, "pipe: is not a regular file", "segment -")


def test_a_signal_ends_the_wait_for_a_list(ldznet):
    os.mkfifo(ldznet.folder / "pipe")
    run = ldznet.start("segment", "--list", "pipe", "-p", "sky", stderr=subprocess.PIPE)
    wait_for(lambda: handles(run, signal.SIGTERM))
    run.send_signal(signal.SIGTERM)
    assert run.wait(30) == 143


def test_a_reader_with_a_non_blocking_pipe(ldznet, zoo):
    """Python's asyncio and Node.js make pipes non-blocking, for both ends when they share the description."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    prompts = [argument for i in range(120) for argument in ("-p", f"thing {i}")]
    run = ldznet.start("segment", "zoo/a.png", *prompts, "--size", "64", "--json", "-q", stdout=writing)
    os.close(writing)
    wait_for(lambda: waiting_bytes(reading) >= 4096 or run.poll() is not None)
    with open(reading) as stream:
        line = json.loads(stream.read())
    assert len(line["results"]) == 120
    assert run.wait(60) == 0


def test_limits_of_the_system(ldznet, zoo):
    def limited(limit, value, *arguments):
        return ldznet("segment", *arguments, preexec_fn=functools.partial(resource.setrlimit, limit, (value, value)))

    small_files = limited(resource.RLIMIT_FSIZE, 100, "zoo/a.png", "-p", "sky", "--save", "overlay")
    failed(small_files, 73, "cannot write ldznet-out/zoo/a.png.sky.overlay.png: File too large")
    assert ldznet.files("ldznet-out") == []
    for name in ("loop", "x" * 300):
        if name == "loop":
            (ldznet.folder / name).symlink_to(name)
        failed(ldznet("segment", name, "-p", "sky"), 66, name)
        failed(ldznet("eval", name), 66, name)


def test_a_system_without_threads(ldznet, zoo):
    """The limit on processes does not hold for root."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("no setpriv")
    few = functools.partial(resource.setrlimit, resource.RLIMIT_NPROC, (1, 1))
    command = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    needed = [
        *BINARY.parent.glob("libldznet.so*"),
        *MODEL.iterdir(),
        *(BINARY.parent / "ldznet-libtorch").glob("libtorch*"),
    ]
    if any(subprocess.run([*command, "test", "-r", file]).returncode for file in needed):
        pytest.skip("other users cannot read the program")
    result = subprocess.run([*command, BINARY, "segment", ROOT / "examples/zoo.png", "-p", "sky", "--json"], cwd=ldznet.folder,
                            env=ldznet.env, capture_output=True, preexec_fn=few)  # fmt: skip
    failed(result, 75, "threads", "ulimit")


def test_more_threads_than_cores_are_no_reason_to_warn(ldznet, zoo):
    run = ldznet("segment", "zoo/a.png", "-p", "sky", "--size", "64", "--threads", "64", "-q")
    assert (run.returncode, run.stderr) == (0, b"")


def test_a_program_of_another_version(tmp_path):
    """The library must not look at the command, whose layout it does not know: here its address is none."""
    library = BINARY.resolve().parent / "libldznet.so"
    call = f"import ctypes, sys; sys.exit(ctypes.CDLL({str(library)!r}).ldznet_run(ctypes.c_void_p(8), b'0.0.0'))"
    result = subprocess.run([sys.executable, "-c", call], capture_output=True)
    failed(result, 78, "the program has version 0.0.0 and its library")


def test_the_working_folder_was_removed(ldznet, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    command = f'rmdir {place}; exec "{BINARY}" segment {ROOT}/examples/zoo.png -p sky -o {tmp_path}/out'
    failed(subprocess.run(["sh", "-c", command], cwd=place, env=ldznet.env, capture_output=True), 66, "working folder")


def test_names_do_not_control_the_terminal(ldznet):
    name = HOSTILE + ".png"
    picture().save(ldznet.folder / name)
    (ldznet.folder / "bad.png").write_text("x")
    (ldznet.folder / "bad.png").rename(ldznet.folder / ("bad" + name))
    result = ldznet("segment", name, "bad" + name, "-p", HOSTILE, "--size", "64", "-v")
    unknown = ldznet("segment", "--" + HOSTILE)
    for text in (result.stdout, result.stderr, unknown.stderr):
        assert b"\x1b" not in text and "\u009b".encode() not in text
        assert not [line for line in text.splitlines() if line.startswith(b"ldznet: error: forged")]
    assert result.returncode == 1 and unknown.returncode == 64
