"""The objects of a scene: drawings rotated, recoloured and placed so that enough of each one stays visible."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from .drawings import DRAWINGS, check_training_styles, load_style

SMALLEST, LARGEST = 0.22, 0.62  # an object's side, as a share of the scene's shorter side
VISIBLE = 0.55  # smallest visible share of an object; below, it is placed again or dropped
TWINS_SHARE = 0.15  # of the scenes show two objects of one name
SHADOW_SHARE = 0.35  # of the objects cast a shadow


class Drawings:
    """Drawings by style and name, each in four sizes, so that scaling down never aliases."""

    SIDES = (57, 80, 113, 160)

    def __init__(self, styles: Mapping[str, Mapping[str, np.ndarray]]):
        """styles: style -> name -> rgba uint8 (160, 160, 4), straight alpha."""
        self.styles = {s: {n: self._levels(a) for n, a in named.items()} for s, named in styles.items()}

    @classmethod
    def load(cls, styles: Iterable[str], test: bool = False, folder: Path = DRAWINGS) -> "Drawings":
        """Loads rendered drawings. Raises ValueError for styles that are kept for testing, unless `test` is set."""
        if not test:
            check_training_styles(styles)
        return cls({style: load_style(style, folder) for style in styles})

    def _levels(self, rgba: np.ndarray) -> list[Image.Image]:
        picture = Image.fromarray(rgba).convert("RGBa")  # premultiplied: colours under alpha 0 cannot bleed in
        return [picture.resize((s, s), Image.Resampling.LANCZOS) for s in self.SIDES[:-1]] + [picture]

    def level(self, style: str, name: str, side: float) -> Image.Image:
        """The drawing in its smallest size that is at least `side`, or else its largest; RGBa."""
        levels = self.styles[style][name]
        return next((picture for picture in levels if picture.width >= side), levels[-1])


def colour_matrix(rng) -> tuple[np.ndarray, float]:
    """Random hue, saturation, contrast and brightness as rgb @ matrix (3, 3) + offset, in 0..1.

    The hue changes little, since only colour distinguishes an orange from a lemon.
    """
    turn = rng.normal(0, 0.09)
    third, root = (1 - np.cos(turn)) / 3, np.sin(turn) / np.sqrt(3)
    hue = np.eye(3) * np.cos(turn) + third + root * np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
    saturation = rng.uniform(0.65, 1.3)
    luma = np.array([[0.299], [0.587], [0.114]]) @ np.ones((1, 3))
    contrast, brightness = rng.uniform(0.75, 1.2), rng.uniform(-0.12, 0.1)
    matrix = contrast * hue @ (saturation * np.eye(3) + (1 - saturation) * luma)
    return matrix.astype(np.float32), 0.5 * (1 - contrast) + brightness


def make_patch(rng, drawings: Drawings, style: str, name: str, side: float) -> np.ndarray:
    """A rotated, stretched, recoloured and trimmed drawing -> float32 (h, w, 4), premultiplied, 0..1."""
    angle = np.deg2rad(rng.uniform(-180, 180) if rng.random() < 0.1 else rng.uniform(-20, 20))
    stretch = np.exp(rng.normal(0, 0.07))
    source = drawings.level(style, name, side)
    scale = source.width / side
    reach = int(np.ceil(side * max(stretch, 1 / stretch) * (abs(np.cos(angle)) + abs(np.sin(angle))))) + 2
    cos, sin, flip = np.cos(angle) * scale, np.sin(angle) * scale, rng.choice([-1, 1])
    a, b, d, e = flip * cos / stretch, flip * sin / stretch, -sin * stretch, cos * stretch
    middle, half = source.width / 2, reach / 2
    matrix = (a, b, middle - (a + b) * half, d, e, middle - (d + e) * half)
    smooth = Image.Resampling.BICUBIC if scale < 1 else Image.Resampling.BILINEAR
    turned = source.transform((reach, reach), Image.Transform.AFFINE, matrix, smooth)
    if rng.random() < 0.2:
        turned = turned.filter(ImageFilter.BoxBlur(rng.uniform(0.3, 0.8)))
    patch = np.asarray(turned, np.float32) / 255
    rows, columns = np.flatnonzero(patch[..., 3].any(1)), np.flatnonzero(patch[..., 3].any(0))
    patch = patch[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    matrix, offset = colour_matrix(rng)
    alpha = patch[..., 3:]
    patch[..., :3] = np.clip(patch[..., :3] @ matrix + offset * alpha, 0, alpha)
    return patch


class Canvas:
    """A scene under construction: pixels, labels, and for each object its area and how much of it is still visible."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray):
        self.pixels, self.labels = pixels, labels  # float32 (H, W, 3) 0..255; uint8 (H, W)
        self.owners = np.full(labels.shape, -1, np.int16)
        self.areas: list[int] = []
        self.shown: list[int] = []

    def place(self, rng, patch: np.ndarray, label: int, tries: int = 8) -> bool:
        """Pastes the patch where it and all earlier objects stay visible enough; False if no place was found."""
        height, width = self.labels.shape
        h, w = patch.shape[:2]
        solid = patch[..., 3] >= 0.5
        area = int(solid.sum())
        if area < 40:
            return False
        for attempt in range(tries):
            least = 0.9 if attempt < tries // 2 else VISIBLE  # first try to find a place with almost no overlap
            # Up to a sixth of the patch may hang over the edge; a patch that does not fit is centred.
            top = int(rng.uniform(-h / 6, max(height - h * 5 / 6, -h / 6 + 1)))
            left = int(rng.uniform(-w / 6, max(width - w * 5 / 6, -w / 6 + 1)))
            y, x = slice(max(top, 0), min(top + h, height)), slice(max(left, 0), min(left + w, width))
            inside = slice(y.start - top, y.stop - top), slice(x.start - left, x.stop - left)
            visible = solid[inside]
            count = int(visible.sum())
            if count < least * area:
                continue
            hidden = np.bincount(self.owners[y, x][visible] + 1, minlength=len(self.areas) + 1)[1:]
            if all(s - c >= least * a for s, c, a in zip(self.shown, hidden, self.areas, strict=True)):
                break
        else:
            return False
        if rng.random() < SHADOW_SHARE:
            self._shade(rng, patch[..., 3], top, left)
        patch, region = patch[inside], self.pixels[y, x]
        region *= 1 - patch[..., 3:]
        region += patch[..., :3] * 255
        self.shown = [s - int(c) for s, c in zip(self.shown, hidden, strict=True)] + [count]
        self.areas.append(area)
        self.owners[y, x][visible] = len(self.areas) - 1
        self.labels[y, x][visible] = label
        return True

    def _shade(self, rng, alpha: np.ndarray, top: int, left: int) -> None:
        """Paints a soft shadow at a small offset. Labels stay: a shadow belongs to what it falls on."""
        height, width = self.labels.shape
        blur = int(rng.integers(2, 6))
        shadow = Image.fromarray(np.pad((alpha * 255).astype(np.uint8), 2 * blur)).filter(ImageFilter.BoxBlur(blur))
        top, left = top - 2 * blur + int(rng.integers(-2, 8)), left - 2 * blur + int(rng.integers(-7, 8))
        box = (
            max(left, 0) - left,
            max(top, 0) - top,
            min(shadow.width, width - left),
            min(shadow.height, height - top),
        )
        if box[2] > box[0] and box[3] > box[1]:
            dark = np.asarray(shadow.crop(box), np.float32)[..., None] * (rng.uniform(0.25, 0.65) / 255)
            self.pixels[top + box[1] : top + box[3], left + box[0] : left + box[2]] *= 1 - dark


def pick_objects(rng, names: list[str], count: int, scale: float = 1) -> list[tuple[str, float]]:
    """(name, side as a share of the scene's shorter side) of each object, largest first; sometimes two have one name.

    `scale` multiplies the sides."""
    chosen = [str(n) for n in rng.choice(names, min(count, len(names)), replace=False)]
    if rng.random() < TWINS_SHARE:
        chosen = chosen[: max(1, count - 1)] + [chosen[0]]
    low = 0.3 if len(chosen) == 1 else SMALLEST
    high = LARGEST if len(chosen) <= 3 else 0.46 if len(chosen) <= 6 else 0.36
    sides = scale * np.exp(rng.uniform(np.log(low), np.log(high), len(chosen)))
    return sorted(zip(chosen, sides.tolist(), strict=True), key=lambda pair: -pair[1])
