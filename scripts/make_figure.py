"""Draws a figure of the documentation: a picture, and the program's overlay for each prompt.

.venv/bin/python scripts/make_figure.py PICTURE PROMPT... --output docs/zoo.png [--binary build/release/ldznet]

--then adds rows for another picture. --with draws what options change instead: a panel without them, and one for each
set of options.
"""

import argparse
import io
import shlex
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ldznet_training.paths import BINARY

GAP, CAPTION = 12, 30  # pixels: the space between panels, the height of a caption


def overlay(binary: Path, picture: Path, prompt: str, options: str = "") -> Image.Image:
    """The overlay of `ldznet segment` for a prompt, with further options."""
    command = [binary, "segment", picture, "--prompt", prompt, "--save", "overlay", "--output", "-"]
    command += shlex.split(options)
    return Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout))


def panels_of(options: argparse.Namespace, picture: Path, prompts: list[str]) -> Image.Image:
    """The panels of one picture."""
    image = Image.open(picture).convert("RGB")
    left, top, *size = options.crop or (0, 0, *image.size)
    if options.changes:
        panels = [
            (f'"{p}" {more}', overlay(options.binary, picture, p, more))
            for p in prompts
            for more in ("", *options.changes)
        ]
    else:
        panels = [("the picture", image)] + [(f'"{p}"', overlay(options.binary, picture, p)) for p in prompts]
    height = round(options.width * size[1] / size[0])
    columns = min(options.columns, len(panels))
    rows = -(-len(panels) // columns)
    canvas = Image.new("RGB", (columns * (options.width + GAP) - GAP, rows * (height + CAPTION + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(17)
    for k, (caption, panel) in enumerate(panels):
        x, y = k % columns * (options.width + GAP), k // columns * (height + CAPTION + GAP)
        panel = panel.convert("RGB").crop((left, top, left + size[0], top + size[1]))
        canvas.paste(panel.resize((options.width, height), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + options.width / 2, y + height + CAPTION / 2), caption, "black", font, anchor="mm")
    return canvas


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, help="picture to segment")
    parser.add_argument("prompts", nargs="+", help="one panel each")
    parser.add_argument(
        "--then", nargs="+", action="append", default=[], metavar=("PICTURE", "PROMPT"), help="another picture"
    )
    parser.add_argument("--output", type=Path, required=True, help="PNG, JPEG or WebP file")
    parser.add_argument(
        "--with", dest="changes", action="append", metavar="OPTIONS", help="for example --with=--refine"
    )
    parser.add_argument("--crop", type=int, nargs=4, metavar=("LEFT", "TOP", "WIDTH", "HEIGHT"), help="part to show")
    parser.add_argument("--width", type=int, default=300, help="of a panel, pixels (default: %(default)s)")
    parser.add_argument("--binary", type=Path, default=BINARY, help="(default: %(default)s)")
    parser.add_argument("--columns", type=int, default=3, help="panels per row (default: %(default)s)")
    options = parser.parse_args()

    if options.crop and options.then:
        parser.error("--crop is for one picture; leave out --then")
    parts = [panels_of(options, options.picture, options.prompts)]
    parts += [panels_of(options, Path(picture), prompts) for picture, *prompts in options.then]
    canvas = Image.new("RGB", (max(p.width for p in parts), sum(p.height + GAP for p in parts) - GAP), "white")
    top = 0
    for drawn in parts:
        canvas.paste(drawn, (0, top))
        top += drawn.height + GAP
    canvas.save(options.output, optimize=True, quality=85)


if __name__ == "__main__":
    main()
