"""Trains how a bundle with semantic latents names cells: the neck of their encoder, and their match with the text.

All else is frozen, and run once per picture: the encoder's trunk, and the rest of the head, whose logits are constant.
"""

import copy
import random
from typing import Dict, Iterator, List, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..train.heads import mask_loss
from .frozen import ENCODER, HEAD, FrozenBundle, Values
from .part import TrainedPart
from .samples import Picture

# What is trained of the encoder and of the match; thresholds stay. `drawn` learns which pictures to leave to the match:
# the rest of the head does not learn.
NECK = ("top", "scene", "coarsest", "lateral", "merge", "out")
TEXT = ("attend", "value", "text", "drawn")
RATE = 1e-3  # learning rate of the text's part, by default
NECK_SHARE = 0.1  # of that: the neck's learning rate. Other names depend on it, too
NAMES = 32  # of those that the bundle knew before, whose match is kept in a step
KEPT = 0.3  # weight of the loss that keeps it


class SemanticPart(TrainedPart):
    """The part of a bundle with semantic latents. It is trained as if the rest of the head found nothing; validation
    combines both, as the bundle does."""

    def __init__(self, bundle: FrozenBundle, rate: Optional[float], phrases: List[str]):
        """`phrases`: those that are trained."""
        super().__init__(bundle)
        self.networks = {name: bundle.load(name) for name in (ENCODER, HEAD)}
        self.encoder, self.match = self.networks[ENCODER].semantic, self.networks[HEAD].semantic
        self._before = copy.deepcopy(self.match)
        self.groups = [
            {"params": _trainable(self.encoder, NECK), "lr": NECK_SHARE * (rate or RATE)},
            {"params": _trainable(self.match, TEXT), "lr": rate or RATE},
        ]
        self._names = [
            name
            for name, synonyms in bundle.manifest.get("names", {}).items()
            if not {name, *synonyms}.intersection(phrases)
        ]
        self._contexts: Dict[str, Tensor] = {}

    def losses(self, picture: Picture, phrases: List[str], mirrored: bool, chance: random.Random) -> Iterator[Tensor]:
        seen = self._seen(picture, mirrored)
        cells = self.encoder.neck(seen["trunk"])
        nothing = cells.new_full((1, 1, 1, 1), -self.match.limit)
        logits = self.match.combine(nothing, cells, self._context(phrases))
        loss = mask_loss(logits, self.targets(picture, phrases, logits, mirrored))
        if self._names:
            names = self._context(chance.sample(self._names, min(NAMES, len(self._names))))
            with torch.no_grad():
                before = self._before.score(seen["cells"][0], names)
            loss = loss + KEPT * F.mse_loss(self.match.score(cells, names), before)
        yield loss

    def validated(self, picture: Picture) -> Iterator[Tuple[Tensor, Tensor]]:
        phrases = list(picture.masks)
        cells = self.encoder.neck(self._seen(picture, mirrored=False)["trunk"])
        others = torch.cat([self._other_logits(picture, phrase) for phrase in phrases])
        logits = self.match.combine(others, cells, self._context(phrases))
        yield logits, self.targets(picture, phrases, logits, mirrored=False)

    @torch.no_grad()
    def _context(self, phrases: List[str]) -> Tensor:
        """Contexts (N,L,D) of phrases."""
        for phrase in phrases:
            if phrase not in self._contexts:
                self._contexts[phrase] = self.bundle.text(self.bundle.ids([phrase]))
        return torch.cat([self._contexts[phrase] for phrase in phrases])

    def _seen(self, picture: Picture, mirrored: bool) -> Values:
        """The features of the encoder's trunk, and its latents before training."""

        def compute() -> Values:
            encoder = self.bundle.vae.semantic
            trunk = encoder.trunk(self.bundle.pixels(picture, mirrored))
            return {"trunk": trunk, "cells": [encoder.neck(trunk)]}

        return self.bundle.cached(picture, ["semantic", str(mirrored)], compute)

    def _other_logits(self, picture: Picture, phrase: str) -> Tensor:
        """Logits (1,1,H,W) of the rest of the head."""

        def compute() -> Values:
            encoded = self.bundle.encoded(picture, phrase, mirrored=False)
            head = self.networks[HEAD]
            z = encoded.z[:, : head.latent_channels]
            return {"logits": [head.latent_logits(z, self._context([phrase]), encoded.features)]}

        return self.bundle.cached(picture, ["logits", phrase], compute)["logits"][0]


def _trainable(network: torch.jit.ScriptModule, parts: Tuple[str, ...]) -> List[torch.nn.Parameter]:
    """The parameters of parts of a network, which require gradients from now on."""
    found = [value for name, value in network.named_parameters() if name.split(".")[0] in parts]
    return [parameter.requires_grad_(True) for parameter in found]
