"""Made-up pictures with exact masks: emoji drawings on procedural backgrounds. What the mini bundle learns from.

    cd scripts
    ../.venv/bin/python -m ldznet.scenes cache --count 1000 --seed 1 --styles noto,emojione
    ../.venv/bin/python -m ldznet.scenes sheet --output sheet.png

Everything follows from a numpy Generator, so a seed and an index name a scene for good.
"""

import argparse
import io
import json
import multiprocessing
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .backgrounds import UNNAMED_SHARE, make_background
from .drawings import LDM_STYLES, REPOSITORY, STYLES, check_training_styles, load_style, vocabulary
from .objects import Canvas, Drawings, make_patch, pick_objects

GRAY_SHARE = 0.08


@dataclass(frozen=True)
class Arrangement:
    """What a cache's scenes have in common."""

    objects: tuple[int, int] = (1, 6)  # fewest and most of a scene
    scale: float = 1.0  # of the objects
    unnamed: float = UNNAMED_SHARE  # of the backgrounds, with a region that has no name


ORDINARY = Arrangement()


@dataclass
class Scene:
    """image uint8 (H, W, 3); labels uint8 (H, W): 0 has no name, k is entities[k-1] = (name, "thing" | "stuff")."""

    image: np.ndarray
    labels: np.ndarray
    entities: list[tuple[str, str]]
    style: str


# --- scenes -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def noise_sheet() -> np.ndarray:
    """Gaussian noise made once, float32 (1024, 1024, 3): drawing it anew would take longer than the rest of a scene."""
    return np.random.default_rng(0).standard_normal((1024, 1024, 3), dtype=np.float32)


def augment_image(rng, pixels: np.ndarray) -> np.ndarray:
    """What a camera and a file do to a picture: float32 (H, W, 3) 0..255 -> uint8 (H, W, 3)."""
    height, width = pixels.shape[:2]
    if rng.random() < 0.2 and max(height, width) <= 1024:
        y, x = (int(rng.integers(0, 1024 - n + 1)) for n in (height, width))
        pixels += noise_sheet()[y : y + height, x : x + width] * rng.uniform(2, 14)
    image = np.clip(pixels, 0, 255).astype(np.uint8)
    tones = np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.18))
    tones = (tones - 0.5) * rng.uniform(0.8, 1.2) + 0.5 + rng.normal(0, 0.04)
    image = np.clip(tones * 255 + 0.5, 0, 255).astype(np.uint8)[image]
    picture = Image.fromarray(image)
    if rng.random() < GRAY_SHARE:
        picture = picture.convert("L").convert("RGB")
    if rng.random() < 0.12:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1)))
    if rng.random() < 0.15:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(35, 92)))
        picture = Image.open(file).convert("RGB")
    return np.asarray(picture)


def make_scene(
    rng, drawings: Drawings, size=192, height=None, width=None, arrangement=ORDINARY, augment=True, held_out=False
) -> Scene:
    """One scene of `size` (or height x width) pixels, its drawings all of one style; `held_out` takes its background
    from the sheets kept for testing."""
    height, width = height or size, width or size
    style = str(rng.choice(sorted(drawings.styles)))
    pixels, labels, stuff = make_background(rng, height, width, held_out, arrangement.unnamed)
    entities = [(name, "stuff") for name in stuff]
    canvas = Canvas(pixels, labels)
    fewest, most = arrangement.objects
    count = int(rng.integers(fewest, most + 1))
    wanted = pick_objects(rng, sorted(drawings.styles[style]), count, arrangement.scale)
    for name, share in wanted:
        entity = (name, "thing")
        label = entities.index(entity) + 1 if entity in entities else len(entities) + 1
        patch = make_patch(rng, drawings, style, name, share * min(height, width))
        if canvas.place(rng, patch, label) and label > len(entities):
            entities.append(entity)
    counts = np.bincount(labels.ravel(), minlength=len(entities) + 1)[1:]
    kept = [k for k, count in enumerate(counts) if count]  # objects may have covered all of a small region
    if len(kept) < len(entities):
        renumber = np.zeros(len(entities) + 1, np.uint8)
        renumber[[k + 1 for k in kept]] = np.arange(1, len(kept) + 1)
        labels, entities = renumber[labels], [entities[k] for k in kept]
    image = augment_image(rng, canvas.pixels) if augment else np.clip(canvas.pixels, 0, 255).astype(np.uint8)
    return Scene(image, labels, entities, style)


# --- names ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def look_alikes() -> dict[str, list[str]]:
    """Name -> the eight names nearest to it in mean colour, by the Noto drawings; empty where those are not made."""
    try:
        drawings = load_style("noto")
    except FileNotFoundError:
        return {}
    names = list(drawings)
    rgba = np.stack([drawings[n] for n in names]).astype(np.float32)
    means = (rgba[..., :3] * rgba[..., 3:]).sum((1, 2)) / rgba[..., 3:].sum((1, 2))
    order = np.argsort(((means[:, None] - means[None]) ** 2).sum(-1), axis=1)
    return {name: [names[k] for k in order[i, 1:9]] for i, name in enumerate(names)}


# What is also true of a thing whose own name does not end with it: a taxi is a car.
ALSO = {"sunset": {"sky"}, "taxi": {"car"}, "telephone": {"phone"}}


@cache
def true_of(name: str) -> frozenset[str]:
    """The names that are right for a thing: its own, the kind its name ends with (of "pine tree": tree), and ALSO."""
    words = name.split()
    kinds = {" ".join(words[k:]) for k in range(len(words))}
    return frozenset(kinds | ALSO.get(name, set()))


def absent_names(scene: Scene | list, rng, hard: bool) -> str:
    """A name of the vocabulary that is true of nothing in the scene (a Scene or its entities).

    Hard: of the same group as one that is, or alike in colour. Easy: any, a quarter of them stuff.
    """
    present = [name for name, _ in (scene.entities if isinstance(scene, Scene) else scene)]
    words = vocabulary()
    choices: list[str] = []
    if hard and present:
        like = words[str(rng.choice(present))]
        if rng.random() < 0.5:
            choices = look_alikes().get(like.name, [])
        choices = choices or [w.name for w in words.values() if w.group == like.group]
    else:
        kind = "stuff" if rng.random() < 0.25 else "thing"
        choices = [w.name for w in words.values() if w.kind == kind]
    right = set().union(*map(true_of, present))
    left = [name for name in choices if name not in right] or [name for name in words if name not in right]
    return str(rng.choice(left))


# --- command line -----------------------------------------------------------------------------------------------------


def _fill(task: tuple) -> list[dict]:
    """Makes scenes first..last-1 of a cache; what meta.json says of them."""
    drawings, folder, seed, size, arrangement, test, first, last = task
    images = np.load(folder / "images.npy", mmap_mode="r+")
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    records = []
    for index in range(first, last):
        rng = np.random.default_rng([seed, index])
        scene = make_scene(rng, drawings, size, arrangement=arrangement, held_out=test)
        images[index], labels[index] = scene.image, scene.labels
        records.append({"style": scene.style, "entities": scene.entities})
    return records


_drawings: Drawings | None = None  # of the process that makes a cache; its workers inherit it by forking


def _fill_forked(task: tuple) -> list[dict]:
    return _fill((_drawings, *task))


def make_cache(
    output: Path, drawings: Drawings, count: int, seed: int, size=192, workers=1, test=False, arrangement=ORDINARY
) -> None:
    """Writes images.npy uint8 (N, S, S, 3), labels.npy uint8 (N, S, S) and meta.json; no scene depends on `workers`."""
    global _drawings
    if not test:
        check_training_styles(drawings.styles)
    output.mkdir(parents=True, exist_ok=True)
    (output / "meta.json").unlink(missing_ok=True)  # written last: without it a cache is unfinished
    for name, shape in (("images", (count, size, size, 3)), ("labels", (count, size, size))):
        np.lib.format.open_memmap(output / f"{name}.npy", mode="w+", dtype=np.uint8, shape=shape).flush()
    tasks = [(output, seed, size, arrangement, test, first, min(first + 250, count)) for first in range(0, count, 250)]
    _drawings, records = drawings, []
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for part in pool.imap(_fill_forked, tasks):
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


def make_sheet(drawings: Drawings, seed: int, size: int) -> Image.Image:
    """24 scenes, each beside its labels and above its names."""
    sheet = Image.new("RGB", (6 * (2 * size + 8), 4 * (size + 36)), "white")
    draw = ImageDraw.Draw(sheet)
    palette = np.concatenate([np.zeros((1, 3)), np.random.default_rng(7).integers(60, 256, (255, 3))]).astype(np.uint8)
    for index in range(24):
        scene = make_scene(np.random.default_rng([seed, index]), drawings, size)
        x, y = index % 6 * (2 * size + 8), index // 6 * (size + 36)
        sheet.paste(Image.fromarray(scene.image), (x, y))
        sheet.paste(Image.fromarray(palette[scene.labels]), (x + size, y))
        names = ", ".join(name for name, _ in scene.entities)
        draw.text((x + 2, y + size + 2), f"{scene.style}: {names[:58]}\n{names[58:]}", fill="black")
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for command, output, seed in (("cache", REPOSITORY / "data" / "scenes-train", 1), ("sheet", "sheet.png", 5)):
        options = commands.add_parser(command)
        options.add_argument("--output", type=Path, default=Path(output))
        options.add_argument("--seed", type=int, default=seed)
        options.add_argument("--size", type=int, default=192, help="side in pixels (default: %(default)s)")
        options.add_argument("--styles", default=",".join(LDM_STYLES), help=f"comma-separated, of {', '.join(STYLES)}")
        options.add_argument(
            "--test", action="store_true", help="allow the styles kept for testing, on the backgrounds kept for it"
        )
        if command == "cache":
            options.add_argument("--count", type=int, required=True)
            options.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    drawings = Drawings.load(arguments.styles.split(","), arguments.test)
    if arguments.command == "sheet":
        make_sheet(drawings, arguments.seed, arguments.size).save(arguments.output)
    else:
        a = arguments
        make_cache(a.output, drawings, a.count, a.seed, a.size, a.workers, a.test)


if __name__ == "__main__":
    main()
