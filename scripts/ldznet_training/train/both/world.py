"""What all stages train on: composed pictures, and the names and prompts that belong to them."""

import pickle
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...scenes import photographs
from ...scenes.chance import Chance
from ...scenes.compositor import DRAWN, Compositor, Mix, paint_grounds
from ...scenes.names import true_of
from ...scenes.packs import load_drawings
from ...scenes.sprites import Sprites, load_sprites
from ...scenes.vocabulary import vocabulary_of_both
from ..process_group import first_alone
from ..text_contexts import TextContexts

ABSENT_SHARE = 0.28  # of the prompts name something that is absent
HARD = 8.0  # how much more often an absent name of a group that the picture shows is asked for


def _written(path: Path | None) -> tuple | None:
    """What tells apart the states of a pack or folder."""
    return path and (str(path.resolve()), path.stat().st_mtime_ns, path.stat().st_size)


@dataclass
class _Data:
    """The decoded pictures, on the CPU. sprites: the arguments of Sprites; grounds: those of Compositor; held_out:
    photographs and grounds for validation, None unless they go into a cache."""

    photographs: photographs.Photographs | None
    sprites: tuple[Tensor, ...]
    grounds: tuple[Tensor, Tensor]
    held_out: tuple[photographs.Photographs | None, tuple[Tensor, Tensor]] | None


@dataclass
class World:
    """Pictures of both worlds, or of drawings alone without `photographs`."""

    drawings: Path  # pack or folder
    photographs: Path | None  # pack or folder
    device: torch.device
    size: int = 192  # of the painted grounds, pixels
    painted: int = 2000  # grounds
    workers: int = 1
    most: int = 0  # photographs, 0 for all
    least: int = photographs.LEAST
    square: int = 160  # pixels of the stored photographs
    cache: Path | None = None  # file that keeps the decoded pictures, so that several runs at once need not decode them
    words: dict = field(default_factory=vocabulary_of_both)

    def __post_init__(self) -> None:
        data = self._data()
        self.sprites = Sprites(*(part.to(self.device) for part in data.sprites))
        self.compositor = Compositor(self.sprites, data.grounds, data.photographs, self.device, elsewhere=True)
        self._held_out = data.held_out
        self.mix = Mix() if data.photographs is not None else DRAWN

    def _data(self) -> "_Data":
        """The pictures, from the cache if it has the same ones."""
        key = repr((*map(_written, (self.drawings, self.photographs)), self.size, self.painted, self.most, self.least,
                    self.square, self.words))  # fmt: skip
        if self.cache is not None and self.cache.is_file():
            with self.cache.open("rb") as file:
                if pickle.load(file) == key:
                    return pickle.load(file)
        photos = self._photographs(False)
        data = _Data(
            photographs=photos,
            sprites=tuple(part.cpu() for part in load_sprites(load_drawings(self.drawings), photos, self.device)),
            grounds=paint_grounds(self.painted, self.size, 31, self.workers),
            held_out=self._held_out_data() if self.cache is not None else None,
        )
        if self.cache is not None:
            unfinished = self.cache.with_suffix(".tmp")
            with unfinished.open("wb") as file:
                pickle.dump(key, file)
                pickle.dump(data, file, protocol=5)
            unfinished.replace(self.cache)
        return data

    def _photographs(self, held_out: bool) -> photographs.Photographs | None:
        if self.photographs is None:
            return None
        return photographs.load(self.photographs, self.square, held_out, self.least, self.most)

    def _held_out_data(self) -> tuple[photographs.Photographs | None, tuple[Tensor, Tensor]]:
        grounds = paint_grounds(min(self.painted, 200), self.size, 32, self.workers, held_out=True)
        return self._photographs(True), grounds

    @cached_property
    def validation(self) -> Compositor:
        """The photographs that are held out, and drawings on grounds from textures that training does not use. Things
        cut out of photographs, which training has seen, are left out."""
        photos, grounds = self._held_out or self._held_out_data()
        return Compositor(self.sprites, grounds, photos, self.device, cut_outs=False)

    @cached_property
    def things(self) -> Tensor:
        """Which of the targets (N+1) are things, bool."""
        return torch.tensor([False, *(w.kind == "thing" for w in self.words.values())], device=self.device)

    @cached_property
    def relatives(self) -> Tensor:
        """Whether the column's name is in the group of the row's, float (N,N)."""
        groups = [w.group for w in self.words.values()]
        number = torch.tensor([sorted(set(groups)).index(g) for g in groups], device=self.device)
        return (number[:, None] == number[None]).float()

    @cached_property
    def implied(self) -> Tensor:
        """Whether the column's name is true of the row's thing, float (N,N)."""
        names = list(self.words)
        rows = [[float(other in true_of(name)) for other in names] for name in names]
        return torch.tensor(rows, device=self.device)

    def absent(self, present: Tensor, known: Tensor) -> Tensor:
        """The names that pictures do not show for certain, bool (B,N): known ones that are not true of anything there.
        present, known bool (B,N)."""
        return known & ~present & (present.float() @ self.implied == 0)

    def hardness(self, present: Tensor) -> Tensor:
        """Weights (B,N) of absent names: those of a group that the pictures show are asked for more often. present bool
        (B,N)."""
        return 1 + HARD * (present.float() @ self.relatives > 0)

    def prompts(self, present: Tensor, known: Tensor, chance: Chance, count: int) -> Tensor:
        """`count` names (B,count) for each picture, as indices: things and stuff that it shows, rare ones as often as
        frequent ones, and names that are known to be absent, hard ones more often. present, known bool (B,N)."""
        shown, absent = present.float(), self.absent(present, known)
        blank = torch.full_like(shown, 1e-9)  # keeps the weights of a row positive
        wanted = torch.where(present.any(1, keepdim=True), shown, absent.float())
        asked = torch.multinomial(wanted + blank, count, replacement=True, generator=chance.generator)
        other = torch.multinomial(
            absent * self.hardness(present) + blank, count, replacement=True, generator=chance.generator
        )
        swap = chance.flag(ABSENT_SHARE, len(present), count) & absent.any(1, keepdim=True)
        return torch.where(swap, other, asked)


def shared_world(*arguments, cache: Path | None = None, **options) -> World:
    """A World in each of the processes that train together. With a cache, the first one writes what the others read."""
    load = partial(World, *arguments, cache=cache, **options)
    return first_alone(load) if cache is not None else load()


class Prompts:
    """Contexts of names by index: in half of the cases the plain name, otherwise any of its wordings."""

    def __init__(self, contexts: TextContexts):
        self.contexts = contexts
        rows = [contexts.worded[name] for name in contexts.names]
        longest = max(map(len, rows))
        table = np.array([row + [row[0]] * (longest - len(row)) for row in rows])
        self.rows = torch.from_numpy(table).to(contexts.table.device)
        self.sizes = torch.tensor([len(row) for row in rows], device=contexts.table.device)

    def of(self, names: Tensor, chance: Chance) -> Tensor:
        """Contexts (M,77,128) of names (M)."""
        other = (chance.uniform(0, 1, len(names)) * self.sizes[names]).long()
        pick = torch.where(chance.flag(0.5, len(names)), 0, other.clamp(max=self.rows.shape[1] - 1))
        return self.contexts.table[self.rows[names, pick]]

    def captions(self, present: Tensor, rng: np.random.Generator) -> Tensor:
        """Contexts (B,77,128) for pictures that show the names `present` (B,N): up to three joined by "and"."""
        texts = []
        for row in present.cpu().numpy():
            shown = np.flatnonzero(row)
            picked = shown[rng.permutation(len(shown))[: rng.integers(1, 4)]]
            texts.append(" and ".join(sorted(self.contexts.names[i] for i in picked)))
        return self.contexts.encode(texts)
