"""The shipped bundle, run by the program: it finds what is in the shipped picture, and nothing else."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, Program
from PIL import Image
from pycocotools import mask as coco

# Boxes (left, top, right, bottom) of the drawings in examples/zoo.png, from scripts/make_example.py.
PLACES = {
    "panda": (60, 200, 250, 390),
    "elephant": (300, 150, 530, 380),
    "balloon": (230, 20, 340, 130),
    "banana": (260, 370, 355, 465),
    "sky": (0, 0, 640, 200),
    "grass": (0, 200, 640, 480),
}
THRESHOLD = 0.5  # of the bundle
FLOORS = {"trained": 0.5, "unmasked": 0.35, "unseen": 0.35, "stuff": 0.7, "absent": 0.4}
ABSENT = ["pizza", "dog", "snow", "bus"]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    prompts = "|".join([*PLACES, *ABSENT])
    result = Program(tmp_path_factory.mktemp("zoo"))("segment", ROOT / "examples/zoo.png", "-p", prompts, "--json")
    assert result.returncode == 0, result.stderr
    return {r["prompt"]: r for r in json.loads(result.stdout)["results"]}


@pytest.mark.parametrize("prompt", PLACES)
def test_finds_what_is_in_the_picture(found, prompt):
    """Most of the mask is inside the drawing's box and covers a good part of it."""
    mask = coco.decode(found[prompt]["segmentation"]).astype(bool)
    left, top, right, bottom = PLACES[prompt]
    place = np.zeros_like(mask)
    place[top:bottom, left:right] = True
    assert (mask & place).sum() > 0.8 * mask.sum()
    assert (mask & place).sum() > 0.3 * place.sum()


@pytest.mark.parametrize("prompt", ABSENT)
def test_finds_nothing_else(found, prompt):
    assert found[prompt]["area"] < 0.001 * 640 * 480


def test_figures_on_the_small_labelled_set(tmp_path):
    """Lower bounds on a dozen scenes, well below the results on the full set in MODEL_CARD.md."""
    figures = {}
    for part in ("trained", "unmasked", "unseen", "absent"):
        run = Program(tmp_path)("eval", ROOT / "tests/data/mini-set" / part, "--by", "kind", "--json")
        assert run.returncode == 0, run.stderr
        report = json.loads(run.stdout)
        figures[part] = {kind: group["ldznet"] for kind, group in report["groups"].items()}
    for part in ("trained", "unmasked", "unseen"):
        assert figures[part]["thing"]["miou"] > FLOORS[part]
    assert figures["trained"]["stuff"]["miou"] > FLOORS["stuff"]
    assert figures["absent"]["absent"]["absent_accuracy"] > FLOORS["absent"]


@pytest.mark.skipif(
    not re.search("avx512_bf16|amx_bf16", Path("/proc/cpuinfo").read_text()), reason="this CPU has no bf16 arithmetic"
)
def test_bf16_is_close_to_fp32(tmp_path):
    """Compares probabilities, masks and mIoU on the small labelled set."""
    maps, miou = {}, {}
    for precision in ("fp32", "bf16"):
        miou[precision], maps[precision] = [], {}
        for part in ("trained", "unmasked", "unseen"):
            out, folder = tmp_path / precision / part, ROOT / "tests/data/mini-set" / part
            run = Program(tmp_path)("eval", folder, "--precision", precision, "--save-predictions", out, "--json")
            assert run.returncode == 0, run.stderr
            miou[precision].append(json.loads(run.stdout)["methods"]["ldznet"]["miou"])
            maps[precision] |= {p.relative_to(tmp_path / precision): np.asarray(Image.open(p)) / 65535
                                for p in sorted(out.rglob("*.png"))}  # fmt: skip
    pairs = [(p, maps["bf16"][name]) for name, p in maps["fp32"].items()]
    differences = [np.abs(exact - rounded).mean() for exact, rounded in pairs]
    assert len(differences) > 40 and np.mean(differences) < 0.005 and max(differences) < 0.02
    masks = [(exact >= THRESHOLD, rounded >= THRESHOLD) for exact, rounded in pairs]
    ious = [(a & b).sum() / (a | b).sum() for a, b in masks if (a | b).any()]
    assert len(ious) > 40 and np.mean(ious) > 0.98
    assert np.abs(np.subtract(miou["fp32"], miou["bf16"])).max() < 0.015


def test_its_default_precision_is_fp32(tmp_path):
    masks = []
    for flags in ([], ["--precision", "fp32"]):
        run = Program(tmp_path)("segment", ROOT / "examples/zoo.png", "-p", "elephant", "-o", "-", *flags)
        assert run.returncode == 0, run.stderr
        masks.append(run.stdout)
    assert masks[0] == masks[1]


def test_weights_fit_the_repository():
    sizes = {f.name: f.stat().st_size for f in (ROOT / "models/ldznet-mini").iterdir()}
    assert max(sizes.values()) < 50e6
    assert sum(sizes[f"{method}.pt"] for method in ("ldznet", "znet", "rgbnet")) <= 100e6
