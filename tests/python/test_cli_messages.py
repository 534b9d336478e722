"""What `ldznet segment` prints on stderr and on a terminal; stdout carries data only."""

import os
import pty

from conftest import lines_of
from data_sets import random_set


def test_messages_on_stderr(ldznet, zoo):
    assert ldznet("segment", "zoo", "-p", "sky", "--json").stderr.count(b"running on cpu in ") == 1
    assert ldznet("segment", "zoo/a.png", "-p", "sky", "--json", "-q").stderr == b""
    assert ldznet("segment", "zoo/a.png", "-p", "sky", "--json", "--device", "cpu", "--precision", "fp32").stderr == b""
    long_prompt = ldznet("segment", "zoo/a.png", "-p", "a very long prompt " * 40, "--json", "-q")
    assert long_prompt.returncode == 0 and b"tokens" in long_prompt.stderr


def test_prompts_that_the_model_does_not_know_are_said_once(ldznet, zoo):
    run = ldznet(
        "segment",
        "zoo",
        "-p",
        "pine cone|panda,sky|the pandas|pine trees",
        "--json",
        "--precision",
        "fp32",
        "--device",
        "cpu",
    )
    unknown, separate = (line for line in run.stderr.decode().splitlines() if "warning" in line)
    assert '"pine cone" is not among the 289 names that ldznet-mini knows; nearest: pine tree' in unknown
    assert 'is one prompt; for a mask of each name, write "panda|sky"' in separate
    empty = [result for line in lines_of(run.stdout.decode()) for result in line["results"] if not result["area"]]
    assert empty and f"masks, {len(empty)} of them empty" in run.stderr.decode()
    requests = '{"image": "zoo/a.png", "prompts": ["pine cone"]}\n' * 2
    answers = ldznet("worker", "-q", stdin=requests)
    assert len(answers.stdout.splitlines()) == 3 and answers.stderr.count(b"pine cone") == 1


def test_quiet_leaves_out_the_lines_about_masks(ldznet, zoo):
    run = ldznet("segment", "zoo/a.png", "-p", "sky", "-q")
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"") and len(ldznet.files("ldznet-out")) >= 1


def on_a_terminal(ldznet, *arguments, command=("segment", "zoo", "-p", "sky"), env=None) -> str:
    """What stdout and stderr show on one terminal."""
    master, slave = pty.openpty()
    ldznet.env |= env or {}
    process = ldznet.start(*command, *arguments, stdout=slave, stderr=slave, stdin=slave)
    os.close(slave)
    seen = b""
    try:
        while chunk := os.read(master, 65536):
            seen += chunk
    except OSError:  # the other end is closed
        pass
    os.close(master)
    assert process.wait(timeout=60) == 0
    return seen.decode()


def test_table_and_progress_on_a_terminal(ldznet, zoo):
    seen = on_a_terminal(ldznet)
    assert "0/2 pictures" in seen and "1/2 pictures" in seen and "\x1b[1m" in seen
    assert "score" in seen and "\t" not in seen
    assert "/2 pictures" not in on_a_terminal(ldznet, "--overwrite", "--no-progress")
    assert "\x1b[1m" not in on_a_terminal(ldznet, "--overwrite", "--no-color")
    assert "\x1b[1m" not in on_a_terminal(ldznet, "--overwrite", env={"NO_COLOR": "1"})


def test_progress_of_eval(ldznet):
    random_set(ldznet.folder / "set", count=3)
    command = ("eval", "set", "--predictions", "set/pred")
    assert "/1 pictures" in on_a_terminal(ldznet, command=command)
    assert "/1 pictures" not in on_a_terminal(ldznet, "--no-progress", command=command)


def test_verbose_prints_more(ldznet, zoo):
    quiet, verbose = (ldznet("segment", "zoo/a.png", "-p", "sky", "--json", *f).stderr for f in ([], ["-v"]))
    assert len(verbose) > len(quiet)


def test_stdout_carries_data_only(ldznet, zoo):
    (zoo / "bad.png").write_text("no picture")
    result = ldznet("segment", "zoo", "-r", "-p", "sky|panda", "--json", "-v", "--save", "mask")
    assert result.returncode == 1 and b"bad.png" in result.stderr and len(lines_of(result.stdout.decode())) == 4
    result = ldznet("segment", "zoo", "-r", "-p", "sky|panda", "-v", "--overwrite")
    assert all(len(line.split(b"\t")) == 5 for line in result.stdout.splitlines()) and result.stdout.count(b"\n") == 6
