"""Training on drawings and photographs within a given time: every stage, its losses, and what comes out of it."""

import json
import shutil
import subprocess
from collections import defaultdict
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import BINARY, ROOT
from tiny_world import TINY, tiny_world
from torch import nn

import train_both
from ldznet_training.errors import MissingInputError
from ldznet_training.scenes import compositor, tile_sheet
from ldznet_training.scenes.vocabulary import vocabulary_of_both
from ldznet_training.train import clip, heads, ldm, vae
from ldznet_training.train.both import parts, samples
from ldznet_training.train.both.plan import STAGES
from ldznet_training.train.both.pool import Latents
from ldznet_training.train.both.run import Run
from ldznet_training.train.both.trained import Trained
from ldznet_training.train.both.validation import held_out_batches, reconstruction_psnr
from ldznet_training.train.both.world import shared_world
from ldznet_training.train.process_group import run_processes
from ldznet_training.train.weights import load_ema, save_atomically
from ldznet_training.unet import UNet

NAMES = list(vocabulary_of_both())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return tiny_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def trained(world, tmp_path_factory):
    """Two steps of every stage of tiny networks."""
    folder = tmp_path_factory.mktemp("run")
    run = Run(
        world,
        folder / "checkpoints",
        minutes=60,
        parts=folder / "parts",
        most_steps=2,
        batch_scale=0.25,
        every=1,
        sizes=TINY,
    )
    torch.manual_seed(3)
    run.train()
    return run


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """A run with the networks' real sizes and the weights that training starts from."""
    run = Run(None, tmp_path_factory.mktemp("untrained"))
    sizes = run.sizes
    unet = UNet(sizes.unet)
    head = heads.make_head("ldznet", unet, sizes.heads["ldznet"])
    modules = {
        "clip": clip.CLIP(sizes.text),
        "vae": vae.Autoencoder(sizes.vae, sizes.decoder_widths),
        "ldm": ldm.Denoiser(sizes.unet),
        "match": head.match,
        "head": head,
    }
    for stage, module in modules.items():
        save_atomically({"ema": module.state_dict()}, run.checkpoint(stage))
    (run.output / parts.SCALE).write_text('{"scale": 0.5}')
    return run


def test_every_stage_trains(trained):
    for stage in STAGES:
        log = trained.checkpoint(stage).with_suffix(".jsonl")
        curve = [json.loads(line) for line in log.read_text().splitlines()]
        assert [line["step"] for line in curve] == [1, 2]
        assert all(np.isfinite(line["loss"]) for line in curve)
    trained.train()  # all stages are finished
    assert len(log.read_text().splitlines()) == 2


def test_stages_start_from_given_weights(world, trained, tmp_path):
    torch.manual_seed(4)
    run = Run(
        world, tmp_path / "run", minutes=60, most_steps=1, sizes=TINY, batch_scale=0.25, stages=("match",),
        start=trained.parts,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"no weights of stage 'clip'.*--start"):
        replace(run, start=None).train()
    assert run.train()
    assert run.scale() == pytest.approx(trained.scale())
    given, new = (load_ema(path / "match.ckpt") for path in (run.output / "start", run.output))
    moved = [(new[name] - given[name]).abs().max() for name in given]
    assert 0 < max(moved) < 0.01  # one step from the given weights
    assert not run.checkpoint("head").exists()
    for name in ("clip", "vae", "ldm"):
        taken, parent = load_ema(run.output / f"{name}.ckpt"), load_ema(trained.output / f"{name}.ckpt")
        assert all(torch.allclose(value, parent[key], rtol=1e-3, atol=1e-3) for key, value in taken.items())


def test_a_run_is_validated(trained):
    figures = trained.validate(per_source=2)
    assert "drawn" in figures
    assert all(0 <= f["frequent"] <= 1 for f in figures.values())
    assert all(0 <= f["miou"] <= 1 and f["masks"] > 0 for f in figures.values())
    assert 0 <= figures["drawn"]["absent"] <= 1
    assert figures["voc"]["absent"] is None  # its photographs know one name
    assert trained.psnr(per_source=2).keys() == figures.keys()


def test_psnr_of_held_out_pictures(world):
    def encoder(images):
        return torch.cat([images, torch.zeros_like(images)], 1)  # the first half is z's mean

    each = defaultdict(list)
    for source, pictures in held_out_batches(world, 2):
        each[source].extend(-10 * np.log10(float((0.1 * image).square().mean()) / 4) for image in pictures.images)
    means = {source: pytest.approx(np.mean(values), abs=0.05) for source, values in each.items()}
    assert reconstruction_psnr(lambda z: z * 0.9, world, Latents(encoder, world, scale=3.0), 2) == means


@pytest.mark.parametrize("method", heads.METHODS)
def test_heads_of_the_comparison_learn_from_photographs_alone(world, trained, method, monkeypatch):
    kinds, batch = [], world.compositor.batch

    def composed(*arguments, **options):
        pictures = batch(*arguments, **options)
        kinds.append(pictures.kinds)
        return pictures

    run = replace(trained, method=method, photographed=True, parts=None, stages=("match", "head"))
    monkeypatch.setattr(world.compositor, "batch", composed)
    assert run.train()
    assert (torch.cat(kinds) == compositor.PHOTOGRAPH).all()
    assert run.checkpoint("head").name == f"head-{method}-photographs.ckpt" and run.steps("head") == 2
    answers = run.answers(2)
    assert [(a.picture, a.name) for a in answers] == [(a.picture, a.name) for a in trained.answers(2)]
    assert {a.source for a in answers} == {"voc", "drawn"}


def test_heads_are_compared(world, trained, capsys, monkeypatch):
    assert replace(trained, method="znet", stages=("head",), parts=None).train()
    monkeypatch.setattr(train_both, "load_world", lambda _: world)
    monkeypatch.setattr(train_both, "Trained", partial(Trained, sizes=TINY))
    capsys.readouterr()
    train_both.compare(SimpleNamespace(output=trained.output, photographed=False, per_source=2))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "steps of every head: 2" and lines[1] == "| | masks | | znet | ldznet |"
    assert any(line.startswith("| drawings of names that photographs show |") for line in lines)
    assert replace(trained, method="rgbnet", stages=("head",), parts=None, most_steps=1).train()
    with pytest.raises(MissingInputError, match="equally many steps"):
        train_both.compare(SimpleNamespace(output=trained.output, photographed=False, per_source=2))


def two_steps(output, world_options) -> int:
    """One of several processes that train the text encoder."""
    world = shared_world(**world_options)
    run = Run(world, output, minutes=60, most_steps=2, batch_scale=0.1, every=1, sizes=TINY, stages=("clip", "vae"))
    return 0 if run.train() else 1


def test_processes_train_together(world, tmp_path):
    options = {"drawings": world.drawings, "photographs": world.photographs, "device": torch.device("cpu")}
    options |= {"painted": 2, "least": 1, "cache": tmp_path / "cache"}
    assert run_processes(2, two_steps, tmp_path / "run", options) == 0
    run = Run(None, tmp_path / "run", sizes=TINY)
    assert run.steps("clip") == run.steps("vae") == 2 and run.scale() > 0


def test_samples_are_made_of_the_prompts(trained):
    contexts = trained.contexts
    decoder = nn.Conv2d(8, 3, 1)
    sheet = samples.sample_sheet(
        trained.denoiser(),
        nn.Sequential(nn.Upsample(scale_factor=8), decoder),
        1.0,
        contexts,
        ["dog", "cat"],
        64,
        steps=2,
    )
    assert sheet.size == (samples.COLUMNS * (64 + tile_sheet.GAP), 82)
    both = [np.asarray(sheet.crop((x, 0, x + 64, 64))) for x in (0, 64 + tile_sheet.GAP)]
    assert not np.array_equal(*both)


def test_parts_are_small_and_never_stale(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "LIMIT", 1 << 20)
    parts.write_parts(trained.output, tmp_path)
    many = list(tmp_path.glob("weights-*.pt"))
    monkeypatch.undo()
    parts.write_parts(trained.output, tmp_path)
    assert len(list(tmp_path.glob("weights-*.pt"))) < len(many)


def test_parts_make_a_bundle_that_the_program_runs(untrained, tmp_path):
    parts.write_parts(untrained.output, tmp_path / "parts")
    files = list((tmp_path / "parts").glob("weights-*.pt"))
    assert len(files) > 1 and all(f.stat().st_size < 16 << 20 for f in files)
    stages = parts.join_parts(tmp_path / "parts", tmp_path / "joined")
    assert stages == ["clip", "head-ldznet", "ldm", "match", "vae"]
    bundle = tmp_path / "bundle"
    Run(None, tmp_path / "joined").write_bundle(bundle, "5")
    manifest = json.loads((bundle / "model.json").read_text())
    assert manifest["latent"]["channels"] == 8
    assert sum(f["bytes"] for f in manifest["files"].values()) < 60e6
    command = [
        BINARY,
        "segment",
        ROOT / "examples" / "zoo.png",
        "-p",
        "dog",
        "--model",
        bundle,
        "-o",
        tmp_path / "dog.png",
        "--size",
        "96",
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "dog.png").is_file()
    shutil.rmtree(tmp_path)


def test_an_interrupted_run_leaves_what_it_has(trained, tmp_path):
    folder = tmp_path / "unfinished"
    folder.mkdir()
    for name in ("clip.ckpt", "vae.ckpt"):
        shutil.copyfile(trained.output / name, folder / name)
    parts.write_parts(folder, tmp_path / "parts")
    assert parts.join_parts(tmp_path / "parts", tmp_path / "joined") == ["clip", "vae"]
    saved = torch.load(tmp_path / "joined" / "vae.ckpt", weights_only=True)["ema"]
    assert any(name.startswith("decoder.") for name in saved)
    saved = torch.load(tmp_path / "joined" / "clip.ckpt", weights_only=True)["ema"]
    assert saved and not any(name.startswith("image.") for name in saved)
