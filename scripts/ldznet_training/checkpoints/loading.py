"""Finds the weights in a checkpoint file of any format, told apart by content; runs no code from it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Iterator

from safetensors import SafetensorError, safe_open

from ..errors import CheckpointError, MissingInputError
from .stored import StateDict, Storage, StoredTensor
from .torch_files import read_legacy, read_zip

# What files turn out to be that are named like checkpoints: their first bytes.
OTHER_CONTENT = (
    (rb"(\xef\xbb\xbf)?\s*<", "is a web page, not a checkpoint; does its address need a login?"),
    (rb"version https://git-lfs", "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
    (rb"\s*[\[{]", "is JSON text, not a checkpoint"),
    (rb"\0{16}", "begins with zeros; the download is not complete"),
    (rb"\x1f\x8b|7z\xbc\xaf|BZh|\xfd7zXZ|Rar!|\x28\xb5\x2f\xfd", "is a compressed archive; unpack it first"),
    (rb"GGUF", "is a GGUF file; only files of torch.save and safetensors can be read"),
    (rb"\x89HDF", "is an HDF5 file; only files of torch.save and safetensors can be read"),
)
# Prefixes that wrappers of modules (DistributedDataParallel, torch.compile, Lightning's strategies) put before names.
WRAPPERS = re.compile(r"^((module|_forward_module)\.)+|(?<![^.])_orig_mod\.")
DEEPEST = 4  # how far inside dictionaries the weights are looked for


def load_tensors(path: Path) -> StateDict:
    """Every weight of a checkpoint, by name without the prefixes of wrappers. Values stay in the file until read.

    Raises CheckpointError if the file is missing, is no checkpoint, refers to code or has no weights."""
    path = Path(path)
    if not path.exists():
        raise MissingInputError(f"{path}: no such file")
    if path.is_dir():
        raise CheckpointError(f"{path}: is a folder; name a checkpoint file")
    file = path.open("rb")  # stays open for the tensors to read from
    tensors = _load_safetensors(path, file) if _is_safetensors(file) else _largest_state_dict(_load_torch(path, file))
    if not tensors:
        raise CheckpointError(f"{path}: has no weights by name (a state_dict)")
    named = {WRAPPERS.sub("", name): replace(tensor, name=name) for name, tensor in tensors.items()}
    if len(named) < len(tensors):
        raise CheckpointError(f"{path}: has weights twice, with and without the prefix of a wrapper")
    return named


def _is_safetensors(file: BinaryIO) -> bool:
    """Whether the file begins with the length of a JSON object and a brace."""
    start = file.read(9)
    file.seek(0)
    return len(start) == 9 and start[8:] == b"{" and int.from_bytes(start[:8], "little") < 1 << 32


def _load_safetensors(path: Path, file: BinaryIO) -> StateDict:
    try:
        with safe_open(path, "pt") as checked:  # pages read through this mapping would count as our memory
            tensors = {name: checked.get_tensor(name) for name in checked.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CheckpointError(f"{path}: is a cut or damaged safetensors file ({error}); download it again") from error
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(length))

    def stored(name: str) -> StoredTensor:
        tensor, (first, _) = tensors[name], header[name]["data_offsets"]
        storage = Storage(path, file, tensor.dtype, tensor.numel(), 8 + length + first)
        return storage.tensor(0, tensor.shape, tensor.stride())

    return {name: stored(name) for name in tensors}


def _load_torch(path: Path, file: BinaryIO) -> object:
    """The object in a file of torch.save."""
    start = file.read(512)
    file.seek(0)
    if not start:
        raise CheckpointError(f"{path}: is empty")
    for pattern, what in OTHER_CONTENT:
        if re.match(pattern, start):
            raise CheckpointError(f"{path}: {what}")
    try:
        if start.startswith(b"PK"):
            return read_zip(path, file)
        if start[0] == 0x80:
            return read_legacy(path, file)
    except CheckpointError:
        raise
    except Exception as error:  # a damaged pickle can raise anything
        raise CheckpointError(f"{path}: the safe loader refuses the file: {_reason(error)}") from error
    raise CheckpointError(f"{path}: is neither a file of torch.save nor a safetensors file")


def _reason(error: Exception) -> str:
    """An exception as one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _dictionaries(saved: object) -> Iterator[tuple[object, dict]]:
    """The dictionary that was saved and those inside it, each with its key."""
    level, seen = [(None, saved)], set()
    for _ in range(DEEPEST):
        level = [(key, value) for key, value in level if isinstance(value, dict) and id(value) not in seen]
        seen.update(id(value) for _, value in level)
        yield from level
        level = [item for _, value in level for item in value.items()]


def _largest_state_dict(saved: object) -> StateDict:
    """The weights in a saved object: the dictionary named "state_dict", else the one with the most tensors."""
    best: tuple[tuple[bool, int], StateDict] = ((False, 0), {})
    for key, value in _dictionaries(saved):
        tensors = {n: t for n, t in value.items() if isinstance(n, str) and isinstance(t, StoredTensor)}
        rank = (bool(tensors) and key == "state_dict", len(tensors))
        if rank > best[0]:
            best = (rank, tensors)
    return best[1]
