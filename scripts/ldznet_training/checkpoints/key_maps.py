"""The names of tensors in the published checkpoints: prefixes of the networks, EMA names, tensors that are not used."""

import re
from typing import Iterable

from ..errors import CheckpointError
from .stored import StateDict

VAE = "first_stage_model."
TEXT = "cond_stage_model.transformer."
DIFFUSION = "model.diffusion_model."  # the UNet in Stable Diffusion's file, ZNet in LD-ZNet's
FEATURE_STAGE = "sd_features_stage_model.model."  # all of Stable Diffusion, where LD-ZNet's file includes it
EMA = "model_ema.diffusion_model"

SD_PREFIXES = (DIFFUSION, "model_ema.", VAE, TEXT)
LDZNET_PREFIXES = (DIFFUSION, "model_ema.", "sd_features_stage_model.", VAE, "cond_stage_model.")

# Tensors that a published file may contain beyond the weights that are used.
UNUSED = re.compile(
    r"^(model_ema\.(decay|num_updates)|betas|alphas_cumprod|alphas_cumprod_prev|sqrt_.*|log_one_minus.*|posterior_.*"
    r"|lvlb_weights|logvar|scale_factor|first_stage_model\.(decoder|post_quant_conv|loss)\..*"
    r"|cond_stage_model\.transformer\.(vision_model|text_projection|visual_projection|logit_scale).*"
    r"|cond_stage_model\.transformer\.(text_model\.)?embeddings\.position_ids)$"
)


def used(tensors: StateDict) -> StateDict:
    """The tensors without those that are known to be unused."""
    return {name: value for name, value in tensors.items() if not UNUSED.match(name)}


def below(tensors: StateDict, prefix: str) -> StateDict:
    """The tensors whose names begin with `prefix`, without the prefix."""
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


def text_weights(tensors: StateDict) -> StateDict:
    """The text encoder's tensors, whose names have `text_model.` or not, depending on the transformers library."""
    root = "text_model."
    return {root + name.removeprefix(root): value for name, value in below(used(tensors), TEXT).items()}


def ema_weights(tensors: StateDict, names: Iterable[str]) -> StateDict:
    """EMA weights under the names of the parameters; the published file writes them without dots.

    A weight that matches none of `names` keeps its spelling, so that it is reported as unknown."""
    plain = {name.replace(".", ""): name for name in names}
    return {plain.get(name, name): value for name, value in below(tensors, EMA).items()}


def check_prefixes(tensors: StateDict, known: Iterable[str], source: str) -> None:
    """Raises CheckpointError for tensors with an unknown prefix. `source`: the file's name, for the message."""
    unknown = [name for name in used(tensors) if not name.startswith(tuple(known))]
    if unknown:
        more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
        raise CheckpointError(f"{source}: unknown tensors {', '.join(unknown[:8])}{more}")
