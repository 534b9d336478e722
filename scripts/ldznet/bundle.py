"""Writes a bundle: TorchScript modules, tokenizer files and the manifest `model.json` with the hash of every file."""

import hashlib
import json
import shutil
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

import torch
from torch import nn

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass
class BundleSpec:
    """The contents of the manifest; the defaults are the published model's values."""

    name: str
    version: str
    licence: str
    taps: List[str]
    features: List[str]
    area: int = 384 * 384
    multiple: int = 64
    latent_channels: int = 4
    latent_scale: float = 0.18215
    timestep: int = 400
    timestep_range: Tuple[int, int] = (300, 500)
    text_length: int = 77
    unet_context: str = "prompt"  # "empty": the UNet sees the empty prompt, so features are shared by all prompts
    precision: str = "auto"  # what `--precision auto` means; "fp32" where narrower types change the masks
    threshold: float = 0.5
    methods: List[str] = field(default_factory=lambda: ["ldznet"])
    default_method: str = "ldznet"


def script(module: nn.Module, dtype: torch.dtype) -> torch.jit.ScriptModule:
    """The module as TorchScript. It is scripted, so that it works for all sizes. Raises ValueError on overflow."""
    stored = module.eval().requires_grad_(False).to(dtype)
    for name, value in stored.state_dict().items():
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} overflows in {dtype}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(stored)


def write_bundle(
    folder: Path, spec: BundleSpec, modules: Dict[str, nn.Module], tokenizer: Path, dtype: str, card: str = ""
) -> None:
    """Writes `<name>.pt` for every module, MODEL_CARD.md unless `card` is empty, the tokenizer, and last the manifest.

    `tokenizer`: a folder with vocab.json and merges.txt.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").unlink(missing_ok=True)  # no manifest while the files change
    for old in folder.glob("*.pt"):
        old.unlink()
    for name, module in modules.items():
        script(module, DTYPES[dtype]).save(str(folder / f"{name}.pt"))
    if card:
        (folder / "MODEL_CARD.md").write_text(card)
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(tokenizer / name, folder / name)
    write_manifest(folder, spec, [f"{name}.pt" for name in modules] + ["vocab.json", "merges.txt"], dtype)


def describe(path: Path) -> dict:
    """Size in bytes and sha256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_manifest(folder: Path, spec: BundleSpec, files: List[str], dtype: str) -> None:
    """Writes model.json for the files in the folder."""
    manifest = {
        "schema": "ldznet-bundle/1",
        "name": spec.name,
        "version": spec.version,
        "licence": spec.licence,
        "image": {"area": spec.area, "multiple": spec.multiple},
        "latent": {"channels": spec.latent_channels, "factor": 8, "scale": spec.latent_scale},
        "noise_schedule": {"kind": "scaled_linear", "steps": 1000, "beta_start": 0.00085, "beta_end": 0.012},
        "timestep": {"default": spec.timestep, "range": list(spec.timestep_range)},
        "text": {"length": spec.text_length, "vocab": "vocab.json", "merges": "merges.txt"},
        "unet_context": spec.unet_context,
        "precision": spec.precision,
        "taps": spec.taps,
        "features": spec.features,
        "threshold": spec.threshold,
        "methods": {method: {"file": f"{method}.pt"} for method in spec.methods},
        "default_method": spec.default_method,
        "torch": torch.__version__.split("+")[0],
        "dtype": dtype,
        "files": {name: describe(folder / name) for name in files},
    }
    temporary = folder / "model.json.tmp"
    temporary.write_text(json.dumps(manifest, indent=1) + "\n")
    temporary.replace(folder / "model.json")
