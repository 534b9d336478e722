"""Label maps of a run as a COCO panoptic data set."""

import json

import numpy as np
from conftest import SCHEMA
from PIL import Image


def ids_of(path) -> np.ndarray:
    """Segment ids of a PNG, as panopticapi's rgb2id computes them."""
    colors = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return colors[..., 0] + 256 * colors[..., 1] + 256 * 256 * colors[..., 2]


def test_data_set_pngs_masks_and_json_lines_agree(ldznet, zoo):
    run = ldznet("segment", "zoo", "-r", "-p", "sky|grass|panda", "-t", "0", "--panoptic", "set/all.json", "--json")
    assert run.returncode == 0, run.stderr.decode()
    data = json.loads((ldznet.folder / "set" / "all.json").read_text())
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [c["name"] for c in data["categories"]] == ["sky", "grass", "panda"]
    assert [i["file_name"] for i in data["images"]] == [line["image"] for line in lines]
    seen = 0
    for image, annotation, line in zip(data["images"], data["annotations"], lines, strict=True):
        SCHEMA.validate(line)
        assert annotation["image_id"] == image["id"]
        png = ldznet.folder / "set" / "all" / annotation["file_name"]
        assert line["files"] == {"panoptic": str(png.relative_to(ldznet.folder))}
        ids = ids_of(png)
        assert ids.shape == (image["height"], image["width"])
        infos = {info["id"]: info for info in annotation["segments_info"]}
        assert set(np.unique(ids)) - {0} == set(infos)
        for label, info in infos.items():
            ys, xs = np.nonzero(ids == label)
            assert info["category_id"] == label and info["area"] == len(ys) and info["iscrowd"] == 0
            box = [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1]
            assert info["bbox"] == box
            seen += 1
        assert line["segments"] == [
            {"label": k, "prompt": data["categories"][k - 1]["name"], "area": i["area"], "bbox": i["bbox"]}
            for k, i in infos.items()
        ]
    assert seen >= 3, "the pictures show too little to test anything"
    assert not (ldznet.folder / "ldznet-out").exists()


def test_equal_to_labels_and_resumed(ldznet, zoo):
    arguments = ("segment", "zoo", "-p", "sky|grass", "-t", "0", "--save", "labels", "--panoptic", "p.json",
                 "--json=l")  # fmt: skip
    assert ldznet(*arguments).returncode == 0
    index = np.asarray(Image.open(ldznet.folder / "ldznet-out/zoo/a.png.labels-index.png"))
    assert np.array_equal(index, ids_of(ldznet.folder / "p/zoo/a.png.png")) and index.any()
    before = (ldznet.folder / "p.json").read_bytes(), (ldznet.folder / "l").read_bytes()
    (ldznet.folder / "p/zoo/b.jpg.png").unlink()
    again = ldznet(*arguments, "--resume")
    assert b"1 already done" in again.stderr
    assert (ldznet.folder / "p.json").read_bytes() == before[0]
    assert ldznet.files("p") == ["zoo/a.png.png", "zoo/b.jpg.png"]


def test_its_files_are_planned_and_not_replaced(ldznet, zoo):
    dry = ldznet("segment", "zoo", "-p", "sky", "--panoptic", "p.json", "--dry-run").stdout.decode().splitlines()
    assert dry == [
        *(f"zoo/{name}\t\tpanoptic\tp/zoo/{name}.png" for name in ("a.png", "b.jpg")),
        "\t\tpanoptic\tp.json",
    ]
    assert ldznet("segment", "zoo", "-p", "sky", "--panoptic", "p.txt").returncode == 64
    (ldznet.folder / "p" / "zoo").mkdir(parents=True)
    (ldznet.folder / "p" / "zoo" / "b.jpg.png").write_text("mine")
    failed = ldznet("segment", "zoo", "-p", "sky", "--panoptic", "p.json")
    assert failed.returncode == 73 and b"b.jpg.png" in failed.stderr
    assert ldznet.files("p") == ["zoo/b.jpg.png"]
    assert ldznet("segment", "zoo", "-p", "sky", "--panoptic", "p.json", "--overwrite").returncode == 0
    assert len(json.loads((ldznet.folder / "p.json").read_text())["annotations"]) == 2
