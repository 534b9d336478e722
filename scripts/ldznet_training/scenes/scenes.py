"""A scene: emoji drawings on a procedural background, with exact masks.

Everything random comes from a numpy Generator, so a seed and an index identify a scene.
"""

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from .backgrounds import UNNAMED_SHARE, make_background
from .placement import Canvas, Drawings, make_patch, pick_objects

GRAY_SHARE = 0.08  # of the scenes are gray


@dataclass(frozen=True)
class Arrangement:
    """What the scenes of a cache have in common."""

    objects: tuple[int, int] = (1, 6)  # least and largest number per scene
    scale: float = 1.0  # of the objects
    unnamed: float = UNNAMED_SHARE  # share of backgrounds with a region that has no name


ORDINARY = Arrangement()


@dataclass
class Scene:
    """image uint8 (H, W, 3); labels uint8 (H, W): 0 has no name, k is entities[k-1] = (name, "thing" | "stuff")."""

    image: np.ndarray
    labels: np.ndarray
    entities: list[tuple[str, str]]
    style: str


@lru_cache(maxsize=1)
def noise_sheet() -> np.ndarray:
    """Gaussian noise, float32 (1024, 1024, 3). Made once: new noise would take longer than the rest of a scene."""
    return np.random.default_rng(0).standard_normal((1024, 1024, 3), dtype=np.float32)


def augment_image(rng, pixels: np.ndarray) -> np.ndarray:
    """Noise, tone curve, gray, blur and JPEG artefacts: float32 (H, W, 3) 0..255 -> uint8 (H, W, 3)."""
    height, width = pixels.shape[:2]
    if rng.random() < 0.2 and max(height, width) <= 1024:
        y, x = (int(rng.integers(0, 1024 - n + 1)) for n in (height, width))
        pixels += noise_sheet()[y : y + height, x : x + width] * rng.uniform(2, 14)
    image = np.clip(pixels, 0, 255).astype(np.uint8)
    tones = np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.18))
    tones = (tones - 0.5) * rng.uniform(0.8, 1.2) + 0.5 + rng.normal(0, 0.04)
    image = np.clip(tones * 255 + 0.5, 0, 255).astype(np.uint8)[image]
    picture = Image.fromarray(image)
    if rng.random() < GRAY_SHARE:
        picture = picture.convert("L").convert("RGB")
    if rng.random() < 0.12:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1)))
    if rng.random() < 0.15:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(35, 92)))
        picture = Image.open(file).convert("RGB")
    return np.asarray(picture)


def make_scene(
    rng, drawings: Drawings, size=192, height=None, width=None, arrangement=ORDINARY, augment=True, held_out=False
) -> Scene:
    """A scene of `size` x `size` (or height x width) pixels with drawings of one style.

    `held_out`: its background comes from the sheets that are kept for testing.
    """
    height, width = height or size, width or size
    style = str(rng.choice(sorted(drawings.styles)))
    pixels, labels, stuff = make_background(rng, height, width, held_out, arrangement.unnamed)
    entities = [(name, "stuff") for name in stuff]
    canvas = Canvas(pixels, labels)
    fewest, most = arrangement.objects
    count = int(rng.integers(fewest, most + 1))
    for name, share in pick_objects(rng, sorted(drawings.styles[style]), count, arrangement.scale):
        entity = (name, "thing")
        label = entities.index(entity) + 1 if entity in entities else len(entities) + 1
        patch = make_patch(rng, drawings, style, name, share * min(height, width))
        if canvas.place(rng, patch, label) and label > len(entities):
            entities.append(entity)
    labels, entities = drop_hidden(labels, entities)
    image = augment_image(rng, canvas.pixels) if augment else np.clip(canvas.pixels, 0, 255).astype(np.uint8)
    return Scene(image, labels, entities, style)


def drop_hidden(labels: np.ndarray, entities: list[tuple[str, str]]) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Removes entities without a pixel (objects may cover all of a small region) and renumbers the labels."""
    counts = np.bincount(labels.ravel(), minlength=len(entities) + 1)[1:]
    kept = [k for k, count in enumerate(counts) if count]
    if len(kept) == len(entities):
        return labels, entities
    renumber = np.zeros(len(entities) + 1, np.uint8)
    renumber[[k + 1 for k in kept]] = np.arange(1, len(kept) + 1)
    return renumber[labels], [entities[k] for k in kept]
