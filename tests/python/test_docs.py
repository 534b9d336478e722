"""The Markdown pages: their commands run; the flags, links and paths in them exist.

Blocks marked ```sh and ```python in README.md and docs/ are run, each in a folder of its own that looks like the
repository, with the program on the PATH and a folder `photos` of two pictures. A block that a test cannot run has a
comment `<!-- not run: reason -->` in the line above it. A command followed by `# writes FILE` must have made that file.
"""

import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest
from conftest import BINARY, ROOT, Program, picture

README = ROOT / "README.md"
GUIDE = [README, *sorted((ROOT / "docs").glob("*.md"))]
MARKDOWN = [p for p in sorted(ROOT.rglob("*.md")) if not re.match(r"\.|(build|data|full)/", str(p.relative_to(ROOT)))]
HISTORY = {ROOT / "CHANGELOG.md"}  # speaks of what is no longer there
FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>\S[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
COMMANDS = ("segment", "worker", "eval", "features", "probe", "bench", "info", "tokenize")
FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
OUR_SCRIPT = re.compile(r"(scripts|tests(?!/python))/\S+\.(py|sh)")
MOST_README_LINES = 130


class Block(NamedTuple):
    """A fenced block of a page."""

    place: str  # "docs/worker.md:40"
    language: str
    text: str
    reason: str | None  # why it is not run


def name(path) -> str:
    return os.path.relpath(path, ROOT)


def blocks(path) -> list[Block]:
    page = path.read_text()
    return [
        Block(f"{name(path)}:{page.count(chr(10), 0, m.start('text'))}", m["language"], m["text"], m["reason"])
        for m in FENCE.finditer(page)
    ]


def prose(path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", path.read_text())


def inline_code(path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(path))


# --- commands ---------------------------------------------------------------------------------------------------------

RUNNABLE = [b for page in GUIDE for b in blocks(page) if b.language in ("sh", "python")]
RUN = [b for b in RUNNABLE if b.reason is None]


@pytest.fixture
def repository(tmp_path):
    """A folder with what the commands of the pages use, in which they may write."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "release").symlink_to(BINARY.resolve().parent)
    for shared in (".venv", "models", "python", "scripts", "tests"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    for own in ("docs", "examples"):
        shutil.copytree(ROOT / own, tmp_path / own)
    (tmp_path / "photos" / "deep").mkdir(parents=True)
    picture(1).save(tmp_path / "photos" / "a.png")
    picture(2).save(tmp_path / "photos" / "deep" / "b.jpg")
    return tmp_path


@pytest.mark.parametrize("block", RUN, ids=[b.place for b in RUN])
def test_commands_run(block, repository):
    shell = ["bash", "-euo", "pipefail", "-c"] if block.language == "sh" else [sys.executable, "-c"]
    path = f"{repository}/build/release:{os.environ['PATH']}"
    env = {**Program(repository).env, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run([*shell, block.text], cwd=repository, env=env, stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=300)  # fmt: skip
    assert result.returncode == 0, result.stderr
    for file in re.findall(r"# writes (\S+)", block.text):
        assert (repository / file).is_file(), f"{file} was not written"


def test_every_block_is_found():
    """A block whose fence or comment is misspelt would be passed over in silence."""
    for page in GUIDE:
        text = page.read_text()
        assert text.count("```") == 2 * len(blocks(page)), name(page)
        assert text.count("<!-- not run") == sum(b.reason is not None for b in blocks(page)), name(page)
        assert not re.search(r"^(?: {4}|\t)\S", prose(page), re.M), f"{name(page)} has an indented block; use a fence"


def test_the_embedding_page_shows_the_example():
    """The example itself is built and run by test_install.py."""
    squeezed = [re.sub(r"\s+", " ", (ROOT / "examples/embed" / f).read_text()) for f in ("main.cpp", "CMakeLists.txt")]
    shown = [b for b in blocks(ROOT / "docs/embedding.md") if b.language in ("cpp", "cmake")]
    assert {b.language for b in shown} == {"cpp", "cmake"}
    assert [b.place for b in shown if not any(re.sub(r"\s+", " ", b.text).strip() in s for s in squeezed)] == []


# --- flags ------------------------------------------------------------------------------------------------------------


@functools.cache
def flags_of(program: str) -> frozenset[str]:
    """The flags in the help of "segment", or those that "scripts/train.py" and its modules declare."""
    if program.endswith(".py"):
        sources = [ROOT / program, *(ROOT / "scripts" / "ldznet_training").rglob("*.py")]
        declared = re.findall(r'"(--?[a-z][\w-]*)"', "\n".join(p.read_text() for p in sources))
        return frozenset({*declared, "--help"})
    command = ["bash", ROOT / program] if program.endswith(".sh") else [BINARY, *program.split()]
    text = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    return frozenset(FLAG.findall(text))


def scripts() -> list[str]:
    folders = ("scripts", "tests", "tests/data", "tests/golden", "tests/support")
    return [name(p) for folder in folders for p in (ROOT / folder).iterdir() if p.suffix in (".py", ".sh")]


def all_flags() -> set[str]:
    return set().union(*(flags_of(p) for p in ("", *COMMANDS, *scripts())))


def uses(command: str):
    """The programs of ours in a line of shell, each with the flags that it is given."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    program, flags = None, set()
    for word in [*lexer, ";"]:
        if re.fullmatch(r"[();<>|&]+", word):
            if program is not None and not set(word) & set("<>"):
                yield program, flags
                program, flags = None, set()
        elif program is None and re.fullmatch(r"([^\s=]*/)?ldznet", word):
            program = ""
        elif (program == "" and word in COMMANDS) or (program is None and OUR_SCRIPT.fullmatch(word)):
            program = word
        elif program is not None and FLAG.fullmatch(word.split("=")[0]):
            flags.add(word.split("=")[0])


def unknown_flags(path) -> list[str]:
    unknown = []
    commands = [line for b in blocks(path) if b.language == "sh" for line in b.text.replace("\\\n", " ").splitlines()]
    for code in inline_code(path):
        if code.startswith("-") and FLAG.match(code):
            unknown += [] if FLAG.match(code)[0] in all_flags() else [code]
        elif re.match(r"(\S*/)?ldznet |scripts/", code):
            commands.append(code)
    for command in commands:
        for program, flags in uses(command):
            unknown += [f"{program} {flag}" for flag in sorted(flags - flags_of(program))]
    return unknown


@pytest.mark.parametrize("path", [p for p in MARKDOWN if p not in HISTORY], ids=name)
def test_flags_exist(path):
    assert unknown_flags(path) == []


def test_a_wrong_flag_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("`--treshold` `ldznet info --seed`\n```sh\nldznet segment a.png -p x | cat --json --seeed 1\n"
                    "A=b/ldznet ldznet segment a.png --seeed 1 > x && scripts/test.sh --quik\n```\n")  # fmt: skip
    assert unknown_flags(page) == ["--treshold", "segment --seeed", "scripts/test.sh --quik", "info --seed"]


# --- links and paths --------------------------------------------------------------------------------------------------


def anchors(path) -> set[str]:
    """The headings of a page as GitHub names them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.M):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = base = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = 0
        while anchor in found:
            count += 1
            anchor = f"{base}-{count}"
        found.add(anchor)
    return found


def broken_links(path) -> list[str]:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"https?://", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", MARKDOWN, ids=name)
def test_links_lead_somewhere(path):
    assert broken_links(path) == []


def test_a_broken_link_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`, three\n[a](#one-two-three) [b](#one) [c](other.md) ![d](page.md) [e](https://x.y/z)\n"
    )
    assert broken_links(page) == ["#one", "other.md"]


# What commands make; </w> is a token.
MADE = re.compile(r"build/|bin/|lib/|share/|photos/|images/|labels/|data/train/|data/\w+\.pack|</")


def missing_paths(path) -> list[str]:
    """Paths in a page's inline code that are nowhere: `<name>` and `*` stand for anything, and a suffix may be left out."""
    missing = []
    for code in inline_code(path):
        if not re.fullmatch(r"[\w<>*.-]+(/[\w<>*.-]+)*/?", code) or "/" not in code or MADE.match(code):
            continue
        pattern = re.sub(r"<\w+>", "*", code).rstrip("/")
        folders = [path.parent, ROOT, ROOT / "src", ROOT / "tests", ROOT / "include"]
        if not any(found for folder in folders for p in (pattern, f"{pattern}.*") for found in folder.glob(p)):
            missing.append(code)
    return missing


@pytest.mark.parametrize("path", [p for p in MARKDOWN if p not in HISTORY], ids=name)
def test_paths_exist(path):
    assert missing_paths(path) == []


def test_a_missing_path_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "`cli/args/` `cli/args/app.cpp` `cli/args/app` `cli/args/<command>_options.*` `cli/argh/app` `a/<b>.x`"
    )
    assert missing_paths(page) == ["cli/argh/app", "a/<b>.x"]


def test_the_readme_is_short_and_names_every_page():
    text = README.read_text()
    assert len(text.splitlines()) <= MOST_README_LINES
    assert [name(p) for p in GUIDE[1:] if f"({name(p)})" not in text] == []
