"""The VAE of latent diffusion (AutoencoderKL): image -> moments of z's posterior.

Names are those of `first_stage_model.*` in Stable Diffusion v1.4's checkpoint.
"""

from dataclasses import dataclass
from typing import Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import attention


@dataclass
class VAEConfig:
    """Sizes; the defaults are Stable Diffusion's (f = 8, 4 latent channels)."""

    channels: int = 128
    channel_mult: Tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: int = 2
    latent_channels: int = 4
    groups: int = 32
    attention: bool = True


class ResnetBlock(nn.Module):
    def __init__(self, width: int, out: int, groups: int):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, width, eps=1e-6)
        self.conv1 = nn.Conv2d(width, out, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, out, eps=1e-6)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1)
        self.nin_shortcut = nn.Identity() if width == out else nn.Conv2d(width, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        return self.nin_shortcut(x) + self.conv2(F.silu(self.norm2(h)))


class AttnBlock(nn.Module):
    """Self-attention of all latent cells, one head."""

    def __init__(self, width: int, groups: int):
        super().__init__()
        self.norm = nn.GroupNorm(groups, width, eps=1e-6)
        self.q = nn.Conv2d(width, width, 1)
        self.k = nn.Conv2d(width, width, 1)
        self.v = nn.Conv2d(width, width, 1)
        self.proj_out = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        y = self.norm(x)
        q, k, v = [t.flatten(2).transpose(1, 2) for t in (self.q(y), self.k(y), self.v(y))]
        y = attention(q, k, v, 1).transpose(1, 2).reshape(b, c, h, w)
        return x + self.proj_out(y)


class Downsample(nn.Module):
    """3x3 convolution of stride 2; pads only right and below, as the published encoder does."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, [0, 1, 0, 1]))


class Upsample(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Middle(nn.Module):
    def __init__(self, width: int, config: VAEConfig):
        super().__init__()
        self.block_1 = ResnetBlock(width, width, config.groups)
        self.attn_1 = AttnBlock(width, config.groups) if config.attention else nn.Identity()
        self.block_2 = ResnetBlock(width, width, config.groups)

    def forward(self, x: Tensor) -> Tensor:
        return self.block_2(self.attn_1(self.block_1(x)))


class Level(nn.Module):
    """Residual blocks and a downsampling layer, except in the last level."""

    def __init__(self, blocks: list[nn.Module], downsample: nn.Module | None):
        super().__init__()
        self.block = nn.ModuleList(blocks)
        self.downsample = downsample if downsample is not None else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        for block in self.block:
            x = block(x)
        return self.downsample(x)


class Encoder(nn.Module):
    def __init__(self, config: VAEConfig):
        super().__init__()
        c = config
        width = c.channels
        self.conv_in = nn.Conv2d(3, width, 3, padding=1)
        levels = []
        for i, mult in enumerate(c.channel_mult):
            out = mult * c.channels
            blocks: list[nn.Module] = [
                ResnetBlock(width if j == 0 else out, out, c.groups) for j in range(c.res_blocks)
            ]
            width = out
            levels.append(Level(blocks, Downsample(width) if i < len(c.channel_mult) - 1 else None))
        self.down = nn.ModuleList(levels)
        self.mid = Middle(width, c)
        self.norm_out = nn.GroupNorm(c.groups, width, eps=1e-6)
        self.conv_out = nn.Conv2d(width, 2 * c.latent_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        for level in self.down:
            x = level(x)
        return self.conv_out(F.silu(self.norm_out(self.mid(x))))


class VAEEncoder(nn.Module):
    """image (B,3,H,W) in [-1,1] -> moments (B,2*4,H/8,W/8): mean and log-variance of the posterior of z (unscaled)."""

    def __init__(self, config: VAEConfig):
        super().__init__()
        self.encoder = Encoder(config)
        self.quant_conv = nn.Conv2d(2 * config.latent_channels, 2 * config.latent_channels, 1)

    def forward(self, image: Tensor) -> Tensor:
        return self.quant_conv(self.encoder(image))


def posterior_mean(moments: Tensor) -> Tensor:
    """The mean half of the moments."""
    return torch.chunk(moments, 2, dim=1)[0]
