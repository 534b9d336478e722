"""Files of torch.save, in today's format (a zip archive) and the one before PyTorch 1.6 (a sequence of pickles).

Both readers return the saved object with a StoredTensor in place of every tensor."""

import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from ..errors import CheckpointError
from .stored import Storage, file_size
from .unpickling import StorageType, Unpickler

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001


def _storage(path: Path, file: BinaryIO, kind, count, crc: int = 0) -> Storage:
    if not isinstance(kind, StorageType) or not isinstance(count, int) or count < 0:
        raise pickle.UnpicklingError("a storage has no valid type and size")
    return Storage(path, file, kind.dtype, count, crc=crc)


def _data_offset(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """Where an entry's bytes begin: after its local header, whose length the archive's directory does not tell."""
    file.seek(entry.header_offset + 26)
    name, extra = struct.unpack("<HH", file.read(4))
    return entry.header_offset + 30 + name + extra


def read_zip(path: Path, file: BinaryIO) -> object:
    """The object in a zip archive of torch.save."""
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise CheckpointError(f"{path}: is cut short or damaged ({error}); download it again") from error
    entries = {entry.filename: entry for entry in archive.infolist()}
    pickles = [name for name in entries if name.count("/") == 1 and name.endswith("/data.pkl")]
    if not pickles:
        raise CheckpointError(f"{path}: is a zip archive, but not one of torch.save")
    folder = pickles[0].removesuffix("data.pkl")
    if f"{folder}constants.pkl" in entries:
        raise CheckpointError(f"{path}: is TorchScript, a program, not a checkpoint")
    if f"{folder}byteorder" in entries and archive.read(f"{folder}byteorder") != b"little":
        raise CheckpointError(f"{path}: was written on a big-endian machine; save it again on another one")

    def load_storage(reference) -> Storage:
        _, kind, key, _, count = reference
        entry = entries[f"{folder}data/{key}"]
        storage = _storage(path, file, kind, count, entry.CRC)
        if count * storage.dtype.itemsize != entry.file_size:
            raise pickle.UnpicklingError(f"the storage {key} has another size")
        if entry.compress_type == zipfile.ZIP_STORED:
            storage.offset = _data_offset(file, entry)
        else:
            storage.file = io.BytesIO(archive.read(entry))
        return storage

    return Unpickler(io.BytesIO(archive.read(pickles[0])), load_storage).load()


def read_legacy(path: Path, file: BinaryIO) -> object:
    """The object in a file of torch.save's first format: pickles, then the storages one after the other."""
    storages: dict[str, Storage] = {}

    def load_storage(reference):
        if reference[0] == "module":  # the class of a pickled module with its source text
            return reference[1]
        _, kind, key, _, count, view = reference
        storage = storages.setdefault(key, _storage(path, file, kind, count))
        if view is not None:
            raise pickle.UnpicklingError("it has views of storages, which only early versions of PyTorch wrote")
        return storage

    def load():
        return Unpickler(file, load_storage).load()

    if load() != LEGACY_MAGIC:
        raise CheckpointError(f"{path}: is a pickle, but not one of torch.save")
    if load() != LEGACY_PROTOCOL or not load()["little_endian"]:
        raise CheckpointError(f"{path}: has an unknown version of torch.save's format")
    saved = load()
    for key in load():
        (count,) = struct.unpack("<q", file.read(8))
        storage = storages[key]
        if count != storage.count:
            raise pickle.UnpicklingError(f"the storage {key} has another size")
        storage.offset = file.tell()
        file.seek(count * storage.dtype.itemsize, io.SEEK_CUR)
    if file.tell() > file_size(file):
        raise CheckpointError(f"{path}: is cut short; download it again")
    return saved
