"""Shared by the tests: the program as a user runs it, checks of what it prints, and small pictures."""

import functools
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("LDZNET_BINARY", ROOT / "build" / "dev" / "ldznet"))
MODEL = ROOT / "models" / "ldznet-mini"
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "ldznet-1.schema.json").read_text()))

# The program remembers the bundles that it has hashed there, and not in the home of whoever runs the tests.
CACHE = tempfile.TemporaryDirectory(prefix="ldznet-cache-")
os.environ["XDG_CACHE_HOME"] = CACHE.name

# `preexec_fn` of processes that get a SIGINT: a shell's background jobs inherit it ignored, and programs leave it so.
default_sigint = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)


def good(result) -> str:
    """The stdout of a command, which must have succeeded."""
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


def failed(result, code: int, *expected: str) -> None:
    """Checks the exit code, and that the error on stderr contains the expected texts."""
    text = result.stderr.decode()
    assert result.returncode == code, text
    for words in expected:
        assert words in text
    assert text.splitlines()[-1].startswith("ldznet: ")


def without_times(line: dict) -> dict:
    return {member: value for member, value in line.items() if member != "timing_ms"}


def lines_of(text: str) -> list[dict]:
    """JSON lines, each valid under the schema."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        SCHEMA.validate(line)
    return lines


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path))


class Program:
    """The program in its own folder, without the caller's LDZNET_* variables."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("LDZNET_") and k != "NO_COLOR"}

    def __call__(self, *arguments, stdin=b"", env=None, **options) -> subprocess.CompletedProcess:
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, cwd=self.folder,
                              env={**self.env, **(env or {})}, timeout=300, **options)  # fmt: skip

    def start(self, *arguments, **options) -> subprocess.Popen:
        options.setdefault("env", self.env)
        return subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.folder, **options)

    def files(self, folder=".") -> list[str]:
        """Paths, relative to a folder, of every file below it: hidden ones too, but no journals."""
        base = self.folder / folder
        found = (p for p in base.rglob("*") if p.is_file() and ".ldznet-journal" not in p.name)
        return sorted(str(p.relative_to(base)) for p in found)


@pytest.fixture
def ldznet(tmp_path) -> Program:
    """The program in an empty folder."""
    return Program(tmp_path)


def picture(seed: int = 0, width: int = 64, height: int = 48) -> Image.Image:
    """A small color picture; each seed gives another one."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def make_zoo(program: Program) -> Path:
    folder = program.folder / "zoo"
    (folder / "deep").mkdir(parents=True)
    picture(1).save(folder / "a.png")
    picture(2).save(folder / "b.jpg")
    picture(3).save(folder / "deep" / "c.png")
    return folder


@pytest.fixture
def zoo(ldznet) -> Path:
    """The folder `zoo` with the pictures a.png, b.jpg and deep/c.png."""
    return make_zoo(ldznet)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Program:
    """The program in a folder that a module's tests share and do not change: for runs that several tests look at."""
    return Program(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def golden_files(tmp_path_factory) -> Path:
    """A folder with the seeded checkpoints sd.ckpt and ldznet.ckpt of tests/golden, in float32."""
    import checkpoints
    import torch

    folder = tmp_path_factory.mktemp("golden")
    for which, tensors in checkpoints.state_dicts().items():
        state = {name: torch.from_numpy(value) for name, value in tensors.items()}
        torch.save({"global_step": 1, "state_dict": state}, folder / f"{which}.ckpt")
    return folder


@pytest.fixture(scope="session")
def tensors(golden_files):
    """The tensors of sd.ckpt and ldznet.ckpt."""
    from ldznet_training.checkpoints.loading import load_tensors

    return tuple(load_tensors(golden_files / name) for name in ("sd.ckpt", "ldznet.ckpt"))


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory):
    """A folder with vocab.json and merges.txt."""
    from golden_bundle import vocabulary

    folder = tmp_path_factory.mktemp("tokenizer")
    vocabulary().save(folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer_json(tokenizer, tmp_path_factory):
    """A folder with the same tokenizer as tokenizer.json, as the tokenizers library writes it."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    model = BPE.from_file(str(tokenizer / "vocab.json"), str(tokenizer / "merges.txt"), end_of_word_suffix="</w>")
    made = tmp_path_factory.mktemp("json")
    Tokenizer(model).save(str(made / "tokenizer.json"))
    return made


@pytest.fixture(scope="session")
def expected(tensors):
    """The weights of the plain pair."""
    from published_pair import weights

    from ldznet_training.checkpoints.published import networks_from

    return weights(networks_from(*tensors, "sd", "ldznet"))
