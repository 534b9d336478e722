"""Features of the frozen denoiser, for the match map and LD-ZNet."""

import numpy as np
import torch
from torch import Tensor

from ..mini import TAPS, TIMESTEP_RANGE
from ..noise_schedule import add_noise, alphas_cumprod
from ..unet import UNet
from .process_group import from_numpy
from .text_contexts import TextContexts


class TapFeatures:
    """z (S,4,h,w) -> the tapped features, with the empty prompt and random timesteps in the range of the heads."""

    def __init__(self, unet: UNet, contexts: TextContexts):
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
