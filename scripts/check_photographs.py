"""Measures the program on held-out photographs with label maps.

    .venv/bin/python scripts/check_photographs.py --photographs FOLDER --per-source 100 [--binary build/release/ldznet]

The photographs are those that training holds out (ldznet_training/scenes/photographs.py). Each is asked for every name
that covers at least 2 % of it, for one name of its source that it does not show, and for one name that its source does
not know: it may be there, but hardly ever is. Prints, per source, the mean intersection over union at the bundle's
threshold, mean over names, for all names and for the frequent ones; and the share of either other name with an empty
mask (under 0.1 % of the picture).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

import ldznet
from ldznet_training.paths import BINARY
from ldznet_training.scenes import photographs
from ldznet_training.scenes.vocabulary import vocabulary_of_both
from ldznet_training.train.both.validation import FOUND, FREQUENT, LEAST_AREA


def read_photographs(folder: Path, per_source: int) -> list[tuple[dict, dict[str, np.ndarray], list[str], np.ndarray]]:
    """Held-out photographs, at most `per_source` of each, spread evenly: record, masks of names, absent names, and the
    pixels of which something is known."""
    index = photographs.read_index((folder / "photos.jsonl").read_text(), (folder / "labels.tsv").read_text())
    words, chosen = list(vocabulary_of_both()), []
    for source in index.known:
        rows = [
            i for i, r in enumerate(index.records)
            if r["source"] == source and photographs.is_held_out(r["image"]) and index.names[i]
            and r.get("mask_score", 1) >= photographs.WORST_MASK
        ]  # fmt: skip
        for i in (rows[k] for k in np.linspace(0, len(rows) - 1, min(per_source, len(rows))).astype(int)):
            targets = index.targets[np.asarray(Image.open(folder / index.records[i]["labels"]))]
            masks = {words[t - 1]: targets == t for t in np.unique(targets[targets > 0])}
            masks = {name: mask for name, mask in masks.items() if mask.mean() >= LEAST_AREA}
            absent = sorted(index.known[source] - index.names[i])
            chosen.append((index.records[i], masks, absent, targets >= 0))
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True, help="folder with photos.jsonl and labels.tsv")
    parser.add_argument("--per-source", type=int, default=100, help="photographs (default: %(default)s)")
    parser.add_argument("--binary", type=Path, default=BINARY, help="the program (default: %(default)s)")
    parser.add_argument("--model", type=Path, help="bundle (default: the program's)")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    found: dict[str, dict[str, list[float]]] = {}
    empty: dict[str, list[bool]] = {}
    empty_unknown: dict[str, list[bool]] = {}
    words = list(vocabulary_of_both())
    with ldznet.Worker(program=options.binary, model=options.model) as worker:
        for record, masks, absent, known in read_photographs(options.photographs, options.per_source):
            other = [str(rng.choice(absent))] if absent else []
            unknown = str(rng.choice([name for name in words if name not in {*masks, *absent}]))
            result = worker.segment(options.photographs / record["image"], [*masks, *other, unknown])
            for name, mask in masks.items():
                ours = result[name].mask & known
                iou = (ours & mask).sum() / max(1, (ours | mask).sum())
                found.setdefault(record["source"], {}).setdefault(name, []).append(float(iou))
            for name in other:
                empty.setdefault(record["source"], []).append(bool(result[name].mask.mean() < FOUND))
            empty_unknown.setdefault(record["source"], []).append(bool(result[unknown].mask.mean() < FOUND))
    for source, by_name in sorted(found.items()):
        means = {name: float(np.mean(values)) for name, values in by_name.items()}
        frequent = {name: mean for name, mean in means.items() if name in FREQUENT.get(source, means)}
        figures = {
            "miou": round(float(np.mean(list(means.values()))), 3),
            "frequent": round(float(np.mean(list(frequent.values()))), 3),
            "names": len(means),
            "masks": sum(map(len, by_name.values())),
            "absent": round(float(np.mean(empty.get(source, [True]))), 3),
            "unknown": round(float(np.mean(empty_unknown[source])), 3),
        }
        print(source, json.dumps(figures))
        print(
            "   ", ", ".join(f"{name} {mean:.2f}" for name, mean in sorted(frequent.items(), key=lambda item: -item[1]))
        )


if __name__ == "__main__":
    main()
