"""scripts/finetune.py: a head learns a word from a few pictures, in two runs; data sets are read as `eval` reads them."""

import json
import sys

import numpy as np
import pytest
import torch
from conftest import BINARY, MODEL, Program, good, lines_of
from PIL import Image
from pycocotools import mask as coco

import finetune
from ldznet_training import mini
from ldznet_training.bundle import load_network, load_weights
from ldznet_training.errors import UserError
from ldznet_training.finetune.frozen import working_size
from ldznet_training.finetune.result import evaluate
from ldznet_training.finetune.samples import DatasetError, read_pictures, split
from ldznet_training.finetune.semantic_part import NECK, TEXT
from ldznet_training.semantic import Semantics
from ldznet_training.tokenizer import Tokenizer
from ldznet_training.train import mini_bundle
from ldznet_training.train.weights import save_atomically


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """The miniature's, with LD-ZNet as the only head and without semantic latents."""
    folder = tmp_path_factory.mktemp("checkpoints")
    mini_bundle.unpack(MODEL, folder)
    for file in [folder / "semantic.ckpt", *folder.glob("shipped-*net.ckpt")]:
        if file.name != "shipped-ldznet.ckpt":
            file.unlink(missing_ok=True)
    return folder


def write_small_bundle(checkpoints, folder, dtype):
    """A bundle with a working area of 64 x 64 and few names."""
    mini_bundle.write_mini(checkpoints, folder, "1", overwrite=False, dtype=dtype)
    manifest = json.loads((folder / "model.json").read_text())
    manifest["image"]["area"] = 64 * 64
    manifest["names"] = dict(list(manifest["names"].items())[:9])
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def small_bundle(checkpoints):
    return write_small_bundle(checkpoints, checkpoints / "small", "float16")


@pytest.fixture(scope="module")
def semantic_bundle(checkpoints):
    """In 8-bit integers, with untrained semantic latents."""
    torch.manual_seed(4)
    semantics = Semantics(mini.TEXT.width)
    semantics.encoder(torch.rand(8, 3, 64, 64) * 2 - 1)  # for the norms
    save_atomically({"ema": semantics.state_dict()}, checkpoints / "semantic.ckpt")
    bundle = write_small_bundle(checkpoints, checkpoints / "semantic", "int8")
    (checkpoints / "semantic.ckpt").unlink()
    return bundle


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """Red squares on gray, by the name "zork"."""
    folder, rng = tmp_path_factory.mktemp("squares"), np.random.default_rng(5)
    lines = []
    for number in range(8):
        pixels, mask = np.full((64, 64, 3), 128, np.uint8), np.zeros((64, 64), np.uint8)
        x, y = rng.integers(0, 32, 2)
        pixels[y : y + 32, x : x + 32] = (220, 20, 20)
        mask[y : y + 32, x : x + 32] = 255
        Image.fromarray(pixels).save(folder / f"{number}.png")
        Image.fromarray(mask).save(folder / f"{number}.mask.png")
        lines.append({"image": f"{number}.png", "phrase": "zork", "mask": f"{number}.mask.png"})
        lines.append({"image": f"{number}.png", "phrase": "blip", "mask": None})
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def run(monkeypatch, capsys, *arguments):
    """Runs the script in this process; returns code, stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["finetune.py", *map(str, arguments)])
    code = finetune.main()
    return code, *capsys.readouterr()


def test_a_word_is_learnt(small_bundle, squares, tmp_path, monkeypatch, capsys):
    output = tmp_path / "zorks"
    command = ["--bundle", small_bundle, "--data", squares, "--output", output, "--program", BINARY, "--rate", "1e-3"]
    command += ["--validation", "0.25", "--batch", "2", "--bundle-version", "7", "--threads", "1"]
    code, out, err = run(monkeypatch, capsys, *command, "--epochs", "1")
    assert out.startswith("6 pictures to train on, 2 for validation, 2 phrases\nbefore: mIoU ")
    assert (code, output.exists()) in ((0, True), (70, False)), err  # 70: the first epoch was no better
    code, out, err = run(monkeypatch, capsys, *command, "--epochs", "5", "--overwrite")
    assert code == 0, err
    assert "continuing after epoch 1\nepoch 2: " in out
    *_, before, after = out.splitlines()
    figures = [float(line.split("mIoU ")[1].split(",")[0]) for line in (before, after)]  # of ldznet eval
    assert figures[1] > figures[0] + 10

    manifest = json.loads((output / "model.json").read_text())
    assert (manifest["name"], manifest["version"], list(manifest["methods"])) == ("zorks", "7", ["ldznet"])
    parent = json.loads((small_bundle / "model.json").read_text())
    assert manifest["names"] == {**parent["names"], "zork": [], "blip": []}
    assert manifest["domain"] == parent["domain"] + "; fine-tuned on other pictures"
    assert {file.name for file in output.iterdir()} == {*manifest["files"], "model.json", "MODEL_CARD.md"}
    ids = torch.tensor([Tokenizer.load(output).encode(phrase, 77) for phrase in ("", "zork")])
    old, new = (load_network(folder / "text_encoder.pt")(ids) for folder in (small_bundle, output))
    assert torch.equal(old[0], new[0]) and not torch.equal(old[1], new[1])  # the UNet's features stay as they were
    found = Program(tmp_path)("segment", squares / "0.png", "-p", "zork", "-m", output, "--json")
    assert lines_of(good(found))[0]["model"]["name"] == "zorks"
    assert b"zork" not in found.stderr  # no warning of an unknown name


def test_a_word_is_learnt_by_semantic_latents(semantic_bundle, squares, tmp_path, monkeypatch, capsys):
    output = tmp_path / "zorks"
    command = ["--bundle", semantic_bundle, "--data", squares, "--output", output, "--program", BINARY]
    command += ["--validation", "0.25", "--batch", "1", "--threads", "1", "--rate", "3e-3", "--epochs", "5"]
    code, out, err = run(monkeypatch, capsys, *command)
    assert code == 0, err
    *_, before, after = out.splitlines()
    figures = [float(line.split("mIoU ")[1].split(",")[0]) for line in (before, after)]  # of ldznet eval
    assert figures[1] > figures[0] + 10
    assert json.loads((output / "model.json").read_text())["dtype"] == "int8"
    changed = set()
    for file in output.glob("*.pt"):
        old, new = (load_weights(folder / file.name) for folder in (semantic_bundle, output))
        changed |= {f"{file.stem}.{name}" for name, value in old.items() if not torch.equal(value, new[name])}
    parts = [f"vae_encoder.semantic.{part}." for part in NECK] + [f"ldznet.semantic.{part}." for part in TEXT]
    assert {next((part for part in parts if name.startswith(part)), name) for name in changed} == set(parts)


def test_another_run_s_state_is_refused(small_bundle, squares, tmp_path, monkeypatch, capsys):
    command = [
        "--bundle",
        small_bundle,
        "--data",
        squares,
        "--output",
        tmp_path / "x",
        "--work",
        tmp_path / "work",
        "--threads",
        "1",
    ]
    (tmp_path / "work").mkdir()
    torch.save({"identity": {}}, tmp_path / "work" / "state.pt")
    code, _, err = run(monkeypatch, capsys, *command)
    assert code == 73 and "another bundle, data set or setting" in err
    code, _, err = run(monkeypatch, capsys, *command, "--data", tmp_path)
    assert code == 65 and "manifest.jsonl" in err


def test_mistakes_are_told_before_training(small_bundle, squares, tmp_path, monkeypatch, capsys):
    command = ["--bundle", small_bundle, "--data", squares]
    code, _, err = run(monkeypatch, capsys, *command, "--output", small_bundle, "--overwrite")
    assert code == 73 and "from which the bundle is made" in err
    for wrong in ("--batch=0", "--epochs=-1", "--threads=-1", "--batch=x", "--rate=nan"):
        with pytest.raises(SystemExit, match="64"):
            run(monkeypatch, capsys, *command, "--output", tmp_path / "x", wrong)
        assert wrong.split("=")[0] in capsys.readouterr().err.splitlines()[-1]


def test_a_failing_eval_is_told(squares, tmp_path):
    with pytest.raises(UserError, match=r"eval failed for .*none"):
        evaluate(BINARY, tmp_path / "none", read_pictures(squares), tmp_path / "validation")


def test_masks_of_every_kind(tmp_path):
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    wanted = np.zeros((10, 20), bool)
    wanted[2:8, 5:15] = True
    Image.fromarray(wanted.astype(np.uint8) * 255).save(tmp_path / "gray.png")
    Image.fromarray(wanted.astype(np.uint8)).save(tmp_path / "ones.png")
    Image.fromarray(wanted[..., None] * np.array([64, 0, 0], np.uint8)).save(tmp_path / "color.png")
    encoded = coco.encode(np.asfortranarray(wanted, np.uint8))
    edges = np.flatnonzero(np.diff(np.r_[False, wanted.T.ravel(), False].astype(int)))
    counts = [int(n) for n in np.diff(np.r_[0, edges, wanted.size])]
    masks = {
        "gray": "gray.png",
        "ones": "ones.png",
        "color": "color.png",
        "compressed": {"size": [10, 20], "counts": encoded["counts"].decode()},
        "listed": {"size": [10, 20], "counts": counts},
        "polygon": [[5, 2, 14, 2, 14, 7, 5, 7]],
        "absent": "",
    }
    lines = [{"image": "a.png", "phrase": phrase, "mask": mask} for phrase, mask in masks.items()]
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    (picture,) = read_pictures(tmp_path)
    for phrase in masks:
        found = picture.mask(phrase, (20, 10))
        assert (found == (wanted if phrase != "absent" else False)).all(), phrase
    with pytest.raises(DatasetError, match="too few"):
        split([picture], 0.2)
    (tmp_path / "manifest.jsonl").write_text('{"image": "a.png"}\n')
    with pytest.raises(DatasetError, match="line 1"):
        read_pictures(tmp_path)
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, [*lines, lines[3]])) + "\n")
    with pytest.raises(DatasetError, match=r"line 8: a\.png has a line for 'compressed' already"):
        read_pictures(tmp_path)


@pytest.mark.parametrize(
    "mask", [5, True, {}, {"size": [10, 20]}, {"size": "ab", "counts": []}, [5, 2, 14, 2], [[1, 2]], [["x"] * 6]]
)
def test_masks_of_another_type_are_refused(tmp_path, mask):
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    line = {"image": "a.png", "phrase": "thing", "mask": mask}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(DatasetError, match="line 1: the mask must be"):
        read_pictures(tmp_path)


@pytest.mark.parametrize(
    ("picture", "working"), [((640, 480), (256, 192)), ((480, 640), (192, 256)), ((500, 500), (224, 224))]
)
def test_working_sizes_are_the_program_s(picture, working):
    assert working_size(*picture, 224 * 224, 32) == working
