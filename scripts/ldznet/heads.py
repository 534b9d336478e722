"""Training of the miniature's mask heads: ZNet, LD-ZNet (as published, and with the match map) and RGBNet.

All are trained alike: the same scenes, prompts, steps and schedule, the body initialised from the denoiser's weights.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .autoencoder import to_image
from .contexts import Contexts
from .denoiser import Denoiser
from .drawings import HEAD_STYLES
from .mini import LDZNET, LDZNET_AS_PUBLISHED, TAPS, TIMESTEP_RANGE, ZNET
from .noise_schedule import add_noise, alphas_cumprod
from .scenes import absent_names
from .training import autocast, rank
from .unet import UNet
from .znet import LDZNet, MaskHead, RGBNet, ZNet

CONFIGS = {"ldznet": LDZNET, "ldznet-published": LDZNET_AS_PUBLISHED, "znet": ZNET, "rgbnet": ZNET}
PROMPTS = 4  # a scene
ABSENT_SHARE = 0.28
QUIET_WEIGHT = 0.03  # of the loudest pixels' loss where nothing is to be found
LOUDEST = 1 / 200  # of a picture's pixels
CELL_WEIGHT = 0.2  # of the match map's own loss


def initialise(head: MaskHead, denoiser: Denoiser) -> None:
    """The body from the denoiser (a further input channel starts small), mask layers so that signal passes at once."""
    own = head.state_dict()
    for name, value in denoiser.unet.state_dict().items():
        if name.startswith("out.2") or name not in own:
            continue
        if own[name].shape == value.shape:
            own[name].copy_(value)
        elif name == "input_blocks.0.0.weight":
            own[name][:, : value.shape[1]].copy_(value)
            own[name][:, value.shape[1] :].normal_(std=0.05)
    if isinstance(head, LDZNet) and head.match is not None:
        head.match.load_state_dict(denoiser.match.state_dict())
    for layer in head.final:
        if isinstance(layer, nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, std=(2.5 / layer.in_channels) ** 0.5)
        elif isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=(2.5 / (9 * layer.in_channels)) ** 0.5)
    nn.init.constant_(head.final[-1].bias, -2.0)


@torch.no_grad()
def make_head(method: str, denoiser: Denoiser) -> MaskHead:
    """A head ready to be trained."""
    config = CONFIGS[method]
    if method == "rgbnet":
        head: MaskHead = RGBNet(config)
    elif method == "znet":
        head = ZNet(config)
    else:
        unet = denoiser.unet
        head = LDZNet(config, [unet.feature_widths[unet.feature_names.index(tap)] for tap in TAPS])
    initialise(head, denoiser)
    return head


class Pool:
    """Cached scenes in the styles that heads may see with masks."""

    def __init__(self, images, labels, latents, records: list, scale: float):
        self.images, self.labels, self.latents, self.records, self.scale = images, labels, latents, records, scale
        self.usable = np.array([i for i in range(len(latents)) if records[i]["style"] in HEAD_STYLES])

    def batch(self, scenes: int, rng: np.random.Generator) -> np.ndarray:
        return rng.choice(self.usable, scenes, replace=False)

    def prompts(self, index: int, rng: np.random.Generator) -> list[tuple[str, int]]:
        """PROMPTS pairs of a name and its label in the scene; 0 where the name is absent."""
        entities = self.records[index]["entities"]
        weights = np.array([1.0 if kind == "thing" else 0.6 for _, kind in entities])
        present = rng.choice(len(entities), min(PROMPTS, len(entities)), replace=False, p=weights / weights.sum())
        chosen = []
        for slot in range(PROMPTS):
            if slot >= len(present) or rng.random() < ABSENT_SHARE:
                chosen.append((absent_names(entities, rng, hard=bool(rng.random() < 0.5)), 0))
            else:
                chosen.append((entities[present[slot]][0], int(present[slot]) + 1))
        return chosen


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy; Dice on the samples that have something to find; on the others once more the cross-entropy
    of the loudest pixels, since a small false mask costs the mean next to nothing. Both (N,1,H,W)."""
    bce = F.binary_cross_entropy_with_logits(logits, target)
    p = logits.sigmoid()
    overlap, total = (p * target).sum((1, 2, 3)), (p + target).sum((1, 2, 3))
    dice = 1 - (2 * overlap + 1) / (total + 1)
    some = (target.sum((1, 2, 3)) > 0).float()
    loudest = F.softplus(logits.flatten(1).topk(max(1, round(LOUDEST * logits[0].numel())), dim=1).values).mean(1)
    found = 0.3 * (dice * some).sum() / some.sum().clamp(min=1)
    quiet = QUIET_WEIGHT * (loudest * (1 - some)).sum() / (1 - some).sum().clamp(min=1)
    return bce + found + quiet


def cell_loss(
    head: LDZNet, features: list[Tensor], labels: Tensor, records: list, contexts: Contexts, names: Tensor
) -> Tensor:
    """Cross-entropy of every latent cell's name among the vocabulary and none, from label maps (S,H,W)."""
    column = {name: i + 1 for i, name in enumerate(contexts.names)}
    h = labels.shape[1] // 8
    centre = labels[:, 4::8, 4::8].flatten(1)
    lookup = torch.zeros(len(records), 64, dtype=torch.long)
    for row, record in enumerate(records):
        for k, (name, _) in enumerate(record["entities"]):
            lookup[row, k + 1] = column[name]
    target = lookup.gather(1, centre.long())
    match = head.match
    cells = match.embed([features[i] for i in head.match_indices], h, labels.shape[2] // 8).flatten(2)
    scores = torch.matmul(match.embed_text(names), cells) + match.bias
    scores = torch.cat([torch.zeros_like(scores[:, :1]), scores], dim=1)
    return F.cross_entropy(scores.float(), target)


def head_step(method: str, head: MaskHead, unet: UNet, pool: Pool, contexts: Contexts, scenes: int):
    """A function of the step number -> (loss, figures)."""
    abar = alphas_cumprod()
    taps = [unet.feature_names.index(tap) for tap in TAPS]

    def features_of(z: Tensor, rng: np.random.Generator) -> list[Tensor]:
        timestep = torch.from_numpy(rng.integers(*TIMESTEP_RANGE, len(z)))
        noise = torch.from_numpy(rng.standard_normal(z.shape, dtype=np.float32))
        with torch.no_grad():
            features = unet.all_features(
                add_noise(z, noise, timestep, abar), timestep, contexts.empty.expand(len(z), -1, -1)
            )
        return [features[tap] for tap in taps]

    def step_loss(step: int):
        rng = np.random.default_rng([17, step, rank()])
        chosen = pool.batch(scenes, rng)
        records = [pool.records[i] for i in chosen]
        labels = torch.from_numpy(pool.labels[chosen])
        asked = [pool.prompts(i, rng) for i in chosen]
        context = torch.stack([contexts.prompt(name, rng) for prompts in asked for name, _ in prompts])
        wanted = torch.tensor([label for prompts in asked for _, label in prompts])
        flip = rng.random() < 0.5
        labels = labels.flip(2) if flip else labels
        target = (
            (labels.repeat_interleave(PROMPTS, 0) == wanted[:, None, None]) & (wanted > 0)[:, None, None]
        ).float()[:, None]
        cells = torch.zeros(())
        with autocast():
            if method == "rgbnet":
                image = to_image(pool.images[chosen])
                image = image.flip(3) if flip else image
                logits = head(image.repeat_interleave(PROMPTS, 0), context)
            else:
                z = torch.from_numpy(pool.latents[chosen].astype(np.float32)) * pool.scale
                z = (z.flip(3) if flip else z).contiguous(memory_format=torch.channels_last)
                zs = z.repeat_interleave(PROMPTS, 0)
                if isinstance(head, LDZNet):
                    features = features_of(z, rng)
                    logits = head(zs, context, [f.repeat_interleave(PROMPTS, 0) for f in features])
                    if head.match is not None:
                        cells = cell_loss(head, features, labels, records, contexts, contexts.pooled_names(rng))
                else:
                    logits = head(zs, context)
        logits = logits.float()
        loss = mask_loss(logits, target)
        with torch.no_grad():
            mask, some = logits > 0, target.sum((1, 2, 3)) > 0
            truth = target > 0
            iou = (mask & truth).sum((1, 2, 3)) / (mask | truth).sum((1, 2, 3)).clamp(min=1)
            quiet = (mask[~some].float().mean((1, 2, 3)) < 1e-3).float().mean() if (~some).any() else torch.ones(())
        return loss + CELL_WEIGHT * cells, {
            "mask": loss.detach(),
            "cells": cells.detach(),
            "iou": iou[some].mean(),
            "absent": quiet,
        }

    return step_loss
