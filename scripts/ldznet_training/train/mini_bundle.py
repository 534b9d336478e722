"""Writes the miniature's bundle from the checkpoints of the training stages, and checkpoints from a bundle."""

import json
import shutil
from pathlib import Path
from typing import Dict

import torch
from torch import nn

from ..bundle import BundleSpec, load_weights, write_bundle
from ..mini import MULTIPLE, TAPS, TEXT, TIMESTEP, TIMESTEP_RANGE, UNET, VAE, WORKING_SIZE
from ..text_encoder import TextEncoder
from ..unet import UNet
from ..vae import VAEEncoder
from .heads import METHODS, make_head
from .weights import load_frozen, save_atomically

DTYPE = "float16"  # of the stored weights
LDZNETS = tuple(name for name in METHODS if name.startswith("ldznet"))  # the heads that can be the bundle's LD-ZNet
BUNDLED = tuple(name for name in METHODS if name == "ldznet" or name not in LDZNETS)  # a bundle's methods
LICENCE = "Apache-2.0 (weights); see MODEL_CARD.md for the drawings it learnt from"


def write_mini(train: Path, output: Path, version: str, overwrite: bool, ldznet: str = "ldznet") -> None:
    """Writes the bundle with all trained heads; `ldznet` names the head that becomes its LD-ZNet, one of LDZNETS.

    `train`: folder of the stages' checkpoints. The bundle has the name of its folder `output`; one that is there is
    only replaced with `overwrite`, and its MODEL_CARD.md kept.
    """
    unet = load_frozen(UNet(UNET, list(TAPS)), train / "ldm.ckpt", "unet.")
    modules: Dict[str, nn.Module] = {
        "vae_encoder": load_frozen(VAEEncoder(VAE), train / "vae.ckpt", strict=False),
        "text_encoder": load_frozen(TextEncoder(TEXT), train / "clip.ckpt", "text."),
        "unet": unet,
    }
    for method in BUNDLED:
        name = ldznet if method == "ldznet" else method
        if (train / f"head-{name}.ckpt").is_file():
            modules[method] = load_frozen(make_head(name, unet), train / f"head-{name}.ckpt")
    spec = BundleSpec(
        name=output.resolve().name,
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
        methods=[method for method in BUNDLED if method in modules],
    )
    write_bundle(output, spec, modules, train, DTYPE, overwrite)


def unpack(bundle: Path, train: Path) -> None:
    """Writes what the training of heads needs from a bundle: checkpoints of the text encoder, the VAE encoder, the UNet
    and the match map, the tokenizer and the latent scale. Also the LD-ZNet head as shipped.ckpt, to start another from.
    """
    train.mkdir(parents=True, exist_ok=True)
    networks = (("clip", "text_encoder", "text."), ("vae", "vae_encoder", ""), ("ldm", "unet", "unet."))
    for stage, module, prefix in networks:
        save_atomically({"ema": _weights(bundle, module, prefix)}, train / f"{stage}.ckpt")
    head = _weights(bundle, "ldznet", "")
    match = {name.removeprefix("match."): value for name, value in head.items() if name.startswith("match.")}
    save_atomically({"ema": match}, train / "match.ckpt")
    save_atomically({"ema": head}, train / "shipped.ckpt")
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(bundle / name, train / name)
    scale = json.loads((bundle / "model.json").read_text())["latent"]["scale"]
    (train / "latents.json").write_text(json.dumps({"scale": scale}) + "\n")


def _weights(bundle: Path, module: str, prefix: str) -> Dict[str, torch.Tensor]:
    """A network's weights in fp32, the prefix before their names."""
    return {prefix + name: value for name, value in load_weights(bundle / f"{module}.pt").items()}
