"""Writes the miniature's bundle from the checkpoints of the training stages, and checkpoints from a bundle."""

import json
import shutil
from pathlib import Path
from typing import Dict

import torch
from torch import Tensor, nn

from ..bundle import BundleSpec, load_weights, write_bundle
from ..errors import MissingInputError
from ..mini import MULTIPLE, TAPS, TEXT, TIMESTEP, TIMESTEP_RANGE, UNET, VAE, WORKING_SIZE
from ..scenes.vocabulary import vocabulary, vocabulary_of_both
from ..semantic import CHANNELS, DRAWN_MOST, DRAWN_PART, DRAWN_PEAK, EncoderWithSemantics, Semantics
from ..text_encoder import TextEncoder
from ..unet import UNet
from ..vae import VAEEncoder
from .heads import METHODS, make_head
from .weights import load_ema, load_frozen, save_atomically

DTYPE = "float16"  # of the stored weights
LDZNETS = tuple(name for name in METHODS if name.startswith("ldznet"))  # the heads that can be the bundle's LD-ZNet
BUNDLED = tuple(name for name in METHODS if name == "ldznet" or name not in LDZNETS)  # a bundle's methods
SEMANTIC = "semantic"  # stage of train_semantic.py
DOMAIN_OF_DRAWINGS = "drawn things and painted stuff; no photographs"
DOMAIN = "drawn things and painted stuff, and some things and stuff in photographs"
LICENCE = "Apache-2.0 (weights); see MODEL_CARD.md for what it learnt from"


def head_checkpoint(train: Path, name: str) -> Path | None:
    """The checkpoint of a head, one of METHODS: a trained one, else that of an unpacked bundle, else None."""
    paths = (train / f"head-{name}.ckpt", train / f"shipped-{name}.ckpt")
    return next((path for path in paths if path.is_file()), None)


def write_mini(
    train: Path, output: Path, version: str, overwrite: bool, ldznet: str = "ldznet", dtype: str = DTYPE
) -> None:
    """Writes the bundle with all heads that there are; `ldznet` names the one that becomes its LD-ZNet, one of LDZNETS.

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
        if checkpoint := head_checkpoint(train, name):
            modules[method] = load_frozen(make_head(name, unet), checkpoint)
    semantic = (train / f"{SEMANTIC}.ckpt").is_file()
    if semantic:
        if "ldznet" not in modules:
            raise MissingInputError(
                f"{train}: has {SEMANTIC}.ckpt, but no head {ldznet} to go with it; train the head, or unpack a bundle"
            )
        add_semantics(modules, train)
    spec = BundleSpec(
        name=output.resolve().name,
        version=version,
        licence=LICENCE,
        taps=list(TAPS),
        features=unet.feature_names,
        area=WORKING_SIZE * WORKING_SIZE,
        multiple=MULTIPLE,
        latent_channels=VAE.latent_channels + (CHANNELS if semantic else 0),
        latent_scale=latent_scale(train),
        timestep=TIMESTEP,
        timestep_range=TIMESTEP_RANGE,
        text_length=TEXT.length,
        unet_context="empty",
        precision="fp32",
        methods=[method for method in BUNDLED if method in modules],
        domain=DOMAIN if semantic else DOMAIN_OF_DRAWINGS,
        names={
            word.name: list(word.synonyms) for word in (vocabulary_of_both() if semantic else vocabulary()).values()
        },
    )
    write_bundle(output, spec, modules, train, dtype, overwrite)


def latent_scale(train: Path) -> float:
    """What latents are multiplied by."""
    return json.loads((train / "latents.json").read_text())["scale"]


def add_semantics(modules: Dict[str, nn.Module], train: Path) -> None:
    """Adds the semantic latents of train_semantic.py to the VAE encoder, and their match to LD-ZNet."""
    weights = load_ema(train / f"{SEMANTIC}.ckpt")
    semantics, fused = Semantics(TEXT.width), "encoder.trunk.stem.1.weight" not in weights
    if fused:
        semantics.fuse()
    semantics.load_state_dict({**_earlier_defaults(), **weights})
    if not fused:
        semantics.fuse()
    modules["vae_encoder"] = EncoderWithSemantics(modules["vae_encoder"], semantics.encoder, latent_scale(train))
    modules["ldznet"].semantic = semantics.match


def _earlier_defaults() -> Dict[str, Tensor]:
    """What version 6 and earlier ones had as constants."""
    values = {"drawn_part": DRAWN_PART, "drawn_most": DRAWN_MOST, "drawn_peak": DRAWN_PEAK}
    return {f"match.{name}": torch.tensor(value) for name, value in values.items()}


def unpack(bundle: Path, train: Path) -> None:
    """Writes what the training of heads needs from a bundle: checkpoints of the text encoder, the VAE encoder, the UNet
    and the match map, the tokenizer and the latent scale. Also its heads as shipped-<method>.ckpt, to start from.

    Semantic latents and shipped heads of an earlier bundle are removed; trained heads stay.
    """
    train.mkdir(parents=True, exist_ok=True)
    earlier = {train / f"{SEMANTIC}.ckpt", *train.glob("shipped-*.ckpt")}

    def save(stage: str, weights: Dict[str, Tensor]) -> None:
        save_atomically({"ema": weights}, train / f"{stage}.ckpt")
        earlier.discard(train / f"{stage}.ckpt")

    save("clip", _with_prefix(_weights(bundle, "text_encoder"), "text."))
    save("ldm", _with_prefix(_weights(bundle, "unet"), "unet."))
    encoder, head = _weights(bundle, "vae_encoder"), _weights(bundle, "ldznet")
    semantics = _below(encoder, "semantic.")
    if semantics:
        match = _with_prefix(_below(head, "semantic."), "match.")
        save(SEMANTIC, {**_with_prefix(semantics, "encoder."), **match})
        encoder = _below(encoder, "vae.")
        head = {name: value for name, value in head.items() if not name.startswith("semantic.")}
    save("vae", encoder)
    save("match", _below(head, "match."))
    save("shipped-ldznet", head)
    for method in BUNDLED:
        if method != "ldznet" and (bundle / f"{method}.pt").is_file():
            save(f"shipped-{method}", _weights(bundle, method))
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(bundle / name, train / name)
    scale = json.loads((bundle / "model.json").read_text())["latent"]["scale"]
    (train / "latents.json").write_text(json.dumps({"scale": scale}) + "\n")
    for file in earlier:
        file.unlink(missing_ok=True)


def _weights(bundle: Path, module: str) -> Dict[str, Tensor]:
    """A network's weights in fp32."""
    return load_weights(bundle / f"{module}.pt")


def _with_prefix(weights: Dict[str, Tensor], prefix: str) -> Dict[str, Tensor]:
    """The weights, the prefix before their names."""
    return {prefix + name: value for name, value in weights.items()}


def _below(weights: Dict[str, Tensor], prefix: str) -> Dict[str, Tensor]:
    """The weights whose names have the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
