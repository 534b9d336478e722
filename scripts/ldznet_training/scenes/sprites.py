"""What is pasted into training pictures: drawings and things cut out of photographs, on the device in several sizes."""

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .chance import Chance
from .drawings import HEAD_STYLES
from .photographs import Photographs
from .vocabulary import vocabulary_of_both

SIDES = (160, 80, 40, 20)  # of the stored sizes; the smallest also is a soft shadow
CUT_OUT_SOURCES = ("objects", "horses")  # photographs of one thing each
BEST_MASK = 0.6  # least mask_score of a photograph that is cut out
CUT_OUT_SHARE = 0.4  # of the pasted things, of names that have both kinds
SMALLEST_CUT_OUT = 24  # pixels of the squeezed photograph, both sides


def cut_out(image: np.ndarray, mask: np.ndarray, aspect: float, device: torch.device | str = "cpu") -> Tensor | None:
    """The masked part of a squeezed photograph, uint8 (3,R,R) and bool (R,R), centred in a square: uint8 (4,160,160)
    with straight alpha, on the device. None if it is too small."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) < SMALLEST_CUT_OUT or len(columns) < SMALLEST_CUT_OUT or mask.mean() < 0.02:
        return None
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    piece = torch.from_numpy(np.concatenate([image, mask[None] * np.uint8(255)])[(slice(None), *box)].copy()).to(device)
    height, width = len(rows), len(columns) * aspect
    scale = (SIDES[0] - 4) / max(height, width)
    size = [max(2, round(height * scale)), max(2, round(width * scale))]
    piece = F.interpolate(piece[None].float(), size=size, mode="bilinear", antialias=True)[0]
    square = torch.zeros(4, SIDES[0], SIDES[0], device=device)
    top, left = (SIDES[0] - size[0]) // 2, (SIDES[0] - size[1]) // 2
    square[:, top : top + size[0], left : left + size[1]] = piece
    square[3] = F.avg_pool2d(square[3:], 3, 1, 1)[0]  # soft edges, as a drawing's
    return square.round().byte()


class Sprites:
    """Things with alpha, by name. `names`, `drawn` and `masked` describe every sprite."""

    def __init__(self, rgba: Tensor, names: Tensor, drawn: Tensor, masked: Tensor):
        """rgba uint8 (N,4,160,160) with straight alpha; names int64 (N): indices in the vocabulary of both worlds.

        drawn, masked bool (N): whether a sprite is a drawing, and whether its mask may be trained on.
        """
        self.names, self.drawn, self.masked = names, drawn, masked
        self.levels = [self._reduced(rgba, SIDES[0] // side) for side in SIDES]

    @staticmethod
    def _reduced(rgba: Tensor, factor: int) -> Tensor:
        """Premultiplied and reduced by a factor, uint8."""
        parts = []
        for part in rgba.split(256):
            x = part.float()
            x = torch.cat([x[:, :3] * x[:, 3:] / 255, x[:, 3:]], dim=1)
            parts.append(F.avg_pool2d(x, factor).round().byte() if factor > 1 else x.round().byte())
        return torch.cat(parts)

    def __len__(self) -> int:
        return len(self.names)

    def weights(self, masked: bool, cut_outs: bool = True) -> Tensor:
        """Probabilities (N), not normalised: equal for all names, and within a name shared by its worlds.

        `masked`: only sprites whose masks may be trained on; `cut_outs`: also things cut out of photographs."""
        usable = self.masked if masked else torch.ones_like(self.masked)
        if not cut_outs:
            usable = usable & self.drawn
        group = self.names * 2 + self.drawn.long()
        size = torch.bincount(group[usable], minlength=2 * len(vocabulary_of_both()))
        other = size[group ^ 1] > 0
        share = torch.where(self.drawn, 1 - CUT_OUT_SHARE, CUT_OUT_SHARE)
        share = torch.where(other, share, torch.ones_like(share))
        return torch.where(usable, share / size[group].clamp(min=1), torch.zeros_like(share))

    def draw(self, chosen: Tensor, theta: Tensor, sides: Tensor, height: int, width: int) -> Tensor:
        """Sprites placed on an empty canvas: premultiplied float (B,4,H,W) in [0,1].

        theta (B,2,3): canvas to sprite, in the coordinates of affine_grid; sides (B): size on the canvas in pixels,
        which selects the stored size."""
        out = torch.zeros(len(chosen), 4, height, width, device=chosen.device)
        level = torch.bucketize(sides, torch.tensor(sorted(SIDES)[:-1], device=sides.device))
        for index, pixels in enumerate(reversed(self.levels)):
            rows = (level == index).nonzero()[:, 0]
            if len(rows):
                grid = F.affine_grid(theta[rows], [len(rows), 4, height, width], align_corners=False)
                out[rows] = F.grid_sample(pixels[chosen[rows]].float() / 255, grid, align_corners=False)
        return out

    def shadow(self, chosen: Tensor, theta: Tensor, height: int, width: int) -> Tensor:
        """Soft silhouettes (B,1,H,W), from the smallest stored size."""
        grid = F.affine_grid(theta, [len(chosen), 1, height, width], align_corners=False)
        return F.grid_sample(self.levels[-1][chosen, 3:].float() / 255, grid, align_corners=False)


def placements(chance: Chance, sides: Tensor, upright: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Random positions, turns, mirrorings and stretches for sprites of these sides (B) in pixels: theta (B,2,3).

    The second theta is moved a little, for the shadow. `upright` (B): turned by at most 20 degrees.
    """
    count = len(sides)
    small = chance.uniform(-0.35, 0.35, count)
    angle = torch.where(upright, small, chance.uniform(-torch.pi, torch.pi, count))
    stretch = (chance.normal(count) * 0.1).exp()
    flip = chance.sign(count)
    x = chance.uniform(-0.46, 0.46, count) * width
    y = chance.uniform(-0.46, 0.46, count) * height
    cos, sin = angle.cos(), angle.sin()
    across, down = 2 * flip / (stretch * sides), 2 * stretch / sides

    def matrix(x: Tensor, y: Tensor) -> Tensor:
        first = torch.stack([cos * width / 2, sin * height / 2, -(cos * x + sin * y)], 1) * across[:, None]
        second = torch.stack([-sin * width / 2, cos * height / 2, sin * x - cos * y], 1) * down[:, None]
        return torch.stack([first, second], 1)

    moved = matrix(x + chance.uniform(-0.12, 0.12, count) * sides, y + chance.uniform(-0.02, 0.12, count) * sides)
    return matrix(x, y), moved


def load_sprites(
    drawings: Mapping[str, Mapping[str, np.ndarray]],
    photographs: Photographs | None,
    device: torch.device | str = "cpu",
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The arguments of Sprites for drawings (style -> name -> rgba) and what can be cut out of photographs."""
    position = {name: i for i, name in enumerate(vocabulary_of_both())}
    found: list[tuple[Tensor, int, bool, bool]] = []
    for style, named in drawings.items():
        masked = style in HEAD_STYLES
        for name, rgba in named.items():
            found.append((torch.from_numpy(rgba.transpose(2, 0, 1).copy()).to(device), position[name], True, masked))
    if photographs is not None:
        for row, record in enumerate(photographs.index.records):
            if record["source"] not in CUT_OUT_SOURCES or record.get("mask_score", 1) < BEST_MASK:
                continue
            for name in photographs.index.names[row]:
                mask = photographs.index.targets[photographs.labels[row]] == position[name] + 1
                piece = cut_out(photographs.images[row], mask, float(photographs.aspects[row]), device)
                if piece is not None:
                    found.append((piece, position[name], False, True))
    rgba = torch.stack([f[0] for f in found])
    names, drawn, masked = (torch.tensor([f[k] for f in found], device=device) for k in (1, 2, 3))
    return rgba, names, drawn, masked
