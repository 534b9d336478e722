"""Loads a run's files with the readers of the tools that they are for, and prints what these see as JSON.

    python label_tool_readers.py FOLDER

FOLDER is that of --save yolo,labelme, with tasks.json of --label-studio in it. A process of its own, because the tools
import windows, OpenCV and torchvision, which their readers do not use: empty modules stand in for them.
"""

import importlib.metadata
import importlib.util
import json
import os
import sys
import tempfile
import types
from pathlib import Path
from unittest.mock import MagicMock

UNUSED = ("PyQt5", "PyQt5.QtCore", "PyQt5.QtGui", "PyQt5.QtWidgets", "qtpy", "imgviz", "osam", "natsort", "skimage", "cv2",
          "matplotlib", "matplotlib.pyplot", "torchvision", "torchvision.transforms", "psutil", "tqdm", "polars", "pandas",
          "cpuinfo", "thop", "ijson")  # fmt: skip


class Unused(types.ModuleType):
    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return MagicMock()


def ultralytics(folder: Path) -> dict:
    """By picture: the number of label rows and the highest class that the trainer reads."""
    from ultralytics.data.utils import check_det_dataset, img2label_paths, verify_image_label

    data = check_det_dataset(str(folder / "data.yaml"), autodownload=False)
    pictures = sorted(str(path) for path in Path(data["train"]).rglob("*") if path.is_file())
    seen = {}
    for picture, labels in zip(pictures, img2label_paths(pictures), strict=True):
        checked = verify_image_label((picture, labels, "", False, data["nc"], 0, 0, False))
        _, rows, _, segments, _, missing, _, _, corrupt, message = checked
        assert not missing and not corrupt, message
        seen[Path(picture).name] = {
            "rows": len(rows),
            "polygons": len(segments),
            "classes": sorted({int(c) for c in rows[:, 0]}),
        }
    return {"names": list(data["names"].values()), "pictures": seen}


def labelme(folder: Path) -> dict:
    """By file: the labels of its shapes, and whether the reader found the picture."""
    from labelme.label_file import LabelFile

    files = {path.name: LabelFile(str(path)) for path in sorted(folder.glob("*.json")) if path.name != "tasks.json"}
    return {name: {"labels": sorted({shape["label"] for shape in file.shapes}), "has_picture": bool(file.imageData)}
            for name, file in files.items()}  # fmt: skip


def label_studio(folder: Path) -> dict:
    """By picture and label: how many pixels the brush covers."""
    from label_studio_sdk.converter.brush import decode_rle

    covered = {}
    for task in json.loads((folder / "tasks.json").read_text()):
        for result in task["predictions"][0]["result"]:
            pixels = decode_rle(result["value"]["rle"]).reshape(result["original_height"], result["original_width"], 4)
            covered.setdefault(task["data"]["image"], {})[result["value"]["brushlabels"][0]] = int(
                (pixels[..., 3] > 0).sum()
            )
    return covered


def main() -> None:
    missing = {name for name in UNUSED if importlib.util.find_spec(name.partition(".")[0]) is None}
    for name in missing:
        sys.modules[name] = Unused(name)
    version = importlib.metadata.version
    importlib.metadata.version = lambda name: "0" if name == "torchvision" else version(name)
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as settings:
        os.environ["YOLO_CONFIG_DIR"] = settings
        answer = {"label_studio": label_studio(folder), "labelme": labelme(folder), "ultralytics": ultralytics(folder)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
