"""Makes a cache of scenes, or a contact sheet to look at.

cd scripts
../.venv/bin/python -m ldznet_training.scenes cache --count 1000 --seed 1 --styles noto,emojione
../.venv/bin/python -m ldznet_training.scenes sheet --output sheet.png
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from ..paths import DATA
from .cache import make_cache
from .drawings import LDM_STYLES, STYLES
from .placement import Drawings
from .scenes import make_scene
from .tile_sheet import in_two_lines, side_by_side, tile_sheet

COLUMNS, ROWS = 6, 4  # of the contact sheet
CAPTION = 58  # characters in a line


def make_sheet(drawings: Drawings, seed: int, size: int) -> Image.Image:
    """24 scenes, each with its labels to the right and its names below."""
    palette = np.concatenate([np.zeros((1, 3)), np.random.default_rng(7).integers(60, 256, (255, 3))]).astype(np.uint8)
    tiles, captions = [], []
    for index in range(COLUMNS * ROWS):
        scene = make_scene(np.random.default_rng([seed, index]), drawings, size)
        tiles.append(side_by_side(Image.fromarray(scene.image), Image.fromarray(palette[scene.labels])))
        captions.append(in_two_lines(f"{scene.style}: {', '.join(name for name, _ in scene.entities)}", CAPTION))
    return tile_sheet(tiles, captions, COLUMNS)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m ldznet_training.scenes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--size", type=int, default=192, help="side in pixels (default: %(default)s)")
    shared.add_argument("--styles", default=",".join(LDM_STYLES), help=f"comma-separated list of {', '.join(STYLES)}")
    shared.add_argument(
        "--test", action="store_true", help="allow the styles and backgrounds that are kept for testing"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    cache = commands.add_parser("cache", parents=[shared], help="arrays of scenes for training")
    cache.add_argument("--output", type=Path, default=DATA / "scenes-train", help="folder (default: %(default)s)")
    cache.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    cache.add_argument("--count", type=int, required=True, help="number of scenes")
    cache.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")
    sheet = commands.add_parser("sheet", parents=[shared], help="a picture of 24 scenes with their labels")
    sheet.add_argument("--output", type=Path, default=Path("sheet.png"), help="file (default: %(default)s)")
    sheet.add_argument("--seed", type=int, default=5, help="(default: %(default)s)")
    options = parser.parse_args()
    drawings = Drawings.load(options.styles.split(","), options.test)
    if options.command == "sheet":
        make_sheet(drawings, options.seed, options.size).save(options.output)
    else:
        make_cache(options.output, drawings, options.count, options.seed, options.size, options.workers, options.test)


if __name__ == "__main__":
    main()
