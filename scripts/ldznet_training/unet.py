"""The denoising UNet of latent diffusion: z_t, timestep, context -> features after its transformers.

Names and order of the parameters are those of Stable Diffusion v1.4's `model.diffusion_model.*`. ZNet (znet.py) has the
same body.
"""

import math
from dataclasses import dataclass
from typing import List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import SpatialTransformer


@dataclass
class UNetConfig:
    """Sizes of a UNet body; the defaults are Stable Diffusion v1.4's."""

    in_channels: int = 4
    out_channels: int = 4
    model_channels: int = 320
    channel_mult: Tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: int = 2
    attention_levels: Tuple[int, ...] = (0, 1, 2)
    heads: int = 8
    context_width: int = 768
    groups: int = 32
    pooled_text: bool = False  # ours: adds a projection of the text's last token to the timestep embedding
    # Ours: residual blocks whose outputs are features, in levels without transformers.
    extra_taps: Tuple[str, ...] = ()


def timestep_embedding(timestep: Tensor, width: int) -> Tensor:
    """Sinusoids (B,width) of integer timesteps (B): cosines first, periods from 2 pi to 10000 * 2 pi."""
    half = width // 2
    frequencies = torch.exp(-math.log(10000.0) / half * torch.arange(half, dtype=torch.float32, device=timestep.device))
    angles = timestep[:, None].float() * frequencies[None]
    return torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1)


class Convolution(nn.Conv2d):
    """A convolution with the signature of a block's part."""

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        return self._conv_forward(x, self.weight, self.bias)


class ResBlock(nn.Module):
    """Residual: two 3x3 convolutions with the timestep embedding added between. With `tap`, its output is a feature."""

    def __init__(self, width: int, emb_width: int, out: int, groups: int, tap: bool = False):
        super().__init__()
        self.tap = tap
        self.in_layers = nn.Sequential(nn.GroupNorm(groups, width), nn.SiLU(), nn.Conv2d(width, out, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(emb_width, out))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(groups, out), nn.SiLU(), nn.Identity(), nn.Conv2d(out, out, 3, padding=1)
        )
        self.skip_connection = nn.Identity() if width == out else nn.Conv2d(width, out, 1)

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        h = self.in_layers(x) + self.emb_layers(emb)[:, :, None, None]
        y = self.skip_connection(x) + self.out_layers(h)
        if self.tap:
            features.append(y)
        return y


class Downsample(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.op = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Block(nn.Sequential):
    """Parts in sequence, skipped once `features` has `stop` elements."""

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor], stop: int) -> Tensor:
        for part in self:
            if len(features) < stop:
                x = part(x, emb, context, features)
        return x


class UNetBody(nn.Module):
    """Input, middle and output blocks; subclasses define the transformers and the output layers."""

    def __init__(self, config: UNetConfig):
        super().__init__()
        c = config
        self.in_channels = c.in_channels
        self.model_channels = c.model_channels
        self.pooled_text = c.pooled_text
        emb_width = 4 * c.model_channels
        self.time_embed = nn.Sequential(
            nn.Linear(c.model_channels, emb_width), nn.SiLU(), nn.Linear(emb_width, emb_width)
        )
        self.text_embed = nn.Linear(c.context_width, emb_width) if c.pooled_text else nn.Identity()

        self.feature_names: List[str] = []
        self.feature_widths: List[int] = []

        def transformer(name: str, width: int) -> nn.Module:
            self.feature_names.append(name)
            self.feature_widths.append(width)
            return self.make_transformer(name, width, config)

        def res_block(name: str, width: int, out: int) -> nn.Module:
            tap = name in c.extra_taps
            if tap:
                if not (c.pooled_text or self.feature_names):  # no transformer yet
                    raise ValueError(f"{name} cannot be a feature: it does not depend on the context")
                self.feature_names.append(name)
                self.feature_widths.append(out)
            return ResBlock(width, emb_width, out, c.groups, tap)

        width = c.model_channels
        skips = [width]
        self.input_blocks = nn.ModuleList([Block(Convolution(c.in_channels, width, 3, padding=1))])
        for level, mult in enumerate(c.channel_mult):
            for _ in range(c.res_blocks):
                name = f"input_blocks.{len(self.input_blocks)}"
                parts = [res_block(f"{name}.0", width, mult * c.model_channels)]
                width = mult * c.model_channels
                if level in c.attention_levels:
                    parts.append(transformer(f"{name}.1", width))
                self.input_blocks.append(Block(*parts))
                skips.append(width)
            if level != len(c.channel_mult) - 1:
                self.input_blocks.append(Block(Downsample(width)))
                skips.append(width)

        first, last = (ResBlock(width, emb_width, width, c.groups) for _ in range(2))
        self.middle_block = Block(first, transformer("middle_block.1", width), last)

        self.output_blocks = nn.ModuleList([])
        for level, mult in reversed(list(enumerate(c.channel_mult))):
            for i in range(c.res_blocks + 1):
                name = f"output_blocks.{len(self.output_blocks)}"
                parts = [res_block(f"{name}.0", width + skips.pop(), mult * c.model_channels)]
                width = mult * c.model_channels
                if level in c.attention_levels:
                    parts.append(transformer(f"{name}.1", width))
                if level and i == c.res_blocks:
                    parts.append(Upsample(width))
                self.output_blocks.append(Block(*parts))

    def make_transformer(self, name: str, width: int, config: UNetConfig) -> nn.Module:
        return SpatialTransformer(width, config.context_width, config.heads, config.groups, tap=True)

    def body(self, x: Tensor, timestep: Tensor, context: Tensor, features: List[Tensor], stop: int) -> Tensor:
        """Runs x (B,C,h,w) through the blocks, up to `stop` features; returns the input of `out` if all blocks ran.

        Channels after the first `in_channels`, which are semantic latents, are left out. x and timestep of batch 1 are
        shared by all contexts: blocks have batch 1 until the context is read, by the first transformer or, with
        `pooled_text`, the first residual block.
        """
        x = x[:, : self.in_channels]
        emb = self.time_embed(timestep_embedding(timestep, self.model_channels).to(x.dtype))
        if self.pooled_text:
            emb = emb + self.text_embed(context[:, -1])
        skips: List[Tensor] = []
        for block in self.input_blocks:
            x = block(x, emb, context, features, stop)
            skips.append(x)
        x = self.middle_block(x, emb, context, features, stop)
        for block in self.output_blocks:
            skip = skips.pop()
            if len(features) < stop:
                if skip.shape[0] < x.shape[0]:
                    skip = torch.cat([skip] * x.shape[0])  # unlike expand, keeps the order of the channels in memory
                x = block(torch.cat([x, skip], dim=1), emb, context, features, stop)
        return x


class UNet(UNetBody):
    """The denoiser. `taps`: names of the features that `forward` returns (default: all)."""

    def __init__(self, config: UNetConfig, taps: List[str] | None = None):
        super().__init__(config)
        width = config.model_channels
        self.out = nn.Sequential(
            nn.GroupNorm(config.groups, width), nn.SiLU(), nn.Conv2d(width, config.out_channels, 3, padding=1)
        )
        self.taps: List[int] = [self.feature_names.index(tap) for tap in (taps or self.feature_names)]
        self.stop = max(self.taps) + 1

    @torch.jit.unused
    def tap_widths(self) -> List[int]:
        """Channels of each tap."""
        return [self.feature_widths[tap] for tap in self.taps]

    def forward(self, z_t: Tensor, timestep: Tensor, context: Tensor) -> List[Tensor]:
        """Features (B,C_i,h_i,w_i) at the taps for z_t (B,4,h,w), timestep int64 (B), context (B,L,D).

        z_t and timestep of batch 1 are shared by all contexts. Blocks after the last tap do not run.
        """
        features: List[Tensor] = []
        self.body(z_t, timestep, context, features, self.stop)
        return [features[tap] for tap in self.taps]

    @torch.jit.export
    def all_features(self, z_t: Tensor, timestep: Tensor, context: Tensor) -> List[Tensor]:
        """All features, in the order of `feature_names`."""
        features: List[Tensor] = []
        self.body(z_t, timestep, context, features, len(self.feature_names))
        return features

    @torch.jit.export
    def predict_noise(self, z_t: Tensor, timestep: Tensor, context: Tensor) -> Tuple[Tensor, List[Tensor]]:
        """The predicted noise (B,4,h,w) and all features, for training."""
        features: List[Tensor] = []
        x = self.body(z_t, timestep, context, features, len(self.feature_names) + 1)
        return self.out(x), features
