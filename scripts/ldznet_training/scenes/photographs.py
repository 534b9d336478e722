"""Photographs with label maps, for training.

A folder of them has

    photos.jsonl    a line per photograph: source, image and labels (paths), names; mask_score of machine-made masks
    labels.tsv      label, name, synonyms, source, kind; in the label maps 0 is "none of these" and 255 is "ignore"

A source knows only its own names: those that a photograph does not show are absent, of all others nothing is known. A
tenth of each source is held out for validation, chosen by a hash of the image's name. Names with fewer than LEAST
training photographs and names outside the vocabulary are ignored wherever they are labelled.
"""

import csv
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .packs import decode, encode, write_pack
from .vocabulary import canonical_name, vocabulary_of_both

LEAST = 15  # training photographs of a name
SIDE = 144  # short side of a packed photograph, pixels
QUALITY = 70  # of a packed photograph, WebP
IGNORE = 255  # in label maps
WORST_MASK = 0.4  # mask_score below which the pixels of a photograph are ignored


def is_held_out(image: str) -> bool:
    """Whether a photograph is kept for validation, by its name: one in ten is."""
    return zlib.crc32(image.encode()) % 10 == 0


@dataclass(frozen=True)
class Index:
    """What photos.jsonl and labels.tsv say. Names are canonical ones of the vocabulary of both worlds."""

    records: list[dict]  # of photos.jsonl
    names: list[frozenset[str]]  # of each record: the known names that it shows
    known: dict[str, frozenset[str]]  # source -> the names that its label maps tell apart
    targets: np.ndarray  # int64 (256,): label -> 1 + index in the vocabulary, 0 for none, -1 for ignore


def read_index(photos: str, labels: str, least: int = LEAST) -> Index:
    """The index from the texts of photos.jsonl and labels.tsv."""
    records = [json.loads(line) for line in photos.splitlines()]
    shown = [frozenset(filter(None, map(canonical_name, record["names"]))) for record in records]
    count = Counter(n for record, names in zip(records, shown) if not is_held_out(record["image"]) for n in names)
    position = {name: i + 1 for i, name in enumerate(vocabulary_of_both())}
    targets, known = np.full(256, -1), {}
    targets[0] = 0
    for row in csv.DictReader(io.StringIO(labels), delimiter="\t"):
        name = canonical_name(row["name"])
        if name is not None and count[name] >= least:
            targets[int(row["label"])] = position[name]
            known.setdefault(row["source"], set()).add(name)
    # A set with a single name may use a label of another set.
    for record, names in zip(records, shown):
        if record["source"] not in known:
            known[record["source"]] = {name for name in names if count[name] >= least}
    known = {source: frozenset(names) for source, names in known.items()}
    return Index(records, [names & known[r["source"]] for r, names in zip(records, shown)], known, targets)


def _shrunk(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with a short side of at most `side`, in the same proportions."""
    scale = min(1.0, side / min(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def pack(folder: Path, path: Path, side: int = SIDE) -> None:
    """Packs a folder of photographs, reduced to a short side of `side` pixels, into one file."""
    records = [json.loads(line) for line in (folder / "photos.jsonl").read_text().splitlines()]

    def pictures(record: dict) -> tuple[bytes, bytes]:
        image = Image.open(folder / record["image"]).convert("RGB")
        labels = Image.open(folder / record["labels"])
        size = _shrunk(image.size, side)
        image = image.resize(size, Image.Resampling.LANCZOS)
        labels = labels.resize(size, Image.Resampling.NEAREST)
        return encode(image, "WEBP", quality=QUALITY, method=4), encode(labels, "PNG", optimize=True)

    def members() -> Iterator[tuple[str, bytes]]:
        for name in ("photos.jsonl", "labels.tsv"):
            yield name, (folder / name).read_bytes()
        with ThreadPoolExecutor() as pool:
            for record, (image, labels) in zip(records, pool.map(pictures, records)):
                yield record["image"], image
                yield record["labels"], labels

    write_pack(path, members())


@dataclass(frozen=True)
class Photographs:
    """Photographs, each squeezed into a square of R x R pixels."""

    index: Index  # of these photographs only
    images: np.ndarray  # uint8 (N, 3, R, R)
    labels: np.ndarray  # uint8 (N, R, R), as in the label maps; Index.targets says what they mean
    aspects: np.ndarray  # float32 (N,): width / height before squeezing

    def __len__(self) -> int:
        return len(self.images)


def load(
    path: Path, square: int = 160, held_out: bool = False, least: int = LEAST, most: int = 0, threads: int = 16
) -> Photographs:
    """Loads the photographs for training, or those held out, from a pack or a folder.

    `most`: load at most this many, spread over all of them; 0 for all.
    """
    archive = None if path.is_dir() else zipfile.ZipFile(path)
    read: Callable[[str], bytes] = (lambda name: (path / name).read_bytes()) if archive is None else archive.read
    whole = read_index(read("photos.jsonl").decode(), read("labels.tsv").decode(), least)
    chosen = [i for i, r in enumerate(whole.records) if is_held_out(r["image"]) == held_out and whole.names[i]]
    if most and most < len(chosen):
        chosen = [chosen[i] for i in np.linspace(0, len(chosen) - 1, most).astype(int)]
    images = np.empty((len(chosen), 3, square, square), np.uint8)
    labels = np.empty((len(chosen), square, square), np.uint8)
    aspects = np.empty(len(chosen), np.float32)

    def fill(task: tuple[int, bytes, bytes]) -> None:
        row, image, label_map = task
        picture = decode(image, "RGB")
        aspects[row] = picture.width / picture.height
        images[row] = np.asarray(picture.resize((square, square), Image.Resampling.BICUBIC)).transpose(2, 0, 1)
        labels[row] = np.asarray(decode(label_map, "L").resize((square, square), Image.Resampling.NEAREST))
        if whole.records[chosen[row]].get("mask_score", 1) < WORST_MASK:
            labels[row] = IGNORE

    tasks = ((row, read(whole.records[i]["image"]), read(whole.records[i]["labels"])) for row, i in enumerate(chosen))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, tasks))
    part = Index([whole.records[i] for i in chosen], [whole.names[i] for i in chosen], whole.known, whole.targets)
    return Photographs(part, images, labels, aspects)
