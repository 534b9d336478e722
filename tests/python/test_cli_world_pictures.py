"""Pictures as cameras, scanners and old programs write them, see tests/data/README.md: read right or refused."""

import json
import tarfile

import numpy as np
import pytest
from conftest import ROOT, SCHEMA
from PIL import Image

PACK = ROOT / "tests/data/odd-pictures.tar.xz"
# Their references are the pictures before compression, and before eight bits of CIELAB.
LOSSY = (".jpg", ".webp", ".gif", ".jxl", ".jp2", "lab8.tif")
FEW_BITS = ("b555.bmp", "b565.bmp")  # five or six bits a channel


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """The folder with the pictures, and a line for each: its file, whether it must be read, its reference."""
    folder = tmp_path_factory.mktemp("pack")
    with tarfile.open(PACK) as pack:
        pack.extractall(folder, filter="data")
    folder /= "odd-pictures"
    return folder, [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]


def difference(seen: np.ndarray, reference: np.ndarray) -> tuple[float, int]:
    """The mean and the largest difference of two pictures."""
    differences = np.abs(seen.astype(int) - reference.astype(int))
    return differences.mean(), differences.max()


def test_every_picture_is_read_right_or_refused(ldznet, cases):
    """A cut-out of a full mask shows what the networks see."""
    folder, lines = cases
    requests = [
        {"id": case["file"], "image": str(folder / case["file"]), "prompts": ["sky"], "threshold": 0, "size": 32,
         "save": ["cutout"], "output": str(ldznet.folder / "out")}
        for case in lines
    ]  # fmt: skip
    run = ldznet("worker", "-q", stdin="".join(json.dumps(request) + "\n" for request in requests).encode())
    assert run.returncode == 0 and run.stderr == b""  # libraries write nothing there
    answers = [json.loads(line) for line in run.stdout.splitlines()][1:]
    assert [answer["id"] for answer in answers] == [case["file"] for case in lines]
    wrong = []
    for case, answer in zip(lines, answers, strict=True):
        SCHEMA.validate(answer)
        name = case["file"]
        if "error" in answer:
            assert answer["error"]["code"] == "bad_image" and name in answer["error"]["message"], answer
            if case["must_read"]:
                wrong.append((name, answer["error"]["message"]))
        elif "ref" in case:
            cut = Image.open(answer["results"][0]["files"]["cutout"])
            seen = np.asarray(Image.alpha_composite(Image.new("RGBA", cut.size, "white"), cut).convert("RGB"))
            mean, most = difference(seen, np.asarray(Image.open(folder / case["ref"]).convert("RGB")))
            if mean > 5 or most > (255 if name.endswith(LOSSY) else 8 if name in FEW_BITS else 1):
                wrong.append((name, mean, most))
    assert not wrong
    refused = {answer["id"] for answer in answers if "error" in answer}
    assert refused >= {"a.ico", "truncated60.jpg", "truncated_progressive.jpg"}
