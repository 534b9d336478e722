"""What `ldznet segment` says on stderr and on a terminal, and what it keeps off stdout."""

import os
import pty

from conftest import lines_of


def test_what_is_said_while_working(ldznet, zoo):
    assert ldznet("segment", "zoo", "-p", "sky", "--json").stderr.count(b"running on cpu in ") == 1
    assert ldznet("segment", "zoo/a.png", "-p", "sky", "--json", "-q").stderr == b""
    assert ldznet("segment", "zoo/a.png", "-p", "sky", "--json", "--device", "cpu", "--precision", "fp32").stderr == b""
    long_prompt = ldznet("segment", "zoo/a.png", "-p", "a very long prompt " * 40, "--json", "-q")
    assert long_prompt.returncode == 0 and b"tokens" in long_prompt.stderr


def on_a_terminal(ldznet, *arguments, env=None) -> str:
    """What a person would see: stdout and stderr on one terminal."""
    master, slave = pty.openpty()
    ldznet.env |= env or {}
    process = ldznet.start("segment", "zoo", "-p", "sky", *arguments, stdout=slave, stderr=slave, stdin=slave)
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


def test_a_person_sees_a_table_and_progress(ldznet, zoo):
    seen = on_a_terminal(ldznet)
    assert "0/2 pictures" in seen and "1/2 pictures" in seen and "\x1b[1m" in seen
    assert "score" in seen and "\t" not in seen
    assert "/2 pictures" not in on_a_terminal(ldznet, "--overwrite", "--no-progress")
    assert "\x1b[1m" not in on_a_terminal(ldznet, "--overwrite", "--no-color")
    assert "\x1b[1m" not in on_a_terminal(ldznet, "--overwrite", env={"NO_COLOR": "1"})


def test_verbose_says_more(ldznet, zoo):
    quiet, verbose = (ldznet("segment", "zoo/a.png", "-p", "sky", "--json", *f).stderr for f in ([], ["-v"]))
    assert len(verbose) > len(quiet)


def test_stdout_carries_data_only(ldznet, zoo):
    (zoo / "bad.png").write_text("no picture")
    result = ldznet("segment", "zoo", "-r", "-p", "sky|panda", "--json", "-v", "--save", "mask")
    assert result.returncode == 1 and b"bad.png" in result.stderr and len(lines_of(result.stdout.decode())) == 4
    result = ldznet("segment", "zoo", "-r", "-p", "sky|panda", "-v", "--overwrite")
    assert all(len(line.split(b"\t")) == 5 for line in result.stdout.splitlines()) and result.stdout.count(b"\n") == 6
