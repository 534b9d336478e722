"""Caches of scenes for training: images.npy uint8 (N, S, S, 3), labels.npy uint8 (N, S, S) and meta.json."""

import json
import multiprocessing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .drawings import check_training_styles
from .placement import Drawings
from .scenes import ORDINARY, Arrangement, make_scene

CHUNK = 250  # scenes per task of a worker


@dataclass(frozen=True)
class Cache:
    """A cache as it is stored: images uint8 (N, S, S, 3), labels uint8 (N, S, S), records with style and entities."""

    images: np.ndarray
    labels: np.ndarray
    records: list[dict]


def load_cache(folder: Path) -> Cache:
    """Opens a training cache, its arrays memory-mapped. Raises ValueError for one that is kept for testing."""
    meta = json.loads((folder / "meta.json").read_text())
    check_training_styles(meta["styles"])
    if meta["test"]:
        raise ValueError(f"{folder} is for testing")
    images, labels = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("images", "labels"))
    return Cache(images, labels, meta["scenes"])


def _fill(task: tuple) -> list[dict]:
    """Makes the scenes first..last-1 of a cache; returns their records for meta.json."""
    folder, seed, size, arrangement, test, first, last = task
    images = np.load(folder / "images.npy", mmap_mode="r+")
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    records = []
    for index in range(first, last):
        rng = np.random.default_rng([seed, index])
        scene = make_scene(rng, _drawings, size, arrangement=arrangement, held_out=test)
        images[index], labels[index] = scene.image, scene.labels
        records.append({"style": scene.style, "entities": scene.entities})
    return records


_drawings: Drawings | None = None  # set by make_cache; its worker processes inherit it by forking


def make_cache(
    output: Path,
    drawings: Drawings,
    count: int,
    seed: int,
    size: int = 192,
    workers: int = 1,
    test: bool = False,
    arrangement: Arrangement = ORDINARY,
) -> None:
    """Writes a cache of `count` scenes. The scenes do not depend on `workers`."""
    global _drawings
    if not test:
        check_training_styles(drawings.styles)
    output.mkdir(parents=True, exist_ok=True)
    (output / "meta.json").unlink(missing_ok=True)  # written last: a cache without it is unfinished
    for name, shape in (("images", (count, size, size, 3)), ("labels", (count, size, size))):
        np.lib.format.open_memmap(output / f"{name}.npy", mode="w+", dtype=np.uint8, shape=shape).flush()
    starts = range(0, count, CHUNK)
    tasks = [(output, seed, size, arrangement, test, start, min(start + CHUNK, count)) for start in starts]
    _drawings, records = drawings, []
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for part in pool.imap(_fill, tasks):
            records += part
            print(f"\r{len(records)} of {count} scenes", end="", flush=True)
    print()
    meta = {
        "seed": seed,
        "size": size,
        "test": test,
        "styles": sorted(drawings.styles),
        "arrangement": asdict(arrangement),
        "scenes": records,
    }
    (output / "meta.json").write_text(json.dumps(meta))
