"""Measures --tiles: how many small things of a large picture are found, in which time and memory.

    .venv/bin/python scripts/check_tiles.py --tiles 256 [--drawings data/drawings.pack] [--binary build/release/ldznet]

A thing counts as found when the IoU of the mask, in a square of three times its side, with its own pixels is above 0.3.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco

from check_collages import add_drawing_options, backdrop
from ldznet_training.scenes.packs import load_drawings


def scene(rng: np.random.Generator, drawings: dict[str, np.ndarray], size: tuple[int, int], side: int, count: int):
    """A picture with three kinds of things, and of each the mask and the places of its things."""
    picture = backdrop(rng, *size)
    names = [str(name) for name in rng.choice(sorted(drawings), 3, replace=False)]
    things = {name: (np.zeros(size[::-1], bool), []) for name in names}
    cells = rng.permutation((size[0] // (4 * side)) * (size[1] // (4 * side)))[:count]
    for k, cell in enumerate(cells):
        row, column = divmod(int(cell), size[0] // (4 * side))
        x, y = (int(4 * side * at + rng.integers(side, 2 * side)) for at in (column, row))
        drawing = Image.fromarray(drawings[names[k % 3]], "RGBA").resize((side, side), Image.Resampling.LANCZOS)
        picture.paste(drawing, (x, y), drawing)
        mask, places = things[names[k % 3]]
        mask[y : y + side, x : x + side] = np.asarray(drawing)[..., 3] > 127
        places.append((x, y))
    return picture, things


def run(command: list) -> tuple[dict, float, float]:
    """The JSON line, seconds, and the peak memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    line = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"failed: {command}")
    return json.loads(line), time.monotonic() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=256, help="(default: %(default)s)")
    parser.add_argument("--size", type=int, nargs=2, default=(4000, 3000), help="of the picture (default: 4000 3000)")
    parser.add_argument("--side", type=int, default=40, help="of a thing, pixels (default: %(default)s)")
    parser.add_argument("--count", type=int, default=60, help="number of things (default: %(default)s)")
    add_drawing_options(parser, seed=3)
    options = parser.parse_args()
    drawings = load_drawings(options.drawings)[options.style]
    rng = np.random.default_rng(options.seed)
    picture, things = scene(rng, drawings, tuple(options.size), options.side, options.count)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        picture.save(file)
        for more in ([], ["--tiles", str(options.tiles)]):
            command = [options.binary, "segment", file, "--prompt", "|".join(things), "--json", "--quiet", *more]
            line, seconds, memory = run(command)
            found = total = 0
            for result, (truth, places) in zip(line["results"], things.values(), strict=True):
                mask = coco.decode(result["segmentation"]).astype(bool)
                for x, y in places:
                    near = np.s_[y - options.side : y + 2 * options.side, x - options.side : x + 2 * options.side]
                    found += (mask & truth)[near].sum() > 0.3 * (mask | truth)[near].sum()
                    total += 1
            name = " ".join(more) or "whole"
            print(f"{name:12} found {found} of {total}, {seconds:.1f} s, {memory:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
