"""What is set once the semantic latents are trained: which pictures are drawings, and when a match counts.

What is chosen on drawings is in drawn_calibration.py."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...mini import WORKING_SIZE
from ...scenes.chance import Chance
from ...scenes.compositor import PASTED, PHOTOGRAPHED, Compositor, Mix
from ...semantic import SemanticMatch, Semantics
from .semantic import CELL
from .stages import cell_targets
from .validation import LEAST_AREA
from .world import Prompts, World

SHAPES = tuple((WORKING_SIZE + d, WORKING_SIZE - d) for d in (0, 32, -32))  # (height, width), as the program works
DOMAINS = Mix(0.4, 0.1, 0.3, 0.2)
BATCH = 32
BIASES = [k / 10 for k in range(-60, 1)]
PEAKS = [k / 10 for k in range(0, 31)]  # of the match, bias included
EMPTY = 0.84  # share of absent names that must find nothing, mean over sources
LEAST_MATCH = 1e-6  # a mask has the cells above 0
ABSENT_NAMES = 4  # of a photograph


@torch.inference_mode()
def _summaries(model: Semantics, compositor: Compositor, batches: int, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Of pictures of both worlds what SemanticMatch.drawn sees, and which are drawings, float."""
    summaries, drawn = [], []
    for k in range(batches):
        chance = Chance([seed, k], compositor.device)
        pictures = compositor.batch(size, chance, *SHAPES[k % len(SHAPES)], DOMAINS, masked=True)
        summaries.append(model.match.summary(model.encoder(pictures.images)))
        drawn.append(pictures.kinds > PASTED)
    return torch.cat(summaries), torch.cat(drawn).float()


def fit_domains(model: Semantics, world: World, batches: int = 16, size: int = BATCH, steps: int = 300) -> float:
    """Fits SemanticMatch.drawn. Returns the share of pictures on unseen photographs and grounds that it gets right."""
    inputs, drawn = (part.clone() for part in _summaries(model, world.compositor, batches, size, seed=67))
    layer = model.match.drawn.requires_grad_(True)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=0.03, weight_decay=0.01)
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(layer(inputs)[:, 0], drawn)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    layer.requires_grad_(False)
    inputs, drawn = _summaries(model, world.validation, max(1, batches // 4), size, seed=71)
    with torch.inference_mode():
        return float(((layer(inputs)[:, 0] > 0) == (drawn > 0.5)).float().mean())


@dataclass
class Matches:
    """The match, without its bias, of names and photographs.

    Of names that a picture shows (M): `names`, the `sources` of the pictures, `ious` (M,BIASES) of their masks, and
    `peaks`, the highest match. Of absent names (K): `absent`, the highest match, and `absent_sources`.
    """

    names: Tensor
    sources: Tensor
    ious: Tensor
    peaks: Tensor
    absent: Tensor
    absent_sources: Tensor


@torch.inference_mode()
def matches_of(model: Semantics, world: World, prompts: Prompts, batches: int = 16, size: int = BATCH) -> Matches:
    """Those of parts of held-out photographs, of all names that they show and some that they do not."""
    text = model.match.embed_text(prompts.contexts.table[prompts.rows[:, 0]])  # of the plain names
    biases = torch.tensor(BIASES)[:, None]
    shown, absent = [], []  # of (name, source, ious, peak), and of (peaks, sources)
    for k in range(batches):
        chance = Chance([61, k], world.device)
        pictures = world.validation.batch(size, chance, *SHAPES[k % len(SHAPES)], PHOTOGRAPHED)
        match = model.match.scores(model.encoder(pictures.images), text) - model.match.bias
        target, missing = cell_targets(pictures.labels, CELL), world.absent(pictures.present(), pictures.known)
        sources = (pictures.known[:, None] == world.validation.known).all(2).float().argmax(1)
        for row, labels in enumerate(target):
            valid = labels >= 0
            areas = torch.bincount(labels[valid], minlength=len(text) + 1)[1:]
            for name in (areas >= LEAST_AREA * len(labels)).nonzero()[:, 0]:
                truth, masks = labels == name + 1, (match[row, name] + biases > 0) & valid
                ious = (masks & truth).sum(1) / (masks | truth).sum(1)
                shown.append((name, sources[row], ious, match[row, name].max()))
            others = missing[row].nonzero()[:, 0]
            some = torch.randperm(len(others), generator=chance.generator, device=world.device)[:ABSENT_NAMES]
            absent.append((match[row, others[some]].amax(1), sources[row].expand(len(some))))
    names, places, ious, peaks = map(torch.stack, zip(*shown))
    return Matches(names, places, ious, peaks, *map(torch.cat, zip(*absent)))


def _mean_over(groups: Tensor, values: Tensor) -> Tensor:
    """Means (G) of values (M) with the same number in groups (M), in the order of the numbers."""
    _, place = groups.unique(return_inverse=True)
    return torch.zeros(int(place.max()) + 1).index_add(0, place, values.float()) / place.bincount()


def choose(matches: Matches) -> dict[str, float]:
    """The bias and the peak with the best mean IoU, over names and then over sources, among those with which the share
    EMPTY of absent names, or the largest that there is, finds nothing; and the figures."""
    keys = matches.sources * (matches.names.max() + 1) + matches.names
    source_of_key = keys.unique() // (matches.names.max() + 1)
    best = {"miou": -1.0, "empty": -1.0}
    for i, bias in enumerate(BIASES):
        for peak in PEAKS:
            least = max(peak, LEAST_MATCH)
            nothing = matches.absent + bias < least
            empty = float(_mean_over(matches.absent_sources, nothing).mean()) if len(nothing) else 1.0
            kept = matches.ious[:, i] * (matches.peaks + bias >= least)
            miou = float(_mean_over(source_of_key, _mean_over(keys, kept)).mean())
            if (min(empty, EMPTY), miou) > (min(best["empty"], EMPTY), best["miou"]):
                best = {"miou": miou, "empty": empty, "bias": bias, "peak": peak}
    return best


def set_levels(match: SemanticMatch, in_photographs: dict[str, float], in_drawings: dict[str, float]) -> None:
    """Sets when a match counts: what `choose` and drawn_calibration's `choose_drawn` have found."""
    bias = in_photographs["bias"]
    values = {
        "bias": bias,
        "peak": in_photographs["peak"],
        "lift": in_drawings["lift"] - bias,
        "drawn_part": in_drawings["part"],
        "drawn_most": in_drawings["most"],
        "drawn_peak": in_drawings["peak"] + bias,
    }
    for name, value in values.items():
        getattr(match, name).data.fill_(value)
