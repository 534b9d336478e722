"""Shared by all tests: the program, run like a user runs it, and small pictures."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("LDZNET_BINARY", ROOT / "build" / "dev" / "ldznet"))


SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "ldznet-1.schema.json").read_text()))


def good(result) -> str:
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


def lines_of(text: str) -> list[dict]:
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        SCHEMA.validate(line)
    return lines


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path))


class Program:
    """The program in a folder of its own, without the variables of whoever runs the tests."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("LDZNET_") and k != "NO_COLOR"}

    def __call__(self, *arguments, stdin=b"", env=None, **options) -> subprocess.CompletedProcess:
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, cwd=self.folder,
                              env={**self.env, **(env or {})}, timeout=300, **options)  # fmt: skip

    def start(self, *arguments, **options) -> subprocess.Popen:
        return subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.folder, env=self.env, **options)

    def files(self, folder=".") -> list[str]:
        """Every file below a folder, by its path there, hidden ones too; but for a run's journal, which is not asked
        for."""
        base = self.folder / folder
        found = (p for p in base.rglob("*") if p.is_file() and ".ldznet-journal" not in p.name)
        return sorted(str(p.relative_to(base)) for p in found)


@pytest.fixture
def ldznet(tmp_path) -> Program:
    """The program, run in an empty folder."""
    return Program(tmp_path)


def picture(seed: int = 0, width: int = 64, height: int = 48) -> Image.Image:
    """A small coloured picture that differs with its seed."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def zoo(ldznet) -> Path:
    """Pictures a.png, b.jpg and deep/c.png in the folder zoo."""
    folder = ldznet.folder / "zoo"
    (folder / "deep").mkdir(parents=True)
    picture(1).save(folder / "a.png")
    picture(2).save(folder / "b.jpg")
    picture(3).save(folder / "deep" / "c.png")
    return folder
