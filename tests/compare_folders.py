"""The folders that the commands of compare_commands.py run in."""

import shutil
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "models" / "ldznet-mini"


def zoo(folder: Path) -> None:
    """Pictures zoo/a.png, zoo/b.jpg and zoo/deep/c.png."""
    (folder / "zoo" / "deep").mkdir(parents=True)
    whole = Image.open(ROOT / "examples" / "zoo.png").convert("RGB")
    whole.resize((96, 72)).save(folder / "zoo" / "a.png")
    whole.crop((0, 150, 320, 470)).resize((70, 70)).save(folder / "zoo" / "b.jpg")
    whole.crop((300, 0, 640, 400)).resize((68, 80)).save(folder / "zoo" / "deep" / "c.png")


def series(folder: Path) -> None:
    """Pictures in/0.png to in/7.png; in/3.png and in/5.png are broken."""
    zoo(folder)
    (folder / "in").mkdir()
    whole = Image.open(folder / "zoo" / "a.png")
    for k in range(8):
        whole.rotate(5 * k).save(folder / "in" / f"{k}.png")
    for k in (3, 5):
        (folder / "in" / f"{k}.png").write_bytes(b"no picture")


def whole_series(folder: Path) -> None:
    series(folder)
    mend(folder)


def mend(folder: Path) -> None:
    for k in (3, 5):
        shutil.copy(folder / "in" / "4.png", folder / "in" / f"{k}.png")


def drop_outputs(folder: Path) -> None:
    """Removes a mask and the run-wide files, as if the run had been stopped before them."""
    for name in ("out/in/2.png.sky.mask.png", "lines.jsonl", "coco.json"):
        (folder / name).unlink()


def odd(folder: Path) -> None:
    shutil.copytree(ROOT / "tests" / "data" / "pictures", folder / "odd")


def sets(folder: Path) -> None:
    (folder / "sets").symlink_to(ROOT / "tests" / "data" / "mini-set")


def texts(folder: Path) -> None:
    """The zoo with lists, prompts and configuration files."""
    zoo(folder)
    (folder / "prompts.txt").write_text("panda\n\n  sky \r\npanda\n-x\n")
    (folder / "pictures.txt").write_text("zoo/a.png\n\nzoo/deep\n")
    (folder / "run.toml").write_text('output = "file"\nsave = "cutout"\nmin-area = 5\n'
                                     '[segment]\nprompt = ["sky", "grass"]\nseed = 4\n[worker]\nseed = 5\n')  # fmt: skip
    for name, text in {"unknown": "treshold = 0.5\n", "range": "threshold = 2\n", "syntax": "threshold = \n",
                       "list": "threshold = [0.1, 0.2]\n", "json": "json = true\n",
                       "twice": "seed = 3\nthreshold = 0.3\n[segment]\nseed = 4\nthreshold = 0.1\n"}.items():  # fmt: skip
        (folder / f"{name}.toml").write_text(text)


def obstacles(folder: Path) -> None:
    """The zoo with things in the way: a file, an output that exists, a link, a broken picture, a damaged bundle."""
    texts(folder)
    (folder / "file").write_text("in the way")
    (folder / "empty").mkdir()
    (folder / "there").mkdir()
    (folder / "there" / "zoo").symlink_to(folder / "zoo")
    (folder / "ldznet-out" / "zoo").mkdir(parents=True)
    (folder / "ldznet-out" / "zoo" / "b.jpg.sky.mask.png").write_bytes(b"mine")
    (folder / "bad.png").write_text("no picture")
    (folder / "bundle").mkdir()
    for file in MODEL.iterdir():
        (folder / "bundle" / file.name).symlink_to(file)
    (folder / "bundle" / "vocab.json").unlink()
    (folder / "bundle" / "vocab.json").write_text((MODEL / "vocab.json").read_text() + " ")
