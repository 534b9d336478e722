"""Checkpoint files that are refused with the reason: those that would run code, damaged ones, and other files."""

import os
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch
from checkpoint_files import WEIGHTS, same
from safetensors.torch import save_file
from torch import nn

from ldznet_training.checkpoints.loading import load_tensors
from ldznet_training.errors import CheckpointError, MissingInputError


def refused(path, *words: str) -> None:
    """Checks that a file is refused in one line without colour codes that names the file and the cause."""
    with pytest.raises(CheckpointError) as caught:
        load_tensors(path)
    message = str(caught.value)
    assert str(path) in message and "\n" not in message and "\x1b" not in message
    for word in words:
        assert word in message


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.ckpt"


class Calls:
    """Pickled as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def touch(path) -> str:
    return f"touch {path.parent / 'CODE_RAN'}"


EVIL = {
    "posix.system": lambda path: Calls(os.system, touch(path)),
    "builtins.eval": lambda path: Calls(eval, f"open({str(path.parent / 'CODE_RAN')!r}, 'w')"),
    "builtins.getattr": lambda path: Calls(getattr, "text", "upper"),
    "torch.serialization.load": lambda path: Calls(torch.load, "other"),
    "torch.storage._load_from_bytes": lambda path: Calls(torch.storage._load_from_bytes, b"x"),
    "numpy.load": lambda path: Calls(np.load, "other"),
    "subprocess.Popen": lambda path: Calls(__import__("subprocess").Popen, touch(path), -1),
    "test_checkpoints_refused.Unknown": lambda path: Unknown(),
}


class Unknown:
    pass


@pytest.mark.parametrize("named", EVIL)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_what_would_run_code_is_refused_by_name(path, named, zipped):
    torch.save({"state_dict": WEIGHTS, "x": EVIL[named](path)}, path, _use_new_zipfile_serialization=zipped)
    if named == "numpy.load":
        refused(path, "load")  # NumPy has moved it within its modules
    else:
        refused(path, named)
    assert not (path.parent / "CODE_RAN").exists()


def test_a_pickle_cannot_change_what_rebuilds_tensors(path):
    """A BUILD instruction sets attributes, here of a function that later tensors use."""
    torch.save({"state_dict": WEIGHTS}, path)
    build = b"ctorch._utils\n_rebuild_tensor_v2\n}X\x08\x00\x00\x00functionNsb0"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.parent / "changed", "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry == "file/data.pkl":
                data = data[:2] + build + data[2:]
            new.writestr(entry, data)
    refused(path.parent / "changed", "changes an object")
    same(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf\n <html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
        (b'{"error": "not found"}', "JSON"),
        (bytes(5000), "zeros"),
        (b"\x1f\x8b\x08\x00 some gzip", "archive"),
        (b"GGUF\x03\x00", "GGUF"),
        (b"just some text", "neither"),
        (pickle.dumps({"a": 1}), "not one of torch.save"),
        (b"\x80\x02.", "safe loader"),
        (struct.pack("<Q", 40) + b'{"a": {"dtype": "F32"', "safetensors"),
    ],
)  # fmt: skip
def test_other_files_are_named_for_what_they_are(path, content, words):
    path.write_bytes(content)
    refused(path, words)


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_cut_files_are_refused(path, kind, share):
    weights = {f"layer.{i}": torch.full((1000,), float(i)) for i in range(4)}
    if kind == "safetensors":
        save_file(weights, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=kind == "zip")
    os.truncate(path, int(path.stat().st_size * share))
    refused(path)


def test_a_changed_byte_is_noticed_when_the_tensor_is_read(path):
    torch.save({"a": torch.zeros(1000), "b": torch.ones(1000)}, path)
    data = bytearray(path.read_bytes())
    data[data.index(torch.ones(8).numpy().tobytes()) + 400] ^= 1
    path.write_bytes(data)
    found = load_tensors(path)
    assert not found["a"].read().any()
    with pytest.raises(CheckpointError, match="damaged"):
        found["b"].read()


def test_files_without_weights_by_name_are_refused(path):
    torch.save([torch.ones(2)], path)
    refused(path, "state_dict")
    torch.save(nn.Linear(2, 2), path)
    refused(path, "state_dict")
    torch.jit.script(nn.Linear(2, 2)).save(str(path))
    refused(path, "TorchScript")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "hello")
    refused(path, "zip archive")
    refused(path.parent, "folder")
    torch.save({"module.a": torch.ones(1), "a": torch.ones(1)}, path)
    refused(path, "twice")


def test_tensors_beyond_their_storage_are_refused(path):
    torch.save({"a": torch.ones(4)}, path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.parent / "changed", "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry == "file/data.pkl":  # the shape (4,) comes as K\x04\x85
                assert data.count(b"K\x04\x85") == 1
                data = data.replace(b"K\x04\x85", b"K\x05\x85")
            new.writestr(entry, data)
    refused(path.parent / "changed", "beyond its storage")


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingInputError, match="no such file"):
        load_tensors(tmp_path / "none.ckpt")
