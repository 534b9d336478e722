"""Checkpoint files in the shapes in which people have them: read without running anything, or refused with the reason."""

import collections
import os
import pickle
import struct
import sys
import types
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ldznet.checkpoints.loading import load_tensors
from ldznet.checkpoints.unpickling import find_global
from ldznet.errors import CheckpointError, MissingInputError

WEIGHTS = {
    "model.a.weight": torch.arange(12.0).reshape(3, 4) / 8,
    "model.b.bias": torch.tensor([-1.5, 0.25]),
    "model.scalar": torch.tensor(3.0),
    "model.empty": torch.zeros(0, 2),
}


def same(path, names=lambda name: name, expected=WEIGHTS) -> None:
    """Checks that a file gives these weights."""
    found = load_tensors(path)
    assert list(found) == [names(name) for name in expected]
    for name, tensor in expected.items():
        stored = found[names(name)]
        values = stored.read()
        assert stored.shape == tuple(tensor.shape) == tuple(values.shape)
        assert stored.dtype == values.dtype
        assert torch.equal(values.float(), tensor.float()), name


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


@pytest.fixture
def foreign(monkeypatch):
    """Makes a class of a module that is not installed; `undo` removes the modules before the file is read."""

    def make(module: str, name: str, base: type = object, **members) -> type:
        for i in range(module.count(".") + 1):
            part = module.rsplit(".", i)[0] if i else module
            if part not in sys.modules:
                monkeypatch.setitem(sys.modules, part, types.ModuleType(part))
        made = type(name, (base,), {"__module__": module, "__qualname__": name, **members})
        monkeypatch.setattr(sys.modules[module], name, made, raising=False)
        return made

    make.undo = monkeypatch.undo
    return make


# --- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_files_of_torch_save(path, zipped, protocol, dtype):
    weights = {name: tensor.to(dtype) for name, tensor in WEIGHTS.items()}
    torch.save({"epoch": 3, "state_dict": weights}, path, pickle_protocol=protocol,
               _use_new_zipfile_serialization=zipped)  # fmt: skip
    same(path)
    assert load_tensors(path)["model.b.bias"].dtype == dtype


@pytest.mark.parametrize("name", ["file.safetensors", "file.SAFETENSORS", "file.ckpt", "file"])
def test_content_tells_the_format_not_the_suffix(tmp_path, name):
    save_file(WEIGHTS, tmp_path / name)
    expected = {name: WEIGHTS[name] for name in sorted(WEIGHTS)}
    assert load_tensors(tmp_path / name).keys() == expected.keys()
    torch.save(WEIGHTS, tmp_path / f"pickle-{name}")
    same(tmp_path / f"pickle-{name}")


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_views_share_a_storage_and_parameters_are_weights(path, zipped):
    whole = torch.arange(24.0).reshape(4, 6)
    weights = {"transposed": whole.t(), "column": whole[:, 2], "part": whole[1:3, 1:4]}
    torch.save({n: nn.Parameter(w) for n, w in weights.items()}, path, _use_new_zipfile_serialization=zipped)
    same(path, expected=weights)


def test_a_zip_that_was_packed_again_is_read(path, tmp_path):
    torch.save(WEIGHTS, path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "again", "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry))
    same(tmp_path / "again")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda weights: weights,
        collections.OrderedDict,
        lambda weights: {"state_dict": weights, "optimizer": {f"m.{i}": torch.ones(1) for i in range(9)}},
        lambda weights: {"model": weights, "args": None},
        lambda weights: {"checkpoint": {"model_state_dict": weights}, "step": 5},
    ],
)  # fmt: skip
def test_state_dicts_are_found_inside(path, wrap):
    torch.save(wrap(WEIGHTS), path)
    same(path)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_forward_module.", "module.module.", "module._orig_mod."])
def test_prefixes_of_wrappers_are_removed(path, prefix):
    torch.save({prefix + name: tensor for name, tensor in WEIGHTS.items()}, path)
    same(path)
    assert load_tensors(path)["model.b.bias"].name == prefix + "model.b.bias"


# --- what training leaves ---------------------------------------------------------------------------------------------

FOREIGN = [
    ("pytorch_lightning.utilities.parsing", "AttributeDict", dict),
    ("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint", object),
    ("lightning.pytorch.callbacks", "EarlyStopping", object),
    ("lightning_fabric.utilities.data", "AttributeDict", dict),
    ("omegaconf.dictconfig", "DictConfig", object),
    ("omegaconf.listconfig", "ListConfig", list),
    ("ldm.lr_scheduler", "LambdaLinearScheduler", object),
    ("ldm_seg.models.ldznet.ldznet_model", "Settings", set),
    ("torchmetrics.aggregation", "MeanMetric", object),
]


@pytest.mark.parametrize(("module", "name", "base"), FOREIGN)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_classes_of_training_libraries_are_forgotten(path, foreign, module, name, base, zipped):
    made = foreign(module, name, base, __reduce_ex__=lambda self, _: (type(self), (), {"n": 1})) if base is set else (
        foreign(module, name, base)
    )  # fmt: skip
    instance = made()
    instance.value = torch.ones(2)
    if base is dict:
        instance["rate"] = 1e-4
    if base is list:
        instance.extend([1, 2])
    state = {"callbacks": {made: {"best": torch.tensor(0.1)}}, "hyper": instance, "state_dict": WEIGHTS}
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    foreign.undo()
    same(path)


def test_plain_data_of_python_numpy_and_torch_is_forgotten(path):
    import argparse
    import datetime
    import functools
    import pathlib

    extra = {
        "args": argparse.Namespace(rate=1e-4, size=torch.Size([2]), dtype=torch.float16, device=torch.device("cpu")),
        "numpy": [np.float64(0.1), np.float32(1), np.int64(2), np.bool_(True), np.arange(3), np.dtype("float16")],
        "random": [np.random.get_state(), np.random.default_rng(0)],
        "python": [pathlib.Path("a"), datetime.datetime(2022, 1, 1), {1, 2}, frozenset([3]), bytearray(b"x"), 1j],
        "containers": [collections.defaultdict(list, a=[1]), collections.Counter("aab"), collections.deque([1])],
        "partial": functools.partial(dict, a=1),
        "types": [
            dict,
            int,
            torch.optim.AdamW,
            torch.nn.functional.relu,
            torch.nn.functional.gelu,
            torch.float8_e4m3fn,
        ],
        "tensors": [
            torch.zeros(2, dtype=torch.int64),
            torch.zeros(2, dtype=torch.float8_e5m2),
            torch.ones(1).to_sparse(),
        ],
    }
    torch.save({"state_dict": WEIGHTS, **extra}, path)
    same(path)


def test_the_globals_of_the_published_file_are_known():
    """Those that Hugging Face lists for sd-v1-4.ckpt of CompVis/stable-diffusion-v-1-4-original."""
    listed = ["torch.FloatStorage", "torch.IntStorage", "torch.LongStorage", "torch._utils._rebuild_tensor_v2",
              "collections.OrderedDict", "_codecs.encode", "numpy.dtype", "numpy.core.multiarray.scalar",
              "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"]  # fmt: skip
    for name in listed:
        find_global(*name.rsplit(".", 1))


@pytest.mark.parametrize(("written", "named"), [(b"numpy._core", b"numpy.core"), (b"numpy.core", b"numpy._core")])
def test_numpy_scalars_under_both_module_names(path, tmp_path, written, named):
    """NumPy 2 renamed the module in which a pickled scalar's function is."""
    torch.save({"lr_schedulers": [{"_last_lr": [np.float64(1e-4)]}], "state_dict": WEIGHTS}, path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "other", "w") as new:
        pickled = old.read("file/data.pkl")
        assert b"numpy._core.multiarray\n" in pickled
        for entry in old.namelist():
            new.writestr(entry, pickled.replace(written, named) if entry == "file/data.pkl" else old.read(entry))
    same(tmp_path / "other")


# --- refused ----------------------------------------------------------------------------------------------------------


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
    "test_checkpoints.Unknown": lambda path: Unknown(),
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
