"""Unpickles checkpoints without running anything from them.

A pickle names classes and functions to call, its globals. Here each of them is one of three things:

- what tensors are made of (`_rebuild_tensor_v2`, storages, OrderedDict): replaced by functions that only note where the
  values lie in the file;
- classes that training leaves in a file (KNOWN_LIBRARIES, KNOWN_CLASSES): replaced by `Forgotten`, which takes whatever
  it is given and does nothing;
- anything else: an error that names it.
"""

import pickle
import re
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import OrderedDict
from typing import BinaryIO, Callable

import torch

from .stored import Sealed, Storage, StoredTensor

# Training libraries and the repositories of latent diffusion, Stable Diffusion and LD-ZNet.
KNOWN_LIBRARIES = re.compile(
    r"(pytorch_lightning|lightning|lightning_fabric|lightning_lite|lightning_utilities|torchmetrics|omegaconf|hydra"
    r"|transformers|diffusers|accelerate|deepspeed|ldm|ldm_seg|ldznet|taming|sgm|k_diffusion|kornia|clip|open_clip"
    r"|albumentations|torchvision|yacs|easydict|addict|munch)\."
)
# Plain data of Python, NumPy and PyTorch.
KNOWN_CLASSES = re.compile(
    r"argparse\.Namespace|types\.SimpleNamespace|typing\.\w+|uuid\.UUID|decimal\.Decimal|fractions\.Fraction"
    r"|datetime\.(datetime|date|time|timedelta|timezone)|pathlib(\._local)?\.\w*Path|functools\.partial"
    r"|collections\.(defaultdict|deque|Counter|ChainMap|UserDict|UserList)|_codecs\.encode|copyreg\._reconstructor"
    r"|builtins\.(object|bool|int|float|complex|str|bytes|bytearray|list|tuple|dict|set|frozenset|slice|range)"
    r"|numpy\.(dtype|ndarray|number|generic|bool_?|str_|bytes_|(u?int|float|complex)(\d+|_)?|longlong|half|single|double)"
    r"|numpy\.dtypes\.\w+|numpy\.(core|_core)\.multiarray\.(scalar|_reconstruct)"
    r"|numpy\.(core|_core)\.numeric\._frombuffer"
    r"|numpy\.random\.[\w.]+"
    r"|torch\.(Size|Tensor|device|Generator|layout|strided|memory_format|torch_version\.TorchVersion)"
    r"|torch\.(optim|nn|_C\._nn)\.[\w.]+|torch\.(amp|cuda\.amp|distributed|utils\.data)\.([a-z_]\w*\.)*[A-Z]\w*"
    r"|torch\._utils\._rebuild_\w+|torch\.serialization\._get_layout"
)
# The storage classes of `torch`, which name the type of their elements.
STORAGES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
    "ComplexFloatStorage": torch.complex64,
    "ComplexDoubleStorage": torch.complex128,
    "UntypedStorage": torch.uint8,
}


class Forgotten:
    """Stands for a class or function that is known and not needed, and for its instances."""

    def __new__(cls, *arguments, **options) -> "Forgotten":
        return super().__new__(cls)

    def __init__(self, *arguments, **options):
        pass

    def __call__(self, *arguments, **options) -> "Forgotten":
        return Forgotten()

    def _ignore(self, *arguments) -> None:
        pass

    __setstate__ = __setitem__ = append = extend = add = _ignore


class Function(Sealed):
    """A function that a pickle may call, but not change."""

    def __init__(self, function: Callable):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


class StorageType(Sealed):
    """A storage class: the type of its elements."""

    def __init__(self, dtype: torch.dtype):
        self.dtype = dtype


def _tensor(storage: Storage, offset, shape, stride, *unused) -> StoredTensor:
    return storage.tensor(offset, shape, stride)


def _typed_tensor(storage: Storage, offset, shape, stride, requires_grad, hooks, dtype, *unused) -> StoredTensor:
    return storage.viewed_as(dtype).tensor(offset, shape, stride)


def _parameter(data: StoredTensor, *unused) -> StoredTensor:
    return data


def _subclass(rebuild: Callable, kind, arguments: tuple, *unused) -> StoredTensor:
    return rebuild(*arguments)


FUNCTIONS = {
    "torch._utils._rebuild_tensor": Function(_tensor),
    "torch._utils._rebuild_tensor_v2": Function(_tensor),
    "torch._utils._rebuild_tensor_v3": Function(_typed_tensor),
    "torch._utils._rebuild_parameter": Function(_parameter),
    "torch._utils._rebuild_parameter_with_state": Function(_parameter),
    "torch._tensor._rebuild_from_type_v2": Function(_subclass),
    "collections.OrderedDict": OrderedDict,
}


def find_global(module: str, name: str):
    """What a global of a pickle is replaced by. Raises UnpicklingError for one that is not known."""
    # Protocols 0 to 2, which torch.save uses, have Python 2's names.
    module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
    full = f"{module}.{name}"
    if full in FUNCTIONS:
        return FUNCTIONS[full]
    if module in ("torch", "torch.storage", "torch.cuda"):
        if name in STORAGES:
            return StorageType(STORAGES[name])
        dtype = getattr(torch, name, None) if re.fullmatch(r"[a-z]+\d+\w*|bool", name) else None
        if isinstance(dtype, torch.dtype):
            return dtype
    if KNOWN_LIBRARIES.match(full) or KNOWN_CLASSES.fullmatch(full):
        return Forgotten
    raise pickle.UnpicklingError(
        f"it refers to {full!r}, which is no class that training is known to leave in a checkpoint; nothing from the "
        "file was run"
    )


class Unpickler(pickle.Unpickler):
    """Reads one pickle; `persistent_load` turns its references to storages into `Storage`s."""

    def __init__(self, file: BinaryIO, persistent_load: Callable):
        super().__init__(file, encoding="utf-8", errors="replace")
        self.load_storage = persistent_load

    def find_class(self, module: str, name: str):
        return find_global(module, name)

    def persistent_load(self, reference):
        return self.load_storage(reference)
