"""Draws examples/zoo.png: a collage of Noto Emoji drawings (Apache-2.0) that does not use the scene generator.

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


def main() -> None:
    rng = np.random.default_rng(4)
    picture, drawings = background(rng), load_style("noto")
    for name, (left, top, side) in PLACES.items():
        drawing = Image.fromarray(drawings[name], "RGBA").resize((side, side), Image.Resampling.LANCZOS)
        picture.paste(drawing, (left, top), drawing)
    picture.save(REPOSITORY / "examples" / "zoo.png", optimize=True)


if __name__ == "__main__":
    main()
