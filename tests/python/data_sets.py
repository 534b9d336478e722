"""Small labelled data sets for the tests of `ldznet eval`."""

import json

import numpy as np
from conftest import ROOT, picture
from PIL import Image, ImageDraw

THRESHOLDS = [i / 50 for i in range(1, 50)]


def write_manifest(folder, lines: list[dict]) -> None:
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def read_manifest(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def write_gray(path, values16: np.ndarray) -> np.ndarray:
    """Writes probabilities as 16-bit gray and returns them as a reader gets them, float32."""
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(values16.astype(np.uint16)).save(path)
    return (values16.astype(np.float32) / np.float32(65535)).astype(np.float32)


def drawing(seed: int, width: int, height: int) -> Image.Image:
    """A part of examples/zoo.png, which the miniature takes for a drawing, unlike colours without any shapes."""
    rng = np.random.default_rng(seed)
    left, top = rng.integers(0, (440, 330))
    return Image.open(ROOT / "examples" / "zoo.png").crop((left, top, left + 200, top + 150)).resize((width, height))


def random_set(folder, count=12, shape=(40, 56), picture=picture):
    """Writes a data set with masks as PNGs and another system's predictions in `folder`/pred. Returns the probabilities
    and the ground truths."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    lines, probabilities, truths = [], [], []
    for i in range(count):
        image = f"{i // 3}.png"  # three phrases per image
        picture(i // 3, shape[1], shape[0]).save(folder / image)
        truth = np.zeros(shape, bool)
        if i % 4:
            y, x = rng.integers(0, 20, 2)
            truth[y : y + rng.integers(5, 20), x : x + rng.integers(5, 30)] = True
        Image.fromarray(truth.astype(np.uint8) * 255).save(folder / f"{i}_mask.png")
        values = np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1) * (i != 8)
        probabilities.append(write_gray(folder / "pred" / f"{i}.png", np.rint(values * 65535)))
        truths.append(truth)
        lines.append({"image": image, "phrase": f"thing {i}", "mask": f"{i}_mask.png"})
    write_manifest(folder, lines)
    return probabilities, truths


def phrasecut(folder):
    """Writes a data set in PhraseCut's layout: phrases of several instances and polygons, and one of the images that
    CLIPSeg leaves out. Returns task id -> ground truth."""
    (folder / "images").mkdir(parents=True)
    tasks, truths = [], {}
    shapes = {
        "11__1": [[[[4, 4], [20, 4], [20, 20], [4, 20]]], [[[30, 5], [45, 5], [40, 25]], [[50, 30], [60, 30], [55, 40]]]],
        "11__2": [[[[0, 0], [63, 0], [63, 10], [0, 10]]]],
        "12__1": [[[[10.7, 10.2], [30.9, 10.1], [30.5, 35.8]]]],
        "61564__1": [[[[1, 1], [5, 1], [5, 5]]]],
    }  # fmt: skip
    for task, instances in shapes.items():
        image = int(task.split("__")[0])
        picture(image, 64, 48).save(folder / "images" / f"{image}.jpg")
        tasks.append({"task_id": task, "image_id": image, "ann_ids": [1], "phrase": f"phrase {task}",
                      "phrase_structure": {"name": "x"}, "instance_boxes": [], "Polygons": instances})  # fmt: skip
        mask = Image.new("L", (64, 48))
        for polygon in (p for polygons in instances for p in polygons):
            ImageDraw.Draw(mask).polygon([(int(x), int(y)) for x, y in polygon], outline=1, fill=1)
        truths[task] = np.asarray(mask) > 0
    (folder / "refer_test.json").write_text(json.dumps(tasks))
    return truths
