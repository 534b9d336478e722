"""Data sets of the layout that `ldznet eval` reads: `manifest.jsonl` with a line per picture and phrase."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from ldznet.results import decode_rle

from ..errors import UserError

MANIFEST = "manifest.jsonl"


class DatasetError(UserError):
    """A data set that cannot be used."""

    code = 65


@dataclass
class Picture:
    """A picture of the data set and the masks of its phrases, as the manifest gives them; None: absent."""

    path: Path
    masks: Dict[str, Any] = field(default_factory=dict)

    def load(self) -> Image.Image:
        """The upright picture in RGB."""
        try:
            with Image.open(self.path) as image:
                return ImageOps.exif_transpose(image).convert("RGB")
        except OSError as error:
            raise DatasetError(f"{self.path}: cannot be read ({error})") from error

    def mask(self, phrase: str, size: Tuple[int, int]) -> np.ndarray:
        """The mask of a phrase, resized to `size` (width, height): bool (height, width)."""
        try:
            mask = _decode(self.masks[phrase], self.path)
        except OSError as error:
            raise DatasetError(f"{self.path}: the mask of {phrase!r} cannot be read ({error})") from error
        return np.asarray(mask.resize(size, Image.Resampling.BOX)) >= 128


def read_pictures(folder: Path) -> List[Picture]:
    """The pictures of a data set in the order of their first lines. Raises DatasetError."""
    path = folder / MANIFEST
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; a data set has a line per picture and phrase there")
    pictures: Dict[Path, Picture] = {}
    for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            image, phrase, mask = folder / line["image"], line["phrase"], line["mask"]
        except (ValueError, TypeError, KeyError) as error:
            raise DatasetError(f"{path} line {number}: needs image, phrase and mask ({error!r})") from error
        if not isinstance(phrase, str) or not phrase.strip():
            raise DatasetError(f"{path} line {number}: the phrase must be a text that is not empty")
        if not _is_mask(mask):
            raise DatasetError(
                f"{path} line {number}: the mask must be a file name, run lengths with size [height, width] and "
                "counts, polygons [[x, y, x, y, x, y, ...], ...] or null"
            )
        if isinstance(mask, str) and mask:
            mask = folder / mask
        for file in (image, mask):
            if isinstance(file, Path) and not file.is_file():
                raise DatasetError(f"{path} line {number}: {file} does not exist")
        masks = pictures.setdefault(image, Picture(image)).masks
        if phrase in masks:
            raise DatasetError(
                f"{path} line {number}: {line['image']} has a line for {phrase!r} already; join the masks"
            )
        masks[phrase] = mask or None
    return list(pictures.values())


def split(pictures: List[Picture], share: float) -> Tuple[List[Picture], List[Picture]]:
    """Pictures for training and for validation; the latter are the `share` with the lowest hashes of their names."""
    ordered = sorted(pictures, key=lambda picture: hashlib.sha256(picture.path.name.encode()).digest())
    count = max(1, round(share * len(ordered)))
    if count >= len(ordered):
        raise DatasetError(f"{len(ordered)} pictures are too few to train on and to validate with")
    return ordered[count:], ordered[:count]


def save_manifest(pictures: List[Picture], folder: Path) -> None:
    """Writes a data set of these pictures, which stay where they are."""
    lines = [
        {
            "image": str(picture.path.resolve()),
            "phrase": phrase,
            "mask": str(mask.resolve()) if isinstance(mask, Path) else mask,
        }
        for picture in pictures
        for phrase, mask in picture.masks.items()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def _is_mask(value: Any) -> bool:
    """Whether a member `mask` has one of the types that `ldznet eval` reads."""
    if isinstance(value, dict):
        size, counts = value.get("size"), value.get("counts")
        return _are_numbers(size, int) and len(size) == 2 and (isinstance(counts, str) or _are_numbers(counts, int))
    if isinstance(value, list):
        return all(
            _are_numbers(polygon, (int, float)) and len(polygon) >= 6 and len(polygon) % 2 == 0 for polygon in value
        )
    return value is None or isinstance(value, str)


def _are_numbers(values: Any, types: Any) -> bool:
    """Whether it is a list of such numbers; true and false are none."""
    return isinstance(values, list) and all(isinstance(v, types) and not isinstance(v, bool) for v in values)


def _decode(mask: Any, picture: Path) -> Image.Image:
    """A mask of the manifest as an 8-bit picture, 0 or 255."""
    if isinstance(mask, Path):
        return Image.fromarray(_inside(mask).astype(np.uint8) * 255)
    if isinstance(mask, dict):
        try:
            return Image.fromarray(decode_rle(mask).astype(np.uint8) * 255)
        except ValueError as error:
            height, width = mask["size"]
            message = f"{picture}: the run lengths of a mask do not fill {width} x {height} pixels"
            raise DatasetError(message) from error
    with Image.open(picture) as image:
        drawn = Image.new("L", ImageOps.exif_transpose(image).size)
    for polygon in mask or []:
        ImageDraw.Draw(drawn).polygon(polygon, fill=255)
    return drawn


def _inside(file: Path) -> np.ndarray:
    """A mask picture by the main rules of docs/results.md: colours but black are inside, gray is a probability."""
    with Image.open(file) as image:
        pixels = np.asarray(image if image.mode in ("1", "L", "I", "I;16") else image.convert("RGB")).astype(np.int64)
    if pixels.ndim == 3:
        if (pixels != pixels[..., :1]).any():
            return pixels.any(axis=2)
        pixels = pixels[..., 0]
    white = next(white for white in (1, 255, 65535) if pixels.max() <= white)
    return 2 * pixels >= white
