"""Bundles whose files match their hashes but do not fit together, or their manifest: exit code 78, and a message that
names the file."""

import hashlib
import json
import os

import pytest
import torch
from conftest import MODEL, ROOT, failed, picture

MANIFEST = json.loads((MODEL / "model.json").read_text())


def put(folder, name, data: bytes):
    """Replaces a file of the bundle, and its entry in the manifest."""
    (folder / name).unlink()
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "model.json").read_text())
    manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "model.json").write_text(json.dumps(manifest))


def number(path: str, value):
    """Another number in the manifest."""

    def change(folder):
        manifest = json.loads((folder / "model.json").read_text())
        node = manifest
        for part in path.split(".")[:-1]:
            node = node[part]
        node[path.split(".")[-1]] = value
        (folder / "model.json").write_text(json.dumps(manifest))

    return change


def network(name: str, other: str):
    """Another network under the file's name."""
    return lambda folder: put(folder, name, (MODEL / other).read_bytes())


def large_id(folder):
    vocabulary = json.loads((MODEL / "vocab.json").read_text())
    put(folder, "vocab.json", json.dumps({**vocabulary, "zebra crossing": 5000}).encode())


def nan_weights(folder):
    module = torch.jit.load(MODEL / "unet.pt")
    dict(module.named_buffers())["time_embed.0.weight_int8_scale"][-1] = torch.nan
    module.save(folder / "nan.pt")
    put(folder, "unet.pt", (folder / "nan.pt").read_bytes())


CASES = {
    "more text than positions": (number("text.length", 100), "text_encoder.pt", "[1, 100]"),
    "a multiple that is too small": (number("image.multiple", 8), "vae_encoder.pt", "failed"),
    "a tap that does not exist": (number("taps", [*MANIFEST["taps"][:-1], "up.9"]), "model.json", "up.9"),
    "too few taps": (number("taps", MANIFEST["taps"][:-1]), "unet.pt", "the manifest names"),
    "channels of z": (number("latent.channels", 5), "vae_encoder.pt", "must be [1, 10,"),
    "token ids beyond the embedding": (large_id, "text_encoder.pt", "index out of range"),
    "weights that are NaN": (nan_weights, "unet.pt", "time_embed.0.weight"),
    "another head": (network("ldznet.pt", "znet.pt"), "ldznet.pt", "argument"),
    "another network as VAE": (network("vae_encoder.pt", "text_encoder.pt"), "vae_encoder.pt", "failed"),
}


@pytest.fixture
def bundle(ldznet):
    """The shipped bundle as links, for the test to change."""
    folder = ldznet.folder / "bundle"
    folder.mkdir()
    for file in MODEL.iterdir():
        os.symlink(file, folder / file.name)
    (folder / "model.json").unlink()
    (folder / "model.json").write_text(json.dumps(MANIFEST))
    return folder


@pytest.mark.parametrize("case", CASES)
def test_a_bundle_that_does_not_fit_itself(ldznet, zoo, bundle, case):
    change, *expected = CASES[case]
    change(bundle)
    result = ldznet("segment", "zoo", "-p", "panda", "-m", "bundle", "--size", 64 if "too small" not in case else 8)
    failed(result, 78, *expected)
    assert result.stderr.count(b"error:") <= 2 and b"Traceback" not in result.stderr, "it stops at the first picture"


@pytest.mark.parametrize("command", [
    ("worker",),
    ("eval", ROOT / "tests/data/mini-set/trained", "--limit", 1),
    ("features", "a.png"),
    ("probe", ROOT / "tests/data/mini-set/trained"),
    ("bench", "--runs", 1),
], ids=lambda command: command[0])  # fmt: skip
def test_every_command_refuses_it(ldznet, bundle, command):
    picture(1).save(ldznet.folder / "a.png")
    network("unet.pt", "znet.pt")(bundle)
    result = ldznet(*command, "-m", "bundle", stdin=json.dumps({"image": "a.png", "prompts": ["x"]}) + "\n")
    failed(result, 78, "unet.pt")
    assert result.stdout == b""
