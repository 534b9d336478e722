"""Generates the labelled data set for `ldznet eval`, `features` and `probe`.

    .venv/bin/python scripts/make_dataset.py --output data/mini-set          # 300 scenes per style
    .venv/bin/python scripts/make_dataset.py --output tests/data/mini-set --count 4 --styles noto,fluent-3d,twemoji

It has four parts, each a folder with `manifest.jsonl`:

    trained   styles that the heads were trained on
    unmasked  a style that the text encoder, the VAE and the LDM were trained on, but not the heads
    unseen    styles that nothing was trained on
    absent    names of things that are not in the picture, in all styles

Scenes and backgrounds are not those of training. Needs the drawings (`scripts/train.py drawings`).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ldznet_training.paths import DATA
from ldznet_training.scenes.drawings import HEAD_STYLES, LDM_STYLES, STYLES
from ldznet_training.scenes.names import absent_name
from ldznet_training.scenes.placement import Drawings
from ldznet_training.scenes.scenes import Scene, make_scene

SEED = 2311  # different from those of the training caches


def part_of(style: str) -> str:
    """The part of the data set that a style belongs to."""
    return "trained" if style in HEAD_STYLES else "unmasked" if style in LDM_STYLES else "unseen"


def save_scene(folder: Path, name: str, scene: Scene) -> list[dict]:
    """Writes the picture and a mask for each of its names; returns the rows of the manifest."""
    Image.fromarray(scene.image).save(folder / f"{name}.png", optimize=True)
    samples = []
    for label, (phrase, kind) in enumerate(scene.entities, 1):
        mask = f"{name}.{label}.png"
        Image.fromarray(scene.labels == label).save(folder / mask, optimize=True)
        samples.append({"image": f"{name}.png", "phrase": phrase, "mask": mask, "kind": kind, "style": scene.style})
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DATA / "mini-set", help="folder (default: %(default)s)")
    parser.add_argument("--count", type=int, default=300, help="scenes per style (default: %(default)s)")
    parser.add_argument("--styles", default=",".join(STYLES), help="comma-separated list (default: %(default)s)")
    options = parser.parse_args()
    samples: dict[str, list[dict]] = {}
    for style in options.styles.split(","):
        drawings = Drawings.load([style], test=True)
        part = part_of(style)
        for index in range(options.count):
            key = [SEED, STYLES.index(style), index]
            scene = make_scene(np.random.default_rng(key), drawings, held_out=True)
            folder = options.output / part
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{style}-{index:03d}"
            samples.setdefault(part, []).extend(save_scene(folder, name, scene))
            absent = absent_name(scene.entities, np.random.default_rng([*key, 1]), hard=bool(index % 2))
            missing = {"image": f"../{part}/{name}.png", "phrase": absent, "mask": [], "kind": "absent", "style": style}
            samples.setdefault("absent", []).append(missing)
    for part, lines in samples.items():
        (options.output / part).mkdir(exist_ok=True)
        (options.output / part / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
