"""Checkpoint files in the shapes in which people have them, read without running anything."""

import collections
import sys
import types
import zipfile

import numpy as np
import pytest
import torch
from checkpoint_files import WEIGHTS, same
from safetensors.torch import save_file
from torch import nn

from ldznet_training.checkpoints.loading import load_tensors
from ldznet_training.checkpoints.unpickling import find_global


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
