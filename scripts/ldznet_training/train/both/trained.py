"""What a training run has trained: networks from the checkpoints in its folder, their figures and their bundle."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import nn

from ...bundle import BundleSpec, write_bundle
from ...mini import MULTIPLE, TAPS, TIMESTEP, TIMESTEP_RANGE, VOCABULARY, WORKING_SIZE
from ...mini_both import SIZE, SIZES, Sizes
from ...scenes.vocabulary import vocabulary_of_both
from ...text_encoder import TextEncoder
from ...tokenizer import Tokenizer, train_vocabulary
from ...unet import UNet
from ...vae import VAEEncoder
from ...znet import MaskHead
from .. import clip, heads, mini_bundle, vae
from ..text_contexts import TextContexts
from ..weights import load_ema, load_frozen
from .norms import narrow_norms
from .parts import SCALE
from .pool import Latents
from .samples import sample_sheet
from .validation import PER_SOURCE, Answer, answers, mask_iou, reconstruction_psnr
from .world import Prompts, World

SAMPLED = (
    *("dog", "cat", "panda", "horse", "person", "sheep", "cow", "butterfly", "plane", "sunflower", "pizza", "umbrella"),
    *("apple", "rose", "car", "house", "grass and tree", "road and sky", "dress", "elephant", "guitar", "watch"),
    *("crab", "ghost"),
)


@dataclass
class Trained:
    """Networks in the folder `output`."""

    world: World | None  # None: only to read the networks
    output: Path
    sizes: Sizes = SIZES
    method: str = "ldznet"  # of the head, one of heads.METHODS
    photographed: bool = False  # the head and its match map have learnt from photographs alone

    def checkpoint(self, stage: str) -> Path:
        """Where the weights of a stage are."""
        name = f"head-{self.method}" if stage == "head" else stage
        seen = "-photographs" if self.photographed and stage in ("match", "head") else ""
        return self.output / f"{name}{seen}.ckpt"

    def saved(self, stage: str) -> dict:
        """What the checkpoint of a stage has. Tensors are only read when they are used."""
        return torch.load(self.checkpoint(stage), map_location="cpu", mmap=True, weights_only=True)

    def steps(self, stage: str) -> int | None:
        """How many steps a stage has trained; None if its weights were given."""
        return self.saved(stage).get("step")

    # --- networks -----------------------------------------------------------------------------------------------------

    def tokenizer(self) -> Tokenizer:
        """On first use, its vocabulary is trained on the wordings of all names."""
        if not (self.output / "vocab.json").is_file():
            words = vocabulary_of_both().values()
            texts = [t.format(n) for w in words for n in (w.name, *w.synonyms) for t in clip.TEMPLATES]
            train_vocabulary(texts, VOCABULARY).save(self.output)
        return Tokenizer.load(self.output)

    def text_encoder(self) -> TextEncoder:
        """The trained text encoder."""
        return load_frozen(TextEncoder(self.sizes.text), self.checkpoint("clip"), "text.")

    @cached_property
    def contexts(self) -> TextContexts:
        """Contexts of the trained text encoder."""
        return TextContexts(self.text_encoder(), self.tokenizer(), vocabulary_of_both())

    @cached_property
    def prompts(self) -> Prompts:
        """Contexts of names."""
        return Prompts(self.contexts)

    def encoder(self) -> VAEEncoder:
        """The trained VAE encoder."""
        encoder = load_frozen(VAEEncoder(self.sizes.vae), self.checkpoint("vae"), strict=False)
        return encoder.to(memory_format=torch.channels_last)

    def scale(self) -> float | None:
        """What latents are multiplied by, None before it is measured."""
        path = self.output / SCALE
        return json.loads(path.read_text())["scale"] if path.is_file() else None

    @cached_property
    def latents(self) -> Latents:
        """Latents of the trained VAE. On first use, their scale is measured."""
        scale = self.scale()
        found = Latents(narrow_norms(self.encoder()), self.world, scale)
        if scale is None:
            (self.output / SCALE).write_text(json.dumps({"scale": found.scale}) + "\n")
        return found

    def denoiser(self, taps: tuple[str, ...] | None = None) -> UNet:
        """The trained denoiser."""
        unet = UNet(self.sizes.unet, list(taps) if taps else None)
        return load_frozen(unet, self.checkpoint("ldm"), "unet.").to(memory_format=torch.channels_last)

    def new_head(self, unet: UNet) -> MaskHead:
        """An untrained head, which starts from the denoiser's weights."""
        return heads.make_head(self.method, unet, self.sizes.heads[self.method])

    def head(self, unet: UNet) -> MaskHead:
        """The trained head."""
        head, weights = self.new_head(unet), load_ema(self.checkpoint("head"))
        if heads.METHODS[self.method].matched:  # small weight files have the match map as a stage of its own only
            weights |= {f"match.{name}": value for name, value in load_ema(self.checkpoint("match")).items()}
        head.load_state_dict(weights)
        return head.eval().requires_grad_(False)

    # --- results ------------------------------------------------------------------------------------------------------

    def answers(self, per_source: int = PER_SOURCE) -> list[Answer]:
        """The head's answers on held-out pictures."""
        unet = narrow_norms(self.denoiser())
        head = narrow_norms(self.head(unet))
        return answers(self.method, head, unet, self.world, self.latents, self.prompts, per_source)

    def validate(self, per_source: int = PER_SOURCE) -> dict:
        """Figures on held-out pictures, also written to validation-<head>.jsonl."""
        figures, name = mask_iou(self.answers(per_source)), self.checkpoint("head").stem
        lines = [json.dumps({"head": name, "source": source, **line}) + "\n" for source, line in figures.items()]
        (self.output / f"validation-{name}.jsonl").write_text("".join(lines))
        return figures

    def decoder(self) -> nn.Module:
        """The trained VAE's decoder."""
        model = vae.Autoencoder(self.sizes.vae, self.sizes.decoder_widths)
        return load_frozen(model, self.checkpoint("vae")).decoder.to(memory_format=torch.channels_last)

    def psnr(self, per_source: int = PER_SOURCE) -> dict[str, float]:
        """How well the VAE reconstructs held-out pictures, in decibels."""
        return reconstruction_psnr(narrow_norms(self.decoder()), self.world, self.latents, per_source)

    def samples(self, path: Path, **options) -> None:
        """A sheet of pictures that the denoiser makes."""
        sheet = sample_sheet(self.denoiser(), self.decoder(), self.scale(), self.contexts, SAMPLED, SIZE, **options)
        sheet.save(path)

    def write_bundle(self, folder: Path, version: str, overwrite: bool = False) -> None:
        """The bundle with `ldznet` as its only head, float16. `overwrite` replaces a bundle in the folder, whose
        MODEL_CARD.md is kept."""
        unet = self.denoiser(TAPS)
        self.tokenizer()  # its vocabulary is made from the names, so it need not travel with the weights
        spec = BundleSpec(
            name=folder.resolve().name,
            version=version,
            licence=mini_bundle.LICENCE,
            taps=list(TAPS),
            features=unet.feature_names,
            area=WORKING_SIZE * WORKING_SIZE,
            multiple=MULTIPLE,
            latent_channels=self.sizes.vae.latent_channels,
            latent_scale=self.scale(),
            timestep=TIMESTEP,
            timestep_range=TIMESTEP_RANGE,
            text_length=self.sizes.text.length,
            unet_context="empty",
            precision="fp32",
        )
        modules = {
            "vae_encoder": self.encoder(),
            "text_encoder": self.text_encoder(),
            "unet": unet,
            "ldznet": self.head(unet),
        }
        write_bundle(folder, spec, modules, self.output, mini_bundle.DTYPE, overwrite)
