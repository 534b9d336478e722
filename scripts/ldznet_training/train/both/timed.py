"""The training loop whose schedule follows the clock: a stage ends when its share of the time is spent."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from ..loop import Curve, Loop, StepLoss
from ..process_group import any_process, barrier, largest, rank

SAVE_SECONDS = 45.0
UNCOUNTED = 6  # first steps of a run: kernels are chosen and memory is allocated, for every shape


def clock() -> float:
    """Seconds of training: by the wall on CUDA, and computed by each thread on CPUs, which others may use, too."""
    return time.monotonic() if torch.cuda.is_available() else time.process_time() / torch.get_num_threads()


class TimedLoop(Loop):
    """A Loop for `seconds` of training, counted over all runs. The cosine schedule runs over the time spent."""

    def __init__(
        self,
        name: str,
        module: nn.Module,
        folder: Path,
        seconds: float,
        rate: float,
        ema_decay: float,
        most_steps: int = 0,
        **options,
    ):
        """`most_steps`: the stage ends after them, too, and the schedule follows what comes first; 0: no limit.
        `options`: those of Loop."""
        self.seconds, self.spent, self.most_steps, self.number = seconds, 0.0, most_steps, 0
        self.shared = 0.0
        super().__init__(name, module, folder, steps=0, rate=rate, ema_decay=ema_decay, warmup=50, **options)
        self.begun = clock()

    def restore(self, saved: dict) -> None:
        super().restore(saved)
        self.spent = saved["spent"]
        self.shared = self.spent / self.seconds

    def progress(self) -> float:
        """The share of the time or of the steps that is spent, the largest of all processes."""
        return self.shared

    def look_at_clock(self) -> None:
        """Updates `progress`, in all processes at once."""
        steps = self.number / self.most_steps if self.most_steps else 0.0
        self.shared = largest(max(steps, (self.spent + clock() - self.begun) / self.seconds))

    def learning_rate(self, step: int) -> float:
        """Linear warm-up over steps, then half a cosine over the time, down to a hundredth."""
        warm = min(1.0, (step + 1) / self.warmup)
        return self.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(self.progress(), 1.0))))

    def state(self, step: int) -> dict:
        return {**super().state(step), "spent": self.progress() * self.seconds}

    def run_timed(
        self,
        step_loss: StepLoss,
        every: int,
        saved: Callable[[], None] = lambda: None,
        until: float = math.inf,
    ) -> bool:
        """Trains until the time or the steps are spent, and returns True.

        `every`: steps per line of the log; `saved`: called after every checkpoint; `until`: when to stop before the end
        and return False, by time.monotonic.
        """
        curve, number, last = Curve(self.name, self.log), self.start, time.monotonic()
        self.begun, stopped, self.number = clock(), False, number
        self.look_at_clock()
        while not (stopped or self.progress() >= 1):
            curve.add(self.step(number, step_loss))
            number += 1
            self.number = number
            if number - self.start <= UNCOUNTED:
                self.begun = clock()
            self.look_at_clock()
            if number % every == 0 and rank() == 0:
                curve.write(number)
            if time.monotonic() - last > SAVE_SECONDS and rank() == 0:
                self.save(number)
                saved()
                last = time.monotonic()
            stopped = until != math.inf and any_process(time.monotonic() > until)
        if curve.steps and rank() == 0:
            curve.write(number)
        self.shared = min(self.shared, 1.0) if stopped else 1.0  # however it ended
        self.save(number)
        if rank() == 0:
            saved()
        barrier()  # others may read the checkpoint next
        return not stopped
