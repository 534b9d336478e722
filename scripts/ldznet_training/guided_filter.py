"""The filter of `--refine` in NumPy, to measure it on probabilities of any origin and to test the program's."""

import numpy as np
from scipy.ndimage import uniform_filter

REACH, BLOCKS, SMALLEST_BLOCK, EPSILON = 3, 3, 2, 1e-4  # the constants of src/mask/refine.cpp


def means_of_blocks(values: np.ndarray, side: int) -> np.ndarray:
    """Means of blocks of `side` x `side` pixels, (H,W,...) -> (ceil(H/side), ceil(W/side), ...)."""
    for axis in (0, 1):
        starts = np.arange(0, values.shape[axis], side)
        counts = np.diff([*starts, values.shape[axis]])
        sums = np.add.reduceat(values.astype(np.float64), starts, axis)
        values = sums / counts.reshape([-1 if a == axis else 1 for a in range(values.ndim)])
    return values


def enlarged(values: np.ndarray, side: int, height: int, width: int) -> np.ndarray:
    """The bilinear inverse of `means_of_blocks`."""
    for axis, size in ((0, height), (1, width)):
        place = np.clip((np.arange(size) + 0.5) / side - 0.5, 0, values.shape[axis] - 1)
        low = np.minimum(place.astype(int), max(values.shape[axis] - 2, 0))
        high = np.minimum(low + 1, values.shape[axis] - 1)
        share = (place - low).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
        values = np.take(values, low, axis) * (1 - share) + np.take(values, high, axis) * share
    return values


def guided_filter(probability: np.ndarray, rgb: np.ndarray, side: int, radius: int, epsilon: float) -> np.ndarray:
    """The probability (H,W) as a linear function of the colour (H,W,3; 0 to 255) in windows of (2 radius + 1)^2 blocks
    of side x side pixels (He and Sun, Fast Guided Filter, 2015). `epsilon`: variance of the colour, on a scale from 0
    to 1, below which a window counts as flat."""
    colour = rgb / 255
    low_colour, low = means_of_blocks(colour, side), means_of_blocks(probability, side)

    def box(values):
        return uniform_filter(values, [2 * radius + 1] * 2 + [0] * (values.ndim - 2), mode="mirror")

    mean = box(low_colour)
    products = box(low_colour[..., :, None] * low_colour[..., None, :])
    variance = products - mean[..., :, None] * mean[..., None, :] + epsilon * np.eye(3)
    mean_p = box(low)
    covariance = box(low_colour * low[..., None]) - mean * mean_p[..., None]
    slope = np.linalg.solve(variance, covariance[..., None])[..., 0]
    offset = mean_p - (slope * mean).sum(-1)
    factors = enlarged(box(np.concatenate([slope, offset[..., None]], -1)), side, *probability.shape)
    return np.clip((factors[..., :3] * colour).sum(-1) + factors[..., 3], 0, 1)


def window_of(reduction: float) -> tuple[int, int, float]:
    """Side of a block, radius and epsilon that the program uses for a picture that became `reduction` times smaller
    along a side."""
    reach = REACH * max(reduction, 1)
    side = max(SMALLEST_BLOCK, int(reach / BLOCKS))
    return side, int(reach / side + 0.5), EPSILON
