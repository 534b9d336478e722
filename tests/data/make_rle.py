#!/usr/bin/env python3
"""Makes rle.json: masks and what pycocotools says of them (counts, area, box).

`rows` holds the mask's pixels in rows from the top, eight a byte, the first in the highest bit, as hex.
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

FILE = Path(__file__).resolve().parent / "rle.json"
SHAPES = [(1, 1), (1, 7), (7, 1), (2, 3), (5, 5), (31, 33), (48, 64), (1, 5000), (5000, 1), (97, 131)]


def masks():
    rng = np.random.default_rng(5)
    for height, width in SHAPES:
        y, x = np.mgrid[:height, :width]
        yield "empty", np.zeros((height, width))
        yield "full", np.ones((height, width))
        yield "first pixel", (x + y == 0)
        yield "last pixel", (x + y == width + height - 2)
        yield "left half", x < (width + 1) // 2
        yield "top half", y < (height + 1) // 2
        yield "disc", (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2
        if width * height > 10_000:
            yield "scattered", rng.random((height, width)) < 0.002
            continue
        yield "checkers", (x + y) % 2
        yield "stripes", (y // 3 + x // 2) % 2
        yield "random", rng.random((height, width)) < 0.5
        yield "sparse", rng.random((height, width)) < 0.03
        yield "nearly full", rng.random((height, width)) < 0.97
    # Differences between runs that need one to four characters, with either sign.
    steps = [1, 15, 16, 17, 31, 32, 33, 511, 512, 513, 16383, 16384, 16385, 3, 20000, 2]
    runs = np.concatenate([np.full(n, k % 2) for k, n in enumerate(steps + steps[::-1])])
    yield "run lengths", np.pad(runs, (0, -len(runs) % 400)).reshape(-1, 400).T  # counted down the columns


def main() -> None:
    cases = []
    for name, mask in masks():
        mask = np.asfortranarray(mask, dtype=np.uint8)
        code = coco.encode(mask)
        assert (coco.decode(code) == mask).all()
        height, width = mask.shape
        cases.append(
            {
                "name": name,
                "width": width,
                "height": height,
                "rows": np.packbits(np.ascontiguousarray(mask)).tobytes().hex(),
                "counts": code["counts"].decode("ascii"),
                "area": int(coco.area(code)),
                "box": [int(v) for v in coco.toBbox(code)],
            }
        )
    FILE.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    slashes = sum("\\" in case["counts"] for case in cases)
    longest = max(len(case["counts"]) for case in cases)
    print(f"{FILE}: {FILE.stat().st_size:,} bytes, {len(cases)} masks, {slashes} with a backslash, longest {longest}")


if __name__ == "__main__":
    main()
