"""How the match of the semantic latents counts in drawings beside the head, which was trained without them.

It is chosen on scenes of the other generator, on grounds that training does not use: the compositor's scenes are those
that the match was trained on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...scenes.chance import Chance
from ...scenes.compositor import PAINTED, Pictures, targets_of
from ...scenes.drawings import HEAD_STYLES
from ...scenes.packs import load_drawings
from ...scenes.placement import Drawings
from ...scenes.scenes import make_scene
from ...semantic import Semantics, limited
from ...unet import UNet
from ...znet import LDZNet
from ..features import TapFeatures
from ..heads import METHODS, Seen
from ..process_group import autocast
from .calibration import SHAPES
from .pool import Latents
from .validation import FOUND, large_names
from .world import Prompts, World

SMALLER = 4  # masks are compared at this fraction of the picture's sides
ABSENT_NAMES = 3  # of a picture
EMPTY = 0.9  # share of absent names that must find nothing
PARTS = (0.3, 0.4, 0.5, 0.6, 0.75, 1.0)
MOST = (3.0, 5.0, 8.0)
LIFTS = tuple(k / 2 for k in range(-12, 1))  # of the match without its bias
PEAKS = (-100.0, *(k / 2 for k in range(2, 15)))  # likewise


@dataclass
class NameMaps:
    """Of a name and a picture, at 1/SMALLER of its size: the head's logits and the match without its bias, both (h,w);
    which pixels count, and where the name is, bool (h,w), `truth` None if it is absent. best: the best match."""

    logits: Tensor
    match: Tensor
    counts: Tensor
    truth: Tensor | None
    best: float


def held_out_scenes(world: World, drawings: Drawings, numbers: Iterable[int], height: int, width: int) -> Pictures:
    """Scenes of these numbers."""
    images, labels = [], []
    for number in numbers:
        rng = np.random.default_rng([83, number])
        scene = make_scene(rng, drawings, height=height, width=width, held_out=True)
        images.append(torch.from_numpy(scene.image.copy()).permute(2, 0, 1) / 127.5 - 1)
        labels.append(torch.from_numpy(targets_of(name for name, _ in scene.entities)[scene.labels]).long())
    known = torch.ones(len(images), len(world.words), dtype=torch.bool)
    on_device = (torch.stack(part).to(world.device) for part in (images, labels))
    return Pictures(*on_device, known, torch.full((len(images),), PAINTED))


@torch.inference_mode()
def drawn_maps(
    model: Semantics,
    head: LDZNet,
    unet: UNet,
    latents: Latents,
    world: World,
    prompts: Prompts,
    batches: int = 9,
    size: int = 12,
) -> list[NameMaps]:
    """The maps of all names that scenes show, and of some that they do not, in `batches` batches of `size` scenes."""
    styles = {style: named for style, named in load_drawings(world.drawings).items() if style in HEAD_STYLES}
    drawings, features_of, found = Drawings(styles), TapFeatures(unet, prompts.contexts), []
    for k in range(batches):
        chance, rng = Chance([83, k], world.device), np.random.default_rng([83, k])
        pictures = held_out_scenes(world, drawings, range(k * size, (k + 1) * size), *SHAPES[k % len(SHAPES)])
        z, cells = latents(pictures.images), model.encoder(pictures.images)
        with autocast():
            features = features_of(z, rng)
        shown, present = large_names(pictures), pictures.present()
        missing = world.absent(present, pictures.known) * world.hardness(present)
        absent = torch.multinomial(missing, ABSENT_NAMES, generator=chance.generator)
        small = pictures.labels[:, SMALLER // 2 :: SMALLER, SMALLER // 2 :: SMALLER]
        for row in range(size):
            there = shown[row].nonzero()[:, 0]
            names = torch.cat([there, absent[row]])
            context = prompts.contexts.table[prompts.rows[names, 0]]
            own = [part[row : row + 1] for part in (z, cells, pictures.images, *features)]
            seen = Seen(context, own[0], partial(list, own[3:]), partial(own.__getitem__, 2))
            with autocast():
                logits = METHODS["ldznet"].logits(head, seen).float()
            match = model.match.score(own[1], context) - model.match.bias
            wide = F.interpolate(match, scale_factor=8.0, mode="bilinear")
            logits, wide = (F.avg_pool2d(x, SMALLER)[:, 0] for x in (logits, wide))
            for index, name in enumerate(names.tolist()):
                truth = small[row] == name + 1 if index < len(there) else None
                found.append(NameMaps(logits[index], wide[index], small[row] >= 0, truth, float(match[index].max())))
    return found


def choose_drawn(maps: list[NameMaps]) -> dict[str, float]:
    """The part, most, lift and peak with the best mean IoU over masks among those with which the share EMPTY of absent
    names, or the largest that there is, finds nothing; and these figures. Lift and peak are those of a match without
    its bias."""
    best = {"miou": -1.0, "empty": -1.0}
    peaks = torch.tensor([m.best for m in maps])
    there = torch.tensor([m.truth is not None for m in maps])
    for part, most, lift in product(PARTS, torch.tensor(MOST), LIFTS):
        found = []
        for m in maps:
            mask = (m.logits + part * limited(m.match + lift, most) > 0) & m.counts
            if m.truth is None:
                found.append(float(mask.float().mean() < FOUND))
            else:
                found.append(float((mask & m.truth).sum() / (mask | m.truth).sum().clamp(min=1)))
        values = torch.tensor(found)
        for peak in PEAKS:
            kept = torch.where(peaks < peak, (~there).float(), values)
            empty, miou = float(kept[~there].mean()), float(kept[there].mean())
            if (min(empty, EMPTY), miou) > (min(best["empty"], EMPTY), best["miou"]):
                best = {"miou": miou, "empty": empty, "part": part, "most": float(most), "lift": lift, "peak": peak}
    return best
