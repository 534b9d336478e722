"""The four networks of a bundle from the published checkpoints.

Sizes come from the tensors' shapes (sizes.py). Missing, unknown and misshapen tensors are errors that name them. Names
and shapes are checked at once; values are read when a network is loaded, so that one at a time is in memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable

import torch
from torch import nn

from ..bundle import DTYPES, INT8, fits
from ..errors import CheckpointError
from ..text_encoder import TextConfig, TextEncoder
from ..unet import UNet
from ..vae import VAEEncoder
from ..znet import LDZNet
from .diffusers import load_folder
from .key_maps import (
    DIFFUSION,
    FEATURE_STAGE,
    LDZNET_PREFIXES,
    SD_PREFIXES,
    VAE,
    below,
    check_prefixes,
    ema_weights,
    text_weights,
    used,
)
from .loading import load_tensors
from .sizes import infer_ldznet, infer_text, infer_unet, infer_vae
from .stored import StateDict, StoredTensor


@dataclass
class Network:
    """A network whose weights are still in their file."""

    module: nn.Module  # on the meta device until `load`
    weights: StateDict
    source: str  # the file's name, for messages

    @property
    def bytes(self) -> int:
        """Size of the weights in the file."""
        return sum(value.bytes for value in self.weights.values())

    def bytes_as(self, dtype: str) -> int:
        """Size of the weights as `dtype`, one of DTYPES."""
        integers = dtype == INT8  # those of two or more dimensions
        return sum(
            value.numel() * (1 if integers and len(value.shape) > 1 else DTYPES[dtype].itemsize)
            for value in self.weights.values()
        )

    def load(self, dtype: torch.dtype = torch.float32, read: Callable[[int], None] = lambda size: None) -> nn.Module:
        """The module with its weights, as float32.

        Raises CheckpointError for values that are not numbers, or not within the range of `dtype`.
        `read` is told the bytes of every tensor that has been read."""
        loaded = {}
        for name, stored in self.weights.items():
            named = f"{stored.name} ({name})" if stored.name != name else name
            loaded[name] = _values(stored, dtype, f"{self.source}: the tensor {named}")
            read(stored.bytes)
        self.module.load_state_dict(loaded, assign=True)
        return self.module


@dataclass
class Networks:
    """The four networks of a bundle."""

    vae_encoder: Network
    text_encoder: Network
    unet: Network
    ldznet: Network
    text_config: TextConfig


def _values(stored: StoredTensor, dtype: torch.dtype, place: str) -> torch.Tensor:
    """A tensor's values as float32. Raises CheckpointError unless all are numbers that `dtype` can hold."""
    values = stored.read().float().contiguous()
    if values.is_meta:
        return values
    if not fits(values, dtype):
        if not fits(values, torch.float32):
            raise CheckpointError(f"{place} has values that are not finite numbers (NaN or infinity)")
        largest = values.abs().max().item()
        wider = "bfloat16" if dtype == torch.float16 else "float32"
        name = str(dtype).removeprefix("torch.")
        raise CheckpointError(
            f"{place} has values up to {largest:.4g}, beyond the range of {name}; use --dtype {wider}"
        )
    return values


def _build(source: str, module_class, *arguments) -> nn.Module:
    """A module on the meta device: it has no weights until `Network.load` assigns them."""
    try:
        with torch.device("meta"):
            return module_class(*arguments).eval()
    except (ValueError, RuntimeError, IndexError, ArithmeticError) as error:
        raise CheckpointError(f"{source}: its sizes do not fit the published design ({error})") from error


def _named(items: Iterable[str], most: int = 8) -> str:
    """The first few of the items, and how many more there are."""
    items = list(items)
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return "; ".join(items[:most]) + more


def _network(module: nn.Module, weights: StateDict, source: str) -> Network:
    """Raises CheckpointError unless names and shapes are exactly the module's, and all values floating point."""
    wanted = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    problems = [f"missing {name} {shape}" for name, shape in wanted.items() if name not in weights]
    for name, value in weights.items():
        if name not in wanted:
            problems.append(f"unknown {name} {value.shape}")
        elif value.shape != wanted[name]:
            problems.append(f"{name} is {value.shape}, not {wanted[name]}")
        elif not value.dtype.is_floating_point:
            problems.append(f"{name} is {str(value.dtype).removeprefix('torch.')}, not floating point")
    if problems:
        raise CheckpointError(f"{source}: {_named(problems)}")
    return Network(module, weights, source)


def _check_names(tensors: StateDict, module: nn.Module, source: str) -> None:
    """Raises CheckpointError unless the tensors have exactly the names of the module's parameters."""
    differ = sorted(set(tensors) ^ set(module.state_dict()))
    if differ:
        raise CheckpointError(f"{source}: missing or unknown {_named(differ)}")


def load_published(sd_path: Path | None, ldznet_path: Path) -> Networks:
    """The four networks from the published files: LD-ZNet's EMA weights, the UNet's own weights.

    `sd_path`: a file, a folder in the layout of the diffusers library, or None if LD-ZNet's file holds everything."""
    head, head_name = load_tensors(ldznet_path), Path(ldznet_path).name
    check_prefixes(head, LDZNET_PREFIXES, head_name)
    if sd_path is None:
        return networks_from({}, head, "", head_name)
    sd = load_folder(sd_path) if Path(sd_path).is_dir() else load_tensors(sd_path)
    sd_name = Path(sd_path).resolve().name
    check_prefixes(sd, SD_PREFIXES, sd_name)
    return networks_from(sd, head, sd_name, head_name)


def networks_from(sd: StateDict, head: StateDict, sd_name: str, head_name: str) -> Networks:
    """Like `load_published`, from the tensors of the files; `sd` is empty without a file of Stable Diffusion."""
    inside = below(head, FEATURE_STAGE)
    # What LD-ZNet's file has replaces Stable Diffusion's, as when the authors load one after the other.
    places = ((head, head_name), (inside, head_name), (sd, sd_name))

    def find(part: str, tensors_of: Callable, places: tuple = places) -> tuple[StateDict, str]:
        """The tensors of a network from the first place that has them, and that file's name."""
        for tensors, source in places:
            if found := tensors_of(used(tensors)):
                return found, source
        hint = "" if sd else "; name Stable Diffusion's checkpoint with --sd"
        raise CheckpointError(f"{sd_name or head_name}: has no {part}{hint}")

    vae_tensors, vae_source = find("VAE encoder (first_stage_model.*)", lambda t: below(t, VAE))
    text_tensors, text_source = find("text encoder (cond_stage_model.transformer.*)", text_weights)
    unet_tensors, unet_source = find("UNet (model.diffusion_model.*)", lambda t: below(t, DIFFUSION), places[1:])

    plain = below(head, DIFFUSION)
    if not plain:
        raise CheckpointError(f"{head_name}: has no model.diffusion_model.* tensors; is it LD-ZNet's checkpoint?")
    head_config = infer_ldznet(plain, head_name)
    if not head_config.taps:
        raise CheckpointError(f"{head_name}: has no layers that read the UNet's features; is it LD-ZNet's checkpoint?")
    text_config = infer_text(text_tensors, text_source)
    unet = _build(unet_source, UNet, infer_unet(unet_tensors, unet_source), list(head_config.taps))
    ldznet = _build(head_name, LDZNet, head_config, unet.tap_widths())

    ema = ema_weights(used(head), ldznet.state_dict())
    if not ema:
        raise CheckpointError(f"{head_name}: has no model_ema.diffusion_model* tensors; inference uses the EMA weights")
    _check_names(plain, ldznet, head_name)
    vae_encoder = _build(vae_source, VAEEncoder, infer_vae(vae_tensors, vae_source))
    text_encoder = _build(text_source, TextEncoder, text_config)
    networks = Networks(
        _network(vae_encoder, vae_tensors, vae_source),
        _network(text_encoder, text_tensors, text_source),
        _network(unet, unet_tensors, unet_source),
        _network(ldznet, ema, f"{head_name} (EMA)"),
        text_config,
    )
    _check_widths(networks)
    return networks


def _check_widths(networks: Networks) -> None:
    """Raises CheckpointError if the networks do not fit together: an inpainting model, another text encoder."""
    latent = networks.vae_encoder.weights["quant_conv.weight"].shape[0] // 2
    for network in (networks.unet, networks.ldznet):
        channels = network.weights["input_blocks.0.0.weight"].shape[1]
        if channels != latent:
            raise CheckpointError(f"{network.source}: takes {channels} channels, the VAE encoder makes {latent}")
        context = network.weights["middle_block.1.transformer_blocks.0.attn2.to_k.weight"].shape[1]
        if context != networks.text_config.width:
            raise CheckpointError(
                f"{network.source}: takes text of width {context}, the text encoder makes {networks.text_config.width}"
            )
