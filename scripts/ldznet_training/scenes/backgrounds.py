"""Backgrounds of scenes: one to three regions of stuff, cut from the sheets of `textures`."""

import colorsys

import numpy as np
from PIL import Image

from . import textures

UPPER = ("sky", "sky", "night sky", "sunset", "sunset")
WALLS = ("brick wall", "stone wall", "wood")
GROUND = ("grass", "sand", "water", "snow", "road")
FLOOR = ("wood", "carpet", "checkered cloth", "stone wall", "carpet", "checkered cloth")
STUFF = tuple(textures.PAINTERS)

UNNAMED_SHARE = 0.10  # of the scenes have a region without a name, so that training also sees no stuff at all
_UPRIGHT = {"sky", "night sky", "sunset"}  # never mirrored vertically, never in perspective
_ANY_COLOUR = {"carpet", "checkered cloth"}


def cut(rng, name: str, height: int, width: int, flat: bool, held_out: bool = False) -> np.ndarray:
    """A crop of a random sheet of the stuff, recoloured and lit -> float32 (height, width, 3), 0..255.

    `flat`: in perspective, as if lying on the ground. `held_out`: from a sheet that is kept for testing.
    """
    variant = int(rng.integers(textures.VARIANTS)) + (textures.VARIANTS if held_out else 0)
    source = Image.fromarray(textures.sheet(name, variant))
    side = textures.SIDE
    whole = name in ("sunset", "road")  # half a road may have no marking, half a sunset no sun
    share = rng.uniform(0.8, 1.0) if whole else np.exp(rng.uniform(np.log(0.7 if name == "sky" else 0.45), 0))
    v = side * share * min(1, height / width * rng.uniform(0.8, 1.25))
    u = side * share * min(1, width / height * rng.uniform(0.8, 1.25))
    if name == "sunset":
        v = side * share
    left, top = rng.uniform(0, side - u), rng.uniform(0, side - v)
    sx, sy = u / width, v / height
    if rng.random() < 0.5:
        left, sx = left + u, -sx
    if name not in _UPRIGHT and rng.random() < 0.5:
        top, sy = top + v, -sy
    if flat:
        # Source = centre + (x - w/2) * sx / (1 + h*y): the denominator grows downwards, so the bottom is magnified.
        h = rng.uniform(0.5, 3.0) / height
        centre, end = left + sx * width / 2, 1 + h * height
        matrix = (sx, centre * h, centre - sx * width / 2, 0, top * h + sy * end, top, 0, h)
        piece = source.transform((width, height), Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BILINEAR)
    else:
        matrix = (sx, 0, left, 0, sy, top)
        piece = source.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    pixels = np.asarray(piece, np.float32)
    if name in _ANY_COLOUR:
        pixels = pixels[..., rng.permutation(3)]
    gain = rng.uniform(0.75, 1.15) * rng.uniform(0.94, 1.06, 3)
    across, down = rng.uniform(-0.22, 0.22, 2)
    light = 1 + np.linspace(-across, across, width)[None, :, None] + np.linspace(-down, down, height)[:, None, None]
    return pixels * (light * gain).astype(np.float32)


def backdrop(rng, height: int, width: int) -> np.ndarray:
    """A region without a name: flat colour, gradient or noise -> float32 (height, width, 3), 0..255."""
    one, two = (np.array(colorsys.hsv_to_rgb(*rng.random(3)), np.float32) * 255 for _ in range(2))
    kind = rng.integers(3)
    if kind == 0:
        return np.broadcast_to(one, (height, width, 3)).copy()
    if kind == 1:
        angle = rng.uniform(0, 2 * np.pi)
        rows, columns = np.linspace(-0.5, 0.5, height)[:, None], np.linspace(-0.5, 0.5, width)
        weight = 0.5 + rows * np.sin(angle) * 0.7 + columns * np.cos(angle) * 0.7
    else:
        cells = int(rng.choice([3, 6, 12, 48]))
        grid = Image.fromarray(rng.random((cells, cells), dtype=np.float32))
        weight = np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC))
    weight = weight[..., None].astype(np.float32)
    return np.clip(one * (1 - weight) + two * weight, 0, 255)


def horizon(rng, at: float, height: int, width: int) -> np.ndarray:
    """Share of each pixel below a tilted, wavy line at the height `at` (0..1): float32 (height, width)."""
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)
    tilt = rng.normal(0, 0.06) if rng.random() < 0.6 else 0.0
    wave = rng.uniform(0, 0.02) * np.sin(x * rng.uniform(4, 40) + rng.uniform(0, 6)) if rng.random() < 0.6 else 0.0
    hills = rng.uniform(0, 0.06) * np.sin(x * rng.uniform(2, 9) + rng.uniform(0, 6)) if rng.random() < 0.4 else 0.0
    line = height * (at + tilt * x + wave + hills)
    return np.clip(np.arange(height, dtype=np.float32)[:, None] + 1 - line, 0, 1)


def diagonal(rng, height: int, width: int) -> np.ndarray:
    """Share of each pixel on one side of a line near the centre: float32 (height, width)."""
    angle = rng.uniform(0, 2 * np.pi)
    rows = np.arange(height, dtype=np.float32)[:, None] - height * rng.uniform(0.35, 0.65)
    columns = np.arange(width, dtype=np.float32) - width * rng.uniform(0.35, 0.65)
    return np.clip(rows * np.sin(angle) + columns * np.cos(angle) + 0.5, 0, 1).astype(np.float32)


def pick_layout(rng) -> tuple[str, list[str]]:
    """The kind of layout and the stuff of its regions from top to bottom, all different."""
    kind = str(rng.choice(["single", "horizon", "room", "bands", "diagonal"], p=[0.3, 0.35, 0.15, 0.1, 0.1]))
    if kind == "single":
        return kind, [str(rng.choice(STUFF))]
    if kind == "horizon":
        return kind, [str(rng.choice(UPPER)), str(rng.choice(GROUND if rng.random() < 0.75 else FLOOR))]
    if kind == "room":
        wall = str(rng.choice(WALLS))
        return kind, [wall, str(rng.choice([n for n in (*FLOOR, *GROUND) if n != wall]))]
    if kind == "bands":
        middle = str(rng.choice(("water", "grass", "brick wall", "stone wall", "sand", "snow")))
        return kind, [str(rng.choice(UPPER)), middle, str(rng.choice([n for n in (*GROUND, *FLOOR) if n != middle]))]
    return kind, [str(n) for n in rng.choice(STUFF, 2, replace=False)]


def make_background(
    rng, height: int, width: int, held_out: bool = False, unnamed_share: float = UNNAMED_SHARE
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Returns (pixels float32 (H, W, 3) 0..255, labels uint8 (H, W), names): label k is names[k-1], 0 has no name.

    `unnamed_share`: probability that one of the regions has no name."""
    kind, names = pick_layout(rng)
    unnamed = int(rng.integers(len(names))) if rng.random() < unnamed_share else -1
    heights = [rng.uniform(0.28, 0.75)]
    if kind == "bands":
        upper = rng.uniform(0.2, 0.5)
        heights = [upper, rng.uniform(upper + 0.22, 0.82)]
    pixels, labels, named = None, np.zeros((height, width), np.uint8), []
    for index, name in enumerate(names):
        first, cover = 0, None
        if index:
            at = heights[index - 1] if kind != "diagonal" else None
            cover = diagonal(rng, height, width) if at is None else horizon(rng, at, height, width)
            first = int(np.argmax(cover.any(1)))  # the rows above contain nothing of this region
            cover = cover[first:]
        lying = name not in _UPRIGHT and rng.random() < (0.65 if index and kind != "diagonal" else 0.2)
        if index == unnamed:
            piece = backdrop(rng, height - first, width)
            value = 0
        else:
            piece = cut(rng, name, height - first, width, lying, held_out)
            named.append(name)
            value = len(named)
        if cover is None:
            pixels = piece
            labels[:] = value
        else:
            pixels[first:] += cover[..., None] * (piece - pixels[first:])
            labels[first:][cover >= 0.5] = value
    return pixels, labels, named
