"""Training pictures of both worlds, composed in batches on the device.

Four kinds, by their ground: whole photographs; photographs with things pasted in; painted stuff; and grounds without a
name. A picture is labelled with the names of the vocabulary of both worlds, as far as they are known for its ground.
"""

import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .backgrounds import make_background
from .chance import Chance
from .elsewhere import names_elsewhere
from .lighting import apply_colours, colour_matrices, finish, light_gradients, plain_grounds
from .photographs import Photographs
from .sprites import Sprites, placements
from .vocabulary import vocabulary_of_both

PHOTOGRAPH, PASTED, PAINTED, PLAIN = range(4)  # kinds of pictures
KINDS = ("photograph", "pasted", "painted", "plain")
MOST = 6  # things pasted into a picture
WILD = 0.2  # share of pasted things whose hue changes much
SLIVER = 0.25  # a thing of which less is visible is ignored, as nobody could name it
# A source is drawn with this power of its number of photographs, then one of its names with another of the number that
# show it, then a photograph of the name.
SOURCE_POWER, FREQUENCY_POWER = 0.6, 0.35


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of pictures in a batch."""

    photograph: float = 0.45
    pasted: float = 0.12
    painted: float = 0.33
    plain: float = 0.10

    @property
    def shares(self) -> tuple[float, ...]:
        """In the order of KINDS."""
        return (self.photograph, self.pasted, self.painted, self.plain)


DRAWN = Mix(0, 0, 0.8, 0.2)
PHOTOGRAPHED = Mix(1, 0, 0, 0)


@dataclass
class Pictures:
    """images (B,3,H,W) in [-1,1]; labels int64 (B,H,W): 1 + index in the vocabulary, 0 none of the known names, -1
    ignore; known bool (B,N): the names whose absence the labels state; kinds int64 (B)."""

    images: Tensor
    labels: Tensor
    known: Tensor
    kinds: Tensor

    def areas(self) -> Tensor:
        """How many pixels each name covers, float (B,N)."""
        return occurrences(self.labels + 1, self.known.shape[1] + 2)[:, 2:]

    def present(self) -> Tensor:
        """The names that a picture shows, bool (B,N)."""
        return self.areas() > 0


def occurrences(values: Tensor, size: int) -> Tensor:
    """How often each of the integers 0..size-1 is in values (B,H,W): float (B,size)."""
    flat = values.flatten(1)
    counts = torch.zeros(len(flat), size, device=flat.device)
    return counts.scatter_add_(1, flat, torch.ones((), device=flat.device).expand_as(flat))


def targets_of(names: Iterable[str]) -> np.ndarray:
    """The targets of a scene's own labels, int16: 0 for none, then those of its names in their order."""
    position = {name: i + 1 for i, name in enumerate(vocabulary_of_both())}
    return np.array([0, *(position[name] for name in names)], np.int16)


def _paint(task: tuple[int, int, int, bool]) -> tuple[np.ndarray, np.ndarray]:
    """A background of stuff and its labels, for a worker process."""
    seed, index, side, held_out = task
    pixels, labels, names = make_background(np.random.default_rng([seed, index]), side, side, held_out)
    return np.clip(pixels, 0, 255).astype(np.uint8).transpose(2, 0, 1), targets_of(names)[labels]


def paint_grounds(count: int, side: int, seed: int, workers: int = 1, held_out: bool = False) -> tuple[Tensor, Tensor]:
    """Backgrounds of stuff, uint8 (G,3,S,S), and their labels, int16 (G,S,S)."""
    tasks = [(seed, index, side, held_out) for index in range(count)]
    if workers > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            done = pool.map(_paint, tasks, chunksize=max(1, count // (4 * workers)))
    else:
        done = [_paint(task) for task in tasks]
    return torch.from_numpy(np.stack([d[0] for d in done])), torch.from_numpy(np.stack([d[1] for d in done]))


class Compositor:
    """Composes batches from sprites, painted grounds and, if there are any, photographs."""

    def __init__(
        self,
        sprites: Sprites,
        grounds: tuple[Tensor, Tensor],
        photographs: Photographs | None = None,
        device: torch.device | str = "cpu",
        elsewhere: bool = False,
        cut_outs: bool = True,
    ):
        """grounds: from `paint_grounds`; elsewhere: whether `names_elsewhere` count as known to be absent; cut_outs:
        whether things cut out of photographs are pasted, too."""
        self.device, self.sprites = torch.device(device), sprites
        self.grounds, self.ground_labels = (part.to(device) for part in grounds)
        self.size = len(vocabulary_of_both())
        self.photographs = photographs
        self.sources: list[str] = []
        self.elsewhere = elsewhere
        if photographs is not None:
            self._index_photographs(photographs)
        self._sprite_weights = {masked: self._allowed_weights(masked, cut_outs) for masked in (False, True)}

    def _index_photographs(self, photographs: Photographs) -> None:
        """Moves the photographs to the device, and orders them by source and name for drawing."""
        index, position = photographs.index, {name: i for i, name in enumerate(vocabulary_of_both())}
        self.images, self.labels, self.aspects = (
            torch.from_numpy(part).to(self.device)
            for part in (photographs.images, photographs.labels, photographs.aspects)
        )
        self.targets = torch.from_numpy(index.targets).to(self.device)
        self.sources = sorted(index.known)
        known = torch.zeros(len(self.sources), self.size, dtype=torch.bool)
        for row, source in enumerate(self.sources):
            absent = names_elsewhere(source) if self.elsewhere else ()
            known[row, [position[name] for name in (*index.known[source], *absent)]] = True
        self.known = known.to(self.device)
        rows = {source: i for i, source in enumerate(self.sources)}
        sources = [rows[r["source"]] for r in index.records]
        self.source_of = torch.tensor(sources, device=self.device)
        pairs = sorted((sources[k], position[n], k) for k, names in enumerate(index.names) for n in names)
        self.order = torch.tensor([row for *_, row in pairs], device=self.device)
        kinds = torch.tensor([source * self.size + name for source, name, _ in pairs], device="cpu")
        counts = torch.bincount(kinds, minlength=len(self.sources) * self.size)
        weights = torch.where(counts > 0, counts.float() ** FREQUENCY_POWER, 0.0).view(len(self.sources), -1)
        shares = (
            torch.bincount(torch.tensor(sources, device="cpu"), minlength=len(self.sources)).float() ** SOURCE_POWER
        )
        self.weights = (weights * (shares / weights.sum(1).clamp(min=1e-9))[:, None]).flatten().to(self.device)
        self.counts, self.starts = counts.to(self.device), (counts.cumsum(0) - counts).to(self.device)

    def _allowed_weights(self, masked: bool, cut_outs: bool) -> Tensor:
        """Weights (sources + 1, N) of sprites per source of the ground, last for grounds that are not photographs.

        A name that photographs show, but of which this source says nothing, is not pasted: it may be there already.
        """
        weights = self.sprites.weights(masked, cut_outs)
        if not self.sources:
            return weights[None]
        allowed = self.known | ~self.known.any(0)
        return torch.cat([weights * allowed[:, self.sprites.names], weights[None]])

    def batch(
        self, count: int, chance: Chance, height: int, width: int, mix: Mix = DRAWN, masked: bool = False
    ) -> Pictures:
        """`count` pictures. `masked`: only with drawings whose masks may be trained on."""
        kinds = chance.choice(torch.tensor(mix.shares, dtype=torch.float32, device=self.device), count)
        images = torch.empty(count, 3, height, width, device=self.device)
        labels = torch.zeros(count, height, width, dtype=torch.long, device=self.device)
        known = torch.ones(count, self.size, dtype=torch.bool, device=self.device)
        source = torch.full((count,), len(self.sources), device=self.device)
        for rows, make in ((kinds <= PASTED, self._photographs), (kinds == PAINTED, self._painted)):
            chosen = rows.nonzero()[:, 0]
            if len(chosen):
                images[chosen], labels[chosen], known[chosen], source[chosen] = make(len(chosen), chance, height, width)
        plain = (kinds == PLAIN).nonzero()[:, 0]
        if len(plain):
            images[plain] = plain_grounds(chance, len(plain), height, width)
        self._paste(chance, kinds, images, labels, known, self._sprite_weights[masked][source])
        return Pictures(finish(chance, images) * 2 - 1, labels, known, kinds)

    def _photographs(self, count: int, chance: Chance, height: int, width: int) -> tuple[Tensor, ...]:
        """Crops of photographs: images, labels, known names and sources."""
        kind = chance.choice(self.weights, count)  # a source and a name
        at = (chance.uniform(0, 1, count) * self.counts[kind]).long().clamp(max=self.counts[kind] - 1)
        row = self.order[self.starts[kind] + at]
        images, labels = self.crop(row, crops(chance, self.aspects[row], height, width, least=0.4), height, width)
        source = self.source_of[row]
        return images, labels, self.known[source], source

    def crop(self, rows: Tensor, theta: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Parts theta (B,2,3) of the photographs: images (B,3,H,W) in [0,1] and labels (B,H,W)."""
        images, labels = sample(self.images[rows], self.labels[rows], theta, height, width)
        return images, self.targets[labels]

    def _painted(self, count: int, chance: Chance, height: int, width: int) -> tuple[Tensor, ...]:
        """Crops of painted grounds, like `_photographs`."""
        row = chance.integers(len(self.grounds), count)
        theta = crops(chance, torch.ones(count, device=self.device), height, width, least=0.6)
        images, labels = sample(self.grounds[row], self.ground_labels[row], theta, height, width)
        known = torch.ones(count, self.size, dtype=torch.bool, device=self.device)
        return images, labels, known, torch.full((count,), len(self.sources), device=self.device)

    def _paste(
        self, chance: Chance, kinds: Tensor, images: Tensor, labels: Tensor, known: Tensor, weights: Tensor
    ) -> None:
        """Pastes 1 to MOST things into all pictures but whole photographs, the largest first."""
        count, height, width = labels.shape
        number = torch.where(kinds == PASTED, 1 + chance.integers(3, count), 1 + chance.integers(MOST, count))
        number = torch.where(kinds == PHOTOGRAPH, 0, number)
        share = torch.exp(chance.uniform(np.log(0.12), np.log(0.72), count, MOST))
        large = torch.exp(chance.uniform(np.log(0.7), np.log(1.3), count))
        share[:, 0] = torch.where(chance.flag(0.2, count), large, share[:, 0])
        order = torch.arange(MOST, device=self.device).expand(count, -1)
        share = torch.where(order < number[:, None], share, 0).sort(1, descending=True).values
        owners = torch.full_like(labels, -1)
        areas = torch.zeros(count, MOST, device=self.device)
        for layer in range(MOST):
            rows = (number > layer).nonzero()[:, 0]
            if not len(rows):
                break
            chosen = chance.choice(weights[rows], len(rows))
            solid = self._paste_one(chance, images, rows, chosen, share[rows, layer] * min(height, width))
            areas[rows, layer] = solid.sum((1, 2)).float()
            name = self.sprites.names[chosen]
            known[rows, name] = True
            labels[rows] = torch.where(solid, name[:, None, None] + 1, labels[rows])
            owners[rows] = torch.where(solid, layer, owners[rows])
        visible = occurrences(owners + 1, MOST + 1)[:, 1:]
        hidden = torch.cat([torch.zeros_like(areas[:, :1], dtype=torch.bool), visible < SLIVER * areas], dim=1)
        labels[hidden.gather(1, owners.flatten(1) + 1).view_as(labels)] = -1

    def _paste_one(self, chance: Chance, images: Tensor, rows: Tensor, chosen: Tensor, sides: Tensor) -> Tensor:
        """Pastes a sprite with its shadow into each of the rows; returns where it is solid, bool (B,H,W)."""
        count, (height, width) = len(rows), images.shape[2:]
        free = torch.where(self.sprites.drawn[chosen], 0.4, 0.2)
        upright = chance.uniform(0, 1, count) > free
        theta, moved = placements(chance, sides, upright, height, width)
        art = self.sprites.draw(chosen, theta, sides, height, width)
        colour, alpha = art[:, :3], art[:, 3:]
        matrix, offset = colour_matrices(chance, count, wild=WILD)
        colour = apply_colours(colour, matrix, torch.zeros_like(offset)) + offset[..., None] * alpha
        lit = light_gradients(chance, count, height, width, 1.0)
        colour = colour * torch.where(chance.flag(0.3, count, 1, 1, 1), lit, torch.ones_like(lit))
        colour = torch.minimum(colour.clamp(min=0), alpha)
        dark = chance.uniform(0.2, 0.75, count, 1, 1, 1) * chance.flag(0.4, count, 1, 1, 1)
        ground = images[rows] * (1 - dark * self.sprites.shadow(chosen, moved, height, width))
        images[rows] = ground * (1 - alpha) + colour
        return alpha[:, 0] >= 0.5


def crops(chance: Chance, aspects: Tensor, height: int, width: int, least: float) -> Tensor:
    """Random parts of squeezed pictures as theta (B,2,3), mirrored or not.

    Their sides are at least the share `least` of the largest possible; their proportions differ from the canvas's by
    up to a quarter.
    """
    count = len(aspects)
    target = width / height * torch.exp(chance.uniform(np.log(0.8), np.log(1.25), count))
    wide = torch.minimum(aspects, target)
    share = chance.uniform(least, 1, count)
    half_width, half_height = share * wide / aspects, share * wide / target
    x = chance.uniform(-1, 1, count) * (1 - half_width)
    y = chance.uniform(-1, 1, count) * (1 - half_height)
    zero = torch.zeros_like(x)
    rows = ([half_width * chance.sign(count), zero, x], [zero, half_height, y])
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def sample(images: Tensor, labels: Tensor, theta: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Parts theta (B,2,3) of uint8 images (B,3,R,R), in [0,1], and of integer labels (B,R,R), int64."""
    grid = F.affine_grid(theta, [len(theta), 3, height, width], align_corners=False)
    x = F.grid_sample(images.float() / 255, grid, padding_mode="border", align_corners=False)
    y = F.grid_sample(labels[:, None].float(), grid, mode="nearest", padding_mode="border", align_corners=False)
    return x, y[:, 0].long()
