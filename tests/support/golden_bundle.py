#!/usr/bin/env python3
"""Makes the bundle that the C++ golden tests load: scripts/export.py on the seeded checkpoints of tests/golden.

    python tests/support/golden_bundle.py OUT

OUT/bundle is the bundle in float32; OUT/golden.pt has the arrays of golden.npz in a format that C++ can read. The
vocabulary is made up so that it gives the token ids in golden.npz. Does nothing if OUT was made from the same files.
"""

import hashlib
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))  # unlike scripts/*.py, not run from the folder of the package

from ldznet_training.tokenizer import CLIP_SIZE, WORD_END, Vocabulary, alphabet  # noqa: E402

# "a photo of a red panda", with the ids that golden.npz has: 320 1125 539 320 736 10143. The id of a merge is 512 + its index.
MERGES = {
    ("o", "f" + WORD_END): 539,
    ("r", "e"): 600,
    ("p", "h"): 601,
    ("ph", "o"): 602,
    ("pho", "t"): 603,
    ("p", "a"): 604,
    ("n", "d"): 605,
    ("nd", "a" + WORD_END): 606,
    ("re", "d" + WORD_END): 736,
    ("phot", "o" + WORD_END): 1125,
    ("pa", "nda" + WORD_END): 10143,
}


def vocabulary() -> Vocabulary:
    """As many pieces as CLIP's. All but MERGES consist of symbols that do not occur in English prompts."""
    unusual = [symbol for symbol in alphabet() if ord(symbol) > 126]
    fillers = product(unusual, [*unusual, *(symbol + WORD_END for symbol in unusual)])
    by_id = {piece: pair for pair, piece in MERGES.items()}
    return Vocabulary(tuple(by_id.get(piece) or next(fillers) for piece in range(512, CLIP_SIZE - 2)))


def fingerprint() -> str:
    """A hash of everything the bundle depends on."""
    files = [*sorted((ROOT / "scripts").rglob("*.py")), *sorted((ROOT / "tests/golden").iterdir()), Path(__file__)]
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def main() -> None:
    out = Path(sys.argv[1])
    stamp = out / "made-from"
    if stamp.is_file() and stamp.read_text() == fingerprint():
        return
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    subprocess.run([sys.executable, ROOT / "tests/golden/checkpoints.py", out], check=True)
    vocabulary().save(out / "tokenizer")
    command = [sys.executable, ROOT / "scripts/export.py", "--dtype", "float32", "--output", out / "bundle"]
    command += ["--sd", out / "sd.ckpt", "--ldznet", out / "ldznet.ckpt", "--tokenizer", out / "tokenizer"]
    subprocess.run(command, check=True)
    arrays = np.load(ROOT / "tests/golden/golden.npz")
    torch.save({name: torch.from_numpy(arrays[name]) for name in arrays.files}, out / "golden.pt")
    for leftover in ("sd.ckpt", "ldznet.ckpt"):
        (out / leftover).unlink()
    stamp.write_text(fingerprint())


if __name__ == "__main__":
    main()
