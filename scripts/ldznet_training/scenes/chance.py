"""Random tensors on the device, reproducible from a seed of several numbers."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class Chance:
    """A generator on a device. Equal seeds give equal draws on one kind of device."""

    def __init__(self, seed: Sequence[int], device: torch.device | str = "cpu"):
        state = np.random.SeedSequence(list(seed)).generate_state(1, np.uint64)[0]
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device).manual_seed(int(state >> np.uint64(1)))

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Uniform in [low, high)."""
        return torch.rand(shape, generator=self.generator, device=self.device) * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        """Standard normal."""
        return torch.randn(shape, generator=self.generator, device=self.device)

    def flag(self, share: float, *shape: int) -> Tensor:
        """True with the probability `share`."""
        return torch.rand(shape, generator=self.generator, device=self.device) < share

    def sign(self, *shape: int) -> Tensor:
        """1 or -1."""
        return self.flag(0.5, *shape).float() * 2 - 1

    def integers(self, high: int, *shape: int) -> Tensor:
        """int64 in 0..high-1."""
        return torch.randint(high, shape, generator=self.generator, device=self.device)

    def choice(self, weights: Tensor, count: int) -> Tensor:
        """`count` indices drawn by weights (N), or one for each row of weights (count, N)."""
        if weights.dim() == 1:
            return torch.multinomial(weights, count, replacement=True, generator=self.generator)
        return torch.multinomial(weights, 1, generator=self.generator)[:, 0]
