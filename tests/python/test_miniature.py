"""The bundle that ships, through the program: it must find what is in the shipped picture, and nothing that is not."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image
from pycocotools import mask as coco

# Where make_example.py put them: left, top, right, bottom of the drawings in examples/zoo.png.
PLACES = {
    "panda": (60, 200, 250, 390),
    "elephant": (300, 150, 530, 380),
    "balloon": (230, 20, 340, 130),
    "banana": (260, 370, 355, 465),
    "sky": (0, 0, 640, 200),
    "grass": (0, 200, 640, 480),
}
FLOORS = {"trained": 0.5, "unmasked": 0.35, "unseen": 0.35, "stuff": 0.7, "absent": 0.4}
ABSENT = ["pizza", "dog", "snow", "bus"]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    from conftest import Program

    prompts = "|".join([*PLACES, *ABSENT])
    result = Program(tmp_path_factory.mktemp("zoo"))("segment", ROOT / "examples/zoo.png", "-p", prompts, "--json")
    assert result.returncode == 0, result.stderr
    return {r["prompt"]: r for r in json.loads(result.stdout)["results"]}


@pytest.mark.parametrize("prompt", PLACES)
def test_finds_what_is_there(found, prompt):
    """Most of the mask lies where the drawing is, and it covers a good part of that place."""
    mask = coco.decode(found[prompt]["segmentation"]).astype(bool)
    left, top, right, bottom = PLACES[prompt]
    place = np.zeros_like(mask)
    place[top:bottom, left:right] = True
    assert (mask & place).sum() > 0.8 * mask.sum()
    assert (mask & place).sum() > 0.3 * place.sum()


@pytest.mark.parametrize("prompt", ABSENT)
def test_finds_nothing_that_is_not_there(found, prompt):
    assert found[prompt]["area"] < 0.001 * 640 * 480


def test_figures_on_the_small_labelled_set(tmp_path):
    """Regression floors, well below what MODEL_CARD.md says of the full set; these are a dozen scenes."""
    from conftest import Program

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
def test_bf16_finds_what_fp32_finds(tmp_path):
    """The masks of the small labelled set in both precisions: alike, and as good."""
    from conftest import Program

    folder, masks, miou = ROOT / "tests/data/mini-set/trained", {}, {}
    for precision in ("fp32", "bf16"):
        out = tmp_path / precision
        options = ("--precision", precision, "--save-predictions", out, "--json")
        run = Program(tmp_path)("eval", folder, *options)
        assert run.returncode == 0, run.stderr
        miou[precision] = json.loads(run.stdout)["methods"]["ldznet"]["miou"]
        masks[precision] = {p.name: np.asarray(Image.open(p)) >= 0.5 * 65535 for p in sorted(out.rglob("*.png"))}
    ious = []
    for name, mask in masks["fp32"].items():
        union = (mask | masks["bf16"][name]).sum()
        ious.append((mask & masks["bf16"][name]).sum() / union if union else 1.0)
    assert len(ious) > 10 and np.mean(ious) >= 0.98
    assert abs(miou["fp32"] - miou["bf16"]) < 0.01


def test_weights_fit_the_repository():
    files = list((ROOT / "models/ldznet-mini").iterdir())
    assert max(f.stat().st_size for f in files) < 50e6
    assert sum(f.stat().st_size for f in files) <= 100e6
