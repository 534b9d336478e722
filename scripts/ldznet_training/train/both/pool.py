"""A stock of composed pictures as latents, which several steps draw from.

Composing a picture and encoding it takes longer than a training step of the small networks. So each step adds a few new
pictures, which replace the oldest, and draws its batch from all that are there.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ...scenes.chance import Chance
from ...scenes.compositor import Mix
from ...vae import VAEEncoder, posterior_mean
from ..process_group import autocast, rank
from .plan import SHAPES
from .world import World

FRESH = 0.25  # of a batch are new pictures, so each is drawn four times on average
KEPT_CUDA, KEPT_CPU = 12_000, 600  # pictures of each shape


class Latents:
    """z of pictures from the frozen VAE, scaled to unit variance."""

    def __init__(self, encoder: VAEEncoder, world: World, scale: float | None = None):
        """`scale`: of the latents (default: measured)."""
        self.encoder, self.scale = encoder, 1.0
        if scale is None:
            pictures = [
                world.compositor.batch(16, Chance([41, k], world.device), 192, 192, world.mix) for k in range(4)
            ]
            scale = float(1 / torch.stack([self(p.images) for p in pictures]).std())
        self.scale = scale

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        with autocast():
            moments = self.encoder(images.contiguous(memory_format=torch.channels_last))
        return (posterior_mean(moments.float()) * self.scale).contiguous(memory_format=torch.channels_last)


@dataclass
class Batch:
    """z (B,C,h,w); images (B,3,8h,8w), None if the pool does not keep them; labels int64 (B,8h,8w), known and present
    bool (B,N) as in Pictures."""

    z: Tensor
    images: Tensor | None
    labels: Tensor
    known: Tensor
    present: Tensor


class _Shelf:
    """The pictures of one shape: the oldest is replaced first."""

    def __init__(self, kept: int):
        self.kept, self.added = kept, 0
        self.tensors: dict[str, Tensor] = {}

    def __len__(self) -> int:
        return min(self.added, self.kept)

    def add(self, **parts: Tensor) -> None:
        """Adds pictures; all parts have the same number."""
        for name, part in parts.items():
            if name not in self.tensors:
                self.tensors[name] = torch.empty(self.kept, *part.shape[1:], dtype=part.dtype, device=part.device)
            rows = (torch.arange(len(part), device=part.device) + self.added) % self.kept
            self.tensors[name][rows] = part
        self.added += len(part)


class Pool:
    """Pictures of all SHAPES, which take turns."""

    def __init__(
        self,
        world: World,
        latents: Latents,
        masked: bool,
        kept: int = 0,
        mix: Mix | None = None,
        pixels: bool = False,
    ):
        """masked: only drawings whose masks may be trained on; kept: pictures of each shape (default: by device); mix:
        kinds of pictures (default: the world's); pixels: whether the pictures themselves are kept, too."""
        self.world, self.latents, self.masked, self.pixels = world, latents, masked, pixels
        self.mix = mix or world.mix
        kept = kept or (KEPT_CUDA if world.device.type == "cuda" else KEPT_CPU)
        self.shelves = {shape: _Shelf(kept) for shape in SHAPES}

    def _add(self, shelf: _Shelf, chance: Chance, shape: tuple[int, int], count: int) -> None:
        """Composes pictures."""
        pictures = self.world.compositor.batch(count, chance, *shape, self.mix, self.masked)
        kept = {"images": ((pictures.images + 1) * 127.5).round().byte()} if self.pixels else {}
        shelf.add(
            **kept,
            z=self.latents(pictures.images).half(),
            labels=pictures.labels.short(),
            known=pictures.known,
            present=pictures.present(),
        )

    def batch(self, seed: int, step: int, size: int) -> tuple[Batch, Chance]:
        """The pictures of a step, and the source of its other random numbers."""
        chance, shape = Chance([seed, step, rank()], self.world.device), SHAPES[step % len(SHAPES)]
        shelf = self.shelves[shape]
        new = max(1, round(size * FRESH))
        for _ in range(max(1, -(-(size - len(shelf)) // new))):  # several times at first
            self._add(shelf, chance, shape, new)
        rows = chance.integers(len(shelf), size)
        drawn = {name: tensor[rows] for name, tensor in shelf.tensors.items()}
        z = drawn["z"].float().contiguous(memory_format=torch.channels_last)
        images = None
        if self.pixels:
            images = drawn["images"].float().contiguous(memory_format=torch.channels_last) / 127.5 - 1
        return Batch(z, images, drawn["labels"].long(), drawn["known"], drawn["present"]), chance
