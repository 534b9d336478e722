"""Tensors as they lie in a file: shape and type at once, values when they are read."""

import math
import os
import pickle
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Callable, Dict, Tuple

import torch
from torch import Tensor

from ..errors import CheckpointError


class Sealed:
    """Objects that a pickle gets and must not change."""

    def __setstate__(self, state) -> None:
        raise pickle.UnpicklingError("it changes an object that is not its own")


@dataclass(frozen=True)
class StoredTensor(Sealed):
    """A tensor in a file. `read` returns its values, which nothing keeps."""

    shape: Tuple[int, ...]
    dtype: torch.dtype
    read: Callable[[], Tensor]
    name: str = ""  # in the file

    @classmethod
    def of(cls, tensor: Tensor) -> "StoredTensor":
        """A tensor in memory, or on the meta device."""
        return cls(tuple(tensor.shape), tensor.dtype, lambda: tensor)

    def numel(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Size of the values in the file."""
        return self.numel() * self.dtype.itemsize


StateDict = Dict[str, StoredTensor]


@dataclass(eq=False)
class Storage(Sealed):
    """`count` elements in a file, from byte `offset` on."""

    path: Path
    file: BinaryIO
    dtype: torch.dtype
    count: int
    offset: int = 0
    crc: int = 0  # CRC-32 of the whole storage; 0: not recorded

    def read(self, first: int, count: int) -> Tensor:
        """Elements `first` ... `first + count - 1`. Raises CheckpointError if the file ends before or has changed."""
        size = self.dtype.itemsize
        values = torch.empty(count * size, dtype=torch.uint8)
        view = memoryview(values.numpy())
        self.file.seek(self.offset + first * size)
        if count and self.file.readinto(view) != count * size:
            raise CheckpointError(f"{self.path}: is cut short; download it again")
        if self.crc and count == self.count and zlib.crc32(view) != self.crc:
            raise CheckpointError(f"{self.path}: is damaged (a checksum differs); download it again")
        return values.view(self.dtype)

    def tensor(self, offset: int, shape, stride) -> StoredTensor:
        """The tensor of this shape and stride, in elements. Raises UnpicklingError if it reaches beyond the storage."""
        numbers = (offset, *shape, *stride)
        if not all(isinstance(n, int) and n >= 0 for n in numbers) or len(shape) != len(stride):
            raise pickle.UnpicklingError("a tensor has no valid shape")
        span = 0 if 0 in shape else 1 + sum((n - 1) * step for n, step in zip(shape, stride))
        if offset + span > self.count:
            raise pickle.UnpicklingError("a tensor reaches beyond its storage")
        shape, stride = tuple(shape), tuple(stride)
        return StoredTensor(shape, self.dtype, lambda: self.read(offset, span).as_strided(shape, stride))

    def viewed_as(self, dtype: torch.dtype) -> "Storage":
        """The same bytes with another type of element."""
        count = self.count * self.dtype.itemsize // dtype.itemsize
        return Storage(self.path, self.file, dtype, count, self.offset, self.crc)


def file_size(file: BinaryIO) -> int:
    """Bytes of an open file."""
    return os.fstat(file.fileno()).st_size
