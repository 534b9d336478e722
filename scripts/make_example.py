"""Draws the examples, collages of Noto Emoji drawings (Apache-2.0) that do not use the scene generator: zoo.png, and
meadow.jpg, a large picture of small things.

Needs the drawings (`scripts/train.py drawings`).
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ldznet_training.paths import REPOSITORY
from ldznet_training.scenes.drawings import load_style

WIDTH, HEIGHT, HORIZON = 640, 480, 200
PLACES = {  # name: left, top, side
    "panda": (60, 200, 190),
    "elephant": (300, 150, 230),
    "sunflower": (520, 250, 120),
    "balloon": (230, 20, 110),
    "banana": (260, 370, 95),
}  # fmt: skip
LARGE = (960, 720)
SMALL = ("elephant", "panda", "sunflower", "banana")


def background(rng: np.random.Generator) -> Image.Image:
    """A meadow under a sky with a few clouds."""
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    sky = (1 - rows) * np.array([96, 164, 232]) + rows * np.array([220, 236, 250])
    picture = Image.fromarray(np.broadcast_to(sky, (HEIGHT, WIDTH, 3)).astype(np.uint8).copy())
    clouds = Image.new("L", picture.size)
    draw = ImageDraw.Draw(clouds)
    for left, top in ((40, 60), (420, 40), (520, 110)):
        for _ in range(9):
            x, y, r = left + rng.integers(0, 110), top + rng.integers(-12, 22), rng.integers(14, 32)
            draw.ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=235)
    picture.paste((255, 255, 255), mask=clouds.filter(ImageFilter.GaussianBlur(5)))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HORIZON, WIDTH, HEIGHT), fill=(86, 148, 58))
    for _ in range(9000):
        x, y = rng.integers(0, WIDTH), rng.integers(HORIZON, HEIGHT)
        length = 3 + 9 * (y - HORIZON) / (HEIGHT - HORIZON)
        shade = rng.integers(-34, 35)
        draw.line((x, y, x + rng.normal(0, 2), y - length), fill=(86 + shade, 148 + shade, 58 + shade // 2))
    return picture


def paste(drawing: np.ndarray, left: int, top: int, side: int, picture: Image.Image) -> None:
    drawing = Image.fromarray(drawing, "RGBA").resize((side, side), Image.Resampling.LANCZOS)
    picture.paste(drawing, (left, top), drawing)


def zoo(drawings: dict[str, np.ndarray]) -> Image.Image:
    picture = background(np.random.default_rng(4))
    for name, (left, top, side) in PLACES.items():
        paste(drawings[name], left, top, side, picture)
    return picture


def meadow(drawings: dict[str, np.ndarray]) -> Image.Image:
    """Things of about 45 pixels, one in each cell of a grid."""
    rng = np.random.default_rng(7)
    picture = background(rng).resize(LARGE, Image.Resampling.BICUBIC)
    names = rng.permutation(np.repeat(list(SMALL), 5))
    columns = 5
    for k, name in enumerate(names):
        left, top = k % columns * LARGE[0] // columns, 312 + k // columns * 100
        paste(drawings[name], left + rng.integers(20, 130), top + rng.integers(0, 50), rng.integers(40, 50), picture)
    return picture


def main() -> None:
    drawings, examples = load_style("noto"), REPOSITORY / "examples"
    zoo(drawings).save(examples / "zoo.png", optimize=True)
    meadow(drawings).save(examples / "meadow.jpg", quality=80)


if __name__ == "__main__":
    main()
