"""Renders free emoji art into the arrays of drawings.py.

Needs `npm` for the packages, the Noto font (Debian: fonts-noto-color-emoji) and scripts/requirements-train.txt.
"""

import io
import json
import subprocess
import tarfile
import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from ..paths import DATA
from .drawings import DRAWINGS
from .vocabulary import Word, vocabulary

SIDE = 160
MARGIN = 2
RENDER_SIDE = 640  # SVGs are rendered at four times the size and reduced, so that trimming costs no sharpness
NPM = DATA / "npm"

# npm package and version of each style; the Noto font comes from the system. Licences as stated by each package's own
# metadata (info.json or package.json; Debian's copyright file for Noto):
#   noto         font OFL-1.1, art and tools Apache-2.0 (Google, fonts-noto-color-emoji 2.042)
#   fluent-flat  MIT (Microsoft Corporation, fluentui-emoji)
#   emojione     CC-BY-4.0 (Emoji One 2.3.0, kept by EmojiTwo)
#   fluent-3d    MIT (Microsoft Corporation, fluentui-emoji)
#   openmoji     CC-BY-SA-4.0 (OpenMoji)
#   twemoji      art CC-BY-4.0 (Twitter, jdecked's Twemoji); the package's metadata names the code's licence, MIT
PACKAGES = {
    "fluent-flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "emojione": "@iconify-json/emojione@1.2.3",
    "fluent-3d": "@iconify-json/fluent-emoji@1.2.7",
    "openmoji": "@iconify-json/openmoji@1.2.29",
    "twemoji": "@twemoji/svg@15.0.0",
}


def fit(picture: Image.Image) -> np.ndarray:
    """Trims an RGBA picture to its visible part and fits that into a square -> uint8 (160, 160, 4)."""
    box = picture.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox()
    if box is None:
        raise ValueError("the drawing is fully transparent")
    picture = picture.crop(box)
    scale = (SIDE - 2 * MARGIN) / max(picture.size)
    size = tuple(max(1, round(n * scale)) for n in picture.size)
    picture = picture.resize(size, Image.Resampling.LANCZOS)  # Pillow premultiplies RGBA while it resizes
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(picture, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return np.asarray(square)


def render_svg(svg: str) -> Image.Image:
    """An SVG document -> RGBA picture, RENDER_SIDE wide."""
    from resvg_py import svg_to_bytes

    png = svg_to_bytes(svg_string=svg, width=RENDER_SIDE, height=RENDER_SIDE, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def codepoint_keys(word: Word) -> list[str]:
    """The spellings of a character in packages: without and with the variation selector."""
    plain = "-".join(f"{p:x}" for p in word.codepoints if p != 0xFE0F)
    return [plain, f"{plain}-fe0f"]


def unpack(style: str) -> Path:
    """Downloads and unpacks the style's npm package unless that is done; returns the folder of its files."""
    target = NPM / style
    if not (target / "package.json").is_file():
        NPM.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGES[style]], cwd=NPM, check=True, capture_output=True, text=True
        )
        with tarfile.open(NPM / packed.stdout.split()[-1]) as archive:
            members = [m for m in archive.getmembers() if m.isfile()]
            for member in members:
                member.name = member.name.split("/", 1)[1]  # drops the single top-level folder
            archive.extractall(target, members, filter="data")
    return target


def icon_names(word: Word) -> list[str]:
    """Names that an iconify set may use for the character, most reliable first.

    Only two sets have a table from character to name. The names of the others follow some version of Unicode, so these
    two tables and the character's Unicode name find them.
    """
    names = []
    for style in ("openmoji", "fluent-flat"):
        table = icon_table(style)
        names += [table[key] for key in codepoint_keys(word) if key in table]
    names.append(unicodedata.name(chr(word.codepoints[0])).lower().replace(" ", "-"))
    return list(dict.fromkeys(names))


@lru_cache
def icon_table(style: str) -> dict[str, str]:
    """Character ("1f43c") -> icon name."""
    return json.loads((unpack(style) / "chars.json").read_text())


def render_iconify(style: str, words: list[Word]) -> dict[str, np.ndarray]:
    """Name -> drawing, from an iconify package: one JSON file of SVG bodies."""
    icons = json.loads((unpack(style) / "icons.json").read_text())
    drawings = {}
    for word in words:
        table = icon_table(style)
        names = [table[key] for key in codepoint_keys(word) if key in table] or icon_names(word)
        names = [icons.get("aliases", {}).get(n, {}).get("parent", n) for n in names]
        icon = next((icons["icons"][n] for n in names if n in icons["icons"]), None)
        if icon is not None:
            box = f"0 0 {icon.get('width', icons['width'])} {icon.get('height', icons['height'])}"
            svg = (
                '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                f'width="{RENDER_SIDE}" height="{RENDER_SIDE}" viewBox="{box}">{icon["body"]}</svg>'
            )
            drawings[word.name] = fit(render_svg(svg))
    return drawings


def render_twemoji(style: str, words: list[Word]) -> dict[str, np.ndarray]:
    """Name -> drawing, from a package of SVG files named by code points."""
    folder = unpack(style)
    drawings = {}
    for word in words:
        path = next((p for key in codepoint_keys(word) if (p := folder / f"{key}.svg").is_file()), None)
        if path is not None:
            drawings[word.name] = fit(render_svg(path.read_text(encoding="utf-8")))
    return drawings


def render_noto(_style: str, words: list[Word]) -> dict[str, np.ndarray]:
    """Name -> drawing, from the 136 x 128 PNGs of the font's CBDT table."""
    from fontTools.ttLib import TTFont

    match = ["fc-match", "--format", "%{file}", "Noto Color Emoji"]
    path = subprocess.run(match, check=True, capture_output=True, text=True).stdout
    if "NotoColorEmoji" not in path:
        raise FileNotFoundError("the Noto Color Emoji font is not installed (Debian: fonts-noto-color-emoji)")
    font = TTFont(path)
    glyphs, bitmaps = font.getBestCmap(), font["CBDT"].strikeData[0]
    drawings = {}
    for word in words:
        bitmap = bitmaps.get(glyphs.get(word.codepoints[0], ""))
        if bitmap is not None:
            drawings[word.name] = fit(Image.open(io.BytesIO(bitmap.imageData)).convert("RGBA"))
    return drawings


def render(style: str, output: Path = DRAWINGS) -> None:
    """Renders a style into `<output>/<style>.npz` and prints the names it does not draw."""
    output.mkdir(parents=True, exist_ok=True)
    words = [word for word in vocabulary().values() if word.kind == "thing"]
    drawings = {"noto": render_noto, "twemoji": render_twemoji}.get(style, render_iconify)(style, words)
    rgba = np.stack(list(drawings.values()))
    np.savez_compressed(output / f"{style}.npz", rgba=rgba, names=np.array(list(drawings)))
    missing = [word.name for word in words if word.name not in drawings]
    print(f"{style}: {len(drawings)} drawings; missing: {', '.join(missing) or 'none'}", flush=True)
