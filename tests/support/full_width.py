#!/usr/bin/env python3
"""Exports a bundle of the published width from random weights, to show that the real size works.

    .venv/bin/python tests/support/full_width.py OUT [--dtype float16]

Names and shapes are those of tests/golden/official-keys.json; the values are noise, so the masks are meaningless. Prints
what the export takes: time, and peak memory compared with the larger checkpoint. Needs 10 GB of disk and 6 GB of memory.
Use it for example with

    /usr/bin/time -v build/release/ldznet segment examples/zoo.png -p panda -m OUT/bundle --json
"""

import argparse
import json
import math
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import torch
from golden_bundle import vocabulary

ROOT = Path(__file__).resolve().parents[2]


def noise(name: str, shape: list[int]) -> torch.Tensor:
    """Weights that keep the variance of activations about constant."""
    if len(shape) < 2:
        return torch.full(shape, 0.0 if name.endswith("bias") else 1.0, dtype=torch.float16)
    return (torch.randn(shape) / math.sqrt(max(math.prod(shape[1:]), 1))).half()


def make_checkpoint(path: Path, shapes: dict[str, list[int]]) -> None:
    """Writes a file of noise in float16."""
    torch.manual_seed(0)
    torch.save({"state_dict": {name: noise(name, shape) for name, shape in shapes.items()}}, path)


def run_export(command: list[str], larger: Path) -> None:
    """Runs the export and prints what it took."""
    start = time.monotonic()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(process.returncode)
    peak = used.ru_maxrss * 1024
    print(
        f"export: {time.monotonic() - start:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of CPU time, peak memory "
        f"{peak / 1e9:.2f} GB = {peak / larger.stat().st_size:.2f} x {larger.name}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--dtype", default="float16")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    files = {}
    for file, shapes in json.loads((ROOT / "tests/golden/official-keys.json").read_text()).items():
        files[file] = options.output / file
        # In a process of its own: Linux counts the memory of the process that starts a program as that program's, too.
        maker = multiprocessing.get_context("spawn").Process(target=make_checkpoint, args=(files[file], shapes))
        maker.start()
        maker.join()
    vocabulary().save(options.output / "tokenizer")
    sd, head = files.values()
    command = [sys.executable, ROOT / "scripts/export.py", "--sd", sd, "--ldznet", head]
    command += ["--tokenizer", options.output / "tokenizer", "--output", options.output / "bundle"]
    run_export([*map(str, command), "--overwrite", "--dtype", options.dtype], head)
    for file in files.values():
        file.unlink()


if __name__ == "__main__":
    main()
