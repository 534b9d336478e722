"""Prompts as expressions: AND, OR, NOT and modifiers work on the probabilities of phrases."""

import json

import numpy as np
import pytest
from conftest import ROOT, Program, good, lines_of, make_zoo, pixels
from scipy import ndimage

EXPRESSIONS = {
    "sky AND NOT grass": lambda p: np.minimum(p("sky"), 1 - p("grass")),
    "sky OR red car": lambda p: np.maximum(p("sky"), p("red car")),
    "(sky OR grass){+3}{-2} AND NOT red car{~2}": lambda p: np.minimum(
        shrunk(grown(np.maximum(p("sky"), p("grass")), 3), 2), 1 - feathered(p("red car"), 2)
    ),
    "grass{*4}": lambda p: 4 * p("grass") / (1 - p("grass") + 4 * p("grass")),
    "grass{/4}": lambda p: p("grass") / 4 / (1 - p("grass") + p("grass") / 4),
    "sky{>0.2} AND grass{>0.1}": lambda p: ((p("sky") >= 0.2) & (p("grass") >= 0.1)).astype(float),
    '"red car" OR "black AND white"': lambda p: np.maximum(p("red car"), p("black AND white")),
}
PHRASES = ["sky", "grass", "red car", "black AND white"]
LEVEL = 1 / 65535  # of a probability picture


def disc(radius):
    offsets = np.arange(-radius, radius + 1)
    return offsets[:, None] ** 2 + offsets**2 <= radius**2


def grown(p, radius):
    return ndimage.grey_dilation(p, footprint=disc(radius), mode="constant", cval=0)


def shrunk(p, radius):
    return ndimage.grey_erosion(p, footprint=disc(radius), mode="constant", cval=1)


def feathered(p, sigma):
    return ndimage.gaussian_filter(p, sigma, mode="reflect")


@pytest.fixture(scope="module")
def run(shared) -> dict:
    """The results of all phrases and expressions on one picture, by prompt, made by the worker."""
    make_zoo(shared)
    prompts = ["sky", "grass", "red car", '"black AND white"', *EXPRESSIONS]
    request = {"id": 1, "image": "zoo/a.png", "prompts": prompts, "save": "probability", "output": "out"}
    wrong = {"id": 2, "image": "zoo/a.png", "prompts": ["sky", "red AND (car"]}
    lines = "".join(json.dumps(r) + "\n" for r in (request, wrong))
    _, answer, refusal = good(shared("worker", "-q", stdin=lines)).splitlines()
    (answer,), (refusal,) = lines_of(answer), lines_of(refusal)
    assert [r["prompt"] for r in answer["results"]] == prompts
    return {"refusal": refusal, **{r["prompt"]: r for r in answer["results"]}}


def probability(program: Program, result: dict) -> np.ndarray:
    return pixels(program.folder / result["files"]["probability"]) / 65535


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_works_on_the_probabilities_of_its_phrases(shared, run, expression):
    def of(phrase):
        return probability(shared, run[phrase if phrase in run else f'"{phrase}"'])

    expected = EXPRESSIONS[expression](of)
    # A pixel as close to a threshold as the rounding of the picture may be on either side of it.
    odd = np.abs(probability(shared, run[expression]) - expected) > 5 * LEVEL
    assert odd.sum() <= (3 if ">" in expression else 0)


def test_json_names_the_phrases_of_expressions(run):
    assert "phrases" not in run["sky"]
    assert run["(sky OR grass){+3}{-2} AND NOT red car{~2}"]["phrases"] == ["sky", "grass", "red car"]
    assert run['"red car" OR "black AND white"']["phrases"] == ["red car", "black AND white"]


def test_a_mistake_in_a_request_shows_its_place(run):
    error = run["refusal"]["error"]
    assert error["code"] == "usage"
    assert error["message"].endswith("\n  red AND (car\n          ^"), error["message"]


def test_a_mistake_on_the_command_line_shows_its_place(ldznet, zoo):
    result = ldznet("segment", "zoo/a.png", "-p", "sky|person (left)")
    assert result.returncode == 64
    first, shown, caret = result.stderr.decode().splitlines()
    assert first.startswith("ldznet: error: mistake in a prompt: AND or OR is missing")
    assert shown == "    person (left)" and caret == "           ^"
    (ldznet.folder / "prompts.txt").write_text("sky\na AND\n")
    result = ldznet("segment", "zoo/a.png", "--prompts-file", "prompts.txt")
    assert result.returncode == 64 and result.stderr.endswith(b"    a AND\n         ^\n")


def test_a_terms_threshold_is_that_of_the_mask(ldznet):
    picture = ROOT / "examples/zoo.png"
    good(ldznet("segment", picture, "-p", "grass{>0.1}", "-o", "term.png"))
    good(ldznet("segment", picture, "-p", "grass", "--threshold", "0.1", "-o", "option.png"))
    mask = pixels(ldznet.folder / "term.png")
    assert 0 < mask.mean() < 255 and (mask == pixels(ldznet.folder / "option.png")).all()


def test_names_resuming_and_data_sets_take_expressions(ldznet, zoo):
    command = ["segment", "zoo", "-p", "sky{+4}|sky{-4}|sky AND grass", "-o", "out", "--coco", "coco.json"]
    json_file = ["--json=lines.jsonl"]
    good(ldznet(*command, *json_file))
    names = [n for n in ldznet.files("out") if n.startswith("zoo/a.png")]
    assert len(names) == 3 and "zoo/a.png.sky-AND-grass.mask.png" in names
    categories = json.loads((ldznet.folder / "coco.json").read_text())["categories"]
    assert [c["name"] for c in categories] == ["sky{+4}", "sky{-4}", "sky AND grass"]
    lines = (ldznet.folder / "lines.jsonl").read_text()
    assert lines_of(lines)[0]["results"][2]["phrases"] == ["sky", "grass"]
    good(ldznet(*command, *json_file, "--resume"))
    assert (ldznet.folder / "lines.jsonl").read_text() == lines
