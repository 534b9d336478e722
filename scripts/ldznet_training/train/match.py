"""Training of LD-ZNet's match map, before its head: it learns to name every latent cell of dense scenes."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..scenes.vocabulary import vocabulary
from ..unet import UNet
from ..znet import LDZNet, MatchMap
from .dataset import SceneDataset
from .features import TapFeatures
from .loop import StepLoss
from .process_group import autocast, rank
from .text_contexts import TextContexts

THING_WEIGHT = 4.0  # of things' cells in the loss: they are fewer than those of stuff, and of many more names


@torch.no_grad()
def init_text_projection(match: MatchMap, names: Tensor) -> None:
    """Initialises the match map's text projection so that it whitens the pooled names (N,D).

    The text encoder's outputs are so similar that the match map would first have to learn to tell them apart.
    """
    mean = names.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov((names - mean).T))
    whiten = (vectors / values.clamp(min=float(values.max()) * 0.003).sqrt()).T
    projection = nn.init.orthogonal_(torch.empty(match.text.out_features, whiten.shape[0])) @ whiten
    match.text.weight.copy_(projection)
    match.text.bias.copy_(-projection @ mean)


def cell_targets(labels: Tensor, records: list, names: list[str]) -> Tensor:
    """For each latent cell of label maps (S,8h,8w), one more than the index of its name in `names`, or 0: (S,h*w)."""
    column = {name: i + 1 for i, name in enumerate(names)}
    lookup = torch.zeros(len(records), 64, dtype=torch.long)
    for row, record in enumerate(records):
        for k, (name, _) in enumerate(record["entities"]):
            lookup[row, k + 1] = column[name]
    return lookup.gather(1, labels[:, 4::8, 4::8].flatten(1).long())


def cell_loss(
    match: MatchMap, cells: Tensor, labels: Tensor, records: list, contexts: TextContexts, names: Tensor
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the name of each latent cell among the vocabulary and "none", and the share of things' cells
    with the right name on top.

    cells (S,C,h,w): the match map's embeddings; labels (S,8h,8w); records: of these scenes; names (N,D): pooled, in the
    order of `contexts.names`.
    """
    target = cell_targets(labels, records, contexts.names)
    scores = match.scores(cells, names)
    scores = torch.cat([torch.zeros_like(scores[:, :1]), scores], dim=1).float()
    thing = torch.tensor([False, *(vocabulary()[name].kind == "thing" for name in contexts.names)])
    loss = F.cross_entropy(scores, target, weight=torch.where(thing, THING_WEIGHT, 1.0))
    hits = (scores.argmax(1) == target)[thing[target]].float().mean()
    return loss, hits


def match_step(head: LDZNet, unet: UNet, datasets: list[SceneDataset], contexts: TextContexts, scenes: int) -> StepLoss:
    """The loss of the match map alone, on `scenes` scenes per step. The data sets take turns."""
    features_of = TapFeatures(unet, contexts)

    def step_loss(step: int):
        rng = np.random.default_rng([19, step, rank()])
        dataset = datasets[step % len(datasets)]
        chosen = dataset.batch(scenes, rng)
        flip = rng.random() < 0.5
        z, labels = dataset.latents_of(chosen, flip), dataset.labels_of(chosen, flip)
        with autocast():
            features = features_of(z, rng)
            cells = head.match.embed(head.matched(z, features), z.shape[2], z.shape[3])
            records = [dataset.records[i] for i in chosen]
            loss, hits = cell_loss(head.match, cells, labels, records, contexts, contexts.pooled_names(rng))
        return loss, {"things": hits}

    return step_loss
