"""CLIP's text transformer: token ids -> context. Names are those of `cond_stage_model.transformer.*`."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .attention import attention


@dataclass
class TextConfig:
    """Sizes; the defaults are CLIP ViT-L/14's text side."""

    vocabulary: int = 49408
    length: int = 77
    width: int = 768
    layers: int = 12
    head_width: int = 64


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = attention(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads, causal=True)
        return self.out_proj(x)


class MLP(nn.Module):
    """Two linear layers around CLIP's quick GELU, x * sigmoid(1.702 x)."""

    def __init__(self, width: int):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))


class Layer(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.self_attn = SelfAttention(width, heads)
        self.layer_norm1 = nn.LayerNorm(width)
        self.mlp = MLP(width)
        self.layer_norm2 = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class Embeddings(nn.Module):
    def __init__(self, config: TextConfig):
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.position_embedding = nn.Embedding(config.length, config.width)

    def forward(self, ids: Tensor) -> Tensor:
        return self.token_embedding(ids) + self.position_embedding.weight[: ids.shape[1]]


class Layers(nn.Module):
    def __init__(self, config: TextConfig):
        super().__init__()
        self.layers = nn.ModuleList(
            [Layer(config.width, config.width // config.head_width) for _ in range(config.layers)]
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class TextModel(nn.Module):
    def __init__(self, config: TextConfig):
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = Layers(config)
        self.final_layer_norm = nn.LayerNorm(config.width)

    def forward(self, ids: Tensor) -> Tensor:
        return self.final_layer_norm(self.encoder(self.embeddings(ids)))


class TextEncoder(nn.Module):
    """ids int64 (B,L), padded with the end token -> context (B,L,D): the last layer after the final LayerNorm.

    Attention is causal, so the last position sees the whole prompt.
    """

    def __init__(self, config: TextConfig):
        super().__init__()
        self.text_model = TextModel(config)

    def forward(self, ids: Tensor) -> Tensor:
        return self.text_model(ids)
