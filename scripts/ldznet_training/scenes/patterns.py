"""Building blocks of procedural textures. Arrays are float32, (320, 320) or (320, 320, 3), about 0..1."""

import colorsys

import numpy as np
from PIL import Image

SIDE = 320
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def noise(rng, rows: int, columns: int, octaves: int = 4, fade: float = 0.5) -> np.ndarray:
    """Smooth noise with rows x columns blobs and finer octaves, stretched to 0..1."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(octaves):
        grid = rng.random((min(rows << octave, SIDE) + 1, min(columns << octave, SIDE) + 1), dtype=np.float32)
        total += fade**octave * np.asarray(Image.fromarray(grid).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    low, high = total.min(), total.max()
    return (total - low) / (high - low + 1e-6)


def grain(rng, strength: float) -> np.ndarray:
    """Per-pixel noise around 0, (320, 320, 1)."""
    return strength * rng.standard_normal((SIDE, SIDE, 1), dtype=np.float32)


def hsv(rng, hue, saturation, value) -> np.ndarray:
    """A random RGB colour from (low, high) ranges of hue (in turns), saturation and value -> float32 (3,)."""
    return np.array(
        colorsys.hsv_to_rgb(rng.uniform(*hue) % 1, rng.uniform(*saturation), rng.uniform(*value)), np.float32
    )


def mix(a, b, weight: np.ndarray) -> np.ndarray:
    """Blends a (weight 0) and b (weight 1); weight (320, 320)."""
    weight = np.clip(weight, 0, 1)[..., None]
    return a * (1 - weight) + b * weight


def ramp(colours, positions) -> np.ndarray:
    """Vertical gradient through the colours at the given heights (0 top .. 1 bottom)."""
    heights = np.linspace(0, 1, SIDE)
    channels = [np.interp(heights, positions, [c[i] for c in colours]) for i in range(3)]
    return np.repeat(np.stack(channels, -1)[:, None].astype(np.float32), SIDE, axis=1)


def step(values: np.ndarray, edge: float, width: float) -> np.ndarray:
    """Smooth 0 -> 1 step over `width` around `edge`."""
    t = np.clip((values - edge) / width + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def warp(rng, reach: float, blobs: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Row and column coordinates, displaced by smooth noise of up to `reach` / 2 pixels."""
    return (
        ROWS + reach * (noise(rng, blobs, blobs, 3) - 0.5),
        COLUMNS + reach * (noise(rng, blobs, blobs, 3) - 0.5),
    )


def per_cell(rng, cells: np.ndarray, spread: float) -> np.ndarray:
    """A random brightness factor for each cell index in `cells` (int), (320, 320, 1)."""
    return (1 + spread * rng.standard_normal(int(cells.max()) + 1)).astype(np.float32)[cells][..., None]


def to_multiple(values: np.ndarray, period: float) -> np.ndarray:
    """Distance of each value to the nearest multiple of the period."""
    return np.minimum(values % period, period - values % period)
