"""`ldznet segment` with the shipped bundle: its masks, kinds of files, JSON and options. test_miniature.py tests how good
the masks are; here threshold 0 makes every mask full, and 1 makes it empty."""

import json

import numpy as np
import pytest
from conftest import MODEL, ROOT, good, lines_of, make_zoo, picture, pixels
from PIL import Image
from pycocotools import mask as coco
from pycocotools.coco import COCO
from scipy import ndimage


def test_a_mask_for_every_picture_and_prompt(ldznet, zoo):
    out = good(ldznet("segment", "zoo/a.png", "zoo/b.jpg", "-p", "panda|sky", "-p", "grass"))
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[:2] for row in rows] == [[f"zoo/{n}", p] for n in ("a.png", "b.jpg") for p in ("panda", "sky", "grass")]
    assert ldznet.files("ldznet-out") == sorted(
        f"zoo/{n}.{p}.mask.png" for n in ("a.png", "b.jpg") for p in ("panda", "sky", "grass")
    )
    for _, _, score, area, file in rows:
        mask = pixels(ldznet.folder / file)
        assert mask.shape == (48, 64) and mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 255}
        assert int(area) == (mask == 255).sum() and 0 <= float(score) <= 1


def test_every_kind_of_picture(ldznet, zoo):
    good(
        ldznet(
            "segment",
            "zoo/a.png",
            "-p",
            "panda",
            "-t",
            "0",
            "-s",
            "mask,overlay",
            "--save",
            "probability,cutout,labels",
        )
    )
    names = ["labels-index", "labels", "panda.cutout", "panda.mask", "panda.overlay", "panda.probability"]
    assert ldznet.files("ldznet-out/zoo") == [f"a.png.{n}.png" for n in names]
    kind = {n: Image.open(ldznet.folder / f"ldznet-out/zoo/a.png.{n}.png") for n in names}
    image = pixels(ldznet.folder / "zoo/a.png")
    assert (np.asarray(kind["panda.mask"]) == 255).all()
    assert kind["panda.overlay"].mode == "RGB" and kind["panda.overlay"].size == (64, 48)
    cutout = np.asarray(kind["panda.cutout"])
    assert np.array_equal(cutout[..., :3], image) and (cutout[..., 3] == 255).all()
    probability = np.asarray(kind["panda.probability"])
    assert probability.dtype.itemsize >= 2 and probability.shape == (48, 64) and probability.max() <= 65535
    assert (np.asarray(kind["labels-index"]) == 1).all()
    assert kind["labels"].width == 64 and kind["labels"].height > 48


def test_the_label_map_shows_the_likeliest_prompt(ldznet, zoo):
    prompts = ["sky", "grass", "panda", "snow"]
    good(ldznet("segment", "zoo/a.png", "-p", "|".join(prompts), "-t", "0.02", "-s", "probability,labels"))
    probability = np.stack(
        [pixels(ldznet.folder / f"ldznet-out/zoo/a.png.{p}.probability.png").astype(int) for p in prompts]
    )
    labels = pixels(ldznet.folder / "ldznet-out/zoo/a.png.labels-index.png")
    best = np.sort(probability, 0)
    clear = (best[-1] - best[-2] > 1) & (np.abs(best[-1] - 0.02 * 65535) > 1)  # not decided by the rounding to 16 bits
    assert np.array_equal(labels[clear], np.where(best[-1] >= 0.02 * 65535, probability.argmax(0) + 1, 0)[clear])
    assert len(np.unique(labels[clear])) > 2, "the picture shows too little to test anything"


def test_an_empty_mask_is_an_answer(ldznet, zoo):
    out = good(ldznet("segment", "zoo/a.png", "-p", "panda", "-t", "1", "-s", "mask,cutout", "--json"))
    result = lines_of(out)[0]["results"][0]
    assert not result["present"] and result["area"] == 0 and result["score"] == 0 and result["bbox"] == [0, 0, 0, 0]
    assert (pixels(ldznet.folder / result["files"]["mask"]) == 0).all()
    assert (pixels(ldznet.folder / result["files"]["cutout"]) == 0).all()


def test_json_agrees_with_the_files(ldznet, zoo):
    low = float(
        good(ldznet("segment", "zoo/a.png", "-p", "sky", "--json", "-t", "0")).split('"score":')[1].split(",")[0]
    )
    out = good(ldznet("segment", "zoo/a.png", "-p", "sky|panda", "--json", "-o", "x", "-s", "mask,probability", "-t", low,
                      "--boxes", "--polygons", "--simplify", "0"))  # fmt: skip
    (line,) = lines_of(out)
    assert (line["image"], line["width"], line["height"], line["method"]) == ("zoo/a.png", 64, 48, "ldznet")
    assert [r["prompt"] for r in line["results"]] == ["sky", "panda"]
    assert 0 < line["results"][0]["area"] < 64 * 48, "the mean probability parts the picture"
    for result in line["results"]:
        mask = pixels(ldznet.folder / result["files"]["mask"]) > 0
        assert np.array_equal(coco.decode(result["segmentation"]), mask)
        assert result["area"] == mask.sum() == coco.area(result["segmentation"])
        assert result["present"] == mask.any()
        if mask.any():
            assert result["bbox"] == coco.toBbox(result["segmentation"]).tolist()
            values = pixels(ldznet.folder / result["files"]["probability"]) / 65535
            assert result["score"] == pytest.approx(values[mask].mean(), abs=2e-5)
            assert result["max_probability"] == pytest.approx(values.max(), abs=2e-5)
        drawn = (
            coco.decode(coco.merge(coco.frPyObjects(result["polygons"], 48, 64))) if result["polygons"] else 0 * mask
        )
        assert (drawn >= mask).all() and len(result["boxes"]) == len(result["polygons"])


def test_json_alone_writes_no_pictures(ldznet, zoo):
    lines = lines_of(good(ldznet("segment", "zoo", "-r", "-p", "panda", "--json")))
    assert [line["image"] for line in lines] == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]
    assert not (ldznet.folder / "ldznet-out").exists()


@pytest.mark.parametrize("flag", [["--json", "run/found.jsonl"], ["--json=run/found.jsonl"]])
def test_json_into_a_file(ldznet, zoo, flag):
    assert good(ldznet("segment", "zoo/a.png", "-p", "panda", *flag)) == ""
    (line,) = lines_of((ldznet.folder / "run/found.jsonl").read_text())
    assert line["results"][0]["prompt"] == "panda"
    assert ldznet.files("run") == ["found.jsonl"]


def test_the_same_command_gives_the_same_bytes(ldznet, zoo):
    for out in ("one", "two"):
        good(ldznet("segment", "zoo/a.png", "-p", "panda|sky", "-s", "probability", "-o", out))
    good(ldznet("segment", "zoo/a.png", "-p", "panda|sky", "-s", "probability", "-o", "other", "--seed", "1"))
    one, two, other = (
        [(ldznet.folder / out / f).read_bytes() for f in ldznet.files(out)] for out in ("one", "two", "other")
    )
    assert one == two and one != other


@pytest.mark.parametrize("flags, members", [
    ([], {"threshold": 0.5, "timestep": json.loads((MODEL / "model.json").read_text())["timestep"]["default"],
          "seed": 0, "samples": 1}),
    (["--seed", "7"], {"seed": 7}),
    (["--samples", "2"], {"samples": 2, "timestep": None}),
    (["--timestep", "140"], {"timestep": 140}),
    (["--samples", "2", "--timestep", "60"], {"timestep": 60}),
    (["--threshold", "0.25"], {"threshold": 0.25}),
    (["--method", "ldznet"], {"method": "ldznet"}),
])  # fmt: skip
def test_options_are_in_the_json(ldznet, zoo, flags, members):
    (line,) = lines_of(good(ldznet("segment", "zoo/a.png", "-p", "panda", "--json", *flags)))
    assert {member: line[member] for member in members} == members


@pytest.fixture(scope="module")
def plain_scores(shared) -> dict[str, float]:
    """Prompt -> score of zoo/a.png with a full mask, without further options."""
    make_zoo(shared)
    flags = ["-p", "panda|sky|grass", "--json", "-t", "0", "--precision", "fp32"]
    (line,) = lines_of(good(shared("segment", "zoo/a.png", *flags)))
    return {result["prompt"]: result["score"] for result in line["results"]}


@pytest.mark.parametrize("flags", [["--timestep", "900"], ["--samples", "3"], ["--size", "96"], ["--template", "a drawing of a {}"],
                                   ["--precision", "bf16"]])  # fmt: skip
def test_options_reach_the_networks(ldznet, zoo, plain_scores, flags):
    prompts = ["-p", "panda|sky|grass", "--json", "-t", "0", "--precision", "fp32"]
    run = ldznet("segment", "zoo/a.png", *prompts, *flags)
    results = lines_of(good(run))[0]["results"]
    assert (b"timestep 900 is outside the range" in run.stderr) == ("900" in flags)
    changes = [abs(result["score"] - plain_scores[result["prompt"]]) for result in results]
    assert max(changes) > 1e-5  # more than batching changes


@pytest.mark.parametrize(
    "flags", [["--threads", "1"], ["--batch-size", "1"], ["--device", "cpu"], ["--precision", "fp32"]]
)
def test_options_that_do_not_change_the_result(ldznet, zoo, plain_scores, flags):
    prompts = ["-p", "panda|sky|grass", "--json", "-t", "0", "--precision", "fp32"]
    results = lines_of(good(ldznet("segment", "zoo/a.png", *prompts, *flags)))[0]["results"]
    assert [result["prompt"] for result in results] == list(plain_scores)
    for result in results:
        assert result["score"] == pytest.approx(plain_scores[result["prompt"]], abs=1e-5)


def test_min_area_drops_small_regions(ldznet, zoo):
    score = lines_of(good(ldznet("segment", "zoo/a.png", "-p", "sky", "--json", "-t", "0")))[0]["results"][0]["score"]
    arguments = ["segment", "zoo/a.png", "-p", "sky", "--json", "--boxes", "-t", str(score)]
    all_regions = lines_of(good(ldznet(*arguments)))[0]["results"][0]
    none = lines_of(good(ldznet(*arguments, "--min-area", str(all_regions["area"] + 1))))[0]["results"][0]
    assert all_regions["area"] > 0 and none["area"] == 0 and none["boxes"] == []


def test_holes_and_the_largest_region(ldznet, zoo):
    def mask(*flags):
        good(ldznet("segment", "zoo/a.png", "-p", "panda", "-t", "0.02", "-o", "m.png", "--overwrite", *flags))
        return pixels(ldznet.folder / "m.png") > 0

    plain = mask()
    filled = mask("--fill-holes")
    assert np.array_equal(filled, ndimage.binary_fill_holes(plain))
    regions, count = ndimage.label(plain, structure=np.ones((3, 3)))
    largest = mask("--largest")
    sizes = np.bincount(regions.ravel())[1:]
    assert largest.sum() == (sizes.max() if count else 0) and not (largest & ~plain).any()


def test_sizes_below_the_multiple_are_raised_to_it(ldznet):
    picture(2, 100, 101).save(ldznet.folder / "a.png")
    for size in ("1", "31", "32"):
        good(ldznet("segment", "a.png", "-p", "sky", "--size", size, "-o", f"{size}.png"))
    assert len({(ldznet.folder / f"{size}.png").read_bytes() for size in ("1", "31", "32")}) == 1


def test_the_table_prefers_the_mask(ldznet, zoo):
    out = good(ldznet("segment", "zoo/a.png", "-p", "panda", "--save", "overlay,mask"))
    assert out.strip().endswith(".mask.png")


def test_coco_files_load_in_pycocotools(ldznet, zoo):
    (zoo / "bad.png").write_text("no picture")
    Image.open(ROOT / "examples" / "zoo.png").save(zoo / "a.png")
    run = ldznet("segment", "zoo", "-p", "sky|grass|panda", "-t", "0.1", "-r", "--coco", "c.json",
                 "--coco-results", "r.json", "--save", "mask", "-o", "out")  # fmt: skip
    assert run.returncode == 1
    data = COCO(ldznet.folder / "c.json")
    names = {image["file_name"] for image in data.loadImgs(data.getImgIds())}
    assert names == {"zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"}
    assert [c["name"] for c in data.loadCats(data.getCatIds())] == ["sky", "grass", "panda"]
    decoded = 0
    for image in data.loadImgs(data.getImgIds()):
        for category in data.loadCats(data.getCatIds()):
            there = pixels(ldznet.folder / "out" / f"{image['file_name']}.{category['name']}.mask.png") > 0
            found = data.loadAnns(data.getAnnIds(imgIds=image["id"], catIds=category["id"]))
            assert len(found) == int(there.any())
            for annotation in found:
                assert np.array_equal(data.annToMask(annotation) > 0, there) and annotation["area"] == there.sum()
                decoded += 1
    assert decoded > 0
    results = data.loadRes(str(ldznet.folder / "r.json"))
    assert len(results.getAnnIds()) == decoded


def test_coco_alone_writes_no_pictures(ldznet, zoo):
    good(ldznet("segment", "zoo/a.png", "-p", "sky", "--coco", "c.json"))
    assert ldznet.files() == sorted(["c.json", "zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"])
    assert ldznet("segment", "zoo/a.png", "-p", "sky", "--coco", "c.json").returncode == 73


def test_masks_have_the_exif_orientation_applied(ldznet):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    picture(5, 80, 40).save(ldznet.folder / "turned.jpg", exif=exif)
    (line,) = lines_of(good(ldznet("segment", "turned.jpg", "-p", "sky", "--json", "-o", ".")))
    assert (line["width"], line["height"]) == (40, 80)
    assert pixels(ldznet.folder / "turned.jpg.sky.mask.png").shape == (80, 40)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_extreme_aspect_ratios(ldznet, size):
    picture(1, *size).save(ldznet.folder / "odd.png")
    good(ldznet("segment", "odd.png", "-p", "sky", "-o", "m.png"))
    assert Image.open(ldznet.folder / "m.png").size == size
