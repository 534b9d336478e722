"""Trains a part of a bundle, with early stop."""

import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Dict, List, Optional

import torch
from torch import Tensor

from ..errors import OutputError
from ..progress import Progress
from ..train.process_group import device
from ..train.weights import save_atomically
from .frozen import FrozenBundle
from .part import TrainedPart
from .samples import Picture
from .semantic_part import SemanticPart
from .whole_head import WholeHead

EVAL_THRESHOLD = 0.3  # of the mIoU, as in `ldznet eval`
PHRASES = 4  # of a picture in one step, at most
ABSENT_SHARE = 0.3  # of the phrases in a step: they are other pictures'
WARM_UP = 20  # steps
ABSENT_AREA = 1e-3  # share of a picture up to which a mask counts as empty, as in `ldznet eval`


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides its data."""

    epochs: int = 30
    patience: int = 5  # epochs without a better mIoU after which training stops
    batch: int = 4  # pictures a step
    rate: Optional[float] = None  # learning rate; None: that of the part which is trained
    seed: int = 0


class Training:
    """A run. `weights` are the best so far."""

    def __init__(self, bundle: FrozenBundle, train: List[Picture], valid: List[Picture], settings: Settings):
        self.bundle, self.train_set, self.valid_set, self.settings = bundle, train, valid, settings
        self.phrases = sorted({phrase for picture in train for phrase in picture.masks})
        self.part: TrainedPart = (
            SemanticPart(bundle, settings.rate, self.phrases)
            if bundle.has_semantic_latents
            else WholeHead(bundle, settings.rate)
        )
        self.rates = [group["lr"] for group in self.part.groups]
        self.optimizer = torch.optim.Adam(self.part.groups)
        self.steps = self.epoch = self.best_epoch = 0
        self.best = 0.0
        self.weights: Dict[str, Tensor] = {}

    @torch.jit.optimized_execution(False)  # sizes differ among pictures: nothing is gained by specialising
    def run(self, state: Path, progress: Progress) -> Dict[str, float]:
        """Trains until the mIoU stops growing; continues what `state` has. Returns the figures of the best epoch."""
        if state.is_file():
            self._load(state)
        else:
            self.figures = self.validate(progress)
            self.best = self.figures["mIoU"]
            self.weights = self.part.weights()
            print(f"before: {_listed(self.figures)}", flush=True)
        while self.epoch < self.settings.epochs and self.epoch - self.best_epoch < self.settings.patience:
            begun = time.monotonic()
            loss = self._train_epoch(progress)
            figures = self.validate(progress)
            self.epoch += 1
            if figures["mIoU"] > self.best:
                self.best, self.best_epoch, self.figures = figures["mIoU"], self.epoch, figures
                self.weights = self.part.weights()
            self._save(state)
            took = time.monotonic() - begun
            better = " *" if self.best_epoch == self.epoch else ""
            print(f"epoch {self.epoch}: loss {loss:.3f}, {_listed(figures)}, {took:.0f} s{better}", flush=True)
        return self.figures

    @torch.no_grad()
    def validate(self, progress: Progress) -> Dict[str, float]:
        """The mean IoU at 0.3 and at 0.5 over phrases with a mask, as `ldznet eval` defines it but at the working size,
        and the share of absent phrases that get no mask."""
        shares: Dict[float, List[float]] = {EVAL_THRESHOLD: [], 0.5: []}
        absent = []
        for number, picture in enumerate(self.valid_set):
            progress.start(f"validation: picture {number + 1} of {len(self.valid_set)}")
            for logits, target in self.part.validated(picture):
                for one, truth in zip(logits.sigmoid(), target > 0.5):
                    if not truth.any():
                        absent.append(float((one >= 0.5).float().mean() < ABSENT_AREA))
                        continue
                    for threshold, ious in shares.items():
                        mask = one > threshold
                        ious.append(float((mask & truth).sum() / (1 + (mask | truth).sum())))
        progress.clear()
        figures = {"mIoU": _mean(shares[EVAL_THRESHOLD]), "mIoU at 0.5": _mean(shares[0.5])}
        return {**figures, "absent accuracy": _mean(absent)} if absent else figures

    def _train_epoch(self, progress: Progress) -> float:
        random_numbers = random.Random(f"{self.settings.seed} {self.epoch}")
        order = random_numbers.sample(self.train_set, len(self.train_set))
        total = 0.0
        for start in range(0, len(order), self.settings.batch):
            pictures = order[start : start + self.settings.batch]
            for offset, picture in enumerate(pictures):
                progress.start(f"epoch {self.epoch + 1}: picture {start + offset + 1} of {len(order)}")
                chosen = self._choose(picture, random_numbers)
                mirrored = random_numbers.random() < 0.5
                for loss in self.part.losses(picture, chosen, mirrored, random_numbers):
                    (loss / len(pictures)).backward()
                    total += loss.item()
            self._step()
        progress.clear()
        return total / len(order)

    def _choose(self, picture: Picture, random_numbers: random.Random) -> List[str]:
        """Phrases of the picture, and some of other pictures, which count as absent from it."""
        others = [phrase for phrase in self.phrases if phrase not in picture.masks]
        own = random_numbers.sample(list(picture.masks), min(PHRASES, len(picture.masks)))
        count = min(len(others), max(1, round(len(own) * ABSENT_SHARE / (1 - ABSENT_SHARE))))
        return own + random_numbers.sample(others, count)

    def _step(self) -> None:
        self.steps += 1
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * min(1.0, self.steps / WARM_UP)
        torch.nn.utils.clip_grad_norm_(self.part.trained().values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def restore_best(self) -> Dict[str, torch.jit.ScriptModule]:
        """The trained networks with the weights of the best epoch."""
        self.part.restore(self.weights)
        return self.part.networks

    def _identity(self) -> dict:
        """What a state must agree with; more epochs and patience may be given to a run that goes on."""
        settings = {k: v for k, v in asdict(self.settings).items() if k not in ("epochs", "patience")}
        pictures = [[str(p.path), sorted(p.masks)] for p in [*self.train_set, *self.valid_set]]
        part = {"part": type(self.part).__name__, "weights": sorted(self.part.trained())}
        return {"bundle": self.bundle.sha256, **part, "settings": settings, "pictures": pictures}

    def _save(self, path: Path) -> None:
        state = {name: getattr(self, name) for name in ("steps", "epoch", "best_epoch", "best", "weights", "figures")}
        now = {"weights_now": self.part.weights(), "optimizer": self.optimizer.state_dict()}
        save_atomically({**state, **now, "identity": self._identity()}, path)

    def _load(self, path: Path) -> None:
        """Raises OutputError if the state is that of another run."""
        state = torch.load(path, map_location=device(), weights_only=True)
        if state["identity"] != self._identity():
            raise OutputError(f"{path}: is from another bundle, data set or setting; remove its folder to start anew")
        self.part.restore(state["weights_now"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name in ("steps", "epoch", "best_epoch", "best", "weights", "figures"):
            setattr(self, name, state[name])
        print(f"continuing after epoch {self.epoch}", flush=True)


def _mean(values: List[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _listed(figures: Dict[str, float]) -> str:
    return ", ".join(f"{name} {100 * value:.1f}" for name, value in figures.items())
