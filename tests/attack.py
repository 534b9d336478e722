"""Attacks the program for some time: before a release for an hour, in the tests for seconds.

    .venv/bin/python tests/attack.py --minutes 60 [--binary build/release/ldznet] [--seed 1]

Each attack has an equal share of the time:
  requests   a worker gets requests with members of any type and value; every line has one answer, with its id
  pictures   a worker gets damaged pictures of every type; it answers each with results or with an error about it
  manifests  one byte of a bundle's manifest, which is trusted, is changed; the bundle is refused, or what it finds
             carries the changed manifest's sha256
  journals   one byte of a run's journal is changed; the resumed run writes the same JSON lines
Nothing may be written outside the output folder, and no process may end by a signal. Prints the number of attempts and
every violation; the exit code is 1 if there is any.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import random
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "fuzz" / "corpus" / "image"
MODEL = ROOT / "models" / "ldznet-mini"
LONGEST = 120  # seconds that an answer or a run may take
SMALL = ("--size", "64", "-q")  # the networks are not what is attacked
ERRORS = {"usage", "bad_image", "missing_input", "cannot_write", "out_of_memory", "bad_config", "device"}
OUTPUTS = ("out", "ldznet-out")  # that of requests, and the default of those with "save" alone
MEMBERS = ("image", "image_b64", "prompts", "threshold", "timestep", "seed", "samples", "method", "save", "output", "size",
           "min_area", "boxes", "polygons", "tiles", "refine", "instances", "invert", "crop", "background", "name", "simplify",
           "id", "config", "unknown", "max_pixels", "batch_size", "device", "threads", "overwrite")  # fmt: skip
WORDS = ("panda", "", " ", "-", "--help", "../../x", "/etc/passwd", "a|b", "NOT", "(", "a{+9}", "a{~1e9}", "x" * 5000, "\u0000",
         "\u202e", "\ud83d\ude00", "{dir}/{stem}", "1e999", "nan", "mask", "labels", "cutout,overlay", "ldznet", "true")  # fmt: skip


class Worker:
    """A worker in a folder of its own, in which only the folders OUTPUTS may change."""

    def __init__(self, binary: Path, folder: Path):
        folder.mkdir()
        (folder / "out").mkdir()
        Image.fromarray(np.full((40, 60, 3), 200, np.uint8)).save(folder / "a.png")
        self.folder = folder
        self.process = subprocess.Popen([binary, "worker", *SMALL], cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        self.process.stdout.readline()

    def answer(self, line: str) -> dict:
        """The answer to a line; an empty object when the worker is gone or does not answer in time."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line.encode("utf-8", "surrogatepass") + b"\n")
            self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], LONGEST)[0]:
            self.process.kill()
            return {"error": {"code": f"no answer in {LONGEST} s"}}
        return json.loads(self.process.stdout.readline() or "{}")

    def end(self) -> list[str]:
        """What is wrong at the end."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(60)
        wrong = [] if code == 0 else [f"the worker ended with {code}"]
        others = sorted(path.name for path in self.folder.iterdir() if path.name not in ("a.png", *OUTPUTS))
        return wrong + ([f"written outside the output folder: {others}"] if others else [])


def value(rng: random.Random, depth: int = 0):
    kind = rng.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return rng.choice((None, True, False))
    if kind == 1:
        return rng.choice((0, -1, 1, 2**31, 2**63 - 1, -(2**63), 64, 0.5, 1e308, -0.0))
    if kind < 6:
        return rng.choice(WORDS)
    if kind < 8:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(MEMBERS): value(rng, depth + 1) for _ in range(rng.randrange(3))}


def request(rng: random.Random, number: int) -> tuple[str, object]:
    """A line and the id that its answer must have."""
    members = {"id": number, "image": "a.png", "prompts": ["panda"]}
    for _ in range(rng.randrange(4)):
        members[rng.choice([m for m in MEMBERS if m not in ("id", "output", "config", "threads")])] = value(rng)
    if rng.random() < 0.3:
        members |= {"output": "out", "overwrite": True, "save": rng.choice(("mask", "cutout", "labels", "overlay"))}
        members["prompts"] = [rng.choice(WORDS)]
    # Work without end is no attack: networks at any size, any number of draws.
    members |= {key: 1 for key in ("samples", "size", "tiles") if isinstance(members.get(key), (int, float))}
    line = json.dumps(members)
    if rng.random() < 0.1:
        return line[: rng.randrange(1, len(line))].replace("\n", ""), None
    return line, number


def attack_requests(binary: Path, folder: Path, rng: random.Random, most: int, until: float) -> tuple[int, list[str]]:
    worker, tries, wrong = Worker(binary, folder / "requests"), 0, []
    while tries < most and time.monotonic() < until and not wrong:
        tries += 1
        line, number = request(rng, tries)
        answer = worker.answer(line)
        if answer.get("id", "missing") != number:
            wrong.append(f"the answer's id is not {number}: {json.dumps(answer)[:200]} to {line[:500]}")
        if "results" not in answer and answer.get("error", {}).get("code") not in ERRORS:
            wrong.append(f"neither results nor a known error: {json.dumps(answer)[:300]} to {line[:500]}")
    return tries, wrong + worker.end()


def damaged(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(changed))
        how = rng.randrange(3)
        if how == 0:
            changed[at] = rng.randrange(256)
        elif how == 1:
            del changed[at : at + rng.randrange(1, 40)]
        else:
            changed[at:at] = rng.choice((b"\0" * 8, b"\xff" * 8, changed[: rng.randrange(1, 60)]))
        changed = changed or bytearray(b"\0")
    return bytes(changed)


def attack_pictures(binary: Path, folder: Path, rng: random.Random, most: int, until: float) -> tuple[int, list[str]]:
    worker, tries, wrong = Worker(binary, folder / "pictures"), 0, []
    files = sorted(CORPUS.iterdir())
    while tries < most and time.monotonic() < until and not wrong:
        tries += 1
        content = damaged(rng, rng.choice(files).read_bytes() or b"\0")
        encoded = base64.b64encode(content).decode()
        line = json.dumps({"id": tries, "image_b64": encoded, "prompts": ["panda"]})
        answer = worker.answer(line)
        code = answer.get("error", {}).get("code")
        if answer.get("id") != tries or ("results" not in answer and code not in ("bad_image", "out_of_memory")):
            wrong.append(f"{json.dumps(answer)[:300]} to {encoded}")
    return tries, wrong + worker.end()


def run(*command) -> subprocess.CompletedProcess:
    """The result of a command; one that does not end in time has the exit code 124."""
    try:
        return subprocess.run(command, capture_output=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, b"", b"the time is up")


def masks(result: subprocess.CompletedProcess) -> list:
    """What a run with --json found, without times and the model's name."""
    return [json.loads(line)["results"] for line in result.stdout.splitlines()]


def models(result: subprocess.CompletedProcess) -> list[str]:
    """The sha256 of the manifest in each line of a run with --json; empty if the run failed."""
    if result.returncode != 0:
        return []
    return [json.loads(line)["model"]["sha256"] for line in result.stdout.splitlines()]


def with_changed_byte(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]


def attack_manifests(binary: Path, folder: Path, rng: random.Random, most: int, until: float) -> tuple[int, list[str]]:
    bundle, tries, wrong = folder / "bundle", 0, []
    bundle.mkdir()
    for file in MODEL.iterdir():
        (bundle / file.name).symlink_to(file)
    manifest = (MODEL / "model.json").read_bytes()
    command = [binary, "segment", ROOT / "examples" / "zoo.png", "-p", "panda", "--json", *SMALL]
    while tries < most and time.monotonic() < until:
        tries += 1
        changed = with_changed_byte(rng, manifest)
        (bundle / "model.json").unlink()
        (bundle / "model.json").write_bytes(changed)
        result = run(*command, "-m", bundle)
        if result.returncode != 78 and models(result) != [hashlib.sha256(changed).hexdigest()]:
            at = next(i for i, (a, b) in enumerate(zip(manifest, changed, strict=True)) if a != b)
            wrong.append(
                f"exit code {result.returncode} with byte {at} changed to {changed[at]}: {result.stderr[-300:]}"
            )
    return tries, wrong


def attack_journals(binary: Path, folder: Path, rng: random.Random, most: int, until: float) -> tuple[int, list[str]]:
    pictures, out, tries, wrong = folder / "in", folder / "out", 0, []
    pictures.mkdir()
    for i in range(6):
        Image.fromarray(np.full((40, 60, 3), 40 * i, np.uint8)).save(pictures / f"{i}.png")
    command = [binary, "segment", pictures, "-p", "sky|grass", "-o", out, "--json", "--boxes", *SMALL]
    expected = masks(run(*command))
    journal = out / ".ldznet-journal"
    content = journal.read_bytes()
    while tries < most and time.monotonic() < until:
        tries += 1
        changed = with_changed_byte(rng, content)
        journal.write_bytes(changed)
        result = run(*command, "--resume")
        if result.returncode != 0 or masks(result) != expected:
            wrong.append(f"exit code {result.returncode} after a change of the journal: {result.stderr[-300:]}")
    return tries, wrong


# Each attack, and how many of its attempts take about as long as starting the program once.
ATTACKS = ((attack_requests, 20), (attack_pictures, 20), (attack_manifests, 1), (attack_journals, 1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="in all (default: %(default)s)")
    parser.add_argument("--tries", type=int, default=10**9,
                        help="most attempts on manifests and on journals; twenty times as many requests and pictures")  # fmt: skip
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "dev" / "ldznet")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    binary, violations = options.binary.resolve(), 0
    with tempfile.TemporaryDirectory() as place:
        for attack, weight in ATTACKS:
            folder = Path(place) / attack.__name__
            folder.mkdir()
            until = time.monotonic() + 60 * options.minutes / len(ATTACKS)
            tries, wrong = attack(binary, folder, random.Random(options.seed), weight * options.tries, until)
            print(f"{attack.__name__.removeprefix('attack_')}: {tries} attempts, {len(wrong)} violations", flush=True)
            for text in wrong:
                print(f"  {text}")
            violations += len(wrong)
            shutil.rmtree(folder)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
