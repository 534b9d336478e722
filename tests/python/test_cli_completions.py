"""Man page and completions: made from the options' tables, as the build installs them, and used by a real shell."""

import re
import shutil
import subprocess

import pytest
from conftest import BINARY
from test_docs import COMMANDS

FILES = {"man": "ldznet.1", "bash": "ldznet.bash", "zsh": "_ldznet", "fish": "ldznet.fish"}


def generated(what: str) -> str:
    return subprocess.run([BINARY, "--generate", what], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def options() -> dict[str, list[str]]:
    """The long options in the help of each command."""
    found = {}
    for command in COMMANDS:
        text = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, check=True).stdout
        found[command] = re.findall(r"^  (?:-\w, |    )(--[\w-]+)", text, re.M)
    return found


@pytest.mark.parametrize("what", FILES)
def test_the_build_has_the_texts_of_this_program(what, options):
    text = generated(what)
    assert (BINARY.parent / FILES[what]).read_text() == text
    plain = re.sub(r"\\f[BIR]", "", text).replace("\\-", "-")
    for command, flags in options.items():
        for flag in flags:
            name = flag[2:] if what == "fish" else flag
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", plain), f"{command} {flag}"


def test_only_the_four_texts_can_be_made():
    result = subprocess.run([BINARY, "--generate", "html"], capture_output=True, text=True)
    assert result.returncode == 64 and "man, bash, zsh or fish" in result.stderr


# Completes the words of a command line like bash: the last one is the word at the cursor.
COMPLETE = """
source {script}
complete() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _ldznet; echo "${{COMPREPLY[*]}}"; }}
"""

LINES = [
    ("ldznet seg", "segment"),
    ("ldznet help tok", "tokenize"),
    ("ldznet segment --thr", "--threshold --threads"),
    ("ldznet worker --recursive", ""),
    ("ldznet segment --device c", "cpu cuda"),
    ("ldznet segment --device = cp", "cpu"),
    ("ldznet segment --device =", "auto cpu cuda"),
    ("ldznet segment -s mask,over", "mask,overlay"),
    ("ldznet segment --background m", "magenta"),
    ("ldznet segment --output --", ""),
    ("ldznet segment zoo", ""),
]


def test_bash_completes(tmp_path):
    script = COMPLETE.format(script=BINARY.parent / "ldznet.bash")
    lines = "".join(f"complete {line}\n" for line, _ in LINES)
    run = subprocess.run(["bash", "--norc", "-c", script + lines], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0 and run.stderr == ""
    found = [sorted(line.split()) for line in run.stdout.split("\n")[: len(LINES)]]
    assert found == [sorted(expected.split()) for _, expected in LINES]


def test_an_interactive_bash_completes_at_tab(tmp_path):
    """With readline: a word, then the name of a file, which the completions leave to readline."""
    (tmp_path / "a picture.png").touch()
    keys = (
        f"source {BINARY.parent}/ldznet.bash\nbind 'set enable-bracketed-paste off'\nldznet seg\ta\t\x01echo \nexit\n"
    )
    shell = ["script", "-qec", "bash --norc --noprofile -i", "/dev/null"]
    run = subprocess.run(shell, input=keys, capture_output=True, text=True, cwd=tmp_path, timeout=20)
    assert "\nldznet segment a picture.png" in run.stdout.replace("\r", "")


def test_the_man_page_is_without_warnings():
    if shutil.which("groff") is None:
        pytest.skip("groff is not there")
    page = (BINARY.parent / "ldznet.1").read_bytes()
    run = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-rLL=78n"], input=page, capture_output=True)
    assert run.returncode == 0 and run.stderr == b""
    assert b"segment what a text names" in run.stdout and "--min‐area".encode() not in run.stdout
