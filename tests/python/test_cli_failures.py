"""Bad inputs and bundles, full disks, closed pipes and signals: the documented exit code, a helpful message, and no
partial files."""

import functools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import BINARY, MODEL, default_sigint, failed, good, lines_of, picture


def truncated_jpeg(folder):
    picture(1, 200, 200).save(folder / "whole.jpg")
    data = (folder / "whole.jpg").read_bytes()
    (folder / "whole.jpg").unlink()
    return data[: len(data) // 2]


BAD = {
    "text.png": lambda folder: b"this is no picture\n" * 20,
    "empty.png": lambda folder: b"",
    "half.jpg": truncated_jpeg,
    "bomb.png": lambda folder: bytes.fromhex("89504e470d0a1a0a0000000d49484452")
    + b"\x7f\xff\xff\xff" * 2
    + b"\x08\x02\0\0\0\0\0\0\0",
}


@pytest.mark.parametrize("name", BAD)
def test_the_only_picture_is_unusable(ldznet, name):
    (ldznet.folder / name).write_bytes(BAD[name](ldznet.folder))
    failed(ldznet("segment", name, "-p", "panda"), 65, name)
    assert ldznet.files() == [name]


def test_bad_bytes_on_stdin(ldznet):
    failed(ldznet("segment", "-", "-p", "panda", "-o", "-", stdin=b"nothing"), 65, "stdin")
    failed(ldznet("segment", "-", "-p", "panda", "-o", "-", stdin=b""), 65, "stdin")


@pytest.mark.parametrize("arguments, expected", [
    (["nowhere.png"], "nowhere.png"),
    (["--list", "nowhere.txt"], "--list"),
    (["a.png", "--prompts-file", "nowhere.txt"], "--prompts-file"),
    (["empty"], "there is no picture in empty"),
    (["a.png", "--model", "nowhere"], "nowhere"),
    (["nowhere.png", "--model", "empty"], "nowhere.png: no such file"),  # noticed before the bundle is read
])  # fmt: skip
def test_missing_inputs(ldznet, arguments, expected):
    (ldznet.folder / "empty").mkdir()
    picture().save(ldznet.folder / "a.png")
    failed(ldznet("segment", *arguments, "-p", "panda"), 66, expected)
    assert ldznet.files() == ["a.png"]


def test_a_dangling_link_is_a_failed_picture(ldznet, zoo):
    (zoo / "gone.png").symlink_to("nowhere.png")
    result = ldznet("segment", "zoo", "-p", "x")
    assert result.returncode == 1 and b"zoo/gone.png: no such file" in result.stderr
    assert ldznet.files("ldznet-out") == ["zoo/a.png.x.mask.png", "zoo/b.jpg.x.mask.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_an_unreadable_folder_is_a_failed_input(ldznet, zoo):
    (zoo / "locked").mkdir(mode=0o300)
    result = ldznet("segment", "zoo", "-r", "-p", "x")
    assert result.returncode == 1 and b"zoo/locked: the folder cannot be read" in result.stderr
    assert len(ldznet.files("ldznet-out")) == 3


def test_one_bad_picture_does_not_stop_the_others(ldznet, zoo):
    (zoo / "aa.png").write_bytes(b"no picture")
    result = ldznet("segment", "zoo", "nowhere.png", "-p", "panda", "--json", "-o", "out")
    failed(result, 1, "aa.png", "nowhere.png", "2 of 4 pictures failed")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line.get("error", {}).get("code") for line in lines] == [None, "bad_image", None, "missing_input"]
    assert "results" not in lines[1] and lines[1]["width"] is None
    assert ldznet.files("out") == ["zoo/a.png.panda.mask.png", "zoo/b.jpg.panda.mask.png"]


def test_fail_fast_stops_at_the_first_failure(ldznet, zoo):
    (zoo / "aa.png").write_bytes(b"no picture")
    result = ldznet("segment", "zoo", "-p", "panda", "--fail-fast")
    failed(result, 1, "aa.png")
    assert ldznet.files("ldznet-out") == ["zoo/a.png.panda.mask.png"]


def test_unavailable_devices_and_precisions(ldznet, zoo):
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "--device", "cuda:99"), 69, "cuda:99")
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "--device", "cpu", "--precision", "fp16"), 69, "fp16")


@pytest.fixture
def bundle(tmp_path):
    """A copy of the shipped bundle, for the test to damage."""
    copy = tmp_path / "bundle"
    shutil.copytree(MODEL, copy)
    return copy


def change_byte(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(
    "file", ["vae_encoder.pt", "text_encoder.pt", "unet.pt", "ldznet.pt", "vocab.json", "merges.txt"]
)
def test_a_changed_file_of_a_bundle_is_refused(ldznet, bundle, zoo, file):
    change_byte(bundle / file)
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "-m", "bundle"), 78, file, "sha256")
    failed(ldznet("info", "bundle"), 78, file, "sha256")
    assert not (ldznet.folder / "ldznet-out").exists()


@pytest.mark.parametrize("change, expected", [
    (lambda b: (b / "unet.pt").write_bytes(b"short"), "unet.pt"),
    (lambda b: (b / "ldznet.pt").unlink(), "ldznet.pt"),
    (lambda b: (b / "model.json").write_text("{"), "model.json"),
    (lambda b: (b / "model.json").write_text("{}"), "model.json"),
])  # fmt: skip
def test_a_damaged_bundle_is_refused(ldznet, bundle, zoo, change, expected):
    change(bundle)
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "-m", "bundle"), 78, expected)


def test_trust_unverified_is_the_only_way_past(ldznet, bundle, zoo):
    text = (bundle / "vocab.json").read_text()
    (bundle / "vocab.json").write_text(text + " ")
    failed(ldznet("tokenize", "panda", "-m", "bundle"), 78, "vocab.json")
    result = ldznet("tokenize", "panda", "-m", "bundle", "--trust-unverified")
    assert result.returncode == 0 and b"vocab.json" in result.stderr
    assert result.stdout == ldznet("tokenize", "panda").stdout
    assert ldznet("segment", "zoo/a.png", "-p", "panda", "-m", "bundle", "--trust-unverified", "--json").returncode == 0


def test_a_method_that_the_bundle_lacks(ldznet, bundle, zoo):
    manifest = json.loads((bundle / "model.json").read_text())
    manifest["methods"] = {"ldznet": manifest["methods"]["ldznet"]}
    (bundle / "model.json").write_text(json.dumps(manifest))
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "-m", "bundle", "--method", "rgbnet"), 64, "rgbnet")


def test_a_timestep_beyond_the_schedule(ldznet, zoo):
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "--timestep", "1000"), 64, "1000")


def test_unwritable_outputs(ldznet, zoo):
    (ldznet.folder / "file").write_text("in the way")
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "-o", "file/below"), 73, "file")
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "-o", "file"), 73, "file")
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "--json=file/x.jsonl"), 73, "file")
    (ldznet.folder / "out").symlink_to("/tmp")
    (ldznet.folder / "there").mkdir()
    (ldznet.folder / "there" / "zoo").symlink_to(ldznet.folder / "zoo")
    failed(ldznet("segment", "zoo/a.png", "-p", "panda", "-o", "there"), 73, "link")
    assert sorted(os.listdir(zoo)) == ["a.png", "b.jpg", "deep"]


def small_disk():
    """No file can grow beyond 100 bytes, so that writes fail half-way as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_full_disk_leaves_no_partial_files(ldznet, zoo):
    process = ldznet.start("segment", "zoo", "-p", "panda", "-s", "overlay", "--json", "-o", "out", preexec_fn=small_disk,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert process.returncode == 73 and b"cannot write" in err and b"a.png.panda.overlay.png" in err
    assert json.loads(out)["error"]["code"] == "cannot_write"
    assert ldznet.files("out") == []


def test_a_full_disk_behind_stdout(ldznet, zoo):
    with open("/dev/full", "wb") as full:
        process = ldznet.start("segment", "zoo/a.png", "-p", "panda", "--json", stdout=full, stderr=subprocess.PIPE)
        assert b"stdout" in process.communicate(timeout=60)[1] and process.returncode == 73


def test_closed_stdout(ldznet, zoo):
    reading, writing = os.pipe()
    os.close(reading)
    process = ldznet.start("segment", "zoo", "-p", "panda", "--json", "-q", stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert process.communicate(timeout=60)[1] == b"" and process.returncode == 128 + signal.SIGPIPE


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_keeps_what_is_finished(ldznet, number, code):
    count = 40
    for k in range(count):
        picture(k).save(ldznet.folder / f"{k:02}.png")
    process = ldznet.start("segment", ".", "-p", "panda", "--json=out/lines.jsonl", "-o", "out", stderr=subprocess.PIPE,
                           preexec_fn=default_sigint)  # fmt: skip
    until = time.monotonic() + 60
    while not list(ldznet.folder.glob("out/*.mask.png")) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(number)
    message = process.communicate(timeout=60)[1]
    assert process.returncode == code and b"interrupted after" in message
    lines = [json.loads(line) for line in (ldznet.folder / "out/lines.jsonl").read_text().splitlines()]
    masks = [f for f in ldznet.files("out") if f.endswith(".png")]
    assert 0 < len(lines) < count and sorted(line["results"][0]["files"]["mask"] for line in lines) == [
        f"out/{m}" for m in masks
    ]
    assert ldznet.files("out") == sorted([*masks, "lines.jsonl"])


def test_out_of_memory(ldznet, zoo):
    """The limit is a gigabyte more than the loaded bundle takes; the pictures need several."""
    loaded = ldznet.start("worker", "-q", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    loaded.stdout.readline()
    status = Path(f"/proc/{loaded.pid}/status").read_text()
    loaded.communicate()
    limit = (int(re.search(r"VmPeak:\s+(\d+) kB", status)[1]) << 10) + (1 << 30)
    little = functools.partial(resource.setrlimit, resource.RLIMIT_AS, (limit, limit))
    one = ldznet("segment", "zoo/a.png", "-p", "panda", "--size", "4096", preexec_fn=little)
    failed(one, 75, "zoo/a.png", "memory", "--size")
    several = ldznet("segment", "zoo", "-p", "panda", "--size", "4096", "--json", preexec_fn=little)
    failed(several, 1, "2 of 2 pictures failed")
    assert [json.loads(line)["error"]["code"] for line in several.stdout.splitlines()] == ["out_of_memory"] * 2


WIDTH, HEIGHT = 307, 211
NO_MEMORY = f"""
#include <stddef.h>
extern void* __libc_malloc(size_t);
void* malloc(size_t size) {{ return size == {WIDTH * HEIGHT * 2} ? NULL : __libc_malloc(size); }}
"""  # the bytes of a label map, which nothing but the output thread asks for


def test_failures_of_the_output_count(ldznet, tmp_path):
    """--max-failures stops a run whose pictures go well through the networks but cannot be written."""
    if b"__asan_init" in BINARY.read_bytes():
        pytest.skip("AddressSanitizer has its own malloc")
    (tmp_path / "malloc.c").write_text(NO_MEMORY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "malloc.so", "malloc.c"], cwd=tmp_path, check=True)
    (tmp_path / "in").mkdir()
    for i in range(9):
        picture(i, WIDTH, HEIGHT).save(tmp_path / "in" / f"{i}.png")
    run = functools.partial(ldznet, "segment", "in", "-p", "panda", env={"LD_PRELOAD": str(tmp_path / "malloc.so")})
    failed(run("--save", "labels"), 1, "9 of 9 pictures failed", "in/0.png: memory ran out")
    stopped = run("--save", "labels", "--max-failures", "2", "-o", "stopped")
    failed(stopped, 1, "of 9 pictures failed; the run was stopped there")
    # The networks may be a few pictures ahead of the output.
    assert 2 <= int(re.search(r"(\d) of 9 pictures failed", stopped.stderr.decode())[1]) <= 6
    assert good(run("--max-failures", "1", "-o", "masks")) and len(ldznet.files("masks")) == 9


def test_the_library_is_missing(tmp_path):
    shutil.copy(BINARY, tmp_path / "ldznet")
    result = subprocess.run([tmp_path / "ldznet", "info"], capture_output=True)
    assert result.returncode == 78 and b"libldznet.so" in result.stderr


def test_closed_streams_do_not_become_files(ldznet, zoo):
    def run(command: str):
        return subprocess.run(["sh", "-c", f'"{BINARY}" segment zoo -p sky -o out {command}'], cwd=ldznet.folder,
                              env=ldznet.env, capture_output=True, timeout=60)  # fmt: skip

    assert run(">&-").returncode == 0
    journal = (ldznet.folder / "out/.ldznet-journal").read_text()
    assert [json.loads(line)["key"] for line in journal.splitlines()] and len(journal.splitlines()) == 2
    assert run("--overwrite --json=run.json -v <&- 2>&-").returncode == 0
    assert len(lines_of((ldznet.folder / "run.json").read_text())) == 2
