"""A whole training run on both worlds: all stages within a given time."""

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
from ...znet import LDZNet
from .. import clip, heads, ldm, match, mini_bundle, vae
from ..loop import StepLoss
from ..text_contexts import TextContexts
from ..weights import load_frozen
from . import stages
from .parts import SCALE, write_parts
from .plan import STAGES
from .samples import sample_sheet
from .timed import TimedLoop
from .validation import PER_SOURCE, mask_iou
from .world import Prompts, World

SAMPLED = (
    *("dog", "cat", "panda", "horse", "person", "sheep", "cow", "butterfly", "plane", "sunflower", "pizza", "umbrella"),
    *("apple", "rose", "car", "house", "grass and tree", "road and sky", "dress", "elephant", "guitar", "watch"),
    *("crab", "ghost"),
)


@dataclass
class Run:
    """A training run in the folder `output`; a stage that has checkpoints resumes, a finished one is skipped."""

    world: World | None  # None: only to read what is trained
    output: Path
    minutes: float = 0.0  # for all stages
    parts: Path | None = None  # folder for small weight files
    most_steps: int = 0  # per stage; 0: no limit
    batch_scale: float = 1.0
    every: int = 50  # steps per line of the log
    sizes: Sizes = SIZES

    # --- what is trained ----------------------------------------------------------------------------------------------

    def tokenizer(self) -> Tokenizer:
        """On first use, its vocabulary is trained on the wordings of all names."""
        if not (self.output / "vocab.json").is_file():
            words = vocabulary_of_both().values()
            texts = [t.format(n) for w in words for n in (w.name, *w.synonyms) for t in clip.TEMPLATES]
            train_vocabulary(texts, VOCABULARY).save(self.output)
        return Tokenizer.load(self.output)

    def text_encoder(self) -> TextEncoder:
        """The trained text encoder."""
        return load_frozen(TextEncoder(self.sizes.text), self.output / "clip.ckpt", "text.")

    @cached_property
    def contexts(self) -> TextContexts:
        """Contexts of the trained text encoder."""
        return TextContexts(self.text_encoder(), self.tokenizer(), vocabulary_of_both())

    def encoder(self) -> VAEEncoder:
        """The trained VAE encoder."""
        encoder = load_frozen(VAEEncoder(self.sizes.vae), self.output / "vae.ckpt", strict=False)
        return encoder.to(memory_format=torch.channels_last)

    def scale(self) -> float | None:
        """What latents are multiplied by, None before it is measured."""
        path = self.output / SCALE
        return json.loads(path.read_text())["scale"] if path.is_file() else None

    def latents(self) -> stages.Latents:
        """Latents of the trained VAE. On first use, their scale is measured."""
        found = stages.Latents(self.encoder(), self.world, self.scale())
        (self.output / SCALE).write_text(json.dumps({"scale": found.scale}) + "\n")
        return found

    def denoiser(self, taps: tuple[str, ...] | None = None) -> UNet:
        """The trained denoiser."""
        unet = UNet(self.sizes.unet, list(taps) if taps else None)
        return load_frozen(unet, self.output / "ldm.ckpt", "unet.").to(memory_format=torch.channels_last)

    # --- training -----------------------------------------------------------------------------------------------------

    def fit(self, name: str, module: nn.Module, step_loss: StepLoss) -> None:
        """Trains the module of a stage for its share of the time."""
        stage = STAGES[name]
        module.to(memory_format=torch.channels_last)
        loop = TimedLoop(name, module, self.output, 60 * self.minutes * stage.share, stage.rate, stage.ema_decay)
        if loop.progress() >= 1:
            return
        loop.run_timed(step_loss, self.every, self.most_steps, self.save_parts)

    def save_parts(self) -> None:
        """Writes the small weight files and the curves."""
        if self.parts is not None:
            write_parts(self.output, self.parts, list(STAGES))
            curves = [path.read_text() for path in sorted(self.output.glob("*.jsonl"))]
            (self.parts / "curves.jsonl").write_text("".join(curves))

    def batch(self, name: str) -> int:
        """Pictures per step of a stage."""
        return max(2, round(STAGES[name].batch_size() * self.batch_scale))

    def train(self) -> None:
        """All stages in order."""
        self.output.mkdir(parents=True, exist_ok=True)
        world, tokenizer = self.world, self.tokenizer()
        device = world.device
        encoder = clip.CLIP(self.sizes.text).to(device)
        self.fit("clip", encoder, stages.clip_step(encoder, world, tokenizer, self.batch("clip")))
        # Only from here on: batches of clip differ in size, and cuDNN would search for the best kernels in every step.
        torch.backends.cudnn.benchmark = True
        model = vae.Autoencoder(self.sizes.vae, self.sizes.decoder_widths).to(device)
        self.fit("vae", model, stages.vae_step(model, world, self.batch("vae")))
        prompts, latents = Prompts(self.contexts), self.latents()
        denoiser = ldm.Denoiser(self.sizes.unet).to(device)
        match.init_text_projection(denoiser.match, prompts.contexts.table[prompts.rows[:, 0], -1])
        self.fit("ldm", denoiser, stages.denoiser_step(denoiser, world, latents, prompts, self.batch("ldm")))
        unet = self.denoiser()
        head = heads.make_head("ldznet", unet, self.sizes.ldznet).to(device)
        match.init_text_projection(head.match, prompts.contexts.table[prompts.rows[:, 0], -1])
        step_loss = stages.match_step(head, unet, world, latents, prompts, self.batch("match"))
        self.fit("match", head.match, step_loss)
        load_frozen(head.match, self.output / "match.ckpt")
        self.fit("head", head, stages.head_step(head, unet, world, latents, prompts, self.batch("head")))

    # --- results ------------------------------------------------------------------------------------------------------

    def head(self, unet: UNet) -> LDZNet:
        """The trained head."""
        return load_frozen(heads.make_head("ldznet", unet, self.sizes.ldznet), self.output / "head.ckpt")

    def validate(self, per_source: int = PER_SOURCE) -> dict:
        """Figures on held-out pictures, also written to validation.jsonl."""
        unet = self.denoiser()
        prompts = Prompts(self.contexts)
        figures = mask_iou(self.head(unet), unet, self.world, self.latents(), prompts, per_source)
        lines = [json.dumps({"source": source, **line}) + "\n" for source, line in figures.items()]
        (self.output / "validation.jsonl").write_text("".join(lines))
        self.save_parts()
        return figures

    def samples(self, path: Path, **options) -> None:
        """A sheet of pictures that the denoiser makes."""
        autoencoder = vae.Autoencoder(self.sizes.vae, self.sizes.decoder_widths)
        load_frozen(autoencoder, self.output / "vae.ckpt")
        sheet = sample_sheet(
            self.denoiser(), autoencoder.decoder, self.scale(), self.contexts, SAMPLED, SIZE, **options
        )
        sheet.save(path)

    def write_bundle(self, folder: Path, version: str) -> None:
        """The bundle with `ldznet` as its only head, float16. A MODEL_CARD.md in the folder is kept."""
        unet = self.denoiser(TAPS)
        self.tokenizer()  # its vocabulary is made from the names, so it need not travel with the weights
        spec = BundleSpec(
            name="ldznet-mini",
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
        write_bundle(folder, spec, modules, self.output, mini_bundle.DTYPE)
