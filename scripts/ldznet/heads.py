"""Training of the miniature's mask heads: ZNet, LD-ZNet (as published, and with the match map) and RGBNet.

All are trained alike: the same scenes, prompts, steps and schedule, the body initialised from the denoiser's weights.
The match map is trained before (`match_step`), which the other heads have no like of.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .autoencoder import to_image
from .contexts import Contexts
from .drawings import HEAD_STYLES, vocabulary
from .mini import LDZNET, LDZNET_AS_PUBLISHED, TAPS, TIMESTEP_RANGE, ZNET
from .noise_schedule import add_noise, alphas_cumprod
from .scenes import absent_names
from .training import autocast, from_numpy, rank
from .unet import UNet
from .znet import FusedTransformerBlock, LDZNet, MaskHead, MatchMap, RGBNet, ZNet

CONFIGS = {"ldznet": LDZNET, "ldznet-published": LDZNET_AS_PUBLISHED, "znet": ZNET, "rgbnet": ZNET}
PROMPTS = 4  # a scene
ABSENT_SHARE = 0.28
QUIET_WEIGHT = 0.03  # of the loudest pixels' loss where nothing is to be found
THING_WEIGHT = 4.0  # of a thing's cells in the match map's loss: they are fewer, and of many more kinds
LOUDEST = 1 / 200  # of a picture's pixels
SMOOTHING = 0.04  # of the masks: a head that answers 0 and 1 alone ranks no pixel before another


def initialise(head: MaskHead, denoiser: UNet) -> None:
    """The body from the denoiser (a further input channel starts small), mask layers so that signal passes at once."""
    own = head.state_dict()
    for name, value in denoiser.state_dict().items():
        if name.startswith("out.2") or name not in own:
            continue
        if own[name].shape == value.shape:
            own[name].copy_(value)
        elif name == "input_blocks.0.0.weight":
            own[name][:, : value.shape[1]].copy_(value)
            own[name][:, value.shape[1] :].normal_(std=0.05)
    for layer in head.final:
        if isinstance(layer, nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, std=(2.5 / layer.in_channels) ** 0.5)
        elif isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=(2.5 / (9 * layer.in_channels)) ** 0.5)
    nn.init.constant_(head.final[-1].bias, -2.0)
    for part in head.modules():
        if isinstance(part, FusedTransformerBlock):  # LD-ZNet begins as ZNet does: what it reads is faded in
            for layer in part.attn3.to_out:
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)


@torch.no_grad()
def make_head(method: str, denoiser: UNet) -> MaskHead:
    """A head ready to be trained."""
    config = CONFIGS[method]
    if method == "rgbnet":
        head: MaskHead = RGBNet(config)
    elif method == "znet":
        head = ZNet(config)
    else:
        head = LDZNet(config, [denoiser.feature_widths[denoiser.feature_names.index(tap)] for tap in TAPS])
    initialise(head, denoiser)
    return head


class Pool:
    """Cached scenes in the styles that heads may see with masks."""

    def __init__(self, images, labels, latents, records: list, scale: float):
        self.images, self.labels, self.latents, self.records, self.scale = images, labels, latents, records, scale
        self.usable = np.array([i for i in range(len(latents)) if records[i]["style"] in HEAD_STYLES])

    def latents_of(self, chosen: np.ndarray, flip: bool) -> Tensor:
        """z (S,4,h,w) of scenes, mirrored or not."""
        z = from_numpy(self.latents[chosen].astype(np.float32)) * self.scale
        return (z.flip(3) if flip else z).contiguous(memory_format=torch.channels_last)

    def labels_of(self, chosen: np.ndarray, flip: bool) -> Tensor:
        """Label maps (S,H,W) of scenes, mirrored or not."""
        labels = from_numpy(self.labels[chosen])
        return labels.flip(2) if flip else labels

    def batch(self, scenes: int, rng: np.random.Generator) -> np.ndarray:
        return rng.choice(self.usable, scenes, replace=False)

    def prompts(self, index: int, rng: np.random.Generator) -> list[tuple[str, int]]:
        """PROMPTS pairs of a name and its label in the scene; 0 where the name is absent."""
        entities = self.records[index]["entities"]
        present = rng.choice(len(entities), min(PROMPTS, len(entities)), replace=False)
        chosen = []
        for slot in range(PROMPTS):
            if slot >= len(present) or rng.random() < ABSENT_SHARE:
                chosen.append((absent_names(entities, rng, hard=bool(rng.random() < 0.5)), 0))
            else:
                chosen.append((entities[present[slot]][0], int(present[slot]) + 1))
        return chosen


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy; Dice on the samples that have something to find; on the others once more the cross-entropy
    of the loudest pixels, since a small false mask costs the mean next to nothing. Both (N,1,H,W). Dice is the one with
    squares (Milletari et al. 2016), least where the probability is the smoothed target, as the cross-entropy is."""
    soft = SMOOTHING + (1 - 2 * SMOOTHING) * target
    bce = F.binary_cross_entropy_with_logits(logits, soft)
    p = logits.sigmoid()
    overlap, total = (p * soft).sum((1, 2, 3)), (p.square() + soft.square()).sum((1, 2, 3))
    dice = 1 - 2 * overlap / total
    some = (target.sum((1, 2, 3)) > 0).float()
    loudest = F.softplus(logits.flatten(1).topk(max(1, round(LOUDEST * logits[0].numel())), dim=1).values).mean(1)
    found = 0.3 * (dice * some).sum() / some.sum().clamp(min=1)
    quiet = QUIET_WEIGHT * (loudest * (1 - some)).sum() / (1 - some).sum().clamp(min=1)
    return bce + found + quiet


def cell_loss(
    match: MatchMap, cells: Tensor, labels: Tensor, records: list, contexts: Contexts, names: Tensor
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of every latent cell's name among the vocabulary and none, from label maps (S,8h,8w) and the cells'
    embeddings (S,C,h,w); and the share of things' cells that have their name on top."""
    column = {name: i + 1 for i, name in enumerate(contexts.names)}
    lookup = torch.zeros(len(records), 64, dtype=torch.long)
    for row, record in enumerate(records):
        for k, (name, _) in enumerate(record["entities"]):
            lookup[row, k + 1] = column[name]
    target = lookup.gather(1, labels[:, 4::8, 4::8].flatten(1).long())
    scores = match.scores(cells, names)
    scores = torch.cat([torch.zeros_like(scores[:, :1]), scores], dim=1).float()
    thing = torch.tensor([False, *(vocabulary()[name].kind == "thing" for name in contexts.names)])
    loss = F.cross_entropy(scores, target, weight=torch.where(thing, THING_WEIGHT, 1.0))
    hits = (scores.argmax(1) == target)[thing[target]].float().mean()
    return loss, hits


@torch.no_grad()
def separate(match: MatchMap, names: Tensor) -> None:
    """Makes the match map's text projection one that whitens the names (N,D): as the text encoder gives them they are
    so alike that telling them apart would have to be learnt first."""
    mean = names.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov((names - mean).T))
    whiten = (vectors / values.clamp(min=float(values.max()) * 0.003).sqrt()).T
    projection = nn.init.orthogonal_(torch.empty(match.text.out_features, whiten.shape[0])) @ whiten
    match.text.weight.copy_(projection)
    match.text.bias.copy_(-projection @ mean)


class Features:
    """The frozen denoiser's tapped features of latents, at a random timestep of the head's range."""

    def __init__(self, unet: UNet, contexts: Contexts):
        self.unet, self.empty = unet, contexts.empty
        self.abar = alphas_cumprod()
        self.taps = [unet.feature_names.index(tap) for tap in TAPS]

    @torch.no_grad()
    def __call__(self, z: Tensor, rng: np.random.Generator) -> list[Tensor]:
        timestep = from_numpy(rng.integers(*TIMESTEP_RANGE, len(z)))
        noise = from_numpy(rng.standard_normal(z.shape, dtype=np.float32))
        context = self.empty.expand(len(z), -1, -1)
        features = self.unet.all_features(add_noise(z, noise, timestep, self.abar), timestep, context)
        return [features[tap] for tap in self.taps]


def match_step(head: LDZNet, unet: UNet, pools: list[Pool], contexts: Contexts, scenes: int):
    """Training of the match map alone: a function of the step number -> (loss, figures). The pools take turns."""
    features_of = Features(unet, contexts)

    def step_loss(step: int):
        rng = np.random.default_rng([19, step, rank()])
        pool = pools[step % len(pools)]
        chosen = pool.batch(scenes, rng)
        flip = rng.random() < 0.5
        z, labels = pool.latents_of(chosen, flip), pool.labels_of(chosen, flip)
        with autocast():
            features = features_of(z, rng)
            cells = head.match.embed(head.matched(z, features), z.shape[2], z.shape[3])
            records = [pool.records[i] for i in chosen]
            loss, hits = cell_loss(head.match, cells, labels, records, contexts, contexts.pooled_names(rng))
        return loss, {"things": hits}

    return step_loss


def head_step(method: str, head: MaskHead, unet: UNet, pools: list[Pool], contexts: Contexts, scenes: int):
    """A function of the step number -> (loss, figures). The pools take turns."""
    features_of = Features(unet, contexts)

    def step_loss(step: int):
        rng = np.random.default_rng([17, step, rank()])
        pool = pools[step % len(pools)]
        chosen = pool.batch(scenes, rng)
        flip = rng.random() < 0.5
        labels = pool.labels_of(chosen, flip)
        asked = [pool.prompts(i, rng) for i in chosen]
        context = torch.stack([contexts.prompt(name, rng) for prompts in asked for name, _ in prompts])
        wanted = torch.tensor([label for prompts in asked for _, label in prompts])
        target = (
            (labels.repeat_interleave(PROMPTS, 0) == wanted[:, None, None]) & (wanted > 0)[:, None, None]
        ).float()[:, None]
        with autocast():
            if method == "rgbnet":
                image = to_image(pool.images[chosen])
                image = image.flip(3) if flip else image
                logits = head(image.repeat_interleave(PROMPTS, 0), context)
            else:
                z = pool.latents_of(chosen, flip)
                zs = z.repeat_interleave(PROMPTS, 0)
                if isinstance(head, LDZNet):
                    features = features_of(z, rng)
                    repeated = [f.repeat_interleave(PROMPTS, 0) for f in features]
                    if head.match is None:
                        logits = head(zs, context, repeated)
                    else:
                        with torch.no_grad():
                            embedded = head.match.embed(head.matched(z, features), z.shape[2], z.shape[3])
                        logits = head.matched_logits(zs, context, repeated, embedded.repeat_interleave(PROMPTS, 0))
                else:
                    logits = head(zs, context)
        logits = logits.float()
        loss = mask_loss(logits, target)
        with torch.no_grad():
            mask, some = logits > 0, target.sum((1, 2, 3)) > 0
            truth = target > 0
            iou = (mask & truth).sum((1, 2, 3)) / (mask | truth).sum((1, 2, 3)).clamp(min=1)
            quiet = (mask[~some].float().mean((1, 2, 3)) < 1e-3).float().mean() if (~some).any() else torch.ones(())
        return loss, {"iou": iou[some].mean(), "absent": quiet}

    return step_loss
