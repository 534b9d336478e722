"""How good the masks of a trained head are: mean IoU per source on held-out photographs, and on drawn scenes whose
grounds training does not use."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor, nn

from ...scenes import compositor as compositing
from ...scenes.chance import Chance
from ...scenes.compositor import Pictures
from ...scenes.vocabulary import canonical_name
from ...unet import UNet
from ...znet import MaskHead
from ..features import TapFeatures
from ..heads import METHODS, Seen
from ..process_group import autocast
from ..vae import psnr
from .plan import SHAPES
from .pool import Latents
from .world import Prompts, World

LEAST_AREA = 0.02  # share of the picture; names that cover less are not asked for
BATCH = 16
PROMPTS_AT_ONCE = 128
PER_SOURCE = 128  # photographs
DRAWN = "drawn"  # the source of drawn scenes
FOUND = 1e-3  # share of the picture from which on an absent name counts as found
# Logits are counted in LEVELS equal steps from -LARGEST to LARGEST; those beyond go to the first and last.
LEVELS, LARGEST = 1024, 8.0
# Names whose mean is a figure of its own, as the sources' other names are seldom seen.
FREQUENT = {
    "voc": {"dog", "cat", "horse", "cow", "sheep", "person"},
    "camvid": {"road", "sky", "building", "tree", "car", "pavement"},
    "clothing": {
        canonical_name(name) for name in ("dress", "shirt", "pants", "shoes", "hair", "coat", "bag", "skirt", "jeans")
    },
}


def held_out_batches(world: World, per_source: int) -> Iterator[tuple[str, Pictures]]:
    """Sources and whole held-out photographs in the nearest of SHAPES, and drawn scenes as DRAWN."""
    compositor = world.validation
    for source_number, source in enumerate(compositor.sources):
        rows = (compositor.source_of == source_number).nonzero()[:, 0][:per_source]
        ratios = torch.tensor([width / height for height, width in SHAPES], device=world.device).log()
        nearest = (compositor.aspects[rows].log()[:, None] - ratios).abs().argmin(1)
        for number, (height, width) in enumerate(SHAPES):
            for part in rows[nearest == number].split(BATCH):
                if len(part):
                    whole = torch.eye(2, 3, device=world.device).expand(len(part), -1, -1)
                    images, labels = compositor.crop(part, whole, height, width)
                    known = compositor.known[compositor.source_of[part]]
                    yield source, Pictures(images * 2 - 1, labels, known, torch.zeros_like(part))
    for k in range(max(1, per_source // BATCH)):
        chance = Chance([51, k], world.device)
        yield DRAWN, compositor.batch(BATCH, chance, *SHAPES[0], compositing.DRAWN, masked=True)


def large_names(pictures: Pictures) -> Tensor:
    """The names that cover LEAST_AREA of a picture, bool (B,N)."""
    return pictures.areas() / pictures.labels[0].numel() >= LEAST_AREA


def asked_names(pictures: Pictures, absent: Tensor, chance: Chance) -> tuple[Tensor, Tensor, Tensor]:
    """Rows and names to ask for, int64 (M), and which of them the picture shows: all that cover LEAST_AREA of it, and
    one of those in absent, bool (B,N), if there are any."""
    covered, some = large_names(pictures), absent.any(1)
    other = chance.choice(absent.float() + 1e-9, len(absent))
    rows, names = covered.nonzero().T
    asked = torch.cat([names, other[some]])
    return torch.cat([rows, some.nonzero()[:, 0]]), asked, torch.arange(len(asked), device=asked.device) < len(names)


@torch.inference_mode()
def reconstruction_psnr(decoder: nn.Module, world: World, latents: Latents, per_source: int) -> dict[str, float]:
    """Per source: PSNR in decibels of held-out pictures that went through the VAE, mean over pictures."""
    found: dict[str, list[float]] = {}
    for source, pictures in held_out_batches(world, per_source):
        z = latents(pictures.images) / latents.scale
        with autocast():
            again = decoder(z).float()
        found.setdefault(source, []).extend(psnr(*pair).item() for pair in zip(again, pictures.images))
    return {source: round(float(np.mean(values)), 2) for source, values in found.items()}


@dataclass(frozen=True)
class Answer:
    """What a head gave for a name.

    value: the IoU at 0.5 if the picture shows the name, otherwise 1 if nothing is found, else 0.
    levels: how many pixels have each level of logits, int64 (2,LEVELS): outside the true mask, and inside. Ignored
    pixels are not counted."""

    source: str
    picture: int
    name: str
    shown: bool
    value: float
    levels: np.ndarray = field(repr=False, compare=False)


def count_levels(logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Answer.levels of M masks: logits and bool truth, valid (M,H,W) -> int64 (M,2,LEVELS)."""
    level = ((logits.float() / LARGEST + 1) * (LEVELS / 2)).long().clamp(0, LEVELS - 1)
    mask = torch.arange(len(logits), device=logits.device)[:, None, None]
    place = (mask * 2 + truth) * LEVELS + level
    return torch.bincount(place[valid], minlength=len(logits) * 2 * LEVELS).view(-1, 2, LEVELS)


def _seen(z: Tensor, images: Tensor, features: Callable[[], list[Tensor]], rows: Tensor, context: Tensor) -> Seen:
    """What heads see of the pictures `rows` (M), which may occur several times, and a context (M,L,D) for each."""
    return Seen(context, z[rows], lambda: [f[rows] for f in features()], lambda: images[rows])


@torch.inference_mode()
def answers(
    method: str, head: MaskHead, unet: UNet, world: World, latents: Latents, prompts: Prompts, per_source: int
) -> list[Answer]:
    """The answers of a head of one of METHODS on held-out pictures: the same pictures and names for every head."""
    features_of, words, found = TapFeatures(unet, prompts.contexts), list(world.words), []
    for number, (source, pictures) in enumerate(held_out_batches(world, per_source)):
        chance, rng = Chance([53, number], world.device), np.random.default_rng([53, number])
        z = latents(pictures.images)
        features = cache(partial(features_of, z, rng))
        absent = world.absent(pictures.present(), pictures.known)
        for rows, names, shown in zip(*(part.split(PROMPTS_AT_ONCE) for part in asked_names(pictures, absent, chance))):
            context = prompts.contexts.table[prompts.rows[names, 0]]
            with autocast():
                logits = METHODS[method].logits(head, _seen(z, pictures.images, features, rows, context))
            labels = pictures.labels[rows]
            valid, truth = labels >= 0, labels == names[:, None, None] + 1
            mask = (logits[:, 0] > 0) & valid
            iou = (mask & truth).sum((1, 2)) / (mask | truth).sum((1, 2)).clamp(min=1)
            nothing = (mask.float().mean((1, 2)) < FOUND).float()
            values = torch.where(shown, iou, nothing).tolist()
            levels = count_levels(logits[:, 0], truth, valid).cpu().numpy()
            for row, name, there, value, counts in zip(rows.tolist(), names.tolist(), shown.tolist(), values, levels):
                found.append(Answer(source, number * BATCH + row, words[name], there, value, counts))
    return found


def mask_iou(found: list[Answer]) -> dict[str, dict[str, float | None]]:
    """Per source: mean IoU of the names that cover at least LEAST_AREA, mean over names, for all names and for those in
    FREQUENT; and the share of absent names of the same source that nothing is found for."""
    sources = dict.fromkeys(answer.source for answer in found)
    return {source: _figures(source, [a for a in found if a.source == source]) for source in sources}


def _figures(source: str, found: list[Answer]) -> dict[str, float | None]:
    by_name: dict[str, list[float]] = {}
    for answer in found:
        if answer.shown:
            by_name.setdefault(answer.name, []).append(answer.value)
    means = {name: float(np.mean(values)) for name, values in by_name.items()}
    frequent = [mean for name, mean in means.items() if name in FREQUENT.get(source, means)]
    return {
        "miou": mean(means.values()),
        "frequent": mean(frequent),
        "masks": sum(map(len, by_name.values())),
        "absent": mean(answer.value for answer in found if not answer.shown),
    }


def mean(values: Iterable[float]) -> float | None:
    """The mean to four decimals; None if there are no values."""
    values = list(values)
    return round(float(np.mean(values)), 4) if values else None
