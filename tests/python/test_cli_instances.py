"""`--instances`: every connected region of a mask is a result of its own, in every output."""

import json

import numpy as np
import pytest
from conftest import ROOT, failed, good, lines_of, pixels, without_times
from pycocotools import mask as coco
from pycocotools.coco import COCO
from scipy.ndimage import label
from test_cli_panoptic import ids_of
from test_cli_report import Page

PROMPTS = ["panda OR elephant OR balloon", "panda", "panda{>1} AND NOT panda", "NOT sky"]  # the third is empty
FILES = ["--json=run.jsonl", "--coco", "run.json", "--coco-polygons", "--simplify", 0, "--coco-results", "found.json",
         "--panoptic", "map.json", "--label-studio", "tasks.json", "--report", "run.html"]  # fmt: skip
COMMAND = ["segment", "zoo.png", "--min-area", 30, *(f"--prompt={prompt}" for prompt in PROMPTS)]
SPLIT = [*COMMAND, "--instances", "-s", "mask,probability,cutout,labels,yolo,labelme", "--crop", "-o", "out", *FILES]
EIGHT = np.ones((3, 3))  # neighbours


def decoded(result) -> np.ndarray:
    return coco.decode(result["segmentation"]).astype(bool)


@pytest.fixture(scope="module")
def runs(shared):
    """The JSON lines without and with --instances."""
    (shared.folder / "zoo.png").write_bytes((ROOT / "examples" / "zoo.png").read_bytes())
    (whole,) = lines_of(good(shared(*COMMAND, "--json", "-s", "labels", "-o", "whole")))
    good(shared(*SPLIT))
    (split,) = lines_of((shared.folder / "run.jsonl").read_text())
    return whole, split


@pytest.fixture(scope="module")
def found(runs):
    """The results of regions."""
    return [result for result in runs[1]["results"] if result["present"]]


def test_results_are_the_regions_of_the_masks(runs):
    whole, split = runs
    assert [r["prompt"] for r in whole["results"]] == PROMPTS
    for result in whole["results"]:
        own = [r for r in split["results"] if r["prompt"] == result["prompt"]]
        if not result["present"]:
            assert own == [{**result, "files": {}}] and "instance" not in own[0]
            continue
        regions, count = label(decoded(result), EIGHT)
        assert [r["instance"] for r in own] == list(range(1, count + 1))
        assert sorted((r["area"] for r in own), reverse=True) == [r["area"] for r in own]
        assert sum(r["area"] for r in own) == result["area"]
        for r in own:
            mask = decoded(r)
            (number,) = set(regions[mask])
            assert (mask == (regions == number)).all()
            ys, xs = mask.nonzero()
            assert r["bbox"] == [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
    assert sum(r["prompt"] == PROMPTS[0] for r in split["results"]) >= 3, "the picture tests too little"


def test_files_of_an_instance(shared, found):
    names = set()
    for result in found:
        files = {kind: pixels(shared.folder / file) for kind, file in result["files"].items()}
        mask, (x, y, width, height) = decoded(result), result["bbox"]
        assert set(files) == {"mask", "cutout", "probability"}
        assert (files["mask"] == 255 * mask).all()
        assert files["cutout"].shape == (height, width, 4)
        assert ((files["cutout"][..., 3] > 0) == mask[y : y + height, x : x + width]).all()
        assert not files["probability"][~mask].any()
        assert result["score"] == pytest.approx(files["probability"][mask].mean() / 65535, abs=2e-5)
        assert f".{result['instance']}.mask.png" in result["files"]["mask"]
        names.update(result["files"].values())
    assert len(names) == 3 * len(found)
    assert len([name for name in shared.files("out") if name.endswith(".mask.png")]) == len(found)


def test_label_map_is_of_prompts_and_panoptic_map_of_instances(shared, runs, found):
    labels = [pixels(shared.folder / f"{folder}/zoo.png.labels-index.png") for folder in ("whole", "out")]
    assert (labels[0] == labels[1]).all()
    data = json.loads((shared.folder / "map.json").read_text())
    assert all(category["isthing"] == 1 for category in data["categories"])
    (annotation,) = data["annotations"]
    ids = ids_of(shared.folder / "map" / annotation["file_name"])
    results, segments = runs[1]["results"], iter(runs[1]["segments"])
    assert set(np.unique(ids)) - {0} == {info["id"] for info in annotation["segments_info"]}
    for info in annotation["segments_info"]:
        inside, result, segment = ids == info["id"], results[info["id"] - 1], next(segments)
        assert (labels[1][inside] == info["category_id"]).all() and (inside <= decoded(result)).all()
        assert result["prompt"] == PROMPTS[info["category_id"] - 1] == segment["prompt"]
        assert (segment["label"], segment["instance"]) == (info["category_id"], result["instance"])
        assert inside.sum() == info["area"] == segment["area"]


def test_coco_has_an_annotation_for_each(shared, found):
    data = COCO(shared.folder / "run.json")
    annotations = data.loadAnns(data.getAnnIds())
    results = data.loadRes(str(shared.folder / "found.json"))
    for annotation, other, result in zip(annotations, results.loadAnns(results.getAnnIds()), found, strict=True):
        assert data.cats[annotation["category_id"]]["name"] == result["prompt"]
        assert data.cats[other["category_id"]]["name"] == result["prompt"]
        assert (data.annToMask(annotation) == decoded(result)).all() and annotation["bbox"] == result["bbox"]
        assert (results.annToMask(other) == decoded(result)).all() and annotation["score"] == result["score"]


def test_label_tools_tell_instances_apart(shared, found):
    shapes = json.loads((shared.folder / "out/zoo.json").read_text())["shapes"]
    assert [shape["label"] for shape in shapes] == [result["prompt"] for result in found]
    assert len({shape["group_id"] for shape in shapes}) == len(shapes)
    assert len((shared.folder / "out/labels/zoo.txt").read_text().splitlines()) == len(found)
    (task,) = json.loads((shared.folder / "tasks.json").read_text())
    regions = task["predictions"][0]["result"]
    assert [region["value"]["brushlabels"] for region in regions] == [[result["prompt"]] for result in found]
    assert len({region["id"] for region in regions}) == len(found)


def test_report_shows_each(shared, runs, found):
    page = Page((shared.folder / "run.html").read_text())
    rows, masks = page.all("li"), page.all("img", **{"class": "mask"})
    assert [row[1]["data-text"] for row in rows] == [result["prompt"] for result in runs[1]["results"]]
    assert len(masks) == len(found) == len({mask[1]["data-layer"] for mask in masks})
    assert {mask[1]["data-layer"] for mask in masks} < {row[1]["data-layer"] for row in rows}


def test_text_has_a_column_and_names_follow_a_template(shared, runs):
    name = "{kind}/{stem}-{prompt}{ext}"
    text = good(shared(*COMMAND, "--instances", "-o", "named", "--name", name))
    rows = [line.split("\t") for line in text.splitlines()]
    assert [(row[1], int(row[5])) for row in rows] == [
        (result["prompt"], result.get("instance", 0)) for result in runs[1]["results"]
    ]
    assert next(row[4] for row in rows if row[1] == "panda") == "named/mask/zoo-panda.1.png"
    planned = good(shared(*COMMAND, "--instances", "-o", "planned", "--name", name, "--dry-run"))
    assert "planned/mask/zoo-panda.*.png" in planned
    failed(shared(*COMMAND, "--instances", "-o", "named", "--name", name), 73, "elephant-OR-balloon.1.png: it exists")
    failed(shared(*COMMAND, "--instances", "-o", "x", "--name", "{prompt}{ext}{stem}"), 64, "{ext}", "--instances")


def test_resumed_and_replaced(shared, runs):
    """The last test: it changes the folder."""
    outputs = ("run.json", "found.json", "map.json", "tasks.json", "run.html")
    good(shared(*SPLIT, "--resume"))  # the first run of a single picture keeps no journal
    before = [(shared.folder / file).read_bytes() for file in outputs]
    again = shared(*SPLIT, "--resume")
    assert b"1 already done" in again.stderr
    assert [(shared.folder / file).read_bytes() for file in outputs] == before
    (line,) = lines_of((shared.folder / "run.jsonl").read_text())
    assert without_times(line) == without_times(runs[1])
    good(shared(*SPLIT, "--overwrite", "--largest"))
    (line,) = lines_of((shared.folder / "run.jsonl").read_text())
    left = sorted(r["files"]["mask"].removeprefix("out/") for r in line["results"] if r["present"])
    assert [name for name in shared.files("out") if name.endswith(".mask.png")] == left, "of the earlier run, none"
    assert all(".1.mask.png" in name for name in left)


def test_requests_to_a_worker(shared, runs):
    request = {"image": "zoo.png", "prompts": PROMPTS, "min_area": 30, "instances": True}
    answers = lines_of("\n".join(good(shared("worker", "-q", stdin=json.dumps(request) + "\n")).splitlines()[1:]))
    expected = [{**result, "files": {}} for result in runs[1]["results"]]
    assert answers[0]["results"] == expected
