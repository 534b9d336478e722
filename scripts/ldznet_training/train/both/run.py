"""A whole training run on both worlds: all stages within a given time."""

import math
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import nn

from ...scenes.compositor import PHOTOGRAPHED, Mix
from ...znet import MatchMap
from .. import clip, heads, ldm, vae
from ..loop import StepLoss
from ..match import init_text_projection
from ..process_group import first_alone
from ..weights import load_frozen, load_matching_weights
from .norms import narrow_norms
from .parts import SCALE, join_parts, write_parts
from .plan import STAGES
from .pool import Pool
from .stages import clip_step, denoiser_step, head_step, match_step, vae_step
from .timed import TimedLoop
from .trained import Trained

KERNELS_TRIED = 4  # by cuDNN for a convolution: with more, the search takes longer than it saves
START = "start"  # folder of the weights to start from, in the run's folder


@dataclass
class Run(Trained):
    """A training run in the folder `output`; a stage that has checkpoints resumes, a finished one is skipped."""

    minutes: float = 0.0  # for all stages
    parts: Path | None = None  # folder for small weight files
    most_steps: int = 0  # per stage; 0: no limit
    batch_scale: float = 1.0
    every: int = 50  # steps per line of the log
    stages: tuple[str, ...] = tuple(STAGES)  # those that are trained
    start: Path | None = None  # small weight files: of stages that are not trained, and to start others from
    until: float = math.inf  # when to stop, by time.monotonic

    def train(self) -> bool:
        """All stages in order, up to the last that is trained; False if `until` came before the end."""
        first_alone(self.prepare)
        torch.backends.cudnn.benchmark = True  # all batches of a stage have one of a few shapes
        torch.backends.cudnn.benchmark_limit = KERNELS_TRIED
        order = list(STAGES)
        for name in order[: 1 + max(map(order.index, self.stages))]:
            if name not in self.stages:
                if name != "match" or heads.METHODS[self.method].matched:
                    first_alone(partial(self.take, name))
            elif not self.is_finished(name) and not self.fit(name):
                return False
            if name == "vae":
                first_alone(lambda: self.latents)  # measures their scale
        return True

    def prepare(self) -> None:
        """Makes the folder, with the weights to start from and the tokenizer."""
        self.output.mkdir(parents=True, exist_ok=True)
        if self.start is not None:
            join_parts(self.start, self.output / START)
        self.tokenizer()

    def seconds(self, name: str) -> float:
        """The time of a stage."""
        return 60 * self.minutes * STAGES[name].share / sum(STAGES[stage].share for stage in self.stages)

    def is_finished(self, name: str) -> bool:
        """Whether the time of a stage is spent, or its weights were given."""
        if not self.checkpoint(name).is_file():
            return False
        return self.saved(name).get("spent", math.inf) >= self.seconds(name)

    def take(self, name: str) -> None:
        """Takes the weights of a stage that is not trained from the start, unless they are there."""
        if self.checkpoint(name).is_file():
            return
        given = self.output / START / self.checkpoint(name).name
        if not given.is_file():
            raise ValueError(f"no weights of stage {name!r}: train it too, or name a folder that has them with --start")
        shutil.copyfile(given, self.output / given.name)
        if name == "vae":
            shutil.copyfile(self.output / START / SCALE, self.output / SCALE)

    def started(self, name: str, module: nn.Module) -> nn.Module:
        """The module of a stage on the device, with the weights that it starts from, if there are any."""
        given = self.output / START / self.checkpoint(name).name
        if given.is_file():
            load_matching_weights(module, given)
        return narrow_norms(module.to(self.world.device, memory_format=torch.channels_last))

    def batch(self, name: str) -> int:
        """Pictures per step of a stage in each process."""
        return max(2, round(STAGES[name].batch_size() * self.batch_scale))

    def fit(self, name: str) -> bool:
        """Trains a stage for its share of the time; False if `until` came first."""
        module, step_loss = getattr(self, f"make_{name}")()
        stage = STAGES[name]
        loop = TimedLoop(self.checkpoint(name).stem, module, self.output, self.seconds(name), stage.rate,
                         stage.ema_decay, most_steps=self.most_steps)  # fmt: skip
        return loop.run_timed(step_loss, self.every, self.save_parts, self.until)

    def save_parts(self) -> None:
        """Writes the small weight files and the curves."""
        if self.parts is not None:
            write_parts(self.output, self.parts)
            curves = [path.read_text() for path in sorted(self.output.glob("*.jsonl"))]
            (self.parts / "curves.jsonl").write_text("".join(curves))

    # --- what each stage trains, and its loss -------------------------------------------------------------------------

    def make_clip(self) -> tuple[nn.Module, StepLoss]:
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
        head = heads.make_head("ldznet", unet, self.sizes.heads["ldznet"]).to(self.world.device)
        self.init_text_projection(head.match)
        self.started("match", head.match)
        pool = Pool(self.world, self.latents, masked=True, mix=self.mask_mix())
        return head.match, match_step(head, unet, pool, self.prompts, self.batch("match"))

    def mask_mix(self) -> Mix:
        """The pictures whose masks are learnt."""
        return PHOTOGRAPHED if self.photographed else self.world.mix

    def init_text_projection(self, found: MatchMap) -> None:
        """Starts a match map from the names' contexts."""
        init_text_projection(found, self.contexts.table[self.prompts.rows[:, 0], -1])

    def make_head(self) -> tuple[nn.Module, StepLoss]:
        unet = narrow_norms(self.denoiser())
        head, method = self.started("head", self.new_head(unet)), heads.METHODS[self.method]
        if method.matched:
            load_frozen(head.match, self.checkpoint("match"))
        pool = Pool(self.world, self.latents, masked=True, mix=self.mask_mix(), pixels=method.pixels)
        return head, head_step(self.method, head, unet, pool, self.prompts, self.batch("head"))
