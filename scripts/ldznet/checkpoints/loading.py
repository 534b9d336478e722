"""Loads the tensors of a checkpoint file without running code from it."""

from pathlib import Path
from typing import Dict

import torch
from torch import Tensor

StateDict = Dict[str, Tensor]


class CheckpointError(Exception):
    """A checkpoint that cannot be used; the message names the file and the tensors."""


class Ignored:
    """Replaces the training library's classes that a published file refers to (callbacks, as keys of their state).

    The safe loader needs a class for each of these names; their content is not used."""


def load_tensors(path: Path) -> StateDict:
    """Every tensor of a .ckpt (read by the safe loader) or .safetensors file, by name.

    Raises CheckpointError if the file is missing, refused by the safe loader or has no state_dict."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    try:
        named = torch.serialization.get_unsafe_globals_in_checkpoint(path)
        ignored = [(Ignored, name) for name in named if name.startswith("pytorch_lightning.")]
        with torch.serialization.safe_globals(ignored):
            loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise CheckpointError(f"{path}: not a checkpoint that the safe loader accepts ({reason})") from error
    tensors = loaded.get("state_dict", loaded) if isinstance(loaded, dict) else None
    if not isinstance(tensors, dict) or not all(isinstance(k, str) for k in tensors):
        raise CheckpointError(f"{path}: has no state_dict")
    return {name: value for name, value in tensors.items() if isinstance(value, Tensor)}
