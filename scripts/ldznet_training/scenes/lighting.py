"""Light and colour of training pictures, on the device. Pictures are float (B,3,H,W) in [0,1]."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .chance import Chance

LUMA = (0.299, 0.587, 0.114)
GRAY_SHARE = 0.08
HUE, WILD_HUE = 0.09, 0.5  # standard deviations in radians


def hue_turns(angle: Tensor) -> Tensor:
    """Matrices (B,3,3) that turn the colours of column vectors around the gray axis."""
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=angle.device) / math.sqrt(3)
    return torch.eye(3, device=angle.device) * cos + (1 - cos) / 3 + cross * sin


def colour_matrices(chance: Chance, count: int, strength: float = 1.0, wild: float = 0.0) -> tuple[Tensor, Tensor]:
    """Random hue, saturation, contrast and brightness: matrices (B,3,3) and offsets (B,1,1).

    The hue changes little, since only colour distinguishes an orange from a lemon, but much in a share `wild`.
    """
    luma = torch.tensor(LUMA, device=chance.device).expand(3, 3)
    saturation = chance.uniform(1 - 0.4 * strength, 1 + 0.35 * strength, count)[:, None, None]
    contrast = chance.uniform(1 - 0.3 * strength, 1 + 0.25 * strength, count)[:, None, None]
    brightness = chance.uniform(-0.12 * strength, 0.1 * strength, count)[:, None, None]
    turn = hue_turns(chance.normal(count) * torch.where(chance.flag(wild, count), WILD_HUE, HUE * strength))
    matrix = contrast * (saturation * turn + (1 - saturation) * luma)
    return matrix, 0.5 * (1 - contrast) + brightness


def apply_colours(x: Tensor, matrix: Tensor, offset: Tensor) -> Tensor:
    """The colours of x (B,3,H,W) times the matrices, plus the offsets."""
    return torch.baddbmm(offset, matrix, x.flatten(2)).view_as(x)


def light_gradients(chance: Chance, count: int, height: int, width: int, most: float) -> Tensor:
    """Factors (B,1,H,W) that fall linearly in a random direction, from 1 + g to 1 - g with g up to `most`."""
    angle, strength = chance.uniform(0, 2 * math.pi, count), chance.uniform(0, most, count)
    rows = torch.linspace(-0.7, 0.7, height, device=chance.device)[None, :, None]
    columns = torch.linspace(-0.7, 0.7, width, device=chance.device)[None, None]
    slope = rows * angle.sin()[:, None, None] + columns * angle.cos()[:, None, None]
    return (1 + strength[:, None, None] * slope)[:, None]


def plain_grounds(chance: Chance, count: int, height: int, width: int) -> Tensor:
    """Grounds without a name (B,3,H,W): a colour, a gradient, or noise of some coarseness between two colours."""
    one, two = chance.uniform(0, 1, count, 3, 1, 1), chance.uniform(0, 1, count, 3, 1, 1)
    kind = chance.integers(4, count)[:, None, None, None]
    gradient = (light_gradients(chance, count, height, width, 1.0) - 1) + 0.5
    noises = []
    for cells in (4, 24):
        grid = chance.uniform(0, 1, count, 1, cells, cells)
        noises.append(F.interpolate(grid, size=(height, width), mode="bicubic"))
    weight = torch.where(kind == 1, gradient, torch.where(kind == 2, noises[0], noises[1])) * (kind > 0)
    return one + weight.clamp(0, 1) * (two - one)


def finish(chance: Chance, x: Tensor) -> Tensor:
    """Light, colours, gray, tone curve, blur and noise of whole pictures; in [0,1]."""
    count, _, height, width = x.shape
    lit = light_gradients(chance, count, height, width, 0.45)
    x = x * torch.where(chance.flag(0.3, count, 1, 1, 1), lit, torch.ones_like(lit))
    x = apply_colours(x, *colour_matrices(chance, count, 0.7)).clamp(0, 1)
    gray = (x * torch.tensor(LUMA, device=x.device)[:, None, None]).sum(1, keepdim=True)
    x = torch.where(chance.flag(GRAY_SHARE, count, 1, 1, 1), gray, x)
    x = x.clamp(min=1e-4) ** (chance.normal(count, 1, 1, 1) * 0.18).exp()
    blurred = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    x = torch.where(chance.flag(0.12, count, 1, 1, 1), blurred, x)
    strength = chance.uniform(0, 0.05, count, 1, 1, 1) * chance.flag(0.25, count, 1, 1, 1)
    return (x + strength * chance.normal(count, 1, height, width)).clamp(0, 1)
