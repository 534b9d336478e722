"""Scaled dot-product attention, and the transformer layers that use it.

Parameter names are those of the published checkpoints (latent-diffusion's `CrossAttention`, `SpatialTransformer`).
"""

from typing import List, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def attention(q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool = False) -> Tensor:
    """softmax(q k' / sqrt(d)) v for q (B,N,C), k and v (B,M,C) with C split into `heads`; returns (B,N,C).

    q of batch 1 is shared by the whole batch.
    On CPUs, plain batched products are faster than the fused kernel for narrow heads; on CUDA the fused one is.
    """
    b, m = k.shape[0], k.shape[1]
    n, c = q.shape[1], q.shape[2]
    d = c // heads
    q = q.expand(b, -1, -1).view(b, n, heads, d).transpose(1, 2)
    k = k.view(b, m, heads, d).transpose(1, 2)
    v = v.view(b, m, heads, d).transpose(1, 2)
    if q.is_cuda:
        out = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    else:
        scores = torch.matmul(q * (float(d) ** -0.5), k.transpose(2, 3))
        if causal:
            mask = torch.ones(n, m, dtype=torch.bool, device=q.device).triu(1)
            scores = scores.masked_fill(mask, float("-inf"))
        out = torch.matmul(scores.softmax(-1), v)
    return out.transpose(1, 2).reshape(b, n, c)


class CrossAttention(nn.Module):
    """Attention of x (B,N,C) to `context` (B,M,D), or to itself without a context."""

    def __init__(self, width: int, context_width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width, width, bias=False)
        self.to_v = nn.Linear(context_width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])  # a list: the published name is to_out.0

    def forward(self, x: Tensor, context: Optional[Tensor] = None) -> Tensor:
        source = x if context is None else context
        x = attention(self.to_q(x), self.to_k(source), self.to_v(source), self.heads)
        for layer in self.to_out:
            x = layer(x)
        return x


class GEGLU(nn.Module):
    """A linear layer to twice the width, one half of which gates the other through GELU."""

    def __init__(self, width: int, out: int):
        super().__init__()
        self.proj = nn.Linear(width, out * 2)

    def forward(self, x: Tensor) -> Tensor:
        x, gate = self.proj(x).chunk(2, dim=-1)
        return x * F.gelu(gate)


class FeedForward(nn.Module):
    """GEGLU to four times the width and back."""

    def __init__(self, width: int):
        super().__init__()
        self.net = nn.Sequential(GEGLU(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention to the text and feed-forward, each after a LayerNorm and residual."""

    def __init__(self, width: int, context_width: int, heads: int):
        super().__init__()
        self.attn1 = CrossAttention(width, width, heads)
        self.ff = FeedForward(width)
        self.attn2 = CrossAttention(width, context_width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        x = self.attn1(self.norm1(x)) + x
        x = self.attn2(self.norm2(x), context) + x
        return self.ff(self.norm3(x)) + x


class SpatialTransformer(nn.Module):
    """A residual transformer over the pixels of x (B,C,H,W). With `tap`, appends its output to `features`."""

    def __init__(self, width: int, context_width: int, heads: int, groups: int, tap: bool):
        super().__init__()
        self.tap = tap
        self.norm = nn.GroupNorm(groups, width, eps=1e-6)
        self.proj_in = nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(width, context_width, heads)])
        self.proj_out = nn.Conv2d(width, width, 1)

    def to_tokens(self, x: Tensor) -> Tensor:
        """(B,C,H,W) -> (B,H*W,C)"""
        return self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)

    def from_tokens(self, y: Tensor, x: Tensor) -> Tensor:
        """Tokens back to pixels, added to x (B,C,H,W), or to x (1,C,H,W) for each."""
        return self.proj_out(y.transpose(1, 2).reshape(y.shape[0], -1, x.shape[2], x.shape[3])) + x

    def forward(self, x: Tensor, emb: Tensor, context: Tensor, features: List[Tensor]) -> Tensor:
        y = self.to_tokens(x)
        for block in self.transformer_blocks:
            y = block(y, context)
        y = self.from_tokens(y, x)
        if self.tap:
            features.append(y)
        return y
