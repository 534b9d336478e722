"""Files for other tools: YOLO segmentation labels, LabelMe files and Label Studio predictions."""

import json
import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import ROOT, failed, good, make_zoo, picture, pixels
from pycocotools import mask as coco
from scipy.ndimage import binary_fill_holes

YAML_HEAD = "train: images\nval: images\n"
PROMPTS = 'sky|grass|a "red" car'
# Finds something even in pictures without objects, and keeps specks and exact outlines.
LOW = ["-t", "0.05", "--min-area", "1", "--simplify", "0"]


@pytest.fixture(scope="module")
def made(shared):
    """The JSON lines of a run that wrote all of these files."""
    make_zoo(shared)
    result = shared("segment", "zoo", "-r", "-p", PROMPTS, *LOW, "--save", "yolo,labelme", "-o", "out", "--json=run.json",
                    "--label-studio", "tasks.json")  # fmt: skip
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in (shared.folder / "run.json").read_text().splitlines()]


def mask_of(result) -> np.ndarray:
    return coco.decode(result["segmentation"]).astype(bool)


def drawn(polygons: list, width: int, height: int) -> np.ndarray:
    """Pixels whose centres are inside one of the polygons (corners in pixels), by the even-odd rule."""
    inside = np.zeros((height, width), bool)
    for corners in polygons:
        own = np.zeros((height, width), bool)
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
            if y0 != y1:
                own ^= ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
        inside |= own
    return inside


def test_yolo_lines_are_the_masks_without_their_holes(shared, made):
    assert any(r["present"] for line in made for r in line["results"])
    for line in made:
        width, height = line["width"], line["height"]
        file = shared.folder / "out/labels" / line["image"].replace(".png", ".txt").replace(".jpg", ".txt")
        assert line["files"]["yolo"] == str(file.relative_to(shared.folder))
        regions: dict[int, list] = {}
        for row in file.read_text().splitlines():
            number, *values = row.split(" ")
            corners = np.array(values, float).reshape(-1, 2)
            assert len(corners) >= 4 and corners.min() >= 0 and corners.max() <= 1
            regions.setdefault(int(number), []).append([tuple(c) for c in np.rint(corners * [width, height])])
        for number, result in enumerate(line["results"]):
            mask = mask_of(result)
            assert (number in regions) == result["present"] == bool(mask.any())
            assert (drawn(regions.get(number, []), width, height) == binary_fill_holes(mask)).all()
    names = (shared.folder / "out/data.yaml").read_text()
    assert names == YAML_HEAD + 'names:\n  0: "sky"\n  1: "grass"\n  2: "a \\"red\\" car"\n'


def label_of(image: str) -> str:
    """Where Ultralytics looks for a picture's label: img2label_paths in ultralytics/data/utils.py."""
    return "/labels/".join(image.rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt"


def test_ultralytics_finds_every_picture_and_its_label(ldznet, zoo):
    (zoo / "images").mkdir()
    picture(4).save(zoo / "images" / "d.ppm")
    command = ["segment", "zoo", "-", "-r", "-p", "sky", "--save", "yolo", "-o", "set"]
    good(ldznet(*command, stdin=(zoo / "b.jpg").read_bytes()))
    images = [f"/images/{name}" for name in ldznet.files("set/images")]
    assert images == [
        f"/images/{n}" for n in ("stdin.png", "zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png", "zoo/images_/d.png")
    ]
    assert sorted(label_of(image) for image in images) == [f"/labels/{n}" for n in ldznet.files("set/labels")]
    link = ldznet.folder / "set/images/zoo/b.jpg"
    assert link.is_symlink() and not link.readlink().is_absolute() and link.samefile(zoo / "b.jpg")
    assert (pixels(ldznet.folder / "set/images/zoo/images_/d.png") == np.asarray(picture(4))).all()
    assert ldznet("segment", "zoo/images/d.ppm", "zoo/images_/d.ppm", *command[3:]).returncode == 64  # one name for two


def test_a_class_never_changes_its_number(ldznet, zoo):
    def run(image: str, prompts: str, *options):
        return ldznet("segment", image, "-p", prompts, *LOW, "--save", "yolo", "-o", "set", *options)

    def classes(label: str) -> set[str]:
        return {row.split()[0] for row in (ldznet.folder / "set/labels/zoo" / label).read_text().splitlines()}

    good(run("zoo/a.png", "sky|grass"))
    good(run("zoo/b.jpg", "grass|water"))
    names = (ldznet.folder / "set/data.yaml").read_text()
    assert names == YAML_HEAD + 'names:\n  0: "sky"\n  1: "grass"\n  2: "water"\n'
    assert classes("a.txt") <= {"0", "1"} and classes("b.txt") <= {"1", "2"} and classes("a.txt") | classes("b.txt")
    good(run("zoo/a.png", "water", "--overwrite"))
    assert classes("a.txt") <= {"2"} and (ldznet.folder / "set/data.yaml").read_text() == names
    mine = "path: elsewhere\ntrain: images\nval: images/zoo\n" + names.removeprefix(YAML_HEAD)
    (ldznet.folder / "set/data.yaml").write_text(mine)
    good(run("zoo/deep/c.png", "sky|sun"))
    assert (ldznet.folder / "set/data.yaml").read_text() == mine + '  3: "sun"\n'
    (ldznet.folder / "set/data.yaml").write_text("names: [sky, grass]\n")
    failed(run("zoo/a.png", "sky", "--overwrite"), 73, "data.yaml")


def test_specks_are_left_out_unless_min_area_says_otherwise(ldznet):
    shutil.copy(ROOT / "examples" / "zoo.png", ldznet.folder / "a.png")

    def regions(*options) -> list[str]:
        run = ldznet(
            "segment", "a.png", "-p", "grass", "--size", "96", "--save", "yolo", "-o", "set", "--overwrite", *options
        )
        good(run)
        assert (b"fewer than 16 pixels" in run.stderr) == (not options)
        return (ldznet.folder / "set/labels/a.txt").read_text().splitlines()

    def area(region: str) -> float:
        x, y = np.rint(np.array(region.split()[1:], float).reshape(-1, 2) * [640, 480]).T
        return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2

    every, kept = regions("--min-area", "1"), regions()
    assert kept == [region for region in every if area(region) >= 16] and len(kept) < len(every)


def test_labelme_files_name_their_picture_and_its_regions(shared, made):
    for line in made:
        file = shared.folder / line["files"]["labelme"]
        content = json.loads(file.read_text())
        assert (file.parent / content["imagePath"]).resolve() == (shared.folder / line["image"]).resolve()
        assert (content["imageWidth"], content["imageHeight"]) == (line["width"], line["height"])
        assert content["imageData"] is None and content["flags"] == {} and content["version"]
        for number, result in enumerate(line["results"]):
            shapes = [s for s in content["shapes"] if s["label"] == result["prompt"]]
            assert all(s["shape_type"] == "polygon" and s["group_id"] == number for s in shapes)
            polygons = [[tuple(p) for p in s["points"]] for s in shapes]
            assert (drawn(polygons, line["width"], line["height"]) == binary_fill_holes(mask_of(result))).all()


def unpack(rle: list[int]) -> np.ndarray:
    """Decodes Label Studio's run lengths to bytes."""
    bits = "".join(f"{byte:08b}" for byte in rle)
    at = 0

    def read(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at], 2)

    length, word = read(32), read(5) + 1
    widths = [read(4) + 1 for _ in range(4)]
    values: list[int] = []
    while len(values) < length:
        run = read(1)
        count = read(widths[read(2)]) + 1
        values += [read(word)] * count if run else [read(word) for _ in range(count)]
    return np.array(values, np.uint8)


def test_label_studio_reads_the_same_masks(shared, made):
    tasks = json.loads((shared.folder / "tasks.json").read_text())
    assert [task["data"] for task in tasks] == [{"image": line["image"]} for line in made]
    for task, line in zip(tasks, made, strict=True):
        (prediction,) = task["predictions"]
        found = [r for r in line["results"] if r["present"]]
        assert [r["value"]["brushlabels"] for r in prediction["result"]] == [[r["prompt"]] for r in found]
        assert len({r["id"] for r in prediction["result"]}) == len(found)
        assert prediction["model_version"].startswith(line["model"]["name"])
        for given, result in zip(prediction["result"], found, strict=True):
            assert (given["type"], given["from_name"], given["to_name"]) == ("brushlabels", "tag", "image")
            size = (given["original_height"], given["original_width"])
            assert given["score"] == result["score"] and given["value"]["format"] == "rle"
            values = unpack(given["value"]["rle"]).reshape(*size, 4)
            assert (values == np.where(mask_of(result), 255, 0)[..., None]).all()
    interface = ElementTree.parse(shared.folder / "tasks.xml").getroot()
    (image, brushes) = interface
    assert (image.get("value"), brushes.get("name"), brushes.get("toName")) == ("$image", "tag", image.get("name"))
    assert [label.get("value") for label in brushes] == [r["prompt"] for r in made[0]["results"]]


def test_pictures_that_differ_in_the_suffix_alone_are_refused(ldznet, zoo):
    picture(4).save(zoo / "a.jpg")
    for kind in ("yolo", "labelme"):
        result = ldznet("segment", "zoo", "-p", "sky", "--save", kind)
        assert result.returncode == 64 and b"a.jpg" in result.stderr and b"a.png" in result.stderr
    assert not (ldznet.folder / "ldznet-out").exists()


def test_shards_share_data_yaml(ldznet, zoo):
    command = ["segment", "zoo", "-p", "sky|grass", "--save", "yolo", "-o", "out"]
    assert ldznet(*command, "--shard", "1/2").returncode == 0
    assert ldznet(*command, "--shard", "2/2").returncode == 0  # data.yaml exists with the same classes
    assert ldznet.files("out") == ["data.yaml", *(f"{n}/zoo/{p}" for n, p in
                                   (("images", "a.png"), ("images", "b.jpg"), ("labels", "a.txt"), ("labels", "b.txt")))]  # fmt: skip


def test_text_files_need_an_output_folder(ldznet, zoo):
    for output in ("-", "x.png"):
        result = ldznet("segment", "zoo/a.png", "-p", "sky", "--save", "yolo", "-o", output)
        assert result.returncode == 64 and b"yolo" in result.stderr


def test_resumed_runs_write_the_same_files(ldznet, zoo):
    command = ["segment", "zoo", "-p", "sky", *LOW, "--save", "labelme", "-o", "out", "--label-studio", "tasks.json"]
    assert ldznet(*command).returncode == 0
    first = {name: (ldznet.folder / name).read_bytes() for name in ("tasks.json", "out/zoo/a.json", "out/zoo/b.json")}
    (ldznet.folder / "out/zoo/a.json").unlink()
    (ldznet.folder / "tasks.json").unlink()
    resumed = ldznet(*command, "--resume")
    assert resumed.returncode == 0 and b"1 already done" in resumed.stderr
    assert {name: (ldznet.folder / name).read_bytes() for name in first} == first
