"""Every stage of our networks against the outputs of the authors' own modules (tests/golden/README.md)."""

import json
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from ldznet_training.checkpoints.loading import load_tensors
from ldznet_training.checkpoints.published import networks_from
from ldznet_training.checkpoints.stored import StoredTensor
from ldznet_training.errors import CheckpointError
from ldznet_training.noise_schedule import add_noise, alphas_cumprod
from ldznet_training.vae import posterior_mean

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ZERO = StoredTensor.of(torch.zeros(1))
TOLERANCE = 1e-4  # as a share of each tensor's range


@pytest.fixture(scope="module")
def golden():
    return {name: torch.from_numpy(value) for name, value in np.load(GOLDEN / "golden.npz").items()}


@pytest.fixture(scope="module")
def files(golden_files):
    """The tensors of the two seeded checkpoints."""
    return tuple(load_tensors(golden_files / name) for name in ("sd.ckpt", "ldznet.ckpt"))


@pytest.fixture(scope="module")
def networks(files):
    found = networks_from(*files, "sd", "ldznet")
    stages = ("vae_encoder", "text_encoder", "unet", "ldznet")
    return types.SimpleNamespace(**{stage: getattr(found, stage).load() for stage in stages})


def close(name, ours, theirs):
    spread = (theirs.max() - theirs.min()).item()
    difference = (ours - theirs).abs().max().item()
    print(f"{name}: max|diff| {difference:.2e}, of the range {difference / spread:.2e}")
    assert ours.shape == theirs.shape
    assert difference <= TOLERANCE * spread, name


@torch.inference_mode()
def test_vae_encoder(networks, golden):
    moments = networks.vae_encoder(golden["image"])
    close("moments", moments, golden["moments"])
    close("z", 0.18215 * posterior_mean(moments), golden["z"])


@torch.inference_mode()
def test_text_encoder(networks, golden):
    close("context", networks.text_encoder(golden["token_ids"].long()), golden["context"])


@torch.inference_mode()
def test_noise(golden):
    noise = torch.randn(golden["noise"].shape, generator=torch.Generator().manual_seed(7))
    assert torch.equal(noise, golden["noise"])
    close("z_t", add_noise(golden["z"], noise, torch.tensor([400]), alphas_cumprod()), golden["z_t"])


@torch.inference_mode()
def test_all_sixteen_features(networks, golden):
    features = networks.unet.all_features(golden["z_t"], torch.tensor([400]), golden["context"])
    assert len(features) == 16
    for i, feature in enumerate(features):
        close(f"features_{i}", feature, golden[f"features_{i}"])


@torch.inference_mode()
def test_taps_are_features_five_to_nine(networks, golden):
    taps = networks.unet(golden["z_t"], torch.tensor([400]), golden["context"])
    assert len(taps) == 5
    for i, feature in enumerate(taps):
        close(f"tap {i}", feature, golden[f"features_{i + 5}"])


@torch.inference_mode()
def test_ldznet(networks, golden):
    taps = [golden[f"features_{i}"] for i in range(5, 10)]
    logits = networks.ldznet(golden["z"], golden["context"], taps)
    close("logits", logits, golden["logits_znet_ema"])
    close("probability", torch.sigmoid(logits)[0, 0], golden["probability"])


def meta_tensors(shapes):
    return {name: StoredTensor.of(torch.empty(shape, device="meta")) for name, shape in shapes.items()}


def test_full_width_names_and_shapes():
    """All tensors of the published files, and no others, are in our full-width networks."""
    official = json.loads((GOLDEN / "official-keys.json").read_text())
    sd, head = (meta_tensors(official[name]) for name in ("sd-v1-4.ckpt", "LDZNet_txt2mask.ckpt"))
    networks = networks_from(sd, head, "sd", "ldznet")
    assert networks.unet.module.model_channels == 320
    assert networks.text_config.vocabulary == 49408 and networks.text_config.layers == 12
    assert networks.ldznet.module.taps == networks.unet.module.feature_names[5:10]


def test_missing_and_unknown_tensors_are_named(files):
    sd, head = files
    lost = "model.diffusion_model.input_blocks.4.1.proj_in.bias"
    with pytest.raises(CheckpointError, match=r"missing input_blocks\.4\.1\.proj_in\.bias"):
        networks_from({k: v for k, v in sd.items() if k != lost}, head, "sd", "ldznet")
    extra = "model.diffusion_model.surprise.weight"
    with pytest.raises(CheckpointError, match=r"unknown surprise\.weight"):
        networks_from({**sd, extra: ZERO}, head, "sd", "ldznet")
    with pytest.raises(CheckpointError, match=r"unknown surprise"):
        networks_from({**sd, "first_stage_model.surprise": ZERO}, head, "sd", "ldznet")


@pytest.mark.parametrize(
    "name",
    [
        "model.diffusion_model.final.10.weight",
        "model_ema.diffusion_modelfinal10weight",
        "model.diffusion_model.out.0.bias",
    ],
)
def test_a_missing_tensor_of_the_head_is_named(files, name):
    sd, head = files
    with pytest.raises(CheckpointError, match=r"(final\.10\.weight|out\.0\.bias)"):
        networks_from(sd, {k: v for k, v in head.items() if k != name}, "sd", "ldznet")


@pytest.mark.parametrize("name", ["model.diffusion_model.surprise", "model_ema.diffusion_modelsurprise"])
def test_an_unknown_tensor_of_the_head_is_named(files, name):
    sd, head = files
    with pytest.raises(CheckpointError, match="unknown surprise"):
        networks_from(sd, {**head, name: ZERO}, "sd", "ldznet")


def test_a_unet_in_the_head_file_replaces_the_other(files):
    sd, head = files
    prefix = "model.diffusion_model."
    inside = {
        "sd_features_stage_model.model." + name: StoredTensor.of(value.read() + 1)
        for name, value in sd.items()
        if name.startswith(prefix)
    }
    unet = networks_from(sd, {**head, **inside}, "sd", "ldznet").unet.load()
    assert torch.equal(unet.state_dict()["out.2.bias"], sd[prefix + "out.2.bias"].read() + 1)
