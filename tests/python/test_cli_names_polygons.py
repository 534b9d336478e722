"""Inverted masks, cropped and filled cut-outs, names by a template, simplified polygons, polygons in COCO, prefixes in Label Studio's tasks."""

import json

import numpy as np
import pytest
from conftest import ROOT, failed, good, lines_of, picture, pixels
from PIL import Image
from pycocotools import mask as coco
from pycocotools.coco import COCO
from scipy.ndimage import binary_fill_holes

THINGS = ["panda", "elephant", "balloon", "sunflower", "banana", "sky"]
RING = "panda{>0.5}{+8} AND NOT panda{>0.5}"  # has a hole


@pytest.fixture(scope="module")
def exact(shared):
    """The JSON line of a run with exact polygons in all files."""
    (shared.folder / "a b#1.png").write_bytes((ROOT / "examples" / "zoo.png").read_bytes())
    command = ["segment", "a b#1.png", "-p", "|".join((*THINGS, RING)), "--json", "--polygons", "--simplify", 0,
               "--coco", "exact.json", "--coco-polygons", "--label-studio", "tasks.json", "--image-prefix",
               "https://host/a b/"]  # fmt: skip
    (line,) = lines_of(good(shared(*command)))
    return line


@pytest.fixture(scope="module")
def simple(shared, exact):
    """The same with simplified polygons, by the worker."""
    request = {"image": "a b#1.png", "prompts": [*THINGS, RING], "polygons": True}
    (line,) = lines_of(good(shared("worker", "-q", stdin=json.dumps(request) + "\n")).splitlines()[1])
    return line


def drawn(polygons, line) -> np.ndarray:
    return coco.decode(coco.merge(coco.frPyObjects(polygons, line["height"], line["width"]))).astype(bool)


def test_exact_polygons_are_the_filled_masks(exact):
    for result in exact["results"]:
        assert (drawn(result["polygons"], exact) == binary_fill_holes(coco.decode(result["segmentation"]))).all()
        assert all(isinstance(value, int) for polygon in result["polygons"] for value in polygon)


def test_simplified_polygons_are_short_and_close(exact, simple):
    """The bound of 200 corners is for a 640 x 480 mask, on average."""
    counts = []
    for result, full in zip(simple["results"][: len(THINGS)], exact["results"], strict=False):
        mask, polygons = binary_fill_holes(coco.decode(full["segmentation"])), drawn(result["polygons"], simple)
        assert (mask & polygons).sum() / (mask | polygons).sum() >= 0.98
        counts.append(sum(len(p) // 2 for p in result["polygons"]))
        assert counts[-1] < sum(len(p) // 2 for p in full["polygons"])
    assert np.mean(counts) < 200


def test_coco_polygons_decode_to_the_same_masks(shared, exact):
    data_set = COCO(shared.folder / "exact.json")
    annotations = data_set.loadAnns(data_set.getAnnIds())
    assert len(annotations) == len(exact["results"])
    for annotation, result in zip(annotations, exact["results"], strict=True):
        assert isinstance(annotation["segmentation"], list) and annotation["iscrowd"] == 0
        mask = coco.decode(result["segmentation"])
        assert (data_set.annToMask(annotation) == mask).all() and annotation["area"] == mask.sum()
    ring = coco.decode(exact["results"][-1]["segmentation"])
    assert binary_fill_holes(ring).sum() > ring.sum()


def test_label_studio_names_begin_with_the_prefix(shared, exact):
    (task,) = json.loads((shared.folder / "tasks.json").read_text())
    assert task["data"]["image"] == "https://host/a b/a%20b%231.png"


@pytest.fixture(scope="module")
def changed(shared) -> list[tuple[dict, dict]]:
    """The result and the files' pixels of requests: plain, inverted, cropped, on a colour, both without any pixel."""
    Image.open(ROOT / "examples" / "zoo.png").resize((64, 48)).save(shared.folder / "small.png")
    request = {"image": "small.png", "prompts": ["panda"], "threshold": 0.1, "min_area": 9}
    changes = [
        {"save": "mask,probability,cutout"},
        {"save": "mask,probability", "invert": True},
        {"save": "cutout", "crop": True},
        {"save": "cutout", "background": "#ff8000"},
        {"save": "cutout", "crop": True, "background": "#fff", "threshold": 1},
    ]
    lines = "".join(json.dumps({**request, **c, "output": f"changed-{k}"}) + "\n" for k, c in enumerate(changes))
    answers = lines_of("\n".join(good(shared("worker", "-q", stdin=lines)).splitlines()[1:]))
    results = [answer["results"][0] for answer in answers]
    return [(r, {kind: pixels(shared.folder / file) for kind, file in r["files"].items()}) for r in results]


def test_inverted_masks(changed):
    (plain, files), (inverted, inverted_files) = changed[:2]
    assert 0 < plain["area"] < 64 * 48 and inverted["area"] == 64 * 48 - plain["area"]
    assert (files["mask"] ^ inverted_files["mask"] == 255).all()
    assert np.abs(files["probability"].astype(int) + inverted_files["probability"] - 65535).max() <= 1
    outside = inverted_files["probability"][inverted_files["mask"] > 0] / 65535
    assert inverted["score"] == pytest.approx(outside.mean(), abs=2e-5)


def test_cut_outs_are_cropped_and_filled(changed):
    (plain, files), _, (_, cropped), (_, filled), (_, empty) = changed
    x, y, width, height = plain["bbox"]
    assert (width, height) != (64, 48), "the box is smaller than the picture"
    assert (cropped["cutout"] == files["cutout"][y : y + height, x : x + width]).all()
    inside = files["mask"] > 0
    assert (filled["cutout"][inside] == files["cutout"][inside]).all()
    assert (filled["cutout"][~inside] == (255, 128, 0, 255)).all()
    assert empty["cutout"].shape == (48, 64, 4) and (empty["cutout"] == 255).all()


def test_files_are_named_by_the_template(ldznet, zoo):
    command = ["segment", "zoo", "-r", "-p", "sky|red car", "-s", "mask,labels,yolo", "-o", "out", "-q"]
    good(ldznet(*command, "--name", "{kind}/{dir}/{index}-{stem}-{prompt}{ext}"))
    files = ldznet.files("out")
    for number, name in enumerate(("a", "b", "deep/c"), 1):
        folder, _, stem = f"zoo/{name}".rpartition("/")
        assert f"mask/{folder}/{number}-{stem}-sky.png" in files
        assert f"mask/{folder}/{number}-{stem}-red-car.png" in files
        assert f"labels-index/{folder}/{number}-{stem}-all.png" in files
        assert f"labels/zoo/{name}.txt" in files, "names of YOLO's files are given"
    failed(ldznet(*command, "--name", "{kind}/{dir}/{index}-{stem}-{prompt}{ext}"), 73, "it exists")
    shard = good(ldznet(*command, "--name", "{index}-{prompt}-{kind}", "--shard", "2/3", "--dry-run", "--overwrite"))
    assert "out/2-sky-mask.png" in shard and "1-sky" not in shard


def test_a_resumed_run_numbers_an_added_picture(ldznet, zoo):
    command = ["segment", "zoo", "-p", "sky", "-t", "0", "-s", "overlay", "-o", "out", "-q", "--name", "{index}{ext}"]
    good(ldznet(*command))
    before = {number: (ldznet.folder / f"out/{number}.png").read_bytes() for number in (1, 2)}
    picture(7).save(zoo / "0.png")  # comes first
    good(ldznet(*command, "--resume"))
    after = {number: (ldznet.folder / f"out/{number}.png").read_bytes() for number in (1, 2, 3)}
    assert (after[2], after[3]) == (before[1], before[2]) and after[1] not in before.values()


@pytest.mark.parametrize("kinds", [["--json"], ["--save", "yolo,labelme"]])
def test_templates_without_files_to_name_are_refused(ldznet, zoo, kinds):
    failed(ldznet("segment", "zoo", "-p", "sky", *kinds, "--name", "{stem}"), 64, "--name", "--save mask")


def test_names_that_collide_or_lead_out_are_refused(ldznet, zoo):
    (zoo / "b.png.dir").mkdir()
    picture(4).save(zoo / "b.png.dir" / "x.png")
    for template, words in {
        "{prompt}{ext}": "zoo/a.png and zoo/b.jpg would be called",
        "{dir}-{stem}{ext}": "two files of zoo/a.png would be called",
        "../{dir}{stem}{prompt}": '".."',
        "/tmp/{stem}{prompt}": "absolute",
        "{stem}{name}": "no part {name}",
        "{stem": "no partner",
    }.items():
        failed(ldznet("segment", "zoo", "-p", "sky|sea", "-o", "out", "--name", template), 64, words)
    failed(ldznet("segment", "zoo/a.png", "-p", "sky", "-o", "x.png", "--name", "{stem}"), 64, "needs a folder")
    assert not (ldznet.folder / "out").exists()
