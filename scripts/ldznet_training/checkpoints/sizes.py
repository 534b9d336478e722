"""Network configurations from the shapes of checkpoint tensors.

`source` is the name of the file in error messages. A tensor that is needed and missing raises CheckpointError."""

import re

from ..errors import CheckpointError
from ..text_encoder import TextConfig
from ..unet import UNetConfig
from ..vae import VAEConfig
from ..znet import PUBLISHED_TAPS, ZNetConfig
from .stored import StateDict


def count(tensors: StateDict, pattern: str) -> int:
    """One more than the largest number that `pattern`'s group matches in any name; 0 without a match."""
    found = [int(m.group(1)) for m in (re.match(pattern, name) for name in tensors) if m]
    return max(found, default=-1) + 1


def dim(tensors: StateDict, name: str, source: str, axis: int = 0) -> int:
    """A tensor's size along an axis."""
    if name not in tensors:
        raise CheckpointError(f"{source}: the tensor {name} is missing; is this the published layout?")
    return tensors[name].shape[axis]


def infer_unet(tensors: StateDict, source: str) -> UNetConfig:
    """Sizes of a UNet body from its tensors (names below `diffusion_model.`)."""
    base = dim(tensors, "input_blocks.0.0.weight", source)
    mults, attended, blocks = [], [], 0
    level, in_level = 0, 0
    for i in range(1, count(tensors, r"input_blocks\.(\d+)\.")):
        if f"input_blocks.{i}.0.op.weight" in tensors:
            level, in_level = level + 1, 0
            continue
        width = dim(tensors, f"input_blocks.{i}.0.out_layers.0.weight", source)
        if in_level == 0:
            mults.append(width // base)
            if f"input_blocks.{i}.1.proj_in.weight" in tensors:
                attended.append(level)
        in_level += 1
        blocks = max(blocks, in_level)
    return UNetConfig(
        in_channels=dim(tensors, "input_blocks.0.0.weight", source, axis=1),
        out_channels=dim(tensors, "out.2.weight", source),
        model_channels=base,
        channel_mult=tuple(mults),
        res_blocks=blocks,
        attention_levels=tuple(attended),
        context_width=dim(tensors, "middle_block.1.transformer_blocks.0.attn2.to_k.weight", source, axis=1),
    )


def infer_vae(tensors: StateDict, source: str) -> VAEConfig:
    """Sizes of the VAE encoder from its tensors (names below `first_stage_model.`)."""
    base = dim(tensors, "encoder.conv_in.weight", source)
    levels = count(tensors, r"encoder\.down\.(\d+)\.")
    widths = [dim(tensors, f"encoder.down.{i}.block.0.conv1.weight", source) for i in range(levels)]
    return VAEConfig(
        channels=base,
        channel_mult=tuple(w // base for w in widths),
        res_blocks=count(tensors, r"encoder\.down\.0\.block\.(\d+)\."),
        latent_channels=dim(tensors, "quant_conv.weight", source) // 2,
        attention="encoder.mid.attn_1.q.weight" in tensors,
    )


def infer_text(tensors: StateDict, source: str) -> TextConfig:
    """Sizes of the text encoder from its tensors (names below `cond_stage_model.transformer.`)."""
    tokens = "text_model.embeddings.token_embedding.weight"
    return TextConfig(
        vocabulary=dim(tensors, tokens, source),
        length=dim(tensors, "text_model.embeddings.position_embedding.weight", source),
        width=dim(tensors, tokens, source, axis=1),
        layers=count(tensors, r"text_model\.encoder\.layers\.(\d+)\."),
    )


def infer_ldznet(tensors: StateDict, source: str) -> ZNetConfig:
    """Sizes of LD-ZNet from its tensors (names below `diffusion_model.`)."""
    body = infer_unet(tensors, source)
    suffix = ".attentionpool2D.positional_embedding"
    positions = {name.removesuffix(suffix): t.shape[1] for name, t in tensors.items() if name.endswith(suffix)}
    taps = tuple(tap for tap in PUBLISHED_TAPS if tap in positions)
    widths = [dim(tensors, name, source) for name in ("out.2.weight", "final.4.weight", "final.8.weight")]
    return ZNetConfig(
        **{**vars(body), "out_channels": 1},
        taps=taps,
        pool_sizes=tuple(round((positions[tap] - 1) ** 0.5) for tap in taps),
        mask_channels=(*widths, dim(tensors, "final.10.weight", source, axis=1)),
    )
