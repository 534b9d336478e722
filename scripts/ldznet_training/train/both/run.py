"""A whole training run on both worlds: all stages within a given time."""

import json
import math
import shutil
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
from ...znet import LDZNet, MatchMap
from .. import clip, heads, ldm, mini_bundle, vae
from ..loop import StepLoss
from ..match import init_text_projection
from ..text_contexts import TextContexts
from ..weights import load_frozen, load_matching_weights
from .norms import narrow_norms
from .parts import SCALE, join_parts, write_parts
from .plan import STAGES
from .pool import Latents, Pool
from .samples import sample_sheet
from .stages import clip_step, denoiser_step, head_step, match_step, vae_step
from .timed import TimedLoop
from .validation import PER_SOURCE, mask_iou
from .world import Prompts, World

KERNELS_TRIED = 4  # by cuDNN for a convolution: with more, the search takes longer than it saves
START = "start"  # folder of the weights to start from, in the run's folder
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
    stages: tuple[str, ...] = tuple(STAGES)  # those that are trained
    start: Path | None = None  # small weight files: of stages that are not trained, and to start others from
    until: float = math.inf  # when to stop, by time.monotonic

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

    @cached_property
    def latents(self) -> Latents:
        """Latents of the trained VAE. On first use, their scale is measured."""
        found = Latents(narrow_norms(self.encoder()), self.world, self.scale())
        (self.output / SCALE).write_text(json.dumps({"scale": found.scale}) + "\n")
        return found

    def denoiser(self, taps: tuple[str, ...] | None = None) -> UNet:
        """The trained denoiser."""
        unet = UNet(self.sizes.unet, list(taps) if taps else None)
        return load_frozen(unet, self.output / "ldm.ckpt", "unet.").to(memory_format=torch.channels_last)

    @cached_property
    def prompts(self) -> Prompts:
        """Contexts of names."""
        return Prompts(self.contexts)

    @cached_property
    def pool(self) -> Pool:
        """Pictures whose masks may be trained on."""
        return Pool(self.world, self.latents, masked=True)

    # --- training -----------------------------------------------------------------------------------------------------

    def seconds(self, name: str) -> float:
        """The time of a stage."""
        return 60 * self.minutes * STAGES[name].share / sum(STAGES[stage].share for stage in self.stages)

    def is_finished(self, name: str) -> bool:
        """Whether a stage needs no training: its time is spent, or its weights were given."""
        path = self.output / f"{name}.ckpt"
        if not path.is_file():
            return False
        spent = torch.load(path, map_location="cpu", mmap=True, weights_only=True).get("spent", math.inf)
        return name not in self.stages or spent >= self.seconds(name)

    def take(self, name: str) -> None:
        """Takes the weights of a stage that is not trained from the start."""
        given = self.output / START / f"{name}.ckpt"
        if not given.is_file():
            raise ValueError(f"no weights of stage {name!r}: train it too, or name a folder that has them with --start")
        shutil.copyfile(given, self.output / given.name)
        if name == "vae":
            shutil.copyfile(self.output / START / SCALE, self.output / SCALE)

    def started(self, name: str, module: nn.Module) -> nn.Module:
        """The module of a stage on the device, with the weights that it starts from, if there are any."""
        given = self.output / START / f"{name}.ckpt"
        if given.is_file():
            load_matching_weights(module, given)
        return narrow_norms(module.to(self.world.device, memory_format=torch.channels_last))

    def batch(self, name: str) -> int:
        """Pictures per step of a stage."""
        return max(2, round(STAGES[name].batch_size() * self.batch_scale))

    def init_text_projection(self, found: MatchMap) -> None:
        """Starts a match map from the names' contexts."""
        init_text_projection(found, self.contexts.table[self.prompts.rows[:, 0], -1])

    def make_clip(self) -> tuple[nn.Module, StepLoss]:
        """What is trained in the stage and its loss; likewise for the other stages."""
        model = self.started("clip", clip.CLIP(self.sizes.text))
        return model, clip_step(model, self.world, self.tokenizer(), self.batch("clip"))

    def make_vae(self) -> tuple[nn.Module, StepLoss]:
        model = self.started("vae", vae.Autoencoder(self.sizes.vae, self.sizes.decoder_widths))
        return model, vae_step(model, self.world, self.batch("vae"))

    def make_ldm(self) -> tuple[nn.Module, StepLoss]:
        model = ldm.Denoiser(self.sizes.unet)
        self.init_text_projection(model.match)
        pool = Pool(self.world, self.latents, masked=False)
        return model, denoiser_step(self.started("ldm", model), pool, self.prompts, self.batch("ldm"))

    def make_match(self) -> tuple[nn.Module, StepLoss]:
        unet = narrow_norms(self.denoiser())
        head = heads.make_head("ldznet", unet, self.sizes.ldznet).to(self.world.device)
        self.init_text_projection(head.match)
        self.started("match", head.match)
        return head.match, match_step(head, unet, self.pool, self.prompts, self.batch("match"))

    def make_head(self) -> tuple[nn.Module, StepLoss]:
        unet = narrow_norms(self.denoiser())
        head = self.started("head", heads.make_head("ldznet", unet, self.sizes.ldznet))
        load_frozen(head.match, self.output / "match.ckpt")
        return head, head_step(head, unet, self.pool, self.prompts, self.batch("head"))

    def fit(self, name: str) -> bool:
        """Trains a stage for its share of the time; False if `until` came first."""
        module, step_loss = getattr(self, f"make_{name}")()
        stage = STAGES[name]
        loop = TimedLoop(
            name, module, self.output, self.seconds(name), stage.rate, stage.ema_decay, most_steps=self.most_steps
        )
        return loop.run_timed(step_loss, self.every, self.save_parts, self.until)

    def save_parts(self) -> None:
        """Writes the small weight files and the curves."""
        if self.parts is not None:
            write_parts(self.output, self.parts, list(STAGES))
            curves = [path.read_text() for path in sorted(self.output.glob("*.jsonl"))]
            (self.parts / "curves.jsonl").write_text("".join(curves))

    def train(self) -> bool:
        """All stages in order, up to the last that is trained; False if `until` came before the end."""
        self.output.mkdir(parents=True, exist_ok=True)
        self.tokenizer()
        torch.backends.cudnn.benchmark = True  # all batches of a stage have one of a few shapes
        torch.backends.cudnn.benchmark_limit = KERNELS_TRIED
        if self.start is not None:
            join_parts(self.start, self.output / START)
        order = list(STAGES)
        for name in order[: 1 + max(map(order.index, self.stages))]:
            if self.is_finished(name):
                continue
            if name not in self.stages:
                self.take(name)
            elif not self.fit(name):
                return False
        return True

    # --- results ------------------------------------------------------------------------------------------------------

    def head(self, unet: UNet) -> LDZNet:
        """The trained head."""
        return load_frozen(heads.make_head("ldznet", unet, self.sizes.ldznet), self.output / "head.ckpt")

    def validate(self, per_source: int = PER_SOURCE) -> dict:
        """Figures on held-out pictures, also written to validation.jsonl."""
        unet = narrow_norms(self.denoiser())
        figures = mask_iou(narrow_norms(self.head(unet)), unet, self.world, self.latents, self.prompts, per_source)
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
