"""Semantic latents, ours: latent channels beside the VAE's that say which names a cell shows.

The VAE's few channels describe colours and edges, and a small denoiser learns little about photographs from them. These
channels come from an encoder of their own, trained to name every cell. The denoiser does not see them; LD-ZNet compares
them with the text.
"""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .vae import VAEEncoder

CHANNELS = 64
WIDTHS = (32, 64, 128, 256)  # at 1/4, 1/8, 1/16 and 1/32 of the picture
BLOCKS = (0, 2, 2, 3)
POOL_HEADS = 4
SCALE = CHANNELS**-0.5  # of text embeddings, for the dot product
BIAS = -3.0  # of the match, before training: most cells match nothing


class ConvNorm(nn.Sequential):
    """Convolution and batch norm."""

    def __init__(self, width: int, out: int, size: int = 3, stride: int = 1):
        super().__init__(
            nn.Conv2d(width, out, size, stride, padding=size // 2, bias=False),
            nn.BatchNorm2d(out),
        )

    def fuse(self) -> None:
        """Multiplies the batch norm into the convolution, once it is no longer trained."""
        self[0], self[1] = fuse_conv_bn_eval(self[0], self[1]), nn.Identity()


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = ConvNorm(width, width)
        self.conv2 = ConvNorm(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class SemanticEncoder(nn.Module):
    """image (B,3,H,W) in [-1,1] -> semantic latents (B,CHANNELS,H/8,W/8). H and W are multiples of 32.

    A small residual network on the picture at half size, whose coarse levels are added to the finer ones.
    """

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(3, WIDTHS[0], 3, 2)
        self.down = nn.ModuleList([ConvNorm(a, b, 3, 2) for a, b in zip(WIDTHS[:-1], WIDTHS[1:])])
        self.blocks = nn.ModuleList(
            [nn.Sequential(*[ResidualBlock(width) for _ in range(n)]) for width, n in zip(WIDTHS[1:], BLOCKS[1:])]
        )
        self.scene = nn.Linear(WIDTHS[-1], WIDTHS[-1])
        finer = WIDTHS[-2:0:-1]  # from coarse to fine
        self.lateral = nn.ModuleList([nn.Conv2d(a, b, 1) for a, b in zip(WIDTHS[::-1], finer)])
        self.merge = nn.ModuleList([ConvNorm(width, width) for width in finer])
        self.out = nn.Conv2d(WIDTHS[1], CHANNELS, 1)

    def forward(self, image: Tensor) -> Tensor:
        return self.embed(F.avg_pool2d(image, 2))

    def embed(self, image: Tensor) -> Tensor:
        """Like `forward`, of a picture that is at half size already: (B,3,h,w) -> (B,CHANNELS,h/4,w/4)."""
        x = F.relu(self.stem(image))
        levels: List[Tensor] = []
        for down, blocks in zip(self.down, self.blocks):
            x = blocks(F.relu(down(x)))
            levels.append(x)
        x = x + self.scene(x.mean((2, 3)))[:, :, None, None]
        i = len(levels) - 2
        for lateral, merge in zip(self.lateral, self.merge):
            fine = levels[i]
            coarse = F.interpolate(lateral(x), size=[fine.shape[2], fine.shape[3]], mode="bilinear")
            x = F.relu(merge(fine + coarse))
            i -= 1
        return self.out(x)


class SemanticMatch(nn.Module):
    """How well the semantic latents of each cell match the text.

    The text is pooled from all tokens of the context by attention: the last token alone does not tell apart names that
    the text encoder was not trained on.
    """

    def __init__(self, context_width: int, hidden: int = 256):
        super().__init__()
        self.attend = nn.Linear(context_width, POOL_HEADS)
        self.value = nn.Linear(context_width, hidden)
        self.scale = SCALE
        self.text = nn.Sequential(
            nn.LayerNorm(hidden + context_width),
            nn.Linear(hidden + context_width, hidden),
            nn.GELU(),
            nn.Linear(hidden, CHANNELS),
        )
        self.bias = nn.Parameter(torch.tensor(BIAS))

    def embed_text(self, context: Tensor) -> Tensor:
        """Contexts (N,L,D) -> text embeddings (N,CHANNELS)."""
        weights = self.attend(context).softmax(1)
        values = self.value(context).view(context.shape[0], context.shape[1], weights.shape[2], -1)
        pooled = (values * weights[:, :, :, None]).sum(1).flatten(1)
        return self.text(torch.cat([pooled, context[:, -1]], dim=1)) * self.scale

    def scores(self, cells: Tensor, text: Tensor) -> Tensor:
        """The match (B,N,h*w) of semantic latents (B,CHANNELS,h,w) and text embeddings (N,CHANNELS)."""
        return torch.matmul(text, cells.flatten(2)) + self.bias

    def score(self, cells: Tensor, context: Tensor) -> Tensor:
        """The match (B,1,h,w) of semantic latents (B or 1,CHANNELS,h,w) and contexts (B,L,D), a picture each."""
        return (cells * self.embed_text(context)[:, :, None, None]).sum(1, keepdim=True) + self.bias


class EncoderWithSemantics(nn.Module):
    """image (B,3,H,W) in [-1,1] -> moments (B,2*(C+CHANNELS),H/8,W/8): the VAE's C channels, semantic latents behind.

    Semantic latents are divided by `latent_scale`, with which the pipeline multiplies z. They have no variance to speak
    of: their log-variances are 0.
    """

    def __init__(self, vae: VAEEncoder, semantic: SemanticEncoder, latent_scale: float):
        super().__init__()
        self.vae = vae
        self.semantic = semantic
        self.latent_scale = latent_scale

    def forward(self, image: Tensor) -> Tensor:
        mean, logvar = torch.chunk(self.vae(image), 2, dim=1)
        semantic = self.semantic(image) / self.latent_scale
        return torch.cat([mean, semantic, logvar, torch.zeros_like(semantic)], dim=1)


class Semantics(nn.Module):
    """Encoder and match, as they are trained."""

    def __init__(self, context_width: int):
        super().__init__()
        self.encoder = SemanticEncoder()
        self.match = SemanticMatch(context_width)

    def fuse(self) -> None:
        """Fuses all batch norms with their convolutions."""
        for part in self.eval().modules():
            if isinstance(part, ConvNorm):
                part.fuse()
