"""How the match of the semantic latents counts in drawings, which is set once they are trained: beside the head that
was trained without them, on scenes with grounds that training does not use."""

from dataclasses import dataclass
from functools import cache, partial
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...scenes.chance import Chance
from ...scenes.compositor import DRAWN
from ...semantic import SemanticMatch, Semantics
from ...unet import UNet
from ...znet import LDZNet
from ..features import TapFeatures
from ..heads import METHODS
from ..process_group import autocast
from .calibration import SHAPES
from .pool import Latents
from .validation import FOUND, LEAST_AREA, seen_of_rows
from .world import Prompts, World

SMALLER = 4  # masks are compared at this fraction of the picture's sides
ABSENT_NAMES = 3  # of a picture
EMPTY = 0.9  # share of absent names that must find nothing
PARTS = (0.3, 0.4, 0.5, 0.6, 0.75, 1.0)
MOST = (3.0, 5.0, 8.0)
LIFTS = tuple(k / 2 for k in range(-2, 7))  # with the bias that the match was trained with
PEAKS = (-100.0, *(k / 2 for k in range(-4, 5)))  # likewise


@dataclass
class Maps:
    """Of a name and a picture: the head's logits and the match, which is raised to the bias that it was trained with,
    both (h,w); the best match; and where the name is, bool (h,w), None if it is absent."""

    logits: Tensor
    match: Tensor
    best: float
    truth: Tensor | None


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
) -> list[Maps]:
    """Those of scenes of drawings in all styles. The match must still have the bias that it was trained with."""
    features_of, found = TapFeatures(unet, prompts.contexts), []
    for k in range(batches):
        chance, rng = Chance([83, k], world.device), np.random.default_rng([83, k])
        pictures = world.validation.batch(size, chance, *SHAPES[k % len(SHAPES)], DRAWN)
        z, cells = latents(pictures.images), model.encoder(pictures.images)
        features = cache(partial(features_of, z, rng))
        shown = pictures.areas() / pictures.labels[0].numel() >= LEAST_AREA
        missing = (pictures.known & ~pictures.present()).float()
        absent = torch.multinomial(missing, ABSENT_NAMES, generator=chance.generator)
        small = pictures.labels[:, SMALLER // 2 :: SMALLER, SMALLER // 2 :: SMALLER]
        for row in range(size):
            names = torch.cat([shown[row].nonzero()[:, 0], absent[row]])
            context = prompts.contexts.table[prompts.rows[names, 0]]
            seen = seen_of_rows(z, pictures.images, features, torch.full_like(names, row), context)
            with autocast():
                logits = METHODS["ldznet"].logits(head, seen).float()
            match = model.match.score(cells[row : row + 1], context)
            wide = F.interpolate(match, scale_factor=8.0, mode="bilinear")
            logits, wide = (F.avg_pool2d(x, SMALLER)[:, 0] for x in (logits, wide))
            for index, name in enumerate(names.tolist()):
                truth = small[row] == name + 1 if index < len(names) - ABSENT_NAMES else None
                found.append(Maps(logits[index], wide[index], float(match[index].max()), truth))
    return found


def choose_drawn(maps: list[Maps]) -> dict[str, float]:
    """The part, most, lift and peak with the best mean IoU over masks among those with which the share EMPTY of absent
    names, or the largest that there is, finds nothing; and these figures."""
    best = {"miou": -1.0, "empty": -1.0}
    peaks = torch.tensor([m.best for m in maps])
    there = torch.tensor([m.truth is not None for m in maps])
    for part, most, lift in product(PARTS, MOST, LIFTS):
        values = []
        for m in maps:
            mask = m.logits + part * (m.match + lift).clamp(-1.0, most) > 0
            if m.truth is None:
                values.append(float(mask.float().mean() < FOUND))
            else:
                values.append(float((mask & m.truth).sum() / (mask | m.truth).sum().clamp(min=1)))
        for peak in PEAKS:
            kept = torch.where(peaks < peak, (~there).float(), torch.tensor(values))
            empty, miou = float(kept[~there].mean()), float(kept[there].mean())
            if (min(empty, EMPTY), miou) > (min(best["empty"], EMPTY), best["miou"]):
                best = {"miou": miou, "empty": empty, "part": part, "most": most, "lift": lift, "peak": peak}
    return best


def calibrate_drawn(match: SemanticMatch, maps: list[Maps], bias: float) -> dict[str, float]:
    """Sets how the match counts in drawings; `bias`: the one that it was trained with. Returns what `choose_drawn`
    does."""
    best = choose_drawn(maps)
    match.drawn_part.data.fill_(best["part"])
    match.drawn_most.data.fill_(best["most"])
    match.lift.data.fill_(bias + best["lift"] - match.bias.item())
    match.drawn_peak.data.fill_(best["peak"] - bias + match.bias.item())
    return best
