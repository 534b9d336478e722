"""Cut-outs have the picture's own colours, colour profile and transparency."""

import io
import json

import numpy as np
from conftest import ROOT
from PIL import Image, ImageCms, ImageOps

PICTURES = ROOT / "tests/data/pictures"
# Whose RGB samples a cut-out has as they are, and whose it has in sRGB: what a PNG of colours cannot have a profile for.
OWN = ["rgb.png", "rgba.png", "gray-alpha.png", "palette-transparent.png", "rgba.webp", "adobe-rgb.png", "adobe-rgb.tiff",
       "adobe-rgb-alpha.png", "srgb-profile.png", "orientation6.png"]  # fmt: skip
CONVERTED = ["gray-profile.png", "wrong-profile.png", "damaged-profile.png"]


def cut_outs(ldznet, names, threshold):
    requests = [
        {"id": name, "image": str(PICTURES / name), "prompts": ["sky"], "threshold": threshold, "size": 32,
         "save": ["cutout"], "output": str(ldznet.folder / str(threshold))}
        for name in names
    ]  # fmt: skip
    run = ldznet("worker", "-q", stdin="".join(json.dumps(request) + "\n" for request in requests).encode())
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()[1:]]
    return {answer["id"]: Image.open(answer["results"][0]["files"]["cutout"]) for answer in answers}


def test_cut_outs_keep_transparency_and_colour_profile(ldznet):
    cuts = cut_outs(ldznet, OWN + CONVERTED, 0)
    for name in OWN:
        original = ImageOps.exif_transpose(Image.open(PICTURES / name))
        assert np.array_equal(np.asarray(cuts[name]), np.asarray(original.convert("RGBA"))), name
        assert cuts[name].info.get("icc_profile") == original.info.get("icc_profile"), name
    assert cuts["adobe-rgb.png"].info["icc_profile"]
    for name in CONVERTED:
        shown = np.asarray(Image.open(PICTURES / f"{name}.ppm")).astype(int)
        assert "icc_profile" not in cuts[name].info, name
        assert np.abs(np.asarray(cuts[name])[..., :3] - shown).max() <= 2, name
    # Viewers see what the networks saw.
    wide = ImageCms.ImageCmsProfile(io.BytesIO(cuts["adobe-rgb.png"].info["icc_profile"]))
    seen = ImageCms.profileToProfile(cuts["adobe-rgb.png"].convert("RGB"), wide, ImageCms.createProfile("sRGB"))
    assert np.abs(np.asarray(seen).astype(int) - np.asarray(Image.open(PICTURES / "adobe-rgb.png.ppm"))).max() <= 2


def test_outside_of_the_mask_a_cut_out_is_transparent_black(ldznet):
    cut = cut_outs(ldznet, ["rgba.png"], 1)["rgba.png"]
    assert not np.asarray(cut).any()
