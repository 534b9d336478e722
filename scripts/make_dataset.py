"""Makes the labelled data set that `ldznet eval`, `features` and `probe` run on, from the scene generator.

    .venv/bin/python scripts/make_dataset.py --output data/mini-set          # 300 scenes a style
    .venv/bin/python scripts/make_dataset.py --output tests/data/mini-set --count 4 --styles noto,fluent-3d,twemoji

Four parts, each a folder with `manifest.jsonl`: `trained` (styles the heads saw with masks), `unmasked` (a style that
text encoder, VAE and LDM saw and the heads did not), `unseen` (styles that nothing saw), and `absent` (phrases for what
is not in the picture, of all styles). No scene and no background is one of training's. Needs the drawings
(`scripts/train.py drawings`).
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ldznet.drawings import HEAD_STYLES, LDM_STYLES, REPOSITORY, STYLES
from ldznet.objects import Drawings
from ldznet.scenes import Scene, absent_names, make_scene

SEED = 2311  # of the paper's year; training's seeds are 1 and 21


def part_of(style: str) -> str:
    """The part of the data set that a style belongs to."""
    return "trained" if style in HEAD_STYLES else "unmasked" if style in LDM_STYLES else "unseen"


def save_scene(folder: Path, name: str, scene: Scene) -> list[dict]:
    """Writes the picture and a mask for each of its names; the samples."""
    Image.fromarray(scene.image).save(folder / f"{name}.png", optimize=True)
    samples = []
    for label, (phrase, kind) in enumerate(scene.entities, 1):
        mask = f"{name}.{label}.png"
        Image.fromarray(scene.labels == label).save(folder / mask, optimize=True)
        samples.append({"image": f"{name}.png", "phrase": phrase, "mask": mask, "kind": kind, "style": scene.style})
    return samples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=REPOSITORY / "data" / "mini-set")
    parser.add_argument("--count", type=int, default=300, help="scenes a style (default: %(default)s)")
    parser.add_argument("--styles", default=",".join(STYLES), help="comma list (default: %(default)s)")
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
            absent = absent_names(scene, np.random.default_rng([*key, 1]), hard=bool(index % 2))
            missing = {"image": f"../{part}/{name}.png", "phrase": absent, "mask": [], "kind": "absent", "style": style}
            samples.setdefault("absent", []).append(missing)
    for part, lines in samples.items():
        (options.output / part).mkdir(exist_ok=True)
        (options.output / part / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
