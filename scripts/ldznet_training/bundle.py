"""Writes a bundle: TorchScript modules, tokenizer files and the manifest `model.json` with the hash of every file."""

import errno
import hashlib
import json
import os
import shutil
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterable, List, Tuple

import torch
from torch import Tensor, nn

from .bundle_folder import CARD, MANIFEST, new_bundle
from .errors import OutputError
from .int8_weights import SUFFIX, dequantize, quantize, requantize

TOKENIZER = ("vocab.json", "merges.txt")
CODE_BYTES = 8_000_000  # upper bound of a network file's bytes that are not weights
INT8 = "int8"
# By the name in the manifest; of a bundle in int8 what is not stored as integers: biases, norms and buffers.
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, INT8: torch.float16}


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
    domain: str = ""  # what it was trained on, a sentence
    names: Dict[str, List[str]] = field(default_factory=dict)  # that it was trained on, with synonyms; empty: any
    methods: List[str] = field(default_factory=lambda: ["ldznet"])
    default_method: str = "ldznet"


def fits(values: Tensor, dtype: torch.dtype) -> bool:
    """Whether all values are numbers within the range of `dtype`."""
    extremes = torch.stack(values.float().aminmax())  # NaN if any value is; much faster than isfinite() on all of them
    return bool(extremes.to(dtype).isfinite().all())


def script(module: nn.Module, dtype: str) -> torch.jit.ScriptModule:
    """The module as TorchScript. It is scripted, so that it works for all sizes. Raises ValueError on overflow."""
    stored_type = DTYPES[dtype]
    for name, value in module.state_dict().items():
        if not fits(value, stored_type):
            raise ValueError(f"{name} overflows in {stored_type}")
    stored = module.eval().requires_grad_(False).to(stored_type)
    if dtype == INT8:
        quantize(stored)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(stored)


def write_bundle(
    folder: Path,
    spec: BundleSpec,
    modules: Dict[str, nn.Module],
    tokenizer: Path,
    dtype: str,
    overwrite: bool,
    card: str = "",
) -> None:
    """Writes a bundle of `<name>.pt` for every module and the tokenizer; `overwrite` replaces one that is there.

    `tokenizer`: a folder with vocab.json and merges.txt; `card`: text of MODEL_CARD.md, by default that of the bundle
    that is replaced. Raises OutputError if the folder has files that are no bundle's, or a bundle.
    """
    with new_bundle(folder, overwrite) as new:
        for name, module in modules.items():
            save_module(module, new / f"{name}.pt", dtype)
        for name in TOKENIZER:
            shutil.copyfile(tokenizer / name, new / name)
        if card:
            (new / CARD).write_text(card)
        elif (folder / CARD).is_file():
            shutil.copyfile(folder / CARD, new / CARD)
        write_manifest(new, spec, list(modules), dtype)


def save_module(module: nn.Module, path: Path, dtype: str) -> None:
    """Writes a module as TorchScript, its weights converted to `dtype`, also those of `module`."""
    _save(script(module, dtype), path)


def _save(network: torch.jit.ScriptModule, path: Path) -> None:
    """Raises OutputError."""
    with_debug_records = path.with_name(path.name + ".debug")
    try:
        _require_space((path, with_debug_records), _stored_bytes(network) + CODE_BYTES)
        network.save(str(with_debug_records))
        _copy_without_debug_records(with_debug_records, path)
    except (OSError, RuntimeError) as error:
        raise OutputError(f"{path}: cannot be written ({str(error).splitlines()[0]}); is the disk full?") from error
    finally:
        with_debug_records.unlink(missing_ok=True)


def _stored_bytes(network: torch.jit.ScriptModule) -> int:
    return sum(tensor.nbytes for tensor in network.state_dict().values())


def _require_space(paths: Iterable[Path], size: int) -> None:
    """Raises OSError if files of `size` bytes cannot be written, for lack of space or because of a limit or a quota.
    PyTorch would end the process."""
    with ExitStack() as files:
        for path in paths:
            file = files.enter_context(path.open("wb"))
            files.callback(path.unlink)
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError as error:
                if error.errno not in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL):  # it cannot be asked there
                    raise


def _copy_without_debug_records(network: Path, path: Path) -> None:
    """Copies a TorchScript file without its debug records. They have paths of the machine that wrote it: these are
    private, and make the bytes differ from machine to machine."""
    reader, writer = torch._C.PyTorchFileReader(str(network)), torch._C.PyTorchFileWriter(str(path))
    try:
        for name in reader.get_all_records():
            if not name.endswith(".debug_pkl"):
                record = reader.get_record(name)
                writer.write_record(name, record, len(record))
    finally:
        writer.write_end_of_file()  # without it, the writer's destructor ends the process after an error


def load_network(path: Path) -> torch.jit.ScriptModule:
    """A bundle's network on the CPU, in float32, ready to run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        network = torch.jit.load(str(path), map_location="cpu").eval().float()
    dequantize(network)
    return network


def save_network(network: torch.jit.ScriptModule, path: Path, dtype: str) -> None:
    """Writes a network of `load_network`, which came from a bundle of the same `dtype`."""
    if dtype == INT8:
        requantize(network, DTYPES[dtype])
    else:
        network.to(DTYPES[dtype])
    _save(network, path)


def load_weights(path: Path) -> Dict[str, Tensor]:
    """The weights of a bundle's network in float32, by name."""
    return {name: value for name, value in load_network(path).state_dict().items() if not name.endswith(SUFFIX)}


def describe(path: Path) -> dict:
    """Size in bytes and sha256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_manifest(folder: Path, spec: BundleSpec, modules: Iterable[str], dtype: str) -> None:
    """Writes model.json for the modules and the tokenizer in the folder."""
    files = [*(f"{name}.pt" for name in modules), *TOKENIZER]
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
        **({"domain": spec.domain} if spec.domain else {}),
        **({"names": spec.names} if spec.names else {}),
        "shared_inputs": True,
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
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
