"""Trains the whole head, and the embeddings of the data set's words. Its inputs, from the frozen VAE and UNet, are
cached."""

import random
from typing import Iterator, List, Optional, Tuple

from torch import Tensor

from ..train.heads import mask_loss
from .frozen import HEAD, FrozenBundle
from .part import TrainedPart
from .samples import Picture

EMBEDDINGS = "text_model.embeddings.token_embedding.weight"
RATE, WORD_RATE = 2e-4, 2e-3  # learning rates of the head, by default, and of the embeddings


class WholeHead(TrainedPart):
    """LD-ZNet as published, or with a match map."""

    def __init__(self, bundle: FrozenBundle, rate: Optional[float] = None):
        super().__init__(bundle)
        self.head = bundle.load(HEAD)
        for parameter in self.head.parameters():
            parameter.requires_grad_(True)
        self.networks = {HEAD: self.head}
        self.groups = [{"params": list(self.head.parameters()), "lr": rate or RATE}]
        # If the UNet sees prompts, other words change its cached features. If it sees the empty prompt,
        # only that must not change.
        if bundle.shares_features:
            words = dict(bundle.text.named_parameters())[EMBEDDINGS].requires_grad_(True)
            words.register_hook(self._without_markers)
            self.networks["text_encoder"] = bundle.text
            self.groups.append({"params": [words], "lr": WORD_RATE})

    def losses(self, picture: Picture, phrases: List[str], mirrored: bool, chance: random.Random) -> Iterator[Tensor]:
        for group in self._groups(phrases):
            logits = self._logits(picture, group, mirrored)
            target = self.targets(picture, group, logits, mirrored)
            yield mask_loss(logits, target) * len(group) / len(phrases)

    def validated(self, picture: Picture) -> Iterator[Tuple[Tensor, Tensor]]:
        for group in self._groups(list(picture.masks)):
            logits = self._logits(picture, group, mirrored=False)
            yield logits, self.targets(picture, group, logits, mirrored=False)

    def _groups(self, phrases: List[str]) -> List[List[str]]:
        """Phrases that share a picture's features."""
        return [phrases] if self.bundle.shares_features else [[phrase] for phrase in phrases]

    def _logits(self, picture: Picture, phrases: List[str], mirrored: bool) -> Tensor:
        """Logits (N,1,H,W) of phrases that share features."""
        encoded = self.bundle.encoded(picture, phrases[0], mirrored)
        context = self.bundle.text(self.bundle.ids(phrases))
        return self.head(encoded.z.expand(len(phrases), -1, -1, -1).contiguous(), context, encoded.features)

    def _without_markers(self, gradient: Tensor) -> Tensor:
        """The start and end tokens stay: they are the empty prompt."""
        gradient = gradient.clone()
        gradient[[self.bundle.tokenizer.start, self.bundle.tokenizer.end]] = 0
        return gradient
