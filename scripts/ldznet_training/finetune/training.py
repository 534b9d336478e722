"""Trains the head, and the embeddings of the data set's words, with early stop."""

import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Dict, List, Tuple

import torch
from torch import Tensor

from ..errors import OutputError
from ..progress import Progress
from ..train.heads import mask_loss
from ..train.process_group import device
from ..train.weights import save_atomically
from .frozen import HEAD, FrozenBundle
from .samples import Picture

EVAL_THRESHOLD = 0.3  # of the mIoU, as in `ldznet eval`
PHRASES = 4  # of a picture in one step, at most
ABSENT_SHARE = 0.3  # of the phrases in a step: they are other pictures'
WARM_UP = 20  # steps
ABSENT_AREA = 1e-3  # share of a picture up to which a mask counts as empty, as in `ldznet eval`
EMBEDDINGS = "text_model.embeddings.token_embedding.weight"


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides its data."""

    epochs: int = 30
    patience: int = 5  # epochs without a better mIoU after which training stops
    batch: int = 4  # pictures a step
    rate: float = 2e-4  # learning rate of the head
    word_rate: float = 2e-3  # learning rate of the embeddings
    seed: int = 0


class Training:
    """A run. `weights` are the best so far, by network."""

    def __init__(self, bundle: FrozenBundle, train: List[Picture], valid: List[Picture], settings: Settings):
        self.bundle, self.train_set, self.valid_set, self.settings = bundle, train, valid, settings
        self.head = bundle.load(HEAD)
        for parameter in self.head.parameters():
            parameter.requires_grad_(True)
        groups = [{"params": list(self.head.parameters()), "lr": settings.rate}]
        self.phrases = sorted({phrase for picture in train for phrase in picture.masks})
        # If the UNet sees prompts, other words change its cached features. If it sees the empty prompt,
        # only that must not change.
        self.learns_words = bundle.shares_features
        if self.learns_words:
            self.words = dict(bundle.text.named_parameters())[EMBEDDINGS].requires_grad_(True)
            self.words.register_hook(self._without_markers)
            groups.append({"params": [self.words], "lr": settings.word_rate})
        self.rates = [group["lr"] for group in groups]
        self.optimizer = torch.optim.Adam(groups)
        self.steps = self.epoch = self.best_epoch = 0
        self.best = 0.0
        self.weights: Dict[str, Dict[str, Tensor]] = {}

    def run(self, state: Path, progress: Progress) -> Dict[str, float]:
        """Trains until the mIoU stops growing; continues what `state` has. Returns the figures of the best epoch."""
        if state.is_file():
            self._load(state)
        else:
            self.figures = self.validate(progress)
            self.best = self.figures["mIoU"]
            self.weights = self._weights()
            print(f"before: {_listed(self.figures)}", flush=True)
        while self.epoch < self.settings.epochs and self.epoch - self.best_epoch < self.settings.patience:
            begun = time.monotonic()
            loss = self._train_epoch(progress)
            figures = self.validate(progress)
            self.epoch += 1
            if figures["mIoU"] > self.best:
                self.best, self.best_epoch, self.figures = figures["mIoU"], self.epoch, figures
                self.weights = self._weights()
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
            for group in self._groups(picture, list(picture.masks)):
                logits, target = self._logits(picture, group, mirrored=False)
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
                groups = self._groups(picture, chosen)
                for group in groups:
                    logits, target = self._logits(picture, group, mirrored)
                    loss = mask_loss(logits, target) * len(group) / len(chosen)
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

    def _groups(self, picture: Picture, phrases: List[str]) -> List[List[str]]:
        """Phrases that share the picture's features."""
        return [phrases] if self.bundle.shares_features else [[phrase] for phrase in phrases]

    @torch.jit.optimized_execution(False)
    def _logits(self, picture: Picture, phrases: List[str], mirrored: bool) -> Tuple[Tensor, Tensor]:
        """Logits and masks (N,1,H,W) of the phrases."""
        encoded = self.bundle.encoded(picture, phrases[0], mirrored)
        context = self.bundle.text(self.bundle.ids(phrases))
        logits = self.head(encoded.z.expand(len(phrases), -1, -1, -1).contiguous(), context, encoded.features)
        width, height = encoded.size
        target = torch.zeros(len(phrases), 1, height, width)
        for i, phrase in enumerate(phrases):
            if picture.masks.get(phrase) is not None:
                target[i, 0] = torch.from_numpy(picture.mask(phrase, encoded.size))
        target = target.to(device())
        return logits, target.flip(3) if mirrored else target

    def _step(self) -> None:
        self.steps += 1
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * min(1.0, self.steps / WARM_UP)
        torch.nn.utils.clip_grad_norm_(self.head.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _without_markers(self, gradient: Tensor) -> Tensor:
        """The start and end tokens stay: they are the empty prompt."""
        gradient = gradient.clone()
        gradient[[self.bundle.tokenizer.start, self.bundle.tokenizer.end]] = 0
        return gradient

    def _networks(self) -> Dict[str, torch.jit.ScriptModule]:
        return {HEAD: self.head, **({"text_encoder": self.bundle.text} if self.learns_words else {})}

    def _weights(self) -> Dict[str, Dict[str, Tensor]]:
        networks = self._networks().items()
        return {name: {k: v.detach().cpu().clone() for k, v in net.state_dict().items()} for name, net in networks}

    def restore_best(self) -> Dict[str, torch.jit.ScriptModule]:
        """The trained networks with the weights of the best epoch."""
        networks = self._networks()
        for name, network in networks.items():
            network.load_state_dict(self.weights[name])
        return networks

    def _identity(self) -> dict:
        """What a state must agree with; more epochs and patience may be given to a run that goes on."""
        settings = {k: v for k, v in asdict(self.settings).items() if k not in ("epochs", "patience")}
        pictures = [[str(p.path), sorted(p.masks)] for p in [*self.train_set, *self.valid_set]]
        return {"bundle": self.bundle.sha256, "settings": settings, "pictures": pictures}

    def _save(self, path: Path) -> None:
        state = {name: getattr(self, name) for name in ("steps", "epoch", "best_epoch", "best", "weights", "figures")}
        now = {"weights_now": self._weights(), "optimizer": self.optimizer.state_dict()}
        save_atomically({**state, **now, "identity": self._identity()}, path)

    def _load(self, path: Path) -> None:
        """Raises OutputError if the state is that of another run."""
        state = torch.load(path, map_location=device(), weights_only=True)
        if state["identity"] != self._identity():
            raise OutputError(f"{path}: is from another bundle, data set or setting; remove its folder to start anew")
        for name, network in self._networks().items():
            network.load_state_dict(state["weights_now"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        for name in ("steps", "epoch", "best_epoch", "best", "weights", "figures"):
            setattr(self, name, state[name])
        print(f"continuing after epoch {self.epoch}", flush=True)


def _mean(values: List[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _listed(figures: Dict[str, float]) -> str:
    return ", ".join(f"{name} {100 * value:.1f}" for name, value in figures.items())
