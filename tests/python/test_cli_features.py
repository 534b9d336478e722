"""`ldznet features`: a coarse segmentation of the shipped model's features."""

import numpy as np
import pytest
from conftest import ROOT, picture
from PIL import Image

ZOO = ROOT / "examples" / "zoo.png"


def clusters(path, width: int) -> np.ndarray:
    """The right part of the drawing, which shows the clusters."""
    return np.asarray(Image.open(path).convert("RGB"))[:, -width:]


def test_draws_clusters_beside_the_picture(ldznet):
    run = ldznet("features", ZOO, "--clusters", "7", "--threads", "1")
    assert run.returncode == 0, run.stderr
    assert run.stdout == b"ldznet-out/zoo.png.features.png\n"
    zoo = Image.open(ZOO).convert("RGB")
    drawing = np.asarray(Image.open(ldznet.folder / "ldznet-out" / "zoo.png.features.png"))
    assert np.array_equal(drawing[:, : zoo.width], np.asarray(zoo))
    right = drawing[:, -zoo.width :].reshape(-1, 3)
    colours, counts = np.unique(right, axis=0, return_counts=True)
    assert len(colours) == 7 and counts.min() > 50


def test_sky_and_grass_are_different_clusters(ldznet):
    ldznet("features", ZOO, "-o", "f.png")
    zoo = Image.open(ZOO)
    right = clusters(ldznet.folder / "f.png", zoo.width)
    sky, grass = right[: zoo.height // 4].reshape(-1, 3), right[-zoo.height // 8 :].reshape(-1, 3)

    def most(pixels):
        colours, counts = np.unique(pixels, axis=0, return_counts=True)
        return tuple(colours[counts.argmax()])

    assert most(sky) != most(grass)


def test_the_same_command_gives_the_same_bytes_and_every_option_has_an_effect(ldznet):
    picture(3, 192, 160).save(ldznet.folder / "a.png")
    variants = {
        "plain": [],
        "again": [],
        "prompt": ["--prompt", "panda"],
        "taps": ["--taps", "output_blocks.1.1,output_blocks.3.1"],
        "timesteps": ["--timesteps", "20,400"],
        "seed": ["--seed", "9"],
        "size": ["--size", "320"],
        "clusters": ["-k", "3"],
    }
    for name, options in variants.items():
        run = ldznet("features", "a.png", "-o", f"{name}.png", *options)
        assert run.returncode == 0, run.stderr
    files = {name: (ldznet.folder / f"{name}.png").read_bytes() for name in variants}
    assert files["plain"] == files["again"]
    assert len(set(files.values())) == len(variants) - 1


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        (["a.png", "--taps", "nowhere"], 64, "nowhere"),
        (["a.png", "--clusters", "1"], 64, "--clusters"),
        (["a.png", "--timesteps", "5,x"], 64, "--timesteps"),
        (["a.png", "--timesteps", "4000"], 64, "4000"),
        (["a.png", "--taps", "middle_block.1", "-k", "20", "--size", "64"], 64, "too few for 20 clusters"),
        (["b.png"], 66, "b.png"),
        ([], 64, "features"),
        (["a.png", "-o", "there.png"], 73, "--overwrite"),
    ],
)
def test_errors(ldznet, options, code, expected):
    picture(1).save(ldznet.folder / "a.png")
    (ldznet.folder / "there.png").write_bytes(b"x")
    run = ldznet("features", *options)
    assert run.returncode == code and expected in run.stderr.decode(), run.stderr
    assert run.stdout == b""
