"""Semantic latents, ours: latent channels beside the VAE's that say which names a cell shows.

The VAE's few channels describe colours and edges, and a small denoiser learns little about photographs from them. These
channels come from an encoder of their own, trained to name every cell. The denoiser does not see them; LD-ZNet compares
them with the text.
"""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .conv_norm import ConvNorm
from .efficientnet_lite import LEVEL_WIDTHS, EfficientNetLite
from .vae import VAEEncoder

CHANNELS = 64
WIDTH = 128  # of all levels, once they are added up
TOP_WIDTH = 640  # of the features at 1/32
POOL_HEADS = 4
SCALE = CHANNELS**-0.5  # of text embeddings, for the dot product
# How the match counts in drawings before calibration: its weight beside the logits, the most that it is limited to, and
# the best match below which a name is absent.
DRAWN_PART, DRAWN_MOST, DRAWN_PEAK = 0.5, 3.0, -100.0
MARGIN = 0.1  # by which all logits of an absent name are below 0
LIMIT = 3.6  # of logits: probabilities of 0.027 to 0.973, between the outer thresholds of the published evaluation
BIAS = -3.0  # of the match, before training: most cells match nothing


def limited(match: Tensor, most: Tensor) -> Tensor:
    """The match as it counts in drawings, which is no more than `most`, a number."""
    return torch.minimum(match.clamp(min=-1.0), most)


class SemanticEncoder(nn.Module):
    """image (B,3,H,W) in [-1,1] -> semantic latents (B,CHANNELS,H/8,W/8). H and W are multiples of 32.

    The features of an EfficientNet-Lite, whose coarse levels are added to the finer ones.
    """

    def __init__(self):
        super().__init__()
        self.trunk = EfficientNetLite()
        self.top = ConvNorm(LEVEL_WIDTHS[-1], TOP_WIDTH, 1)
        self.scene = nn.Linear(TOP_WIDTH, WIDTH)
        self.coarsest = nn.Conv2d(TOP_WIDTH, WIDTH, 1)
        self.lateral = nn.ModuleList([nn.Conv2d(width, WIDTH, 1) for width in LEVEL_WIDTHS[-2::-1]])
        self.merge = nn.ModuleList([ConvNorm(WIDTH, WIDTH) for _ in LEVEL_WIDTHS[1:]])
        self.out = nn.Conv2d(WIDTH, CHANNELS, 1)

    def forward(self, image: Tensor) -> Tensor:
        return self.neck(self.trunk(image))

    def neck(self, fine: List[Tensor]) -> Tensor:
        """The latents from the trunk's features, which fine-tuning leaves as they are."""
        top = F.relu(self.top(fine[-1]))
        x = self.coarsest(top) + self.scene(top.mean((2, 3)))[:, :, None, None]
        i = len(fine) - 2
        for lateral, merge in zip(self.lateral, self.merge):
            coarse = F.interpolate(x, size=[fine[i].shape[2], fine[i].shape[3]], mode="bilinear")
            x = F.relu(merge(lateral(fine[i]) + coarse))
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
        self.peak = nn.Parameter(torch.tensor(0.0))  # a name whose best match in a photograph is lower is absent
        self.lift = nn.Parameter(torch.tensor(0.0))  # added to the match in drawings
        self.drawn_part = nn.Parameter(torch.tensor(DRAWN_PART))
        self.drawn_most = nn.Parameter(torch.tensor(DRAWN_MOST))
        self.drawn_peak = nn.Parameter(torch.tensor(DRAWN_PEAK))
        self.margin = MARGIN
        self.limit = LIMIT
        self.drawn = nn.Linear(2 * CHANNELS, 1)  # above 0: the picture is a drawing rather than a photograph

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

    def summary(self, cells: Tensor) -> Tensor:
        """Mean and standard deviation (B,2*CHANNELS) over a picture's cells, from which `drawn` tells drawings."""
        mean = cells.mean((2, 3))
        spread = (cells.square().mean((2, 3)) - mean.square()).clamp(min=0).sqrt()
        return torch.cat([mean, spread], dim=1)

    def combine(self, logits: Tensor, cells: Tensor, context: Tensor) -> Tensor:
        """The logits (B,1,8h,8w) of a mask from those of the VAE's latents and the features, and from the match.

        The former know drawings alone. There the match raises or lowers them; photographs are left to it.
        """
        match = self.score(cells, context)
        best = match.amax((2, 3), keepdim=True)
        match = F.interpolate(match, scale_factor=8.0, mode="bilinear")
        photograph = match - (best < self.peak).to(match.dtype) * self.peak
        drawn = self.drawn(self.summary(cells)).sigmoid()[:, :, None, None]
        combined = drawn * self.in_drawings(logits, match, best) + (1 - drawn) * photograph
        return self.limit * torch.tanh(combined / self.limit)

    def in_drawings(self, logits: Tensor, match: Tensor, best: Tensor) -> Tensor:
        """The logits (B,1,H,W) of drawings from those of the rest of the network and the match at their size; all are
        below 0 if the best match (B,1,1,1) is low."""
        logits = logits + self.drawn_part * limited(match + self.lift, self.drawn_most)
        absent = (best < self.drawn_peak).to(logits.dtype)
        return logits - absent * (logits.amax((2, 3), keepdim=True).clamp(min=0) + self.margin)


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
