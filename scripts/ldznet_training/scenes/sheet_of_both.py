"""A contact sheet of composed pictures beside their labels, to look at.

cd scripts
../.venv/bin/python -m ldznet_training.scenes.sheet_of_both --photographs ../data/photographs.pack --output sheet.png
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import photographs
from .chance import Chance
from .compositor import KINDS, Compositor, Mix, Pictures, paint_grounds
from .drawings import DRAWINGS
from .packs import load_drawings
from .sprites import Sprites, load_sprites
from .tile_sheet import in_two_lines, side_by_side, tile_sheet
from .vocabulary import vocabulary_of_both

COLUMNS = 5
CAPTION = 50  # characters in a line


def make_sheet(pictures: Pictures) -> Image.Image:
    """Every picture with its labels to the right (black: none, white: ignored) and its names below."""
    names = list(vocabulary_of_both())
    colours = np.random.default_rng(7).integers(60, 236, (len(names), 3))
    palette = np.concatenate([[[255] * 3, [0] * 3], colours]).astype(np.uint8)
    shown = pictures.present()
    tiles, captions = [], []
    for index, image in enumerate(pictures.images.cpu()):
        pixels = ((image.permute(1, 2, 0).numpy() + 1) * 127.5).round().astype(np.uint8)
        labels = palette[pictures.labels[index].cpu().numpy() + 1]
        tiles.append(side_by_side(Image.fromarray(pixels), Image.fromarray(labels)))
        text = ", ".join(names[i] for i in shown[index].nonzero()[:, 0].tolist())
        captions.append(in_two_lines(f"{KINDS[int(pictures.kinds[index])]}: {text}", CAPTION))
    return tile_sheet(tiles, captions, COLUMNS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, help="pack or folder (default: none)")
    parser.add_argument("--drawings", type=Path, default=DRAWINGS, help="pack or folder (default: %(default)s)")
    parser.add_argument(
        "--most", type=int, default=400, help="load at most this many photographs (default: %(default)s)"
    )
    parser.add_argument("--count", type=int, default=30, help="pictures (default: %(default)s)")
    parser.add_argument("--size", type=int, default=160, help="side in pixels (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("sheet.png"), help="file (default: %(default)s)")
    options = parser.parse_args()
    photos = photographs.load(options.photographs, most=options.most, threads=2) if options.photographs else None
    sprites = Sprites(*load_sprites(load_drawings(options.drawings), photos))
    grounds = paint_grounds(options.count, options.size, options.seed)
    compositor = Compositor(sprites, grounds, photos)
    mix = Mix() if photos is not None else Mix(0, 0, 0.8, 0.2)
    with torch.inference_mode():
        pictures = compositor.batch(options.count, Chance([options.seed]), options.size, options.size, mix)
    make_sheet(pictures).save(options.output)


if __name__ == "__main__":
    main()
