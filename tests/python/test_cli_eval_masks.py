"""`ldznet eval` reads masks as programs write them: every depth, palettes, colours and transparency."""

import json

import numpy as np
from conftest import picture
from data_sets import read_manifest, write_gray, write_manifest
from PIL import Image, ImageDraw

SHAPE = (40, 56)


def the_mask() -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[8:25, 10:40] = True
    return mask


def with_palette(indices: np.ndarray, colors: list[tuple[int, int, int]]) -> Image.Image:
    image = Image.fromarray(indices.astype(np.uint8), "P")
    image.putpalette([value for color in colors for value in color])
    return image


def voc_palette() -> list[tuple[int, int, int]]:
    """PASCAL VOC's colours: the bits of a number, from the lowest, are the high bits of red, green and blue in turn."""
    return [tuple(sum((n >> (3 * i + c) & 1) << (7 - i) for i in range(3)) for c in range(3)) for n in range(256)]


def forms(mask: np.ndarray) -> dict[str, Image.Image]:
    """The same mask in many forms."""
    bits, gray = Image.fromarray(mask), Image.fromarray(mask.astype(np.uint8) * 255)
    ring = Image.new("L", mask.shape[::-1])
    ImageDraw.Draw(ring).rectangle((0, 0, 55, 39), outline=255)
    voc = with_palette(np.where(np.asarray(ring) > 0, 255, mask * 7), voc_palette())  # class 7 is gray
    alpha = Image.new("RGBA", gray.size, (30, 60, 90, 255))
    alpha.putalpha(gray)
    red = np.zeros((*mask.shape, 3), np.uint8)
    red[mask, 0] = 128
    return {
        "0-1": Image.fromarray(mask.astype(np.uint8)),
        "0-255": gray,
        "one-bit": bits,
        "black-and-white-palette": with_palette(~mask, [(255, 255, 255), (0, 0, 0)]),
        "voc": voc,
        "white-background": with_palette(mask, [(255, 255, 255), (200, 0, 0)]),
        "rgb": gray.convert("RGB"),
        "red": Image.fromarray(red),
        "rgba": gray.convert("RGBA"),
        "alpha": alpha,
        "gray-alpha": Image.merge("LA", (Image.new("L", gray.size, 77), gray)),
        "16-bit": Image.fromarray(mask.astype(np.uint16) * 65535),
        "16-bit-0-255": Image.fromarray(mask.astype(np.uint16) * 255),
        "16-bit-0-1": Image.fromarray(mask.astype(np.uint16)),
    }


def write_set(folder, masks: dict[str, Image.Image], suffix=".png") -> None:
    (folder / "masks").mkdir(parents=True)
    picture(1, SHAPE[1], SHAPE[0]).save(folder / "a.png")
    for name, mask in masks.items():
        mask.save(folder / "masks" / (name + suffix))
    write_manifest(folder, [{"id": n, "image": "a.png", "phrase": n, "mask": f"masks/{n}{suffix}"} for n in masks])


def report_of(run) -> dict:
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_masks_of_another_size_than_their_picture(ldznet):
    mask = Image.fromarray(the_mask())
    masks = {"half": mask.resize((SHAPE[1] // 2, SHAPE[0] // 2)), "turned": mask.transpose(Image.Transpose.ROTATE_90)}
    write_set(ldznet.folder / "set", masks)
    picture(1, SHAPE[1], SHAPE[0]).save(ldznet.folder / "set" / "b.png")
    lines = [
        {"image": f"{i}.png", "phrase": "x", "mask": f"masks/{m}.png", "id": m}
        for i, m in zip("ab", masks, strict=True)
    ]
    write_manifest(ldznet.folder / "set", lines)
    run = ldznet("eval", "set", "--predictions", "set/masks", "--json")
    assert run.returncode == 1
    assert [s["id"] for s in json.loads(run.stdout)["samples"]] == ["half"]
    said = run.stderr.decode()
    for name, size, image in (("half", "28 x 20", "a"), ("turned", "40 x 56", "b")):
        assert f"set/masks/{name}.png has {size} pixels and its image set/{image}.png has 56 x 40" in said


def test_perfect_masks_of_every_form(ldznet):
    mask = the_mask()
    write_set(ldznet.folder / "set", forms(mask))
    run = ldznet("eval", "set", "--predictions", "set/masks", "--json", "--markdown", "table.md")
    report = report_of(run)
    perfect = mask.sum() / (mask.sum() + 1)
    assert {s["id"]: (s["iou"], s["iou_0.5"]) for s in report["samples"]} == {
        name: ([perfect], [perfect]) for name in forms(mask)
    }
    figures = report["methods"]["masks"]
    assert figures["miou"] == figures["at_best"]["miou"] == perfect and figures["ap"] is None
    row = (ldznet.folder / "table.md").read_text().splitlines()[2]
    assert [cell.strip() for cell in row.split("|")[3:6]] == ["99.8", "100.0", "-"]
    assert b"lossy" not in run.stderr


def test_ap_needs_shades_in_a_method(ldznet):
    mask = the_mask()
    write_set(ldznet.folder / "set", {"one": Image.fromarray(mask)})
    Image.fromarray(mask.astype(np.uint8)).save(ldznet.folder / "set" / "one.png")
    write_gray(ldznet.folder / "shades" / "one.png", np.where(mask, 60000, 9000))
    run = ldznet("eval", "set", "--predictions", "mask=set", "--predictions", "shades", "--json", "--markdown", "t.md")
    report = report_of(run)
    assert report["methods"]["mask"]["ap"] is None and report["methods"]["shades"]["ap"] > 0
    (difference,) = report["differences"]
    assert difference["ap"] is None and difference["miou"]["value"] == 0
    assert (ldznet.folder / "t.md").read_text().splitlines()[-1].endswith("| - | - |")


def test_an_ap_beyond_100_is_warned_about(ldznet):
    """Simpson's rule, by which AP is defined, overshoots: recall .05, .06, 1 with precision .49, .53, .95."""
    truth = np.zeros(SHAPE, bool)
    truth[:20] = True
    shades = np.where(truth, 30, 0).astype(np.uint8)
    shades[0, :54], shades[20, :56], shades[1, :10] = 255, 255, 200
    write_set(ldznet.folder / "set", {"one": Image.fromarray(truth)})
    write_manifest(ldznet.folder / "set", [line | {"kind": "thing"} for line in read_manifest(ldznet.folder / "set")])
    for name, values in {"sharp": shades, "good": np.where(truth, 200, 30).astype(np.uint8)}.items():
        write_gray(ldznet.folder / name / "one.png", values.astype(np.uint16) * 257)
    options = ("--predictions", "sharp", "--predictions", "good", "--by", "kind", "--json")
    run = ldznet("eval", "set", *options)
    figures = report_of(run)["methods"]
    assert figures["sharp"]["ap"] > 1 >= figures["good"]["ap"] > 0
    assert [line for line in run.stderr.decode().splitlines() if "AP" in line] == [
        f"ldznet: warning: the AP of sharp{of} is outside 0 to 100 and cannot be used: there are too few samples, or hardly "
        "any probabilities between 0 and 1; compare mIoU"
        for of in ("", " for thing")
    ]


def test_a_folder_of_probabilities_has_small_ones_not_masks(ldznet):
    mask = the_mask()
    truth = Image.fromarray(mask)
    write_set(ldznet.folder / "set", {"absent": Image.new("1", truth.size), "present": truth})
    write_gray(ldznet.folder / "out" / "absent.png", mask)  # at most 1 / 65,535
    write_gray(ldznet.folder / "out" / "present.png", np.where(mask, 50000, 300))
    figures = report_of(ldznet("eval", "set", "--predictions", "out", "--json"))["methods"]["out"]
    assert figures["absent_accuracy"] == 1


def test_lossy_masks_are_warned_about_once_and_read_from_half_on(ldznet):
    mask = the_mask()
    names = {"one": Image.fromarray(mask), "two": Image.fromarray(mask)}
    write_set(ldznet.folder / "set", {name: m.convert("L") for name, m in names.items()}, ".jpg")
    for name, m in names.items():
        m.save(ldznet.folder / "set" / f"{name}.png")
    run = ldznet("eval", "set", "--predictions", "set", "--json")
    assert report_of(run)["methods"]["set"]["miou"] == mask.sum() / (mask.sum() + 1)
    assert run.stderr.decode().count("lossy") == 1 and b"set/masks/one.jpg" in run.stderr
