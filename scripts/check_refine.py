"""Measures what --refine does to masks whose truth is exact, on large collages.

    .venv/bin/python scripts/check_refine.py --count 10 [--drawings data/drawings.pack] [--binary build/release/ldznet]

Grounds are plain (those of check_collages.py) or stuff of the training scenes, enlarged. Things are drawings with crisp
edges, or thin lines of 4 to 16 pixels. Prints, without and with the filter, the mean intersection over union and the
boundary F-score (share of the outlines' pixels within 2 pixels of the other outline) of
  ideal   masks that were reduced to the working size exactly and enlarged again, filtered by guided_filter.py
  blurred the same, blurred by 2 pixels at the working size, about as networks' probabilities are
  model   the program's masks of drawings of which it finds more than half
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask as coco
from scipy.ndimage import binary_dilation, binary_erosion, gaussian_filter

from check_collages import add_drawing_options, backdrop
from ldznet_training.guided_filter import guided_filter, window_of
from ldznet_training.mini import WORKING_SIZE
from ldznet_training.scenes.backgrounds import STUFF, cut
from ldznet_training.scenes.packs import load_drawings

NEAR = 2  # pixels
GROUNDS, THINGS = ("plain", "stuff"), ("drawings", "lines")


def ground(rng: np.random.Generator, kind: str, side: int) -> Image.Image:
    if kind == "plain":
        return backdrop(rng, side, side)
    pixels = cut(rng, str(rng.choice(STUFF)), side, side, flat=False)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def drawing(rng: np.random.Generator, rgba: np.ndarray, side: int) -> Image.Image:
    """The drawing `side` pixels large, rotated, with an edge of about one pixel."""
    large = Image.fromarray(rgba, "RGBA").resize((side, side), Image.Resampling.LANCZOS)
    pixels = np.asarray(large.rotate(float(rng.uniform(-20, 20)), Image.Resampling.BICUBIC)).astype(float)
    pixels[..., 3] = np.clip((pixels[..., 3] / 255 - 0.5) * side / len(rgba) + 0.5, 0, 1) * 255
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")


def lines(rng: np.random.Generator, side: int) -> Image.Image:
    alpha = Image.new("L", (side, side))
    corners = [tuple(map(float, rng.uniform(0.05, 0.95, 2) * side)) for _ in range(4)]
    ImageDraw.Draw(alpha).line(corners, fill=255, width=int(rng.integers(4, 17)), joint="curve")
    layer = Image.new("RGBA", alpha.size, tuple(map(int, rng.integers(0, 256, 3))))
    layer.putalpha(alpha)
    return layer


def scene(rng: np.random.Generator, kind: str, things: str, drawings: dict[str, np.ndarray], side: int):
    """A picture and the visible mask of each of three things by name."""
    picture, masks = ground(rng, kind, side), {}
    for name in map(str, rng.choice(sorted(drawings), 3, replace=False)):
        layer = Image.new("RGBA", picture.size)
        if things == "lines":
            layer = lines(rng, side)
        else:
            thing = drawing(rng, drawings[name], int(rng.uniform(0.2, 0.5) * side))
            layer.paste(thing, tuple(map(int, rng.integers(0, side - thing.width, 2))))
        picture.paste(layer, (0, 0), layer)
        inside = np.asarray(layer)[..., 3] > 127
        for earlier in masks.values():
            earlier &= ~inside
        masks[name] = inside
    return picture, {name: mask for name, mask in masks.items() if mask.sum() > 500}


def scores(found: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Intersection over union and boundary F-score."""
    outlines = [mask & ~binary_erosion(mask, border_value=1) for mask in (found, truth)]
    disc = np.hypot(*np.mgrid[-NEAR : NEAR + 1, -NEAR : NEAR + 1]) <= NEAR
    near = [binary_dilation(outline, disc) for outline in outlines]
    matched = [(outlines[i] & near[1 - i]).sum() for i in (0, 1)]
    precision, recall = (m / max(o.sum(), 1) for m, o in zip(matched, outlines, strict=True))
    iou = (found & truth).sum() / (found | truth).sum()
    return iou, 2 * precision * recall / max(precision + recall, 1e-9)


def low_resolution(mask: np.ndarray, blur: float) -> np.ndarray:
    low = Image.fromarray(mask.astype(np.float32)).resize((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX)
    blurred = gaussian_filter(np.asarray(low), blur) if blur else np.asarray(low)
    return np.asarray(Image.fromarray(blurred).resize(mask.shape[::-1], Image.Resampling.BILINEAR))


def by_program(binary: Path, file: Path, names: list[str], *options: str) -> dict[str, np.ndarray]:
    prompts = [part for name in names for part in ("--prompt", name)]
    command = [binary, "segment", file, *prompts, "--json", "--quiet", *options]
    line = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {result["prompt"]: coco.decode(result["segmentation"]).astype(bool) for result in line["results"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10, help="pictures of each kind (default: %(default)s)")
    parser.add_argument("--side", type=int, default=1536, help="pixels (default: %(default)s)")
    add_drawing_options(parser, seed=5)
    options = parser.parse_args()
    drawings = load_drawings(options.drawings)[options.style]
    window = window_of(options.side / WORKING_SIZE)
    print("ground    things    masks       n   mIoU            boundary F")
    for kind in GROUNDS:
        for things in THINGS:
            rows: dict[str, list] = {"ideal": [], "blurred": [], "model": []}
            for k in range(options.count):
                picture, masks = scene(np.random.default_rng([options.seed, k]), kind, things, drawings, options.side)
                rgb = np.asarray(picture).astype(float)
                for mask in masks.values():
                    for name, blur in (("ideal", 0), ("blurred", 2)):
                        map_ = low_resolution(mask, blur)
                        sharp = guided_filter(map_, rgb, *window)
                        rows[name].append(scores(map_ >= 0.5, mask) + scores(sharp >= 0.5, mask))
                if things == "lines":
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    file = Path(folder) / "picture.png"
                    picture.save(file)
                    plain, sharp = (by_program(options.binary, file, list(masks), *more) for more in ([], ["--refine"]))
                for name, mask in masks.items():
                    before = scores(plain[name], mask)
                    if before[0] > 0.5:
                        rows["model"].append(before + scores(sharp[name], mask))
            for name, values in rows.items():
                if values:
                    iou, edge, sharp_iou, sharp_edge = np.mean(values, axis=0)
                    print(f"{kind:9} {things:9} {name:8} {len(values):4}   {iou:.3f} -> {sharp_iou:.3f}"
                          f"  {edge:.3f} -> {sharp_edge:.3f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
