"""The training loop of every stage: cosine schedule, EMA weights, log, and checkpoints to resume from."""

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from .process_group import any_process, average_gradients, device, rank
from .weights import save_atomically

StepLoss = Callable[[int], tuple[Tensor, dict]]  # step number -> (loss, figures for the log)


class EMA:
    """Exponential moving average of parameters and buffers; the decay grows to `decay` over the first steps."""

    def __init__(self, module: nn.Module, decay: float):
        self.decay = decay
        self.weights = {name: value.detach().clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        floating: tuple[list[Tensor], list[Tensor]] = ([], [])
        for name, value in module.state_dict().items():
            if value.dtype.is_floating_point:
                floating[0].append(self.weights[name])
                floating[1].append(value)
            else:
                self.weights[name].copy_(value)
        torch._foreach_lerp_(*floating, 1 - decay)  # one kernel for all: small networks wait for launches


class Curve:
    """Mean figures over some steps at a time, printed and appended to a file of JSON lines."""

    def __init__(self, name: str, path: Path):
        self.name, self.path = name, path
        self._restart()

    def _restart(self) -> None:
        self.sums: dict[str, float | Tensor] = {}
        self.steps, self.begun = 0, time.monotonic()

    def add(self, figures: dict) -> None:
        """The figures of one step."""
        for key, value in figures.items():
            value = value.detach().double() if isinstance(value, Tensor) else value
            self.sums[key] = self.sums.get(key, 0.0) + value  # stays on the device: reading it would wait for the step
        self.steps += 1

    def write(self, step: int) -> None:
        """A line with the means since the last one."""
        line = {"step": step, **{key: round(float(total) / self.steps, 4) for key, total in self.sums.items()}}
        line["steps_per_s"] = round(self.steps / (time.monotonic() - self.begun), 3)
        with self.path.open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(self.name, line, flush=True)
        self._restart()


class Loop:
    """Trains a module for `steps` steps with AdamW, resuming from `folder/<name>.ckpt`."""

    def __init__(
        self,
        name: str,
        module: nn.Module,
        folder: Path,
        steps: int,
        rate: float,
        ema_decay: float = 0.999,
        weight_decay: float = 0.01,
        warmup: int = 100,
        slice_minutes: float = 0.0,
        slow: Mapping[str, float] = MappingProxyType({}),
    ):
        """`slice_minutes`: `run` stops after this long; 0 is never. `slow`: beginnings of the names of parameters that
        learn at this part of the rate."""
        self.name, self.module, self.steps, self.rate, self.warmup = name, module, steps, rate, warmup
        self.path = Path(folder) / f"{name}.ckpt"
        self.log = Path(folder) / f"{name}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.until = time.monotonic() + 60 * slice_minutes if slice_minutes else math.inf
        trainable = {n: p for n, p in module.named_parameters() if p.requires_grad}
        self.trainable = list(trainable.values())
        groups: dict[float, dict] = {}
        for parameter_name, parameter in trainable.items():
            share = next((s for start, s in slow.items() if parameter_name.startswith(start)), 1.0)
            groups.setdefault(share, {"params": []})["params"].append(parameter)
        self.shares = list(groups)  # of the rate, in the order of the optimiser's groups
        self.optimiser = torch.optim.AdamW(
            list(groups.values()), lr=rate, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True
        )
        self.ema = EMA(module, ema_decay)
        self.start = 0
        if self.path.is_file():
            self.restore(torch.load(self.path, map_location=device(), weights_only=True))

    def restore(self, saved: dict) -> None:
        """Continues from a checkpoint."""
        self.module.load_state_dict(saved["model"])
        self.ema.weights = saved["ema"]
        self.optimiser.load_state_dict(saved["optimiser"])
        self.start = saved["step"]

    def learning_rate(self, step: int) -> float:
        """Linear warm-up, then half a cosine down to a hundredth."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        done = min((step - self.warmup) / max(self.steps - self.warmup, 1), 1.0)
        return self.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))

    def save(self, step: int) -> None:
        """Writes the checkpoint, in the first process only."""
        if rank() != 0:
            return
        save_atomically(self.state(step), self.path)

    def state(self, step: int) -> dict:
        """What a checkpoint has."""
        state = {"model": self.module.state_dict(), "ema": self.ema.weights, "optimiser": self.optimiser.state_dict()}
        return {**state, "step": step}

    def out_of_time(self) -> bool:
        """Whether the slice of time has ended in any process."""
        return self.until != math.inf and any_process(time.monotonic() > self.until)

    def step(self, number: int, step_loss: StepLoss) -> dict:
        """One optimiser step; returns its figures."""
        for group, share in zip(self.optimiser.param_groups, self.shares):
            group["lr"] = share * self.learning_rate(number)
        loss, figures = step_loss(number)
        loss.backward()
        average_gradients(self.trainable)
        nn.utils.clip_grad_norm_(self.trainable, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.ema.update(self.module, number)
        return {"loss": loss, **figures}

    def run(self, step_loss: StepLoss, every: int = 50, save_every: int = 300) -> bool:
        """Trains to the last step and returns True, or False if the slice of time ended first.

        `every`: steps per line of the log; `save_every`: steps between checkpoints.
        """
        curve = Curve(self.name, self.log)
        for number in range(self.start, self.steps):
            curve.add(self.step(number, step_loss))
            done = number + 1
            if done % every == 0 and rank() == 0:
                curve.write(done)
            stop = self.out_of_time()
            if stop or done % save_every == 0:
                self.save(done)
            if stop:
                return False
        self.save(self.steps)
        return True
