"""The training loop whose schedule follows the clock: a stage ends when its share of the time is spent."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from ..loop import Curve, Loop, StepLoss
from ..weights import save_atomically

SAVE_SECONDS = 45.0
UNCOUNTED = 6  # first steps of a run: kernels are chosen and memory is allocated, for every shape


def clock() -> float:
    """Seconds of training: by the wall on CUDA, and computed by each thread on CPUs, which others may use, too."""
    return time.monotonic() if torch.cuda.is_available() else time.process_time() / torch.get_num_threads()


class TimedLoop(Loop):
    """A Loop for `seconds` of training, counted over all runs. The cosine schedule runs over the time spent."""

    def __init__(
        self, name: str, module: nn.Module, folder: Path, seconds: float, rate: float, ema_decay: float, **options
    ):
        """`options`: those of Loop."""
        self.seconds, self.spent = seconds, 0.0
        super().__init__(name, module, folder, steps=0, rate=rate, ema_decay=ema_decay, warmup=50, **options)
        self.begun = clock()

    def restore(self, saved: dict) -> None:
        super().restore(saved)
        self.spent = saved["spent"]

    def progress(self) -> float:
        """The share of the time that is spent."""
        return (self.spent + clock() - self.begun) / self.seconds

    def learning_rate(self, step: int) -> float:
        """Linear warm-up over steps, then half a cosine over the time, down to a hundredth."""
        warm = min(1.0, (step + 1) / self.warmup)
        return self.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(self.progress(), 1.0))))

    def save(self, step: int) -> None:
        state = {"model": self.module.state_dict(), "ema": self.ema.weights, "optimiser": self.optimiser.state_dict()}
        spent = self.progress() * self.seconds
        save_atomically({**state, "step": step, "spent": spent}, self.path)

    def run_timed(
        self,
        step_loss: StepLoss,
        every: int,
        most_steps: int = 0,
        saved: Callable[[], None] = lambda: None,
        until: float = math.inf,
    ) -> bool:
        """Trains until the time is spent, or for `most_steps` steps (0: no limit), and returns True.

        `every`: steps per line of the log; `saved`: called after every checkpoint; `until`: when to stop before the end
        and return False, by time.monotonic.
        """
        curve, number, last = Curve(self.name, self.log), self.start, time.monotonic()
        self.begun, stopped = clock(), False
        while not (stopped or self.progress() >= 1 or (most_steps and number >= most_steps)):
            curve.add(self.step(number, step_loss))
            number += 1
            if number - self.start <= UNCOUNTED:
                self.begun = clock()
            if number % every == 0:
                curve.write(number)
            if time.monotonic() - last > SAVE_SECONDS:
                self.save(number)
                saved()
                last = time.monotonic()
            stopped = time.monotonic() > until
        if curve.steps:
            curve.write(number)
        if not stopped:
            self.spent = self.seconds  # however it ended
        else:
            self.spent += clock() - self.begun
        self.begun = clock()
        self.save(number)
        saved()
        return not stopped
