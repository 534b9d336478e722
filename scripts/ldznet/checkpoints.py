"""Reads the published checkpoint layout: `sd-v1-4.ckpt` and `LDZNet_txt2mask.ckpt`, or .safetensors of the same names.

Sizes are read from the tensors' shapes. Tensors that are missing, unknown or misshapen are an error that names them.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable

import torch
from torch import Tensor, nn

from .text_encoder import TextConfig, TextEncoder
from .unet import UNet, UNetConfig
from .vae import VAEConfig, VAEEncoder
from .znet import PUBLISHED_TAPS, LDZNet, ZNetConfig

StateDict = Dict[str, Tensor]

# What a published file may carry beyond the weights that are used.
IGNORED = re.compile(
    r"^(model_ema\.(decay|num_updates)|betas|alphas_cumprod|alphas_cumprod_prev|sqrt_.*|log_one_minus.*|posterior_.*"
    r"|lvlb_weights|logvar|scale_factor|first_stage_model\.(decoder|post_quant_conv|loss)\..*"
    r"|cond_stage_model\.transformer\.(vision_model|text_projection|visual_projection|logit_scale).*"
    r"|cond_stage_model\.transformer\.text_model\.embeddings\.position_ids)$"
)
FEATURE_STAGE = "sd_features_stage_model.model.model.diffusion_model."  # the denoiser, where the LD-ZNet file has it


class Forgotten:
    """Stands for the training library's classes that a published file mentions (callbacks, as keys of what they
    remember): the safe loader puts it in their place, and nothing of it is used."""


class CheckpointError(Exception):
    """A checkpoint that cannot be used; the message names the file and the tensors."""


@dataclass
class Networks:
    """The four networks of one bundle, weights loaded, fp32."""

    vae_encoder: VAEEncoder
    text_encoder: TextEncoder
    unet: UNet
    ldznet: LDZNet
    text_config: TextConfig


def load_tensors(path: Path) -> StateDict:
    """Every tensor of a .ckpt (through the safe loader) or .safetensors file."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    try:
        named = torch.serialization.get_unsafe_globals_in_checkpoint(path)
        forgotten = [(Forgotten, name) for name in named if name.startswith("pytorch_lightning.")]
        with torch.serialization.safe_globals(forgotten):
            loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise CheckpointError(f"{path}: not a checkpoint the safe loader accepts ({reason})") from error
    tensors = loaded.get("state_dict", loaded) if isinstance(loaded, dict) else None
    if not isinstance(tensors, dict) or not all(isinstance(k, str) for k in tensors):
        raise CheckpointError(f"{path}: holds no state_dict")
    return {name: value for name, value in tensors.items() if isinstance(value, Tensor)}


def below(tensors: StateDict, prefix: str) -> StateDict:
    """The tensors whose names begin with `prefix`, without it."""
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


def ema_weights(tensors: StateDict, names: Iterable[str]) -> StateDict:
    """EMA weights under their plain names; the published file writes them without dots. Those that are none of `names`
    keep their spelling, so that they are found to be unknown."""
    plain = {name.replace(".", ""): name for name in names}
    return {plain.get(name, name): value for name, value in below(tensors, "model_ema.diffusion_model").items()}


def count(tensors: StateDict, pattern: str) -> int:
    """One more than the largest number that `pattern`'s group matches in any name; 0 when none does."""
    found = [int(m.group(1)) for m in (re.match(pattern, name) for name in tensors) if m]
    return max(found, default=-1) + 1


def first_dim(tensors: StateDict, name: str, source: str) -> int:
    return dim(tensors, name, 0, source)


def dim(tensors: StateDict, name: str, axis: int, source: str) -> int:
    """A tensor's size along an axis."""
    if name not in tensors:
        raise CheckpointError(f"{source}: the tensor {name} is missing; is this the published layout?")
    return tensors[name].shape[axis]


def infer_unet(tensors: StateDict, source: str) -> UNetConfig:
    """Sizes of a UNet body from its tensors (names below `diffusion_model.`)."""
    base = first_dim(tensors, "input_blocks.0.0.weight", source)
    mults, attended, blocks = [], [], 0
    level, in_level = 0, 0
    for i in range(1, count(tensors, r"input_blocks\.(\d+)\.")):
        if f"input_blocks.{i}.0.op.weight" in tensors:
            level, in_level = level + 1, 0
            continue
        width = first_dim(tensors, f"input_blocks.{i}.0.out_layers.0.weight", source)
        if in_level == 0:
            mults.append(width // base)
            if f"input_blocks.{i}.1.proj_in.weight" in tensors:
                attended.append(level)
        in_level += 1
        blocks = max(blocks, in_level)
    to_k = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    first_dim(tensors, to_k, source)
    return UNetConfig(
        in_channels=tensors["input_blocks.0.0.weight"].shape[1],
        out_channels=first_dim(tensors, "out.2.weight", source),
        model_channels=base,
        channel_mult=tuple(mults),
        res_blocks=blocks,
        attention_levels=tuple(attended),
        context_width=tensors[to_k].shape[1],
    )


def infer_vae(tensors: StateDict, source: str) -> VAEConfig:
    base = first_dim(tensors, "encoder.conv_in.weight", source)
    levels = count(tensors, r"encoder\.down\.(\d+)\.")
    widths = [first_dim(tensors, f"encoder.down.{i}.block.0.conv1.weight", source) for i in range(levels)]
    return VAEConfig(
        channels=base,
        channel_mult=tuple(w // base for w in widths),
        res_blocks=count(tensors, r"encoder\.down\.0\.block\.(\d+)\."),
        latent_channels=first_dim(tensors, "quant_conv.weight", source) // 2,
        attention="encoder.mid.attn_1.q.weight" in tensors,
    )


def infer_text(tensors: StateDict, source: str) -> TextConfig:
    name = "text_model.embeddings.token_embedding.weight"
    vocabulary = first_dim(tensors, name, source)
    return TextConfig(
        vocabulary=vocabulary,
        length=first_dim(tensors, "text_model.embeddings.position_embedding.weight", source),
        width=tensors[name].shape[1],
        layers=count(tensors, r"text_model\.encoder\.layers\.(\d+)\."),
    )


def infer_ldznet(tensors: StateDict, source: str) -> ZNetConfig:
    body = infer_unet(tensors, source)
    positions = {
        name[: -len(".attentionpool2D.positional_embedding")]: tensor.shape[1]
        for name, tensor in tensors.items()
        if name.endswith(".attentionpool2D.positional_embedding")
    }
    taps = tuple(tap for tap in PUBLISHED_TAPS if tap in positions)
    return ZNetConfig(
        **{**vars(body), "out_channels": 1},
        taps=taps,
        pool_sizes=tuple(round((positions[tap] - 1) ** 0.5) for tap in taps),
        mask_channels=tuple(
            first_dim(tensors, name, source) for name in ("out.2.weight", "final.4.weight", "final.8.weight")
        )
        + (dim(tensors, "final.10.weight", 1, source),),
    )


def fill(module: nn.Module, tensors: StateDict, source: str) -> None:
    """Loads exactly the module's tensors, as float32."""
    wanted = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    got = {name: tuple(value.shape) for name, value in tensors.items()}
    problems = [f"missing {name} {wanted[name]}" for name in wanted if name not in got]
    problems += [f"unknown {name} {got[name]}" for name in got if name not in wanted]
    problems += [f"{n} is {got[n]}, not {wanted[n]}" for n in wanted if n in got and got[n] != wanted[n]]
    if problems:
        more = f" and {len(problems) - 8} more" if len(problems) > 8 else ""
        raise CheckpointError(f"{source}: {'; '.join(problems[:8])}{more}")
    module.load_state_dict({name: value.float() for name, value in tensors.items()}, assign=True)


def check_names(tensors: StateDict, module: nn.Module, source: str) -> None:
    """Tensors that are not used themselves, but must be those of the module."""
    differ = sorted(set(tensors) ^ set(module.state_dict()))
    if differ:
        raise CheckpointError(f"{source}: missing or unknown {', '.join(differ[:8])}")


def build(module_class, *arguments) -> nn.Module:
    """A module without memory for its weights, which `fill` brings."""
    with torch.device("meta"):
        return module_class(*arguments).eval()


def check_prefixes(tensors: StateDict, known: Iterable[str], source: str) -> None:
    unknown = [n for n in tensors if not n.startswith(tuple(known)) and not IGNORED.match(n)]
    if unknown:
        more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
        raise CheckpointError(f"{source}: unknown tensors {', '.join(unknown[:8])}{more}")


def load_published(sd_path: Path, ldznet_path: Path) -> Networks:
    """The four networks from the two published files; ZNet's weights are the EMA ones, the denoiser's plain."""
    sd, head = load_tensors(sd_path), load_tensors(ldznet_path)
    sd_name, head_name = Path(sd_path).name, Path(ldznet_path).name
    check_prefixes(
        sd, ("model.diffusion_model.", "model_ema.", "first_stage_model.", "cond_stage_model.transformer."), sd_name
    )
    check_prefixes(
        head,
        ("model.diffusion_model.", "model_ema.", "sd_features_stage_model.", "first_stage_model.", "cond_stage_model."),
        head_name,
    )
    return networks_from(sd, head, sd_name, head_name)


def networks_from(sd: StateDict, head: StateDict, sd_name: str, head_name: str) -> Networks:
    """As `load_published`, from tensors already read (their names and shapes suffice on the meta device)."""
    used = {name: value for name, value in sd.items() if not IGNORED.match(name)}
    vae_tensors = below(used, "first_stage_model.")
    text_tensors = below(used, "cond_stage_model.transformer.")
    text_config = infer_text(text_tensors, sd_name)
    vae_encoder = build(VAEEncoder, infer_vae(vae_tensors, sd_name))
    text_encoder = build(TextEncoder, text_config)

    unet_tensors = below(head, FEATURE_STAGE) or below(sd, "model.diffusion_model.")
    unet_source = head_name if below(head, FEATURE_STAGE) else sd_name
    plain = below(head, "model.diffusion_model.")
    head_config = infer_ldznet(plain, head_name)
    unet = build(UNet, infer_unet(unet_tensors, unet_source), list(head_config.taps))
    ldznet = build(LDZNet, head_config, unet.tap_widths())

    ema = ema_weights({n: v for n, v in head.items() if not IGNORED.match(n)}, ldznet.state_dict())
    if not ema:
        raise CheckpointError(f"{head_name}: has no model_ema.diffusion_model* tensors, which inference uses")
    fill(vae_encoder, vae_tensors, sd_name)
    fill(text_encoder, text_tensors, sd_name)
    fill(unet, unet_tensors, unet_source)
    check_names(plain, ldznet, head_name)
    fill(ldznet, ema, f"{head_name} (EMA)")
    return Networks(vae_encoder, text_encoder, unet, ldznet, text_config)
