"""Parts of the Python client: its PNG reader, its run lengths, its command lines."""

import struct
import zlib

import numpy as np
import pytest
from conftest import BINARY
from PIL import Image
from pycocotools import mask as coco

from ldznet.command import find_program, flags
from ldznet.png import read_probability
from ldznet.results import decode_rle


@pytest.mark.parametrize("filter_type", range(5))
def test_pngs_of_every_filter(tmp_path, filter_type):
    values = np.random.default_rng(0).integers(0, 65536, (5, 7)).astype(">u2")
    raw = values.view(np.uint8).reshape(5, 14).astype(int)
    rows = []
    for y in range(5):
        up = raw[y - 1] if y else np.zeros(14, int)
        left, corner = np.r_[0, 0, raw[y][:-2]], np.r_[0, 0, up[:-2]]
        distances = np.abs([up - corner, left - corner, left + up - 2 * corner])
        paeth = np.choose(distances.argmin(0), [left, up, corner])
        prediction = [0, left, up, (left + up) // 2, paeth][filter_type]
        rows.append(bytes([filter_type]) + ((raw[y] - prediction) % 256).astype(np.uint8).tobytes())
    content = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", 7, 5, 16, 0, 0, 0, 0)
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    (tmp_path / "a.png").write_bytes(content)
    assert (np.round(read_probability(tmp_path / "a.png") * 65535) == values).all()
    assert (np.asarray(Image.open(tmp_path / "a.png")) == values).all()


def test_run_lengths_are_read_as_pycocotools_reads_them():
    random = np.random.default_rng(1)
    for height, width in ((1, 1), (7, 300), (480, 640)):
        for share in (0, 0.01, 0.5, 1):
            mask = (random.random((height, width)) < share).astype(np.uint8, order="F")
            counts = coco.encode(mask)["counts"].decode()
            assert (decode_rle({"size": [height, width], "counts": counts}) == mask.astype(bool)).all()


def test_options_and_programs(tmp_path, monkeypatch):
    options = {
        "min_area": 4,
        "save": ["mask", "overlay"],
        "boxes": True,
        "polygons": False,
        "output": tmp_path,
        "seed": None,
    }
    assert flags(options) == ["--min-area=4", "--save=mask,overlay", "--boxes", f"--output={tmp_path}"]
    monkeypatch.setenv("LDZNET", str(BINARY))
    assert find_program() == str(BINARY)
    monkeypatch.delenv("LDZNET")
    monkeypatch.setenv("PATH", str(BINARY.parent))
    assert find_program() == str(BINARY)
