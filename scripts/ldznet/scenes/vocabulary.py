"""The vocabulary of names: vocabulary.tsv."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Word:
    """A row of vocabulary.tsv. `codepoints` is empty for stuff, which has no drawing."""

    name: str
    group: str
    synonyms: tuple[str, ...]
    codepoints: tuple[int, ...]

    @property
    def kind(self) -> str:
        """ "thing" or "stuff"."""
        return "stuff" if self.group == "stuff" else "thing"


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Word]:
    """Canonical name -> Word, in the order of the file."""
    words = {}
    with open(Path(__file__).with_name("vocabulary.tsv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            points = () if row["codepoints"] == "-" else tuple(int(p[2:], 16) for p in row["codepoints"].split())
            synonyms = tuple(s.strip() for s in (row["synonyms"] or "").split(",") if s.strip())
            words[row["name"]] = Word(row["name"], row["group"], synonyms, points)
    return words
