"""Free emoji art, rendered once into arrays: the objects that `scenes` puts into its pictures.

`scripts/train.py drawings` writes data/drawings/<style>.npz with
    rgba   uint8 (N, 160, 160, 4)  straight alpha, trimmed, fitted into 156 px and centred
    names  str (N,)                canonical names of vocabulary.tsv; what a style has not drawn is left out
It needs `npm` for the packages, the Noto font (Debian: fonts-noto-color-emoji) and scripts/requirements-train.txt.
"""

import csv
import io
import json
import subprocess
import tarfile
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 160
MARGIN = 2
RENDER_SIDE = 640  # SVGs are rendered at four times the size and reduced, so that trimming costs no sharpness

# The ONLY styles a mask head learns from, and those the latent-diffusion side sees.
HEAD_STYLES = ("noto", "fluent-flat", "emojione")
LDM_STYLES = (*HEAD_STYLES, "fluent-3d")
# Kept for measuring how far the heads carry to art they have never seen. `check_training_styles` keeps them out.
TEST_ONLY = ("openmoji", "twemoji")
STYLES = (*LDM_STYLES, *TEST_ONLY)

# npm package and version of each style; the Noto font comes from the system.
PACKAGES = {
    "fluent-flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "emojione": "@iconify-json/emojione@1.2.3",
    "fluent-3d": "@iconify-json/fluent-emoji@1.2.7",
    "openmoji": "@iconify-json/openmoji@1.2.29",
    "twemoji": "@twemoji/svg@15.0.0",
}

# What each package's own metadata says (info.json or package.json; Debian's copyright file for Noto).
LICENCES = {
    "noto": "font OFL-1.1, art and tools Apache-2.0 (Google, fonts-noto-color-emoji 2.042)",
    "fluent-flat": "MIT (Microsoft Corporation, fluentui-emoji)",
    "emojione": "CC-BY-4.0 (Emoji One 2.3.0, kept by EmojiTwo)",
    "fluent-3d": "MIT (Microsoft Corporation, fluentui-emoji)",
    "openmoji": "CC-BY-SA-4.0 (OpenMoji)",
    "twemoji": "art CC-BY-4.0 (Twitter, jdecked's Twemoji); the package's metadata says MIT, which is its code's",
}

REPOSITORY = Path(__file__).resolve().parents[2]
DRAWINGS = REPOSITORY / "data" / "drawings"
NPM = REPOSITORY / "data" / "npm"


@dataclass(frozen=True)
class Word:
    """One line of vocabulary.tsv. `codepoints` is empty for stuff, which has no drawing."""

    name: str
    group: str
    synonyms: tuple[str, ...]
    codepoints: tuple[int, ...]

    @property
    def kind(self) -> str:
        return "stuff" if self.group == "stuff" else "thing"


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Word]:
    """Canonical name -> Word, in the file's order."""
    words = {}
    with open(Path(__file__).with_name("vocabulary.tsv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            points = () if row["codepoints"] == "-" else tuple(int(p[2:], 16) for p in row["codepoints"].split())
            synonyms = tuple(s.strip() for s in (row["synonyms"] or "").split(",") if s.strip())
            words[row["name"]] = Word(row["name"], row["group"], synonyms, points)
    return words


def check_training_styles(styles) -> None:
    """Raises ValueError if a style is unknown or kept for testing."""
    for style in styles:
        if style not in STYLES:
            raise ValueError(f"unknown style {style!r}: choose from {', '.join(STYLES)}")
        if style in TEST_ONLY:
            raise ValueError(f"style {style!r} is kept for testing and must not be trained on")


def load_style(style: str, folder: Path = DRAWINGS) -> dict[str, np.ndarray]:
    """Name -> rgba uint8 (160, 160, 4)."""
    path = folder / f"{style}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"no drawings at {path}. Make them with scripts/train.py drawings")
    with np.load(path) as archive:
        return dict(zip(archive["names"].tolist(), archive["rgba"], strict=True))


# --- rendering ---------------------------------------------------------------------------------------------------


def fit(picture: Image.Image) -> np.ndarray:
    """Trims to the alpha box and fits into the square: RGBA picture -> uint8 (160, 160, 4)."""
    box = picture.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox()
    if box is None:
        raise ValueError("an empty drawing")
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
    """How packages may spell a character: without and with the variation selector."""
    plain = "-".join(f"{p:x}" for p in word.codepoints if p != 0xFE0F)
    return [plain, f"{plain}-fe0f"]


def unpack(style: str) -> Path:
    """Fetches and unpacks the style's npm package once; the folder with its files."""
    target = NPM / style
    if not (target / "package.json").is_file():
        NPM.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGES[style]], cwd=NPM, check=True, capture_output=True, text=True
        )
        with tarfile.open(NPM / packed.stdout.split()[-1]) as archive:
            members = [m for m in archive.getmembers() if m.isfile()]
            for member in members:
                member.name = member.name.split("/", 1)[1]  # packages put everything under one folder
            archive.extractall(target, members, filter="data")
    return target


def icon_names(word: Word) -> list[str]:
    """Names an iconify set may give the character, surest first.

    Only two sets carry a table from character to name. The others follow the same Unicode names of one age or another,
    so the two tables and the character's own Unicode name find them.
    """
    names = []
    for style in ("openmoji", "fluent-flat"):
        table = icon_table(style)
        names += [table[key] for key in codepoint_keys(word) if key in table]
    names.append(unicodedata.name(chr(word.codepoints[0])).lower().replace(" ", "-"))
    return list(dict.fromkeys(names))


@lru_cache
def icon_table(style: str) -> dict[str, str]:
    """Characters ("1f43c") -> icon name."""
    return json.loads((unpack(style) / "chars.json").read_text())


def render_iconify(style: str, words: list[Word]) -> dict[str, np.ndarray]:
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
    folder = unpack(style)
    drawings = {}
    for word in words:
        path = next((p for key in codepoint_keys(word) if (p := folder / f"{key}.svg").is_file()), None)
        if path is not None:
            drawings[word.name] = fit(render_svg(path.read_text(encoding="utf-8")))
    return drawings


def render_noto(_style: str, words: list[Word]) -> dict[str, np.ndarray]:
    """Reads the 136x128 PNGs of the font's CBDT table."""
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
    """Writes `<style>.npz`."""
    output.mkdir(parents=True, exist_ok=True)
    words = [word for word in vocabulary().values() if word.kind == "thing"]
    drawings = {"noto": render_noto, "twemoji": render_twemoji}.get(style, render_iconify)(style, words)
    rgba = np.stack(list(drawings.values()))
    np.savez_compressed(output / f"{style}.npz", rgba=rgba, names=np.array(list(drawings)))
    missing = [word.name for word in words if word.name not in drawings]
    print(f"{style}: {len(drawings)} drawings; missing: {', '.join(missing) or 'none'}", flush=True)
