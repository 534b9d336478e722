"""Contexts of the frozen text encoder, computed once for every wording in training."""

import numpy as np
import torch
from torch import Tensor

from ..mini import TEXT
from ..scenes.vocabulary import Word, vocabulary
from ..text_encoder import TextEncoder
from ..tokenizer import Tokenizer
from .clip import TEMPLATES


class TextContexts:
    """Contexts (77,128) of all names of the vocabulary, each with all its synonyms in all templates."""

    @torch.inference_mode()
    def __init__(self, text: TextEncoder, tokenizer: Tokenizer, words: dict[str, Word] | None = None):
        """`words`: the vocabulary (default: that of drawings)."""
        words = words or vocabulary()
        self.text, self.tokenizer = text, tokenizer
        self.names = list(words)
        self.plain: dict[str, list[int]] = {}  # name -> rows of the name and its synonyms, the name first
        self.worded: dict[str, list[int]] = {}  # name -> rows of all its wordings
        texts: list[str] = []
        for name, word in words.items():
            bare = [name, *word.synonyms]
            self.plain[name] = list(range(len(texts), len(texts) + len(bare)))
            texts += bare
            wordings = [t.format(b) for b in bare for t in dict.fromkeys(TEMPLATES) if t != "{}"]
            self.worded[name] = self.plain[name] + list(range(len(texts), len(texts) + len(wordings)))
            texts += wordings
        self.table = self.encode(texts)
        self.empty = self.encode([""])[0]
        self._captions: dict[str, Tensor] = {}

    @torch.inference_mode()
    def encode(self, texts: list[str]) -> Tensor:
        """Contexts (N,77,128) of texts."""
        ids = torch.tensor([self.tokenizer.encode(text, TEXT.length) for text in texts])
        return torch.cat([self.text(part) for part in ids.split(128)]).clone()

    def prompt(self, name: str, rng: np.random.Generator) -> Tensor:
        """A context (77,128) for the name: in half of the cases the plain name, otherwise any wording."""
        rows = self.worded[name]
        return self.table[rows[0] if rng.random() < 0.5 else rows[rng.integers(len(rows))]]

    def caption(self, names: list[str], rng: np.random.Generator) -> Tensor:
        """A context (77,128) for a picture that shows `names`: one of them, or up to three joined by "and"."""
        picked = [names[i] for i in rng.permutation(len(names))[: rng.integers(1, 4)]]
        if len(picked) == 1:
            return self.prompt(picked[0], rng)
        text = " and ".join(sorted(picked))
        if text not in self._captions:
            self._captions[text] = self.encode([text])[0]
        return self._captions[text]

    def pooled_names(self, rng: np.random.Generator) -> Tensor:
        """The pooled context of one wording per name, (195,128), in the order of `names`."""
        rows = [
            self.plain[n][0] if rng.random() < 0.7 else self.worded[n][rng.integers(len(self.worded[n]))]
            for n in self.names
        ]
        return self.table[rows, -1]
