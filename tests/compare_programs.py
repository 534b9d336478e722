#!/usr/bin/env python3
"""Run the same commands with two builds of the program and report every difference in what they produce.

    .venv/bin/python tests/compare_programs.py OLD NEW [--only PATTERN] [--keep]

For a change that must not change behaviour: OLD is a build from before it, NEW one from after it. Each program works
in its own copy of the same folder, with the bundle of this tree. Compared are the exit code, the bytes of stdout,
every file (path, permissions, bytes), and whether stderr is empty. Left out, and nothing else: numbers of `timing_ms`,
messages of `error`, keys of journals (they depend on the version), the path of the temporary folder, numbers of
`bench`, and the visible texts of HTML reports (a note says when they differ). The commands are in compare_commands.py.
The exit code is 1 when something differs.
"""

import argparse
import contextlib
import functools
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from compare_commands import CASES, Case, Step
from compare_folders import MODEL
from PIL import Image

NUMBER = rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
TIMING = re.compile(rb'(\\?"timing_ms\\?":\{)([^}]*)\}')  # in a journal the quotes are escaped
MESSAGE = re.compile(rb'("error":\{"code":"[^"]*","message":)"(?:[^"\\]|\\.)*"')
KEY = re.compile(rb'^(\{"key":)"[0-9a-f]{64}"', re.MULTILINE)


@dataclass
class Outcome:
    """What one step left: exit code, stdout, stderr, and path -> (permissions, bytes) of every file."""

    code: int
    stdout: bytes
    stderr: bytes
    files: dict[str, tuple[int, bytes]]


class Program:
    """A build of the program in a working folder of its own."""

    def __init__(self, binary: Path, folder: Path):
        self.binary, self.folder = binary, folder
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("LDZNET_", "SLURM_")) and k != "NO_COLOR"}
        self.env = {**outside, "LDZNET_MODEL": str(MODEL)}

    def run(self, step: Step) -> Outcome:
        if step.before:
            step.before(self.folder)
        process = subprocess.Popen(
            [self.binary, *step.arguments], cwd=self.folder, env={**self.env, **step.env}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL))  # fmt: skip
        answers = b""
        if isinstance(step.stdin, list):  # one line at a time: the next request follows the answer
            answers += process.stdout.readline()
            with contextlib.suppress(BrokenPipeError):  # when it ends early its exit code says so
                for line in step.stdin:
                    process.stdin.write(line)
                    process.stdin.flush()
                    answers += process.stdout.readline()
        if step.interrupt:
            self._interrupt(process, step.interrupt)
        rest, stderr = process.communicate(step.stdin if isinstance(step.stdin, bytes) else None, timeout=300)
        return Outcome(process.returncode, self._neutral(answers + rest), stderr, self._files())

    def _interrupt(self, process: subprocess.Popen, pattern: str) -> None:
        """Send SIGINT as soon as a file matches the pattern."""
        until = time.monotonic() + 120
        while process.poll() is None and not any(self.folder.glob(pattern)) and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)

    def _files(self) -> dict[str, tuple[int, bytes]]:
        found = (p for p in sorted(self.folder.rglob("*")) if p.is_file() and not p.is_symlink())
        return {str(p.relative_to(self.folder)): (p.stat().st_mode & 0o777, self._neutral(p.read_bytes()))
                for p in found}  # fmt: skip

    def _neutral(self, data: bytes) -> bytes:
        """Without what differs from run to run."""
        data = data.replace(os.fsencode(self.folder), b"<folder>")
        data = TIMING.sub(lambda m: m[1] + re.sub(rb":" + NUMBER, b":0", m[2]) + b"}", data)
        return KEY.sub(rb'\1""', MESSAGE.sub(rb'\1""', data))


class Page(HTMLParser):
    """The data of an HTML report: tags with their `data-` attributes, sources and form values, without the texts."""

    def __init__(self, data: bytes):
        super().__init__()
        self.elements: list[tuple] = []
        self.feed(data.decode(errors="replace"))

    def handle_starttag(self, tag, attributes):
        kept = tuple((k, v) for k, v in attributes if k.startswith("data-") or k in ("src", "class", "type", "style"))
        if kept or tag in ("article", "li", "img", "input"):
            self.elements.append((tag, *kept))


def shorten(value, limit: int = 160) -> str:
    text = value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit] + "..."


def json_difference(old, new, path="") -> str | None:
    """Where two JSON values differ first."""
    if isinstance(old, dict) and isinstance(new, dict):
        if list(old) != list(new):
            return f"{path or '.'}: members {list(old)} -> {list(new)}"
        pairs = [(f"{path}.{k}", old[k], new[k]) for k in old]
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{path or '.'}: {len(old)} -> {len(new)} elements"
        pairs = [(f"{path}[{i}]", *pair) for i, pair in enumerate(zip(old, new, strict=True))]
    else:
        return None if old == new and type(old) is type(new) else f"{path or '.'}: {shorten(old)} -> {shorten(new)}"
    return next(filter(None, (json_difference(a, b, where) for where, a, b in pairs)), None)


def difference(old: bytes, new: bytes) -> str:
    """The first difference of two contents, for a person."""
    if old.startswith(b"\x89PNG") and new.startswith(b"\x89PNG"):
        one, two = (Image.open(io.BytesIO(data)) for data in (old, new))
        if (one.size, one.mode) != (two.size, two.mode):
            return f"{one.size} {one.mode} -> {two.size} {two.mode}"
        return f"max|diff| of the pixels is {np.abs(np.asarray(one).astype(int) - np.asarray(two)).max()}"
    lines = old.splitlines(), new.splitlines()
    for number, (one, two) in enumerate(zip(*lines), 1):
        if one == two:
            continue
        try:
            found = json_difference(json.loads(one), json.loads(two))
        except ValueError:
            found = None
        return f"line {number}: {found or f'{shorten(one)} -> {shorten(two)}'}"
    return f"{len(lines[0])} -> {len(lines[1])} lines, {len(old)} -> {len(new)} bytes"


def compare(step: Step, old: Outcome, new: Outcome) -> tuple[list[str], list[str]]:
    """Differences, and notes on what may differ."""
    found, notes = [], []
    if old.code != new.code:
        found.append(f"exit code {old.code} -> {new.code}: {shorten(new.stderr or old.stderr)}")
    if bool(old.stderr) != bool(new.stderr):
        found.append(f"stderr {shorten(old.stderr) or 'empty'} -> {shorten(new.stderr) or 'empty'}")
    one, two = old.stdout, new.stdout
    if step.stdout == "structure":
        one, two = (re.sub(rb"(?<![\w\"])" + NUMBER, b"0", data) for data in (one, two))
    elif step.stdout == "presence":
        one, two = (b"present" if data else b"" for data in (one, two))
    if step.stdout != "ignored" and one != two:
        found.append(f"stdout {difference(one, two)}")
    if step.interrupt:  # how far it came is chance; the resumed run is compared
        return found, notes
    for name in sorted(old.files.keys() | new.files.keys()):
        if name not in old.files or name not in new.files:
            found.append(f"{name} is written by {'OLD' if name in old.files else 'NEW'} only")
            continue
        (old_mode, one), (new_mode, two) = old.files[name], new.files[name]
        if old_mode != new_mode:
            found.append(f"{name} permissions {old_mode:o} -> {new_mode:o}")
        if one == two:
            continue
        if step.chance_order and name.endswith(".ldznet-journal"):  # an interrupted run's pictures came first
            one, two = (b"\n".join(sorted(data.splitlines())) for data in (one, two))
        if name.endswith(".html"):
            if Page(one).elements == Page(two).elements:
                notes.append(f"{name}: other texts, the same data")
                continue
            pairs = zip(Page(one).elements, Page(two).elements)
            found.append(
                f"{name} data: " + next((f"{shorten(a)} -> {shorten(b)}" for a, b in pairs if a != b), "length")
            )
        elif one != two:
            found.append(f"{name} {difference(one, two)}")
    return found, notes


def run_case(case: Case, binaries: list[Path], folder: Path) -> tuple[int, int]:
    """Runs a case's steps with both programs at once; the number of commands and of those that differ."""
    programs = []
    for side, binary in zip("12", binaries, strict=True):
        place = folder / side / re.sub(r"\W+", "-", case.name)
        place.mkdir(parents=True)
        case.prepare(place)
        programs.append(Program(binary, place))
    different = 0
    with ThreadPoolExecutor(2) as pool:
        for step in case.steps:
            begun = time.monotonic()
            old, new = pool.map(lambda program, step=step: program.run(step), programs)
            found, notes = compare(step, old, new)
            different += bool(found)
            words = shorten(" ".join(step.arguments) or "(no arguments)", 100)
            state = "DIFFERS" if found else "same"
            print(f"{state:7} {old.code:3} {time.monotonic() - begun:5.1f} s  {case.name}: {words}", flush=True)
            for line in [*found, *(f"note: {note}" for note in notes)]:
                print(f"            {line}", flush=True)
    return len(case.steps), different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path, help="the program as it was")
    parser.add_argument("new", type=Path, help="the program as it is")
    parser.add_argument(
        "--only", metavar="PATTERN", default="", help="cases whose name matches this regular expression"
    )
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder and print its path")
    options = parser.parse_args()
    binaries = [options.old.resolve(), options.new.resolve()]
    chosen = [case for case in CASES if re.search(options.only, case.name)]
    if not chosen:
        parser.error(f"no case matches {options.only}; there are {', '.join(case.name for case in CASES)}")
    temporary = tempfile.TemporaryDirectory(prefix="compare-")
    folder = Path(temporary.name)
    if options.keep:
        temporary._finalizer.detach()
        print(f"working in {folder}")
    begun = time.monotonic()
    counts = [run_case(case, binaries, folder) for case in chosen]
    total, different = map(sum, zip(*counts))
    print(f"{total} commands in {time.monotonic() - begun:.0f} s: {different} differ")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
