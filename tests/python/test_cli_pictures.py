"""Broken and unusual pictures, and hostile file names and prompts."""

import json
import os
import re
from pathlib import Path

import numpy as np
import odd_pictures
import pytest
from conftest import SCHEMA, picture
from PIL import Image, ImageOps

SMALL = ["--size", "32"]  # the networks are not tested here


@pytest.fixture(scope="module")
def corpus():
    """Name -> (bytes, whether it can be read)."""
    bad, good = odd_pictures.refused(), odd_pictures.readable()
    assert len(bad) + len(good) >= 80 and not set(bad) & set(good)
    return {name: (data, False) for name, data in bad.items()} | {name: (data, True) for name, data in good.items()}


def test_every_odd_picture_is_read_upright_or_refused_by_name(ldznet, corpus):
    folder = ldznet.folder / "odd"
    folder.mkdir()
    names = sorted(corpus)
    for name in names:
        (folder / name).write_bytes(corpus[name][0])
    (ldznet.folder / "list").write_text("".join(f"odd/{name}\n" for name in names))
    run = ldznet("segment", "--list", "list", "-p", "sky", "-t", "0", *SMALL, "--json", "--save", "mask", "-o", "out")
    assert run.returncode == 1, run.stderr[-2000:]
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["image"] for line in lines] == [f"odd/{name}" for name in names]
    wrong = []
    for name, line in zip(names, lines, strict=True):
        SCHEMA.validate(line)
        data, good = corpus[name]
        if good != ("results" in line):
            wrong.append((name, line.get("error")))
        elif good:
            size = odd_pictures.upright_size(data)
            assert (line["width"], line["height"]) == size, name
            assert Image.open(ldznet.folder / line["results"][0]["files"]["mask"]).size == size
        else:
            assert line["error"]["code"] == "bad_image" and name in line["error"]["message"], name
            assert len(line["error"]["message"].split(". ")) > 1, name  # what to do about it
    assert not wrong
    made = {file.removeprefix("odd/") for file in ldznet.files("out")}
    assert made == {f"{name}.sky.mask.png" for name in names if corpus[name][1]}


def test_more_frames_cause_a_warning(ldznet, corpus):
    for name in ("animated.png", "animated.webp", "pages.tiff"):
        (ldznet.folder / name).write_bytes(corpus[name][0])
        run = ldznet("segment", name, "-p", "sky", *SMALL, "--json")
        assert run.returncode == 0 and b"only the first" in run.stderr


def test_what_the_networks_see_of_odd_pictures(ldznet, corpus):
    """A cutout with a full mask shows what the networks see: 8 bits, three channels, no alpha, the first frame."""
    gray = np.asarray(odd_pictures.BASE.convert("L")).astype(float)
    alpha = (gray / 255)[..., None]
    base = np.asarray(odd_pictures.BASE).astype(float)
    expected = {
        "16-bit.png": gray[..., None],  # whose samples are 257 times these
        "16-bit.tiff": gray[..., None],
        "gray.png": gray[..., None],
        "gray-alpha.png": gray[..., None] * alpha + 255 * (1 - alpha),
        "alpha.png": base * alpha + 255 * (1 - alpha),
        "alpha.webp": None,  # as Pillow shows it
        "animated.png": base,
        "pages.tiff": base,
        "orientation-3.jpg": None,
    }
    for name, colors in expected.items():
        (ldznet.folder / name).write_bytes(corpus[name][0])
        run = ldznet("segment", name, "-p", "sky", "-t", "0", *SMALL, "-s", "cutout", "-o", f"{name}.cut.png")
        assert run.returncode == 0, run.stderr
        cut = Image.open(ldznet.folder / f"{name}.cut.png")
        assert cut.mode == "RGBA"
        seen = np.asarray(Image.alpha_composite(Image.new("RGBA", cut.size, "white"), cut)).astype(float)
        if colors is None:
            shown = ImageOps.exif_transpose(Image.open(ldznet.folder / name)).convert("RGBA")
            white = Image.new("RGBA", shown.size, "white")
            white.alpha_composite(shown)
            colors = np.asarray(white.convert("RGB")).astype(float)
        assert np.abs(seen[..., :3] - colors).max() <= (3 if name.endswith("jpg") else 1), name


def test_max_pixels_is_checked_before_decoding(ldznet):
    (ldznet.folder / "bomb.png").write_bytes(odd_pictures.png(60000, 60000))
    run = ldznet("segment", "bomb.png", "-p", "sky", "--max-pixels", "3599999999")
    assert run.returncode == 65 and b"60000 x 60000 pixels, the limit is 3599999999" in run.stderr
    picture(1, 40, 30).save(ldznet.folder / "a.png")
    run = ldznet("segment", "a.png", "-p", "sky", *SMALL, "--max-pixels", "1200")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("kind", ["jpg", "bmp", "tiff"])  # refused before and after libvips has seen it
def test_the_only_picture_is_damaged(ldznet, kind):
    data = odd_pictures.WHOLE[kind]
    (ldznet.folder / f"a.{kind}").write_bytes(data[: len(data) // 2])
    run = ldznet("segment", f"a.{kind}", "-p", "sky", *SMALL)
    assert run.returncode == 65 and b"truncated or damaged" in run.stderr


def test_one_bad_file_among_many(ldznet):
    count = int(os.environ.get("LDZNET_TEST_PICTURES", "60"))
    folder = ldznet.folder / "many"
    folder.mkdir()
    for k in range(count):
        picture(k % 7, 16, 16).save(folder / f"{k:05}.png")
    bad = folder / f"{count // 2:05}.png"
    bad.write_bytes(b"no picture")
    run = ldznet("segment", "many", "-p", "sky", *SMALL, "-o", "out")
    assert run.returncode == 1 and f"1 of {count} pictures failed".encode() in run.stderr
    assert len(ldznet.files("out")) == len(run.stdout.splitlines()) == count - 1
    picture(1, 16, 16).save(bad)
    again = ldznet("segment", "many", "-p", "sky", *SMALL, "-o", "out", "--resume")
    assert again.returncode == 0 and f"{count - 1} already done".encode() in again.stderr
    assert len(ldznet.files("out")) == count


HOSTILE = [
    "a\nb.png", "tab\there.png", "quote\"'.png", "back\\slash.png", "-p.png", "--json.png", "..png", "...png", " .png", "%s%n.png",
    "$(touch x).png", "ünï cödé 熊猫 🐼.png", "\u202egnp.exe.png", "x" * 251 + ".png", "é" * 125 + ".png", "a.jpg", "a.png", "A.png",
    ".hidden.png",
]  # fmt: skip


def safe(name: str) -> bool:
    return "\n" not in name and "\u202e" not in name and not name.startswith((".", "-"))


def test_hostile_file_names(ldznet):
    folder = ldznet.folder / "in"
    folder.mkdir()
    raw = [os.fsencode(name) for name in HOSTILE] + [b"not \xff utf-8 \xfe.png"]
    for k, name in enumerate(raw):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            picture(k, 20, 16).save(file, "PNG")
    (ldznet.folder / "list").write_bytes(b"".join(b"in/" + name + b"\n" for name in raw if b"\n" not in name))
    # All pictures but the hidden ones are named twice.
    run = ldznet("segment", "in", "--list", "list", "-p", "sky", *SMALL, "--json", "--save", "mask,cutout", "-o", "out")
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(lines) == len(raw)
    made = ldznet.files("out")
    assert len(made) == 2 * len(raw) and len({name.lower() for name in made}) >= 2 * (len(raw) - 1)  # a.png and A.png
    for name in made:
        leaf = name.removeprefix("in/")
        assert "/" not in leaf and len(os.fsencode(leaf)) <= 255 and safe(leaf) and leaf.endswith(".png")
    named = {file for line in lines for file in line["results"][0]["files"].values()}
    assert named == {f"out/{name}" for name in made}
    assert sorted(os.listdir(ldznet.folder)) == ["in", "list", "out"]


@pytest.mark.parametrize(
    "prompt",
    ["../../up", "/etc/passwd", "a/b/c", "new\nline", "x" * 300, "\u202eadnap", "con", "*?<>|:\"".replace("|", ""), "🐼 panda", "."],
)  # fmt: skip
def test_hostile_prompts(ldznet, prompt):
    picture(1).save(ldznet.folder / "a.png")
    run = ldznet("segment", "a.png", "-p", prompt, *SMALL, "--json", "-s", "mask,labels,yolo,labelme", "-o", "out",
                 "--coco", "coco.json", "--report", "page.html", "--label-studio", "tasks.json")  # fmt: skip
    assert run.returncode == 0, run.stderr
    line = json.loads(run.stdout)
    assert line["results"][0]["prompt"] == prompt
    made = ldznet.files()
    inside = [name for name in made if name.startswith("out/")]
    assert set(made) - set(inside) == {"a.png", "coco.json", "page.html", "tasks.json", "tasks.xml"}
    assert len(inside) == 7
    assert all(re.fullmatch(r"out/((images|labels)/)?[^/\n]+", name) for name in inside)
    assert all(len(os.fsencode(Path(name).name)) <= 255 for name in inside)
    assert json.loads((ldznet.folder / "coco.json").read_text())["categories"][0]["name"] == prompt
    assert json.loads((ldznet.folder / "out/data.yaml").read_text().split("names:\n  0: ")[1]) == prompt


def test_empty_prompts_are_refused(ldznet):
    picture(1).save(ldznet.folder / "a.png")
    for prompt in ("", " ", "|", os.fsdecode(b"\xff\xfe")):
        run = ldznet("segment", "a.png", "-p", prompt, *SMALL)
        assert run.returncode == 64 and run.stdout == b"", prompt
