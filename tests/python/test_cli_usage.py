"""Help, version, wrong command lines, variables and configuration files."""

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios

import pytest
from conftest import BINARY

COMMANDS = ["segment", "worker", "eval", "features", "probe", "bench", "info", "tokenize"]


def error_of(result) -> str:
    assert result.stdout == b""
    text = result.stderr.decode()
    assert text.startswith("ldznet: error: ") and text.count("\n") == 1, text
    return text


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_commands(ldznet, flag):
    result = ldznet(flag)
    assert result.returncode == 0 and result.stderr == b""
    assert all(f"\n  {name} " in result.stdout.decode() for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_help(ldznet, command, flag):
    result = ldznet(command, flag)
    assert result.returncode == 0 and result.stderr == b""
    text = result.stdout.decode()
    assert f"Usage: ldznet {command} " in text and "Examples:" in text
    assert max(map(len, text.splitlines())) <= 80


def test_help_uses_the_width_of_the_terminal():
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    process = subprocess.Popen([BINARY, "segment", "--help"], stdout=slave)
    os.close(slave)
    text = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while chunk := os.read(master, 65536):
            text += chunk
    os.close(master)
    assert process.wait() == 0
    assert 90 < max(map(len, text.decode().splitlines())) <= 100


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_version(ldznet, flag):
    result = ldznet(flag)
    assert result.returncode == 0
    assert result.stdout.decode().startswith("ldznet ") and result.stdout.count(b".") == 2


def test_the_program_does_not_link_the_networks():
    libraries = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    assert "torch" not in libraries and "opencv" not in libraries


def test_no_command_prints_the_help_as_an_error(ldznet):
    result = ldznet()
    assert result.returncode == 64 and result.stdout == b"" and b"Commands:" in result.stderr


@pytest.mark.parametrize("arguments, expected", [
    (["segmnt", "a.png"], "Did you mean segment?"),
    (["--prompt", "panda"], "missing command"),
    (["segment"], "no picture is given"),
    (["segment", "a.png"], "no prompt is given"),
    (["segment", "", "-p", "panda"], "the name of a picture is empty"),
    (["segment", "a.png", "-p", ""], "a prompt is empty"),
    (["segment", "a.png", "-p", " "], "a prompt is empty"),
    (["segment", "a.png", "-p", "panda||sky"], "a prompt is empty"),
    (["segment", "a.png", "-p"], "--prompt needs a value"),
    (["segment", "a.png", "-p", "x", "--treshold", "0.5"], "Did you mean --threshold?"),
    (["segment", "a.png", "-p", "x", "--threshold", "1.5"], "--threshold must be a number from 0 to 1"),
    (["segment", "a.png", "-p", "x", "--threshold", "nan"], "--threshold must be a number from 0 to 1"),
    (["segment", "a.png", "-p", "x", "--threshold", "0.5x"], "--threshold must be a number from 0 to 1"),
    (["segment", "a.png", "-p", "x", "--timestep", "-1"], "--timestep must be a whole number"),
    (["segment", "a.png", "-p", "x", "--samples", "0"], "--samples must be a whole number"),
    (["segment", "a.png", "-p", "x", "--seed", "-1"], "--seed must be a whole number"),
    (["segment", "a.png", "-p", "x", "--size", "0"], "--size must be a whole number"),
    (["segment", "a.png", "-p", "x", "--min-area", "few"], "--min-area must be a whole number"),
    (["segment", "a.png", "-p", "x", "--batch-size", "0"], "--batch-size must be a whole number"),
    (["segment", "a.png", "-p", "x", "--threads", "0"], "--threads must be a whole number"),
    (["segment", "a.png", "-p", "x", "--save", "masks"], "--save must be mask, overlay"),
    (["segment", "a.png", "-p", "x", "--method", "clipseg"], "--method must be ldznet, znet or rgbnet"),
    (["segment", "a.png", "-p", "x", "--device", "gpu"], "--device must be auto, cpu, cuda or cuda:N"),
    (["segment", "a.png", "-p", "x", "--precision", "int8"], "--precision must be auto"),
    (["segment", "a.png", "-p", "x", "--template", "photo"], "--template must contain {}"),
    (["segment", "a.png", "-p", "x", "--boxes"], "--boxes needs --json"),
    (["segment", "a.png", "-p", "x", "--polygons"], "--polygons needs --json"),
    (["segment", "a.png", "-p", "x", "--crop"], "--crop needs --save cutout"),
    (["segment", "a.png", "-p", "x", "--background", "red", "-s", "mask"], "--background needs --save cutout"),
    (["segment", "a.png", "-p", "x", "--background", "#ff80"], "must be a colour"),
    (["segment", "a.png", "-p", "x", "--coco-polygons"], "--coco-polygons needs --coco"),
    (["segment", "a.png", "-p", "x", "--image-prefix", "/"], "--image-prefix needs --label-studio"),
    (["segment", "a.png", "-p", "x", "--simplify", "-1"], "must be a number from 0"),
    (["segment", "a.png", "-p", "x", "--simplify", "1", "--json"], "--simplify needs polygons"),
    (["segment", "a.png", "-p", "x", "--instances", "-o", "x.png"], "--instances writes a file for every region"),
    (["segment", "a.png", "-p", "x", "-o", "-", "--json"], "cannot both use stdout"),
    (["segment", "a.png", "b.png", "-p", "x", "-o", "-"], "2 pictures, 1 prompt"),
    (["segment", "a.png", "-p", "x|y", "-o", "x.png"], "1 picture, 2 prompts"),
    (["segment", "a.png", "-p", "x", "-s", "mask,overlay", "-o", "x.png"], "2 kinds of files"),
    (["segment", "a.png", "-p", "x", "-o", "x.jpg"], "pictures are written as PNG"),
    (["features", "a.png", "-o", "x.jpg"], "pictures are written as PNG"),
    (["segment", "a.png", "-p", "x", "-o", "a.coco.json"], "--coco"),
    (["segment", "a.png", "-p", "x", "--coco", "-"], "--coco - is stdout"),
    (["segment", "a.png", "-p", "x", "--report", "-"], "--report - is stdout"),
    (["segment", "a.png", "-p", "x", "-o", "x.png", "--coco", "./x.png"], "two outputs would be written to x.png"),
    (["segment", "a.png", "-p", "x", "--json=x", "--report", "x"], "two outputs would be written to x"),
    (["segment", "-", "--list", "-", "-p", "x"], "stdin (-) can be read only once"),
    (["segment", "a.png", "-p", "x", "-q", "-v"], "--quiet and --verbose cannot be used together"),
    (["segment", "a.png", "-prompt", "x"], "Did you mean --prompt?"),
    (["segment", "a.png", "-p", "-t"], "-p has no value: the next word is the option -t"),
    (["segment", "a.png", "-p", "--threshold=0.4"], "-p has no value"),
    (["info", "--names", "--json"], "--names and --json cannot be used together"),
    (["segment", "a.png", "-p", "x", "-o", "--json"], "write --output=--json"),
    (["info", "one", "two"], "unexpected argument"),
    (["tokenize"], "missing argument"),
    (["tokenize", "two", "words"], "unexpected argument"),
])  # fmt: skip
def test_usage_errors(ldznet, arguments, expected):
    result = ldznet(*arguments)
    assert expected in error_of(result)
    assert result.returncode == 64
    assert ldznet.files() == []


def test_variables_set_options(ldznet, zoo):
    result = ldznet("segment", "zoo/a.png", "--dry-run", env={"LDZNET_PROMPT": "panda", "LDZNET_OUTPUT": "there"})
    assert result.returncode == 0
    assert result.stdout == b"zoo/a.png\tpanda\tmask\tthere/zoo/a.png.panda.mask.png\n"


def test_false_from_a_stronger_source_wins(ldznet, zoo):
    (ldznet.folder / "c.toml").write_text("json = true\n")
    run = ldznet("segment", "zoo/a.png", "-p", "sky", "-o", "one", "--config", "c.toml", env={"LDZNET_JSON": "0"})
    assert run.returncode == 0 and not run.stdout.startswith(b"{")
    run = ldznet("segment", "zoo/a.png", "-p", "sky", "-o", "two", "--json=false", env={"LDZNET_JSON": "yes"})
    assert run.returncode == 0 and not run.stdout.startswith(b"{")
    assert ldznet("segment", "zoo/a.png", "-p", "sky", "-o", "three", "--quiet=false", "-v").returncode == 0


def test_a_wrong_variable_is_a_configuration_error(ldznet, zoo):
    result = ldznet("segment", "zoo/a.png", "-p", "x", env={"LDZNET_THRESHOLD": "high"})
    assert "LDZNET_THRESHOLD must be a number" in error_of(result) and result.returncode == 78


def test_flags_win_over_variables_and_variables_over_the_file(ldznet, zoo):
    (ldznet.folder / "run.toml").write_text('output = "file"\nsave = "cutout"\n[segment]\nprompt = ["one", "two"]\n')
    base = ["segment", "zoo/a.png", "--dry-run", "--config", "run.toml"]
    lines = ldznet(*base).stdout.decode().splitlines()
    assert [line.split("\t")[1:] for line in lines] == [
        ["one", "cutout", "file/zoo/a.png.one.cutout.png"], ["two", "cutout", "file/zoo/a.png.two.cutout.png"]]  # fmt: skip
    assert b"\tvar/zoo/" in ldznet(*base, env={"LDZNET_OUTPUT": "var"}).stdout
    assert b"\tflag/zoo/" in ldznet(*base, "-o", "flag", env={"LDZNET_OUTPUT": "var"}).stdout
    assert b"three" in ldznet(*base, "-p", "three").stdout and b"one" not in ldznet(*base, "-p", "three").stdout


@pytest.mark.parametrize("text, expected, code", [
    ("treshold = 0.5\n", "Did you mean threshold?", 78),
    ("threshold = 2\n", "must be a number from 0 to 1", 78),
    ("threshold = \n", "line 1", 78),
    ("threshold = [0.1, 0.2]\n", "takes one value", 78),
    (None, "there is no configuration file", 66),
])  # fmt: skip
def test_errors_in_configuration_files(ldznet, zoo, text, expected, code):
    if text is not None:
        (ldznet.folder / "run.toml").write_text(text)
    result = ldznet("segment", "zoo/a.png", "-p", "x", "--config", "run.toml")
    assert expected in error_of(result) and "run.toml" in error_of(result)
    assert result.returncode == code


def test_help_that_cannot_be_written_is_an_error():
    with open("/dev/full", "wb") as full:
        assert subprocess.run([BINARY, "--help"], stdout=full).returncode == 73
