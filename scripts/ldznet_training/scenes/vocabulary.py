"""The vocabulary of names: vocabulary.tsv.

The column `codepoints` tells the two worlds apart: a character for a drawn thing, "-" for stuff that textures.py
paints, empty for a name that only photographs show.
"""

import csv
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Word:
    """A row of vocabulary.tsv. `codepoints` is empty for everything but drawn things."""

    name: str
    group: str
    synonyms: tuple[str, ...]
    codepoints: tuple[int, ...]
    drawn: bool = True  # there are drawings or textures of it

    @property
    def kind(self) -> str:
        """ "thing" or "stuff"."""
        return "stuff" if self.group == "stuff" else "thing"


@lru_cache(maxsize=1)
def _rows() -> tuple[Word, ...]:
    words = []
    with open(Path(__file__).with_name("vocabulary.tsv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            points = tuple(int(p[2:], 16) for p in row["codepoints"].strip("-").split())
            synonyms = tuple(s.strip() for s in (row["synonyms"] or "").split(",") if s.strip())
            words.append(Word(row["name"], row["group"], synonyms, points, drawn=bool(row["codepoints"])))
    return tuple(words)


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Word]:
    """Canonical name -> Word of everything that is drawn or painted, in the order of the file."""
    return {word.name: word for word in _rows() if word.drawn}


@lru_cache(maxsize=1)
def vocabulary_of_both() -> dict[str, Word]:
    """Canonical name -> Word of drawings and photographs, the drawn names first.

    A synonym that is the name of another word here ("jeans" of trousers) is left out.
    """
    names = {word.name for word in _rows()}
    return {word.name: replace(word, synonyms=tuple(s for s in word.synonyms if s not in names)) for word in _rows()}


def canonical_name(name: str) -> str | None:
    """The word of `vocabulary_of_both` that has this name or synonym, None if there is none."""
    words = vocabulary_of_both()
    return name if name in words else next((w.name for w in words.values() if name in w.synonyms), None)
