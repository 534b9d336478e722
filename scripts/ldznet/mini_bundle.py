"""The miniature's bundle from the training stages' checkpoints, and those of its frozen stages back from it."""

import json
import shutil
from pathlib import Path
from typing import Dict

import torch
from torch import nn

from .bundle import BundleSpec, write_bundle
from .heads import make_head
from .mini import MULTIPLE, TAPS, TEXT, TIMESTEP, TIMESTEP_RANGE, UNET, VAE, WORKING_SIZE
from .text_encoder import TextEncoder
from .training import save_whole, trained
from .unet import UNet
from .vae import VAEEncoder

METHODS = ("ldznet", "znet", "rgbnet")
LICENCE = "Apache-2.0 (weights); see MODEL_CARD.md for the drawings it learnt from"


def write_mini(train: Path, output: Path, ldznet: str, version: str, dtype: str) -> None:
    """Writes the bundle with every head that has been trained; of the LD-ZNets (heads.py) the one that is named."""
    unet = trained(UNet(UNET, list(TAPS)), train / "ldm.ckpt", "unet.")
    modules: Dict[str, nn.Module] = {
        "vae_encoder": trained(VAEEncoder(VAE), train / "vae.ckpt", strict=False),
        "text_encoder": trained(TextEncoder(TEXT), train / "clip.ckpt", "text."),
        "unet": unet,
    }
    for method in METHODS:
        name = ldznet if method == "ldznet" else method
        if (train / f"head-{name}.ckpt").is_file():
            modules[method] = trained(make_head(name, unet), train / f"head-{name}.ckpt")
    spec = BundleSpec(
        name="ldznet-mini",
        version=version,
        licence=LICENCE,
        taps=list(TAPS),
        features=unet.feature_names,
        area=WORKING_SIZE * WORKING_SIZE,
        multiple=MULTIPLE,
        latent_scale=json.loads((train / "latents.json").read_text())["scale"],
        timestep=TIMESTEP,
        timestep_range=TIMESTEP_RANGE,
        text_length=TEXT.length,
        unet_context="empty",
        precision="fp32",
        methods=[method for method in METHODS if method in modules],
    )
    write_bundle(output, spec, modules, train, dtype)  # its MODEL_CARD.md stays as it is


def unpack(bundle: Path, train: Path) -> None:
    """Writes what heads are trained on from a bundle: the checkpoints of the text encoder, the VAE's encoder, the UNet
    and the match map, the vocabulary and the latent scale; and the LD-ZNet head, which another may begin with."""
    train.mkdir(parents=True, exist_ok=True)
    networks = (("clip", "text_encoder", "text."), ("vae", "vae_encoder", ""), ("ldm", "unet", "unet."))
    for stage, module, prefix in networks:
        save_whole({"ema": _weights(bundle, module, prefix)}, train / f"{stage}.ckpt")
    head = _weights(bundle, "ldznet", "")
    match = {name.removeprefix("match."): value for name, value in head.items() if name.startswith("match.")}
    save_whole({"ema": match}, train / "match.ckpt")
    save_whole({"ema": head}, train / "shipped.ckpt")
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(bundle / name, train / name)
    scale = json.loads((bundle / "model.json").read_text())["latent"]["scale"]
    (train / "latents.json").write_text(json.dumps({"scale": scale}) + "\n")


def _weights(bundle: Path, module: str, prefix: str) -> Dict[str, torch.Tensor]:
    """A network's weights in fp32, their names with the prefix."""
    stored = torch.jit.load(bundle / f"{module}.pt", map_location="cpu").state_dict()
    return {prefix + name: value.float() for name, value in stored.items()}
