"""Bundles: which one is used, its heads, and probabilities equal to those of its networks in PyTorch."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import MODEL, good, picture
from PIL import Image
from torch import Tensor, nn

from ldznet_training.bundle import load_network
from ldznet_training.noise_schedule import add_noise, alphas_cumprod
from ldznet_training.vae import posterior_mean

MANIFEST = json.loads((MODEL / "model.json").read_text())


class Certain(nn.Module):
    """A head whose mask is always the whole picture."""

    def forward(self, z: Tensor, context: Tensor) -> Tensor:
        return torch.full([context.size(0), 1, 8 * z.size(2), 8 * z.size(3)], 8.0)


@pytest.fixture
def two_heads(ldznet):
    """The shipped bundle with another znet head, named "other", version 9."""
    folder = ldznet.folder / "other"
    shutil.copytree(MODEL, folder)
    torch.jit.script(Certain()).save(folder / "znet.pt")
    data = (folder / "znet.pt").read_bytes()
    manifest = dict(MANIFEST, name="other", version="9")
    manifest["files"] = {**MANIFEST["files"], "znet.pt": {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}}  # fmt: skip
    manifest["methods"] = {"ldznet": {"file": "ldznet.pt"}, "znet": {"file": "znet.pt"}}
    (folder / "model.json").write_text(json.dumps(manifest))
    return manifest


def line_of(result) -> dict:
    return json.loads(good(result))


def test_the_bundle_is_the_flags_the_variables_or_the_shipped_one(ldznet, zoo, two_heads):
    command = ("segment", "zoo/a.png", "-p", "sky", "--json")
    shipped = line_of(ldznet(*command))["model"]
    assert (shipped["name"], shipped["version"]) == (MANIFEST["name"], MANIFEST["version"])
    assert shipped["sha256"] == json.loads(ldznet("info", "--json").stdout)["bundle"]["sha256"]
    assert line_of(ldznet(*command, env={"LDZNET_MODEL": "other"}))["model"]["name"] == "other"
    assert line_of(ldznet(*command, "-m", "other"))["model"]["version"] == "9"
    assert line_of(ldznet(*command, "--model", MODEL, env={"LDZNET_MODEL": "nowhere"}))["model"] == shipped


def test_the_default_method_is_the_bundles_best(ldznet, zoo, two_heads):
    command = ("segment", "zoo/a.png", "-p", "sky", "--json", "-m", "other")
    assert line_of(ldznet(*command))["method"] == "ldznet"
    found = line_of(ldznet(*command, "--method", "znet"))
    assert found["method"] == "znet" and found["results"][0]["area"] == found["width"] * found["height"]
    (ldznet.folder / "other/model.json").write_text(json.dumps({**two_heads, "default_method": "znet"}))
    assert line_of(ldznet(*command))["method"] == "znet"


def test_a_request_chooses_the_method(ldznet, zoo, two_heads):
    lines = [{"id": k, "image": "zoo/a.png", "prompts": ["sky"], **more} for k, more in enumerate([{}, {"method": "znet"}])]  # fmt: skip
    result = ldznet("worker", "-m", "other", stdin="".join(json.dumps(line) + "\n" for line in lines))
    ready, one, two = map(json.loads, result.stdout.splitlines())
    assert sorted(ready["methods"]) == ["ldznet", "znet"]
    assert (one["method"], two["method"]) == ("ldznet", "znet") and two["results"][0]["area"] == 64 * 48


def network(name: str) -> torch.jit.ScriptModule:
    return load_network(MODEL / f"{name}.pt")


def working_image(image: Image.Image) -> Tensor:
    """The reference's preprocessing: the bundle's area and multiple, the picture's aspect ratio, Pillow's Lanczos."""
    area, multiple = MANIFEST["image"]["area"], MANIFEST["image"]["multiple"]
    aspect = image.height / image.width
    width = int((area / aspect) ** 0.5)
    size = (width // multiple * multiple, int(aspect * width) // multiple * multiple)
    pixels = np.asarray(image.resize(size, Image.Resampling.LANCZOS), np.float32) / 255 * 2 - 1
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


@torch.inference_mode()
def computed(image: Image.Image, token_ids: list[list[int]], draws: list[tuple[int, int]]) -> np.ndarray:
    """Probabilities (prompts, height, width), averaged over draws (timestep, seed). The last token ids are those of the
    empty prompt, which conditions the UNet."""
    context = network("text_encoder")(torch.tensor(token_ids))
    z = MANIFEST["latent"]["scale"] * posterior_mean(network("vae_encoder")(working_image(image)))
    mean = 0
    for timestep, seed in draws:
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(seed))
        z_t = add_noise(z, noise, torch.tensor([timestep]), alphas_cumprod())
        features = network("unet")(z_t, torch.tensor([timestep]), context[-1:])
        logits = network("ldznet")(z.expand(len(context) - 1, -1, -1, -1), context[:-1], list(features))
        mean = mean + torch.sigmoid(logits) / len(draws)
    size = (image.height, image.width)
    return F.interpolate(mean, size=size, mode="bilinear", align_corners=False)[:, 0].numpy()


@pytest.mark.parametrize("flags, draws", [
    ([], [(MANIFEST["timestep"]["default"], 0)]),
    (["--timestep", "60", "--seed", "7"], [(60, 7)]),
    (["--samples", "4", "--seed", "5"], [(62, 5), (87, 6), (112, 7), (137, 8)]),  # of 50 to 150
])  # fmt: skip
def test_probabilities_equal_pytorchs(ldznet, flags, draws):
    """The reference is the paper's method step by step in PyTorch."""
    image = picture(8, 150, 101)
    image.save(ldznet.folder / "a.png")
    prompts = ["panda", "blue sky"]
    ids = [json.loads(line) for line in ldznet("tokenize", "-", stdin="\n".join(prompts)).stdout.splitlines()]
    pad = ids[0][-1]
    expected = computed(image, [*ids, [ids[0][0], *[pad] * (len(ids[0]) - 1)]], draws)
    line = line_of(ldznet("segment", "a.png", "-p", "|".join(prompts), *flags, "-s", "probability,mask", "--json",
                          "--precision", "fp32"))  # fmt: skip
    for result, probability in zip(line["results"], expected, strict=True):
        read = np.asarray(Image.open(ldznet.folder / result["files"]["probability"])) / 65535
        assert np.abs(read - probability).max() < 2e-4
        mask = np.asarray(Image.open(ldznet.folder / result["files"]["mask"])) > 0
        clear = np.abs(probability - 0.5) > 2e-4
        assert np.array_equal(mask[clear], (probability >= 0.5)[clear])
