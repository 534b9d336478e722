"""One file for many pictures: a ZIP archive of WebP and PNG files that travels to another machine and loads quickly."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from .drawings import DRAWINGS, LDM_STYLES, check_training_styles, load_style

DRAWING_QUALITY = 90  # of WebP
DRAWING_SIDE = 160


def write_pack(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Writes an archive of (name, content) completely or not at all. Contents are stored: pictures are compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)  # no time of writing: the same input gives the same bytes
    temporary.replace(path)


def encode(picture: Image.Image, kind: str, **options) -> bytes:
    """The picture as a file of the kind "WEBP" or "PNG"."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def decode(content: bytes, mode: str) -> Image.Image:
    """The picture of an encoded file, in the mode."""
    return Image.open(io.BytesIO(content)).convert(mode)


def pack_drawings(path: Path, styles: Iterable[str] = LDM_STYLES, folder: Path = DRAWINGS) -> None:
    """Packs rendered styles as `<style>/<name>.webp` with alpha. Raises ValueError for styles kept for testing."""
    check_training_styles(styles)
    options = {"quality": DRAWING_QUALITY, "method": 4}
    write_pack(
        path,
        (
            (f"{style}/{name}.webp", encode(Image.fromarray(rgba), "WEBP", **options))
            for style in styles
            for name, rgba in load_style(style, folder).items()
        ),
    )


def load_drawings(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """Style -> name -> rgba uint8 (160, 160, 4) of a pack of drawings, or of a folder of `<style>.npz`."""
    if path.is_dir():
        return {style: load_style(style, path) for style in LDM_STYLES if (path / f"{style}.npz").is_file()}
    styles: dict[str, dict[str, np.ndarray]] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            style, name = member.removesuffix(".webp").split("/")
            styles.setdefault(style, {})[name] = np.asarray(decode(archive.read(member), "RGBA"))
    check_training_styles(styles)
    return styles
