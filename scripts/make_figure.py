"""Draws the figure of the README: a picture, and the program's overlay for each prompt.

.venv/bin/python scripts/make_figure.py PICTURE PROMPT... --output docs/zoo.png [--binary build/release/ldznet]
"""

import argparse
import io
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ldznet_training.paths import BINARY

WIDTH, GAP, CAPTION = 300, 12, 30  # pixels: a panel's width, the space between panels, the height of a caption


def overlay(binary: Path, picture: Path, prompt: str) -> Image.Image:
    """The overlay of `ldznet segment` for a prompt."""
    command = [binary, "segment", picture, "--prompt", prompt, "--save", "overlay", "--output", "-"]
    return Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, help="picture to segment")
    parser.add_argument("prompts", nargs="+", help="one panel each")
    parser.add_argument("--output", type=Path, required=True, help="PNG file")
    parser.add_argument("--binary", type=Path, default=BINARY, help="(default: %(default)s)")
    parser.add_argument("--columns", type=int, default=3, help="panels per row (default: %(default)s)")
    options = parser.parse_args()

    image = Image.open(options.picture).convert("RGB")
    panels = [("the picture", image)] + [
        (f'"{p}"', overlay(options.binary, options.picture, p)) for p in options.prompts
    ]
    height = round(WIDTH * image.height / image.width)
    columns = min(options.columns, len(panels))
    rows = -(-len(panels) // columns)
    canvas = Image.new("RGB", (columns * (WIDTH + GAP) - GAP, rows * (height + CAPTION + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(17)
    for k, (caption, panel) in enumerate(panels):
        x, y = k % columns * (WIDTH + GAP), k // columns * (height + CAPTION + GAP)
        canvas.paste(panel.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + WIDTH / 2, y + height + CAPTION / 2), caption, "black", font, anchor="mm")
    canvas.save(options.output, optimize=True)


if __name__ == "__main__":
    main()
