"""`--tiles` and `--refine`: small things in large pictures, and edges at the picture's full resolution."""

import json
import sys

import numpy as np
import pytest
from conftest import MODEL, ROOT, good, lines_of, pixels
from PIL import Image
from pycocotools import mask as coco

sys.path.insert(0, str(ROOT / "scripts"))
from ldznet_training.finetune.frozen import working_size
from ldznet_training.guided_filter import guided_filter, window_of

ZOO = Image.open(ROOT / "examples" / "zoo.png").convert("RGB")
SMALL, PLACES = (160, 120), [(30, 20), (700, 420), (380, 240)]
PROMPTS = ["panda", "elephant", "panda OR elephant"]


def large_picture() -> Image.Image:
    """900 x 560 pixels with small zoos in it."""
    picture = Image.new("RGB", (900, 560), (150, 160, 170))
    for place in PLACES:
        picture.paste(ZOO.resize(SMALL, Image.Resampling.LANCZOS), place)
    return picture


def answers(program, requests, *options):
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    return lines_of("\n".join(good(program("worker", "-q", *options, stdin=lines)).splitlines()[1:]))


def decoded(result) -> np.ndarray:
    return coco.decode(result["segmentation"]).astype(bool)


@pytest.fixture(scope="module")
def found(shared):
    """The worker's answers: zoo.png, the large picture as a whole, and in tiles; plain and refined probabilities."""
    ZOO.save(shared.folder / "zoo.png")
    ZOO.resize((1280, 960), Image.Resampling.BICUBIC).save(shared.folder / "twice.png")
    large_picture().save(shared.folder / "large.png")
    save = {"save": "probability", "threshold": 0.4, "prompts": ["panda", "panda{>0.6}"]}
    requests = [
        {"image": "zoo.png", "prompts": PROMPTS},
        {"image": "large.png", "prompts": PROMPTS},
        {"image": "large.png", "prompts": PROMPTS, "tiles": 240},
        {"image": "zoo.png", "prompts": PROMPTS, "tiles": 640},
        {"image": "twice.png", "output": "plain", **save},
        {"image": "twice.png", "output": "refined", "refine": True, **save},
    ]
    return answers(shared, requests)


def test_tiles_find_small_things(found):
    zoo, whole, tiled = found[:3]
    shares = {}
    for name, line in (("whole", whole), ("tiled", tiled)):
        ious = []
        for known, result in zip(zoo["results"][:2], line["results"], strict=False):
            truth = np.zeros((560, 900), bool)
            small = np.asarray(Image.fromarray(decoded(known)).resize(SMALL, Image.Resampling.NEAREST))
            for x, y in PLACES:
                truth[y : y + SMALL[1], x : x + SMALL[0]] = small
                there = np.zeros_like(truth)
                there[y : y + SMALL[1], x : x + SMALL[0]] = True
                mask = decoded(result) & there
                ious.append((mask & truth & there).sum() / (mask | (truth & there)).sum())
        shares[name] = np.mean(np.array(ious) > 0.3)
    assert shares["tiled"] >= 0.8 and shares["tiled"] >= 3 * shares["whole"], shares


def test_expressions_work_on_the_tiles_maps(found):
    either, panda, elephant = (decoded(found[2]["results"][k]) for k in (2, 0, 1))
    assert (either == (panda | elephant)).all() and either.any()


def test_a_picture_that_fits_into_a_tile_gives_the_same(found):
    assert found[3]["results"] == found[0]["results"]


def test_refined_probabilities_are_those_of_a_guided_filter(shared, found):
    plain, refined = (pixels(shared.folder / f"{name}/twice.png.panda.probability.png") / 65535 for name in
                      ("plain", "refined"))  # fmt: skip
    rgb = pixels(shared.folder / "twice.png").astype(float)
    area = json.loads((MODEL / "model.json").read_text())["image"]["area"]
    reduction = np.sqrt(1280 * 960 / np.prod(working_size(1280, 960, area, 32)))
    expected = guided_filter(plain, rgb, *window_of(reduction))
    assert np.abs(refined - expected).max() < 2e-3, (
        "the program computes in float32, from probabilities with 16 bits more"
    )
    assert np.abs(refined - plain).mean() > 1e-4, "the filter does nothing"


def test_it_comes_before_thresholds_and_expressions(shared, found):
    line = found[5]
    refined = pixels(shared.folder / "refined/twice.png.panda.probability.png")
    own = decoded(line["results"][1])
    assert ((refined >= 0.6 * 65535 + 1) <= own).all() and ((refined >= 0.6 * 65535 - 1) >= own).all()
    assert ((refined >= 0.4 * 65535 + 1) <= decoded(line["results"][0])).all()


def test_segment_and_worker_do_the_same_with_every_option(ldznet):
    ZOO.crop((40, 150, 340, 380)).save(ldznet.folder / "part.png")
    options = {
        "prompts": ['(panda OR "elephant"){+2}{~1}{*2} AND NOT sky{>0.3}{-1}', "grass{/2}"],
        "size": 64, "tiles": 160, "refine": True, "invert": True, "instances": True, "min_area": 40,
        "save": "mask,probability,cutout", "crop": True, "background": "#ff8000",
        "polygons": True, "simplify": 1.5, "name": "{kind}-of-{prompt}{ext}",
    }  # fmt: skip
    flags = []
    for name, value in options.items():
        values = value if isinstance(value, list) else [value]
        flag = {"prompts": "--prompt"}.get(name, f"--{name.replace('_', '-')}")
        flags += [part for v in values for part in ([flag] if v is True else [flag, v])]
    ours = lines_of(good(ldznet("segment", "part.png", *flags, "--json", "-o", "out", "--batch-size", "1")))[0]
    (theirs,) = answers(ldznet, [{"image": "part.png", **options, "output": "worker"}], "--batch-size", "1")
    assert len(ours["results"]) > 2 and all(r["polygons"] and r["phrases"] for r in ours["results"] if r["present"])
    assert json.loads(json.dumps(theirs["results"]).replace('"worker/', '"out/')) == ours["results"]
    files = ldznet.files("out")
    assert files == ldznet.files("worker") and len(files) == 3 * sum(r["present"] for r in ours["results"])
    for name in files:
        assert (ldznet.folder / "out" / name).read_bytes() == (ldznet.folder / "worker" / name).read_bytes(), name
