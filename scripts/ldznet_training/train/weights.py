"""Reads and writes the checkpoints of training stages: `<stage>.ckpt` with the EMA weights under "ema"."""

from pathlib import Path

import torch
from torch import Tensor, nn

from .process_group import device


def save_atomically(value, path: Path) -> None:
    """Writes a file completely or not at all."""
    temporary = path.with_suffix(".tmp")
    torch.save(value, temporary)
    temporary.replace(path)


def load_ema(path: Path) -> dict[str, Tensor]:
    """The EMA weights of a stage, by name. Raises FileNotFoundError if the stage has not been trained."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: train that stage first")
    return torch.load(path, map_location=device(), weights_only=True)["ema"]


def load_frozen(module: nn.Module, path: Path, prefix: str = "", strict: bool = True) -> nn.Module:
    """Loads a stage's EMA weights below `prefix` into the module and freezes it; returns the module.

    Not strict: weights that the module does not have are left out.
    """
    weights = {name[len(prefix) :]: value for name, value in load_ema(path).items() if name.startswith(prefix)}
    if not strict:
        weights = {name: value for name, value in weights.items() if name in module.state_dict()}
    module.load_state_dict(weights)
    return module.eval().requires_grad_(False)


@torch.no_grad()
def load_matching_weights(module: nn.Module, path: Path) -> None:
    """Copies a stage's EMA weights into the module wherever name and shape agree."""
    own = module.state_dict()
    for name, value in load_ema(path).items():
        if name in own and own[name].shape == value.shape:
            own[name].copy_(value)
