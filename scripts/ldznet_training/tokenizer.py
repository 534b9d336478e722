"""CLIP's byte-pair tokenizer: prompt -> token ids, equal to those of src/text/tokenizer.h.

A vocabulary is two files in CLIP's layout. `vocab.json` maps pieces to ids: 256 byte symbols, the same symbols at the
end of a word (with `</w>`), one piece per merge, and the start and end tokens. `merges.txt` has a version line and then
the merges in order of priority.
"""

import json
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Iterable, Iterator

START, END = "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"
VERSION_LINE = "#version: 0.2"
CLIP_SIZE = 49408  # pieces in CLIP's own vocabulary
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
WHITESPACE = frozenset(
    chr(c) for c in (*range(9, 14), 32, 133, 160, 5760, *range(8192, 8203), 8232, 8233, 8239, 8287, 12288)
)

Pair = tuple[str, str]


@lru_cache
def byte_symbols() -> tuple[str, ...]:
    """A printable character for each byte: itself in printable Latin-1, otherwise one from U+0100 on."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    spare = iter(range(256, 512))
    return tuple(chr(b) if b in printable else chr(next(spare)) for b in range(256))


def alphabet() -> list[str]:
    """The byte symbols in CLIP's order: printable ones first."""
    return sorted(byte_symbols(), key=ord)


def normalize(text: str) -> str:
    """NFC, white space collapsed to single spaces, lower case per character (without the final-sigma rule)."""
    words, inside = [], False
    for c in unicodedata.normalize("NFC", text):
        if c in WHITESPACE:
            if not inside:
                words.append(" ")
            inside = True
        else:
            words.append(c.lower())
            inside = False
    return "".join(words)


def _kind(c: str) -> str:
    """L: letter, N: number, S: white space, O: anything else."""
    if c in WHITESPACE:
        return "S"
    category = unicodedata.category(c)[0]
    return category if category in "LN" else "O"


def split_words(text: str) -> Iterator[str]:
    """Splits normalized text into contractions, runs of letters, single digits and runs of other visible characters."""
    i = 0
    while i < len(text):
        contraction = next((c for c in CONTRACTIONS if text.startswith(c, i)), None)
        if contraction:
            yield contraction
            i += len(contraction)
            continue
        kind, end = _kind(text[i]), i + 1
        if kind in "LO":
            while end < len(text) and _kind(text[end]) == kind:
                end += 1
        if kind != "S":
            yield text[i:end]
        i = end


def _symbols(word: str) -> tuple[str, ...]:
    """The byte symbols of a word, the last one marked as its end."""
    table = byte_symbols()
    symbols = [table[b] for b in word.encode("utf-8")]
    return (*symbols[:-1], symbols[-1] + WORD_END)


def _joined(symbols: tuple[str, ...], pair: Pair) -> tuple[str, ...]:
    """The symbols with every occurrence of the pair merged, from left to right."""
    out: list[str] = []
    i = 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return tuple(out)


@dataclass(frozen=True)
class Vocabulary:
    """The merges of a vocabulary, which determine its pieces and ids."""

    merges: tuple[Pair, ...]

    def pieces(self) -> list[str]:
        """All pieces in the order of their ids."""
        letters = alphabet()
        return [*letters, *(c + WORD_END for c in letters), *(a + b for a, b in self.merges), START, END]

    def save(self, folder: Path) -> None:
        """Writes `vocab.json` and `merges.txt`."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        ids = {piece: i for i, piece in enumerate(self.pieces())}
        (folder / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
        lines = [VERSION_LINE, *(f"{a} {b}" for a, b in self.merges)]
        (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")


def train_vocabulary(texts: Iterable[str], size: int) -> Vocabulary:
    """A vocabulary of `size` pieces (at least 514), or fewer if nothing is left to merge.

    Repeatedly merges the most frequent pair, the alphabetically first of equals, so the result depends only on the
    words and their counts.
    """
    if size < 514:
        raise ValueError(f"a vocabulary of {size} pieces cannot hold the 512 byte symbols and two special tokens")
    counts = Counter(chain.from_iterable(split_words(normalize(text)) for text in texts))
    words = [(_symbols(word), count) for word, count in sorted(counts.items())]
    totals: Counter[Pair] = Counter()
    holders: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> words that have contained it
    for index, (symbols, count) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            totals[pair] += count
            holders[pair].add(index)
    merges: list[Pair] = []
    while len(merges) < size - 514 and totals:
        best = min(totals, key=lambda pair: (-totals[pair], pair))
        if totals[best] <= 0:
            break
        merges.append(best)
        for index in holders.pop(best):
            symbols, count = words[index]
            joined = _joined(symbols, best)
            for pair in zip(symbols, symbols[1:]):
                totals[pair] -= count
            for pair in zip(joined, joined[1:]):
                totals[pair] += count
                holders[pair].add(index)
            words[index] = (joined, count)
        del totals[best]
    return Vocabulary(tuple(merges))


class Tokenizer:
    """Prompt -> token ids: start, the pieces of each word, end, padded with the end token."""

    def __init__(self, ids: dict[str, int], merges: Iterable[Pair]):
        self.ids = ids
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.start, self.end = ids[START], ids[END]
        self._cache: dict[str, tuple[int, ...]] = {}

    @classmethod
    def load(cls, folder: Path) -> "Tokenizer":
        """Reads `vocab.json` and `merges.txt` from a folder."""
        ids = json.loads((Path(folder) / "vocab.json").read_text("utf-8"))
        lines = (Path(folder) / "merges.txt").read_text("utf-8").split("\n")
        if lines[0].startswith("#version"):
            del lines[0]
        return cls(ids, (tuple(line.split(" ")) for line in lines if line))

    def __len__(self) -> int:
        return len(self.ids)

    def encode(self, text: str, length: int = 77) -> list[int]:
        """Exactly `length` ids; a longer prompt is cut after `length - 2` pieces."""
        ids = [self.start, *self.pieces(text)[: length - 2], self.end]
        return ids + [self.end] * (length - len(ids))

    def pieces(self, text: str) -> list[int]:
        """The ids of the whole text, without start, end and padding."""
        ids: list[int] = []
        for part in self._parts(normalize(text)):
            if part in (START, END):
                ids.append(self.ids[part])
            else:
                for word in split_words(part):
                    ids.extend(self._word(word))
        return ids

    @staticmethod
    def _parts(text: str) -> Iterator[str]:
        """The text split at the special tokens, which are parts themselves."""
        while text:
            found = [(at, token) for token in (START, END) if (at := text.find(token)) >= 0]
            if not found:
                yield text
                return
            at, token = min(found)
            if at:
                yield text[:at]
            yield token
            text = text[at + len(token) :]

    def _word(self, word: str) -> tuple[int, ...]:
        """The ids of one word."""
        if word not in self._cache:
            symbols = _symbols(word)
            while len(symbols) > 1:
                pairs = zip(symbols, symbols[1:])
                best = min(pairs, key=lambda pair: self.ranks.get(pair, len(self.ranks)))
                if best not in self.ranks:
                    break
                symbols = _joined(symbols, best)
            self._cache[word] = tuple(self.ids[s] for s in symbols)
        return self._cache[word]
