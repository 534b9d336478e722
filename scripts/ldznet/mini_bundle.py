"""The miniature's bundle from the training stages' checkpoints."""

import json
from pathlib import Path
from typing import Dict

from torch import nn

from .bundle import BundleSpec, write_bundle
from .denoiser import Denoiser
from .heads import make_head
from .mini import MULTIPLE, TAPS, TEXT, TIMESTEP, TIMESTEP_RANGE, UNET, VAE, WORKING_SIZE
from .text_encoder import TextEncoder
from .training import trained
from .unet import UNet
from .vae import VAEEncoder

METHODS = ("ldznet", "znet", "rgbnet")
LICENCE = "Apache-2.0 (weights); see MODEL_CARD.md for the drawings it learnt from"


def write_mini(train: Path, output: Path, version: str, dtype: str) -> None:
    """Writes the bundle with every head that has been trained; LD-ZNet must be."""
    denoiser = trained(Denoiser(), train / "ldm.ckpt")
    unet = UNet(UNET, list(TAPS))
    unet.load_state_dict(denoiser.unet.state_dict())
    modules: Dict[str, nn.Module] = {
        "vae_encoder": trained(VAEEncoder(VAE), train / "vae.ckpt", strict=False),
        "text_encoder": trained(TextEncoder(TEXT), train / "clip.ckpt", "text."),
        "unet": unet,
    }
    for method in METHODS:
        if (train / f"head-{method}.ckpt").is_file():
            modules[method] = trained(make_head(method, denoiser), train / f"head-{method}.ckpt")
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
        methods=[method for method in METHODS if method in modules],
    )
    write_bundle(output, spec, modules, train, dtype)  # its MODEL_CARD.md stays as it is
