"""What the ways to train a bundle have in common: weights that change, and the masks that they are compared with."""

import random
from abc import ABC, abstractmethod
from typing import Dict, Iterator, List, Tuple

import numpy as np
import torch
from torch import Tensor

from ..train.process_group import device
from .frozen import FrozenBundle
from .samples import Picture


class TrainedPart(ABC):
    """The part of a bundle that is trained.

    `networks`: those that it changes, by name; what is trained of them requires gradients. `groups`: of parameters for
    the optimiser, with learning rates.
    """

    networks: Dict[str, torch.jit.ScriptModule]
    groups: List[dict]

    def __init__(self, bundle: FrozenBundle):
        self.bundle = bundle
        self._masks: Dict[Tuple[str, str], np.ndarray] = {}  # packed to bits

    @abstractmethod
    def losses(self, picture: Picture, phrases: List[str], mirrored: bool, chance: random.Random) -> Iterator[Tensor]:
        """Losses that add up to that of the picture; gradients of one can be computed before the next is taken."""

    @abstractmethod
    def validated(self, picture: Picture) -> Iterator[Tuple[Tensor, Tensor]]:
        """Logits of the picture's phrases as the bundle computes them, and their masks, (N,1,H,W) each."""

    def targets(self, picture: Picture, phrases: List[str], logits: Tensor, mirrored: bool) -> Tensor:
        """The masks of phrases, 0 or 1, like their logits (N,1,H,W)."""
        height, width = logits.shape[2:]
        masks = np.stack([self._mask(picture, phrase, (width, height)) for phrase in phrases])[:, None]
        target = torch.from_numpy(masks).to(device()).float()
        return target.flip(3) if mirrored else target

    def _mask(self, picture: Picture, phrase: str, size: Tuple[int, int]) -> np.ndarray:
        """A mask, read once: bool (height, width). Empty for a phrase that the picture does not have."""
        width, height = size
        if picture.masks.get(phrase) is None:
            return np.zeros((height, width), bool)
        key = (str(picture.path), phrase)
        if key not in self._masks:
            self._masks[key] = np.packbits(picture.mask(phrase, size))
        return np.unpackbits(self._masks[key], count=width * height).reshape(height, width).astype(bool)

    def trained(self) -> Dict[str, torch.nn.Parameter]:
        """The parameters that change, by name."""
        return {
            f"{network}.{name}": parameter
            for network, module in self.networks.items()
            for name, parameter in module.named_parameters()
            if parameter.requires_grad
        }

    def weights(self) -> Dict[str, Tensor]:
        """A copy of them."""
        return {name: value.detach().cpu().clone() for name, value in self.trained().items()}

    @torch.no_grad()
    def restore(self, weights: Dict[str, Tensor]) -> None:
        """Sets them to a copy of before."""
        for name, parameter in self.trained().items():
            parameter.copy_(weights[name])
