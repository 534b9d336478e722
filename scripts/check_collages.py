"""Measures the program on collages that look different from the training scenes.

    .venv/bin/python scripts/check_collages.py --style noto --count 60 [--binary build/release/ldznet] [--keep FOLDER]

Backgrounds are flat, graded, blurred noise, or striped and dotted, which no training scene is. Sides are 180 to 900
pixels, in any aspect ratio. 1 to 6 things, half of them turned by any angle, are mirrored or not and may overlap. The
prompts are all of them and one thing that is absent. Prints the mean intersection over union of the things at the
bundle's threshold, the share that is found at all (IoU above 0.3), and the share of absent things with an empty mask
(under 0.1 % of the picture). `--worst` draws the things with the lowest IoU, at most one per picture: the mask is red,
what it should be has a green outline.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pycocotools import mask as coco

from ldznet_training.paths import BINARY
from ldznet_training.scenes.drawings import DRAWINGS, HEAD_STYLES, STYLES
from ldznet_training.scenes.names import true_of
from ldznet_training.scenes.packs import load_drawings
from ldznet_training.scenes.tile_sheet import tile_sheet

TILE, COLUMNS = 180, 6  # of a sheet
TURNED = 0.5  # share of the things that are turned by any angle; the others by at most 20 degrees
ABSENT_AREA = 0.001  # share of the picture; a smaller mask counts as empty


def add_drawing_options(parser: argparse.ArgumentParser, seed: int, styles: Sequence[str] = HEAD_STYLES) -> None:
    """The options of scripts that run the program on pictures made of drawings of one style."""
    parser.add_argument("--seed", type=int, default=seed, help="(default: %(default)s)")
    parser.add_argument("--style", choices=styles, default="noto", help="(default: %(default)s)")
    parser.add_argument("--drawings", type=Path, default=DRAWINGS, help="folder or pack (default: %(default)s)")
    parser.add_argument("--binary", type=Path, default=BINARY, help="(default: %(default)s)")


def backdrop(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A flat, graded, striped, dotted or noisy background."""
    one, two = (rng.integers(30, 250, 3) for _ in range(2))
    kind = rng.integers(5)
    if kind == 0:
        return Image.new("RGB", (width, height), tuple(map(int, one)))
    if kind == 1:
        ramp = np.linspace(0, 1, height)[:, None, None] * np.ones((1, width, 1))
        return Image.fromarray((ramp * one + (1 - ramp) * two).astype(np.uint8))
    if kind == 4:
        coarse = rng.integers(60, 230, (6, 6, 3), dtype=np.uint8)
        return (
            Image.fromarray(coarse)
            .resize((width, height), Image.Resampling.BICUBIC)
            .filter(ImageFilter.GaussianBlur(8))
        )
    picture = Image.new("RGB", (width, height), tuple(map(int, one)))
    draw, step = ImageDraw.Draw(picture), int(rng.integers(24, 70))
    for x in range(0, width, step):
        if kind == 2:
            draw.rectangle((x, 0, x + step // 2, height), fill=tuple(map(int, two)))
        for y in range(0, height if kind == 3 else 0, step):
            draw.ellipse((x, y, x + step // 2, y + step // 2), fill=tuple(map(int, two)))
    return picture


def collage(
    rng: np.random.Generator, drawings: dict[str, np.ndarray]
) -> tuple[Image.Image, dict[str, np.ndarray], str]:
    """A picture, the visible mask of each thing in it by name, and the name of an absent thing."""
    width, height = (int(s) for s in rng.integers(180, 900, 2))
    picture = backdrop(rng, width, height)
    names = [str(n) for n in rng.choice(sorted(drawings), int(rng.integers(1, 7)), replace=False)]
    masks: dict[str, np.ndarray] = {}
    for name in names:
        side = int(min(width, height) * rng.uniform(0.25, 0.55))
        drawing = Image.fromarray(drawings[name], "RGBA").resize((side, side), Image.Resampling.LANCZOS)
        most = 180 if rng.random() < TURNED else 20  # degrees
        drawing = drawing.rotate(float(rng.uniform(-most, most)), Image.Resampling.BICUBIC, expand=True)
        if rng.random() < 0.5:
            drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        place = tuple(int(rng.integers(0, room - own + 1)) for room, own in zip(picture.size, drawing.size))
        picture.paste(drawing, place, drawing)
        alpha = Image.new("L", picture.size)
        alpha.paste(drawing.getchannel("A"), place)
        inside = np.asarray(alpha) > 127
        for earlier in masks.values():
            earlier &= ~inside
        masks[name] = inside
    visible = {name: mask for name, mask in masks.items() if mask.sum() > 0.01 * mask.size}
    true_names = set().union(*map(true_of, names))
    return picture, visible, str(rng.choice([name for name in sorted(drawings) if name not in true_names]))


def marked(picture: Image.Image, truth: np.ndarray, found: np.ndarray) -> Image.Image:
    """A tile of at most TILE pixels a side with both masks."""
    pixels = np.asarray(picture, np.float32)
    pixels = np.where(found[..., None], 0.4 * pixels + 0.6 * np.array([230, 30, 30]), pixels)
    width = max(3, 2 * (max(picture.size) // 160) + 1)  # of the outline
    wide = np.asarray(Image.fromarray(truth).convert("L").filter(ImageFilter.MaxFilter(width))) > 0
    pixels[wide & ~truth] = (0, 220, 60)
    tile = Image.fromarray(pixels.astype(np.uint8))
    tile.thumbnail((TILE, TILE))
    return tile


def worst_sheet(answers: list[tuple[float, int, str, Image.Image]]) -> Image.Image:
    """The tiles of (IoU, picture, prompt, tile) with the lowest IoU, at most one per picture."""
    worst: dict[int, tuple[str, Image.Image]] = {}
    for iou, number, prompt, tile in sorted(answers, key=lambda answer: answer[:2]):
        worst.setdefault(number, (f"{prompt}: {iou:.2f}", tile))
    captions, tiles = zip(*list(worst.values())[: 2 * COLUMNS])
    return tile_sheet(tiles, captions, COLUMNS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_drawing_options(parser, seed=77, styles=STYLES)
    parser.add_argument("--count", type=int, default=60, help="number of collages (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="folder for the pictures and label maps (default: a temporary one)")
    parser.add_argument("--worst", type=Path, help="write a sheet of the worst masks to this file")
    options = parser.parse_args()
    drawings = load_drawings(options.drawings)[options.style]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ious, empty, answers = [], [], []
        for k in range(options.count):
            picture, masks, absent = collage(np.random.default_rng([options.seed, k]), drawings)
            file = folder / f"{k:03}.png"
            picture.save(file)
            command = [options.binary, "segment", file, "--prompt", "|".join([*masks, absent]), "--json", "--quiet"]
            if options.keep:
                command += ["--save", "labels", "--output", folder / "found", "--overwrite"]
            line = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            for result in line["results"]:
                found = coco.decode(result["segmentation"]).astype(bool)
                if result["prompt"] == absent:
                    empty.append(found.mean() < ABSENT_AREA)
                else:
                    truth = masks[result["prompt"]]
                    ious.append((found & truth).sum() / (found | truth).sum())
                    if options.worst:
                        answers.append((ious[-1], k, result["prompt"], marked(picture, truth, found)))
    if options.worst:
        worst_sheet(answers).save(options.worst, quality=80)
    found = np.mean(np.array(ious) > 0.3)
    print(f"{options.style}: {options.count} pictures, {len(ious)} things: mIoU {np.mean(ious):.3f}, found {found:.3f},"
          f" absent_accuracy {np.mean(empty):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
