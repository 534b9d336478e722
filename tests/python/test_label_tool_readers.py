"""Ultralytics, LabelMe and Label Studio read what is written for them, with their own code."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, good, lines_of

TOOLS = ("ultralytics", "labelme", "label_studio_sdk")


@pytest.mark.skipif(
    any(importlib.util.find_spec(tool) is None for tool in TOOLS), reason="the label tools are not there"
)
def test_the_tools_read_their_files(ldznet):
    (ldznet.folder / "in").mkdir()
    for name in ("zoo.png", "meadow.jpg"):
        shutil.copy(ROOT / "examples" / name, ldznet.folder / "in")
    run = ldznet("segment", "in", "-p", "sky|grass|banana", "--min-area", "16", "-s", "yolo,labelme", "-o", "out", "--json",
                 "--label-studio", "out/tasks.json")  # fmt: skip
    lines = {Path(line["image"]).name: line for line in lines_of(good(run))}
    areas = {name: {r["prompt"]: r["area"] for r in line["results"] if r["area"]} for name, line in lines.items()}
    assert sorted(map(len, areas.values())) == [2, 3], "there is no banana on the meadow"

    script = Path(__file__).with_name("label_tool_readers.py")
    result = subprocess.run(
        [sys.executable, script, ldznet.folder / "out"], capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout.splitlines()[-1])
    assert {Path(name).name: found for name, found in seen["label_studio"].items()} == {
        n: a for n, a in areas.items() if a
    }
    picture_of = {Path(line["files"]["labelme"]).name: name for name, line in lines.items()}
    for file, content in seen["labelme"].items():
        assert content["has_picture"] and content["labels"] == sorted(areas[picture_of[file]])
    yolo = seen["ultralytics"]
    assert yolo["names"] == ["sky", "grass", "banana"] and set(yolo["pictures"]) == set(lines)
    for name, content in yolo["pictures"].items():
        assert [yolo["names"][number] for number in content["classes"]] == [
            p for p in yolo["names"] if p in areas[name]
        ]
        assert content["polygons"] == content["rows"]
