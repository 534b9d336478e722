"""Training of the miniature's denoiser (LDM) on latents and captions.

The denoising loss is the published one. Our addition, without masks: for samples with an empty caption, the features
are matched with all names of the vocabulary, and the best cells of a name must predict whether the picture shows it.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..mini import CONTEXT_WIDTH, MATCH_TAPS, UNET
from ..noise_schedule import add_noise, alphas_cumprod
from ..unet import UNet, UNetConfig
from ..znet import MatchMap
from .loop import StepLoss
from .process_group import autocast, from_numpy, rank
from .text_contexts import TextContexts

# Share of a batch with an empty caption, a small timestep and the match loss; the rest has a caption and any timestep.
MATCHED_SHARE = 0.7
MATCH_WEIGHT = 0.05
MATCH_CHANNELS = 64
SHARPNESS = 2.0  # of the soft maximum over cells


class Denoiser(nn.Module):
    """The UNet, and a match map on four of its features."""

    def __init__(self, config: UNetConfig = UNET):
        super().__init__()
        self.unet = UNet(config)
        self.indices = [self.unet.feature_names.index(tap) for tap in MATCH_TAPS]
        widths = [self.unet.feature_widths[i] for i in self.indices]
        self.match = MatchMap(widths, CONTEXT_WIDTH, MATCH_CHANNELS)
        nn.init.zeros_(self.unet.out[2].weight)

    def forward(
        self, z_t: Tensor, timestep: Tensor, context: Tensor, names: Tensor, matched: int
    ) -> tuple[Tensor, Tensor]:
        """The noise (B,4,h,w), and the scores (matched,N,h*w) of pooled names (N,D) for the first `matched` samples."""
        noise, features = self.unet.predict_noise(z_t, timestep, context)
        cells = self.match.embed([features[i][:matched] for i in self.indices], z_t.shape[2], z_t.shape[3])
        return noise, self.match.scores(cells, names)


def denoiser_step(
    model: Denoiser, latents: np.ndarray, entities: list, contexts: TextContexts, scale: float, size: int
) -> StepLoss:
    """The loss as a function of the step number, on `size` samples.

    `latents` (N,4,h,w); `entities`: the [name, kind] pairs of each scene; `scale`: the latent scale.
    """
    abar = alphas_cumprod()
    matched = round(size * MATCHED_SHARE)
    column = {name: i for i, name in enumerate(contexts.names)}

    def step_loss(step: int):
        rng = np.random.default_rng([13, step, rank()])
        chosen = rng.integers(len(latents), size=size)
        z = from_numpy(latents[chosen].astype(np.float32)) * scale
        if rng.random() < 0.5:
            z = z.flip(3)
        noise = from_numpy(rng.standard_normal(z.shape, dtype=np.float32))
        timestep = np.where(np.arange(size) < matched, rng.integers(20, 250, size), rng.integers(0, 1000, size))
        timestep = from_numpy(timestep)
        captions = [contexts.empty] * matched
        captions += [contexts.caption([e[0] for e in entities[i]], rng) for i in chosen[matched:]]
        z_t = add_noise(z, noise, timestep, abar).contiguous(memory_format=torch.channels_last)
        with autocast():
            predicted, scores = model(z_t, timestep, torch.stack(captions), contexts.pooled_names(rng), matched)
        present = torch.zeros(matched, len(contexts.names))
        for row, i in enumerate(chosen[:matched]):
            present[row, [column[name] for name, _ in entities[i]]] = 1
        scores = scores.float() * SHARPNESS
        pooled = (scores.logsumexp(2) - np.log(scores.shape[2])) / SHARPNESS
        match = F.binary_cross_entropy_with_logits(pooled, present, reduction="none").sum(1).mean()
        denoise = F.mse_loss(predicted.float(), noise)
        with torch.no_grad():
            top = pooled.topk(5, dim=1).indices
            hits = present.gather(1, top).sum(1) / present.sum(1).clamp(max=5)
        return denoise + MATCH_WEIGHT * match, {
            "mse": denoise.detach(),
            "match": match.detach(),
            "recall5": hits.mean(),
        }

    return step_loss
