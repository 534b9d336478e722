"""CLIP's tokenizer as people have it: `vocab.json` and `merges.txt`, or the `tokenizer.json` of newer libraries."""

import json
from pathlib import Path
from typing import Any, List, Tuple

from ..errors import CheckpointError, MissingInputError
from ..tokenizer import END, START, VERSION_LINE, WORD_END

FILES = ("vocab.json", "merges.txt")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path}: is not valid JSON ({error})") from error


def _from_tokenizer_json(path: Path) -> Tuple[dict, List[str]]:
    """Vocabulary and merges of a tokenizer.json."""
    content = _read_json(path)
    try:
        model, added = content["model"], content.get("added_tokens") or []
        if model.get("type", "BPE") != "BPE" or model.get("end_of_word_suffix") != WORD_END:
            raise CheckpointError(f"{path}: is no byte-pair tokenizer of CLIP's kind, which marks ends of words")
        ids = {**model["vocab"], **{token["content"]: token["id"] for token in added}}
        merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path}: is no tokenizer.json of the tokenizers library") from error
    return ids, merges


def _from_pair(folder: Path) -> Tuple[dict, List[str]]:
    """Vocabulary and merges of vocab.json and merges.txt."""
    ids, path = _read_json(folder / "vocab.json"), folder / "merges.txt"
    try:
        lines = path.read_text("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise CheckpointError(f"{path}: is not UTF-8 text ({error})") from error
    return ids, [line.rstrip("\r") for line in lines[lines[0].startswith("#version") :] if line.strip()]


class TokenizerFiles:
    """A vocabulary that fits a text encoder, to be written into a bundle."""

    def __init__(self, place: Path, vocabulary: int):
        """`place`: a folder, or a tokenizer.json; `vocabulary`: entries of the text encoder.

        Raises CheckpointError if it is missing, of another kind or of another size."""
        place = Path(place)
        if place.is_file():
            self.sources, (self.ids, self.merges) = [place], _from_tokenizer_json(place)
        elif all((place / name).is_file() for name in FILES):
            self.sources, (self.ids, self.merges) = [place / name for name in FILES], _from_pair(place)
        elif (place / "tokenizer.json").is_file():
            self.sources = [place / "tokenizer.json"]
            self.ids, self.merges = _from_tokenizer_json(place / "tokenizer.json")
        else:
            raise MissingInputError(
                f"{place}: no tokenizer; --tokenizer needs a folder with vocab.json and merges.txt, or tokenizer.json"
            )
        self._check(vocabulary)

    def _check(self, vocabulary: int) -> None:
        source = self.sources[0]
        if not isinstance(self.ids, dict) or not all(type(i) is int for i in self.ids.values()):
            raise CheckpointError(f"{source}: is no vocabulary, a JSON object of pieces and their ids")
        if len(self.ids) != vocabulary:
            raise CheckpointError(f"{source}: has {len(self.ids)} entries, the text encoder has {vocabulary}")
        if sorted(self.ids.values()) != list(range(vocabulary)):
            raise CheckpointError(f"{source}: the ids are not 0 to {vocabulary - 1}, each once")
        missing = [token for token in (START, END) if token not in self.ids]
        if missing:
            raise CheckpointError(f"{source}: has no {missing[0]}; is this CLIP's tokenizer?")
        if len(set(self.merges)) < len(self.merges):
            raise CheckpointError(f"{self.sources[-1]}: has a merge twice")
        for merge in self.merges:
            pair = merge.split(" ")
            if len(pair) != 2 or not {*pair, "".join(pair)} <= self.ids.keys():
                raise CheckpointError(f"{self.sources[-1]}: the merge {merge!r} does not fit the vocabulary")

    def save(self, folder: Path) -> None:
        """Writes vocab.json and merges.txt."""
        text = json.dumps(self.ids, ensure_ascii=False, separators=(",", ":"))
        (folder / "vocab.json").write_text(text + "\n", "utf-8")
        (folder / "merges.txt").write_text("\n".join([VERSION_LINE, *self.merges]) + "\n", "utf-8")
