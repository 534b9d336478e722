"""The four networks of a bundle from the published checkpoints.

Sizes come from the tensors' shapes (sizes.py). Missing, unknown and misshapen tensors are errors that name them."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ..text_encoder import TextConfig, TextEncoder
from ..unet import UNet
from ..vae import VAEEncoder
from ..znet import LDZNet
from .key_maps import (
    DIFFUSION,
    FEATURE_STAGE,
    LDZNET_PREFIXES,
    SD_PREFIXES,
    TEXT,
    VAE,
    below,
    check_prefixes,
    ema_weights,
    used,
)
from .loading import CheckpointError, StateDict, load_tensors
from .sizes import infer_ldznet, infer_text, infer_unet, infer_vae


@dataclass
class Networks:
    """The four networks of a bundle, weights loaded, fp32."""

    vae_encoder: VAEEncoder
    text_encoder: TextEncoder
    unet: UNet
    ldznet: LDZNet
    text_config: TextConfig


def build(module_class, *arguments) -> nn.Module:
    """A module on the meta device: it has no weights until `fill` assigns them."""
    with torch.device("meta"):
        return module_class(*arguments).eval()


def fill(module: nn.Module, tensors: StateDict, source: str) -> None:
    """Loads the weights as float32. Raises CheckpointError unless names and shapes are exactly the module's."""
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
    """Raises CheckpointError unless the tensors have exactly the names of the module's parameters."""
    differ = sorted(set(tensors) ^ set(module.state_dict()))
    if differ:
        raise CheckpointError(f"{source}: missing or unknown {', '.join(differ[:8])}")


def load_published(sd_path: Path, ldznet_path: Path) -> Networks:
    """The four networks from the two published files: LD-ZNet's EMA weights, the UNet's own weights."""
    sd, head = load_tensors(sd_path), load_tensors(ldznet_path)
    sd_name, head_name = Path(sd_path).name, Path(ldznet_path).name
    check_prefixes(sd, SD_PREFIXES, sd_name)
    check_prefixes(head, LDZNET_PREFIXES, head_name)
    return networks_from(sd, head, sd_name, head_name)


def networks_from(sd: StateDict, head: StateDict, sd_name: str, head_name: str) -> Networks:
    """Like `load_published`, from loaded tensors. Tensors on the meta device work: then only names and shapes are
    checked."""
    vae_tensors, text_tensors = below(used(sd), VAE), below(used(sd), TEXT)
    text_config = infer_text(text_tensors, sd_name)
    vae_encoder = build(VAEEncoder, infer_vae(vae_tensors, sd_name))
    text_encoder = build(TextEncoder, text_config)

    unet_tensors = below(head, FEATURE_STAGE) or below(sd, DIFFUSION)
    unet_source = head_name if below(head, FEATURE_STAGE) else sd_name
    plain = below(head, DIFFUSION)
    head_config = infer_ldznet(plain, head_name)
    unet = build(UNet, infer_unet(unet_tensors, unet_source), list(head_config.taps))
    ldznet = build(LDZNet, head_config, unet.tap_widths())

    ema = ema_weights(used(head), ldznet.state_dict())
    if not ema:
        raise CheckpointError(f"{head_name}: has no model_ema.diffusion_model* tensors; inference uses the EMA weights")
    fill(vae_encoder, vae_tensors, sd_name)
    fill(text_encoder, text_tensors, sd_name)
    fill(unet, unet_tensors, unet_source)
    check_names(plain, ldznet, head_name)
    fill(ldznet, ema, f"{head_name} (EMA)")
    return Networks(vae_encoder, text_encoder, unet, ldznet, text_config)
