"""The mask heads: ZNet (z, text), LD-ZNet (z, text, features of the denoiser) and RGBNet (pixels, text).

Each is the UNet body of unet.py with mask layers at its end. Names are those of the published
`LDZNet_txt2mask.ckpt`.
"""

from dataclasses import dataclass
from typing import List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import CrossAttention, SpatialTransformer, TransformerBlock, attention
from .semantic import SemanticMatch
from .unet import UNetBody, UNetConfig


@dataclass
class ZNetConfig(UNetConfig):
    """Sizes of a mask head; the defaults are the published ZNet's."""

    mask_channels: Tuple[int, ...] = (1, 1, 1, 1)  # width of the mask at h, 2h, 4h, 8h
    taps: Tuple[str, ...] = ()  # LD-ZNet: names of the denoiser's features that it takes
    # Of each tap that the block of the same name reads: side of the learnt positional embedding; 0: no block reads it.
    pool_sizes: Tuple[int, ...] = ()
    match_taps: Tuple[str, ...] = ()  # ours: taps that MatchMap compares with the text
    match_channels: int = 64
    match_blocks: int = 0


PUBLISHED_TAPS = ("input_blocks.8.1", "middle_block.1", "output_blocks.3.1", "output_blocks.4.1", "output_blocks.5.1")
PUBLISHED_POOL_SIZES = (12, 6, 12, 12, 12)


def ldznet_config(**sizes) -> ZNetConfig:
    """The configuration of the published LD-ZNet, with `sizes` replaced."""
    return ZNetConfig(**{"taps": PUBLISHED_TAPS, "pool_sizes": PUBLISHED_POOL_SIZES, **sizes})


class AttentionPool2d(nn.Module):
    """A feature (B,C,h,w) -> tokens (B, 1 + h*w, C): its mean and its pixels, after self-attention."""

    def __init__(self, size: int, width: int, heads: int):
        super().__init__()
        self.size = size
        self.heads = heads
        self.positional_embedding = nn.Parameter(torch.randn(width, size * size + 1) / width**0.5)
        self.qkv_proj = nn.Conv1d(width, 3 * width, 1)
        self.c_proj = nn.Conv1d(width, width, 1)

    def positions(self, h: int, w: int) -> Tensor:
        """The positional embedding (C, 1 + h*w), resized unless the feature is size x size."""
        if h == self.size and w == self.size:
            return self.positional_embedding
        grid = self.positional_embedding[:, 1:].view(1, -1, self.size, self.size)
        grid = F.interpolate(grid.float(), size=[h, w], mode="bicubic", align_corners=False).to(grid.dtype)
        return torch.cat([self.positional_embedding[:, :1], grid.flatten(2)[0]], dim=1)

    def forward(self, feature: Tensor) -> Tensor:
        h, w = feature.shape[2], feature.shape[3]
        x = feature.flatten(2)
        x = torch.cat([x.mean(dim=2, keepdim=True), x], dim=2) + self.positions(h, w)[None]
        q, k, v = self.qkv_proj(x).transpose(1, 2).chunk(3, dim=2)
        return self.c_proj(attention(q, k, v, self.heads).transpose(1, 2)).transpose(1, 2)


class FusedTransformerBlock(TransformerBlock):
    """A transformer block with a third attention before the feed-forward: to the denoiser's pooled feature."""

    def __init__(self, width: int, context_width: int, heads: int):
        super().__init__(width, context_width, heads)
        self.attn3 = CrossAttention(width, width, heads)
        self.norm_sd = nn.LayerNorm(width)

    def fuse(self, x: Tensor, context: Tensor, pooled: Tensor) -> Tensor:
        x = self.attn1(self.norm1(x)) + x
        x = self.attn2(self.norm2(x), context) + x
        x = self.attn3(self.norm_sd(x), pooled) + x
        return self.ff(self.norm3(x)) + x


class FusedTransformer(SpatialTransformer):
    """A spatial transformer that reads `features[feature_index]` of the denoiser."""

    def __init__(self, config: UNetConfig, width: int, feature_index: int, size: int):
        super().__init__(width, config.context_width, config.heads, config.groups, tap=False)
        self.feature_index = feature_index
        self.attentionpool2D = AttentionPool2d(size, width, config.heads)
        self.transformer_blocks = nn.ModuleList([FusedTransformerBlock(width, config.context_width, config.heads)])

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        pooled = self.attentionpool2D(features[self.feature_index]).expand(context.shape[0], -1, -1)
        y = self.to_tokens(x)
        for block in self.transformer_blocks:
            y = block.fuse(y, context, pooled)
        return self.from_tokens(y, x)


class MaskHead(UNetBody):
    """The body shared by all methods, and the layers from its output to logits at eight times the resolution."""

    def __init__(self, config: ZNetConfig):
        self.taps = list(config.taps)
        self.pool_sizes = list(config.pool_sizes)
        super().__init__(config)
        c = config.mask_channels
        self.out = nn.Sequential(
            nn.GroupNorm(config.groups, config.model_channels),
            nn.SiLU(),
            nn.Conv2d(config.model_channels, c[0], 3, padding=1),
            nn.SiLU(),
        )
        layers: List[nn.Module] = [nn.Conv2d(c[0], c[0], 3, padding=1), nn.SiLU()]
        for i in range(3):
            wide = c[i + 1]
            out = wide if i < 2 else 1
            layers += [nn.ConvTranspose2d(c[i], wide, 2, stride=2), nn.SiLU(), nn.Conv2d(wide, out, 3, padding=1)]
            layers += [nn.SiLU()] if i < 2 else []
        self.final = nn.Sequential(*layers)

    def make_transformer(self, name: str, width: int, config: UNetConfig) -> nn.Module:
        index = self.taps.index(name) if name in self.taps else -1
        if index >= 0 and self.pool_sizes[index] > 0:
            return FusedTransformer(config, width, index, self.pool_sizes[index])
        return SpatialTransformer(width, config.context_width, config.heads, config.groups, tap=False)

    def logits(self, x: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        timestep = torch.zeros(x.shape[0], dtype=torch.long, device=x.device)
        x = self.body(x, timestep, context, features, len(features) + 1)  # never stops early: nothing is appended
        return self.final(self.out(x))


class ZNet(MaskHead):
    """z (B,4,h,w), or (1,4,h,w) for all contexts, and context (B,L,D) -> logits (B,1,8h,8w)."""

    def forward(self, z: Tensor, context: Tensor) -> Tensor:
        unused: List[Tensor] = []
        return self.logits(z, context, unused)


class MatchBlock(nn.Module):
    """Residual: two 3 x 3 convolutions."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(8, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x) + x


class MatchTrunk(nn.Module):
    """MatchBlocks at half the resolution and twice the width, where a cell sees a whole object, with a skip connection;
    then one at full resolution."""

    def __init__(self, channels: int, blocks: int):
        super().__init__()
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.coarse = nn.Sequential(*[MatchBlock(2 * channels) for _ in range(blocks)])
        self.narrow = nn.Conv2d(2 * channels, channels, 1)
        self.fine = MatchBlock(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.narrow(self.coarse(self.widen(F.avg_pool2d(x, 2))))
        return self.fine(x + F.interpolate(y, size=[x.shape[2], x.shape[3]], mode="bilinear"))


class MatchMap(nn.Module):
    """Ours: how well the features of each latent cell match the text.

    Features are projected to a common space, resized and summed; the match is their dot product with the projected
    text.
    """

    def __init__(self, widths: List[int], context_width: int, channels: int, blocks: int = 0):
        """`widths`: channels of each feature; `blocks`: length of the MatchTrunk after the sum, 0 for none."""
        super().__init__()
        self.project = nn.ModuleList([nn.Conv2d(width, channels, 1) for width in widths])
        self.norm = nn.GroupNorm(1, channels)
        self.mix = nn.Conv2d(channels, channels, 3, padding=1)
        self.trunk = MatchTrunk(channels, blocks) if blocks else nn.Identity()
        self.text = nn.Linear(context_width, channels)
        self.bias = nn.Parameter(torch.tensor(-4.0))
        self.channels = channels

    def embed(self, features: List[Tensor], h: int, w: int) -> Tensor:
        """Cell embeddings (B,channels,h,w)."""
        total = torch.zeros(1, device=features[0].device, dtype=features[0].dtype)
        for i, layer in enumerate(self.project):
            total = total + F.interpolate(layer(features[i]), size=[h, w], mode="bilinear")
        x = F.silu(self.norm(total))
        return self.trunk(self.mix(x) + x)

    def embed_text(self, pooled: Tensor) -> Tensor:
        """Text embeddings (N,channels) of pooled contexts (N,D), scaled for the dot product."""
        return self.text(pooled) * self.channels**-0.5

    def score(self, cells: Tensor, context: Tensor) -> Tensor:
        """The match (B,1,h,w) of cell embeddings and contexts (B,L,D)."""
        text = self.embed_text(context[:, -1])
        return (cells * text[:, :, None, None]).sum(1, keepdim=True) + self.bias

    def scores(self, cells: Tensor, names: Tensor) -> Tensor:
        """The match (B,N,h*w) of cell embeddings and pooled contexts (N,D)."""
        return torch.matmul(self.embed_text(names), cells.flatten(2)) + self.bias


class LDZNet(MaskHead):
    """z (B,4,h,w), context (B,L,D), features of the denoiser -> logits (B,1,8h,8w).

    z of batch 1 is shared by all contexts. So are features of batch 1; z must then be equal for all contexts, and what
    depends on the features alone is computed once. With `match_taps`, the match map of these features and z is an
    additional input channel, counted in `in_channels`. With `semantic`, which is set afterwards, z has semantic
    latents behind the VAE's, whose match with the text is combined with the logits of the rest of the network.
    """

    match_indices: List[int]

    def __init__(self, config: ZNetConfig, tap_widths: List[int]):
        """`tap_widths`: channels of each feature in `config.taps`."""
        super().__init__(config)
        self.match_indices: List[int] = [self.taps.index(tap) for tap in config.match_taps]
        self.latent_channels = config.in_channels - (1 if self.match_indices else 0)  # of the VAE
        widths = [tap_widths[i] for i in self.match_indices] + [self.latent_channels]
        self.match = (
            MatchMap(widths, config.context_width, config.match_channels, config.match_blocks)
            if self.match_indices
            else None
        )
        self.semantic: SemanticMatch | None = None

    def forward(self, z: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        logits = self.latent_logits(z[:, : self.latent_channels], context, features)
        if self.semantic is None:
            return logits
        # The latents of a batch are equal, if its features are; their match broadcasts over the contexts.
        return self.semantic.combine(logits, z[: features[0].shape[0], self.latent_channels :], context)

    def latent_logits(self, z: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        """Logits from the VAE's latents and the features."""
        if self.match is None:
            return self.logits(z, context, features)
        return self.matched_logits(
            z, context, features, self.match.embed(self.matched(z, features), z.shape[2], z.shape[3])
        )

    def matched(self, z: Tensor, features: List[Tensor]) -> List[Tensor]:
        """The inputs of the match map."""
        chosen = [features[i] for i in self.match_indices]
        chosen.append(z[: features[0].shape[0]])
        return chosen

    def matched_logits(self, z: Tensor, context: Tensor, features: List[Tensor], cells: Tensor) -> Tensor:
        """Like `forward`, from the match map's cell embeddings."""
        assert self.match is not None
        match = self.match.score(cells, context)  # cells of batch 1 broadcast over the contexts
        z = z.expand(match.shape[0], -1, -1, -1)
        return self.logits(torch.cat([z, torch.tanh(match * 0.25)], dim=1), context, features)


class RGBNet(MaskHead):
    """image (B,3,H,W) in [-1,1], or (1,3,H,W) for all contexts, and context (B,L,D) -> logits (B,1,H,W): ZNet after a
    learnt strided stem."""

    def __init__(self, config: ZNetConfig):
        super().__init__(config)
        wide = config.model_channels
        self.stem = nn.Sequential(
            nn.Conv2d(3, wide // 4, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(wide // 4, wide // 2, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(wide // 2, config.in_channels, 3, stride=2, padding=1),
        )

    def forward(self, image: Tensor, context: Tensor) -> Tensor:
        unused: List[Tensor] = []
        return self.logits(self.stem(image), context, unused)
