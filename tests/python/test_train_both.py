"""Training on drawings and photographs within a given time: every stage, its losses, and what comes out of it."""

import json
import shutil
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import BINARY, ROOT
from PIL import Image
from torch import nn

from ldznet_training import mini, mini_both, tile_sheet
from ldznet_training.scenes import compositor
from ldznet_training.scenes.chance import Chance
from ldznet_training.scenes.compositor import Mix
from ldznet_training.scenes.vocabulary import vocabulary_of_both
from ldznet_training.semantic import BIAS, Semantics
from ldznet_training.train import clip, heads, ldm, vae
from ldznet_training.train.both import calibration, comparison, depthwise, parts, samples, semantic
from ldznet_training.train.both.calibration import calibrate, fit_domains
from ldznet_training.train.both.drawn_calibration import ABSENT_NAMES, SMALLER, drawn_maps
from ldznet_training.train.both.plan import SHAPES, STAGES
from ldznet_training.train.both.pool import Pool
from ldznet_training.train.both.run import Run
from ldznet_training.train.both.world import PROMPTS, World
from ldznet_training.train.weights import load_ema, save_atomically
from ldznet_training.unet import UNet
from ldznet_training.vae import VAEConfig

NAMES = list(vocabulary_of_both())
TINY = mini_both.Sizes(
    text=replace(mini.TEXT, layers=1),
    vae=VAEConfig(channels=8, channel_mult=(1, 1, 1, 2), res_blocks=1, latent_channels=8, groups=8),
    decoder_widths=(16, 8),
    unet=replace(mini_both.UNET, model_channels=32),
    ldznet=replace(mini_both.LDZNET, model_channels=32, match_channels=16, match_blocks=1),
    ldznet_as_published=replace(mini_both.LDZNET_AS_PUBLISHED, model_channels=32),
    znet=replace(mini_both.ZNET, model_channels=32),
)


def drawing(name: str) -> np.ndarray:
    """A square of the name's own colour, uint8 (160, 160, 4)."""
    rgba = np.zeros((160, 160, 4), np.uint8)
    rgba[15:145, 15:145, :3] = np.random.default_rng(len(name)).integers(0, 256, 3)
    rgba[15:145, 15:145, 3] = 255
    return rgba


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A few drawings in two styles and 30 photographs of two sources."""
    folder = tmp_path_factory.mktemp("world")
    for style, names in (("noto", ["panda", "dog", "pine tree", "key"]), ("fluent-3d", ["bell"])):
        np.savez_compressed(folder / f"{style}.npz", rgba=np.stack([drawing(n) for n in names]), names=np.array(names))
    (folder / "voc").mkdir()
    lines = []
    for index in range(30):
        source, label, name = (("voc", 12, "dog"), ("objects", 172, "panda"))[index % 2]
        pixels, labels = np.full((60, 80, 3), 90, np.uint8), np.zeros((60, 80), np.uint8)
        pixels[10:50, 15:60], labels[10:50, 15:60] = (10 * index % 256, 200, 40), label
        Image.fromarray(pixels).save(folder / "voc" / f"{index}.jpg")
        Image.fromarray(labels).save(folder / "voc" / f"{index}.png")
        lines.append(
            json.dumps({"source": source, "image": f"voc/{index}.jpg", "labels": f"voc/{index}.png", "names": [name]})
        )
    (folder / "photos.jsonl").write_text("\n".join(lines))
    (folder / "labels.tsv").write_text(
        "label\tname\tsynonyms\tsource\tkind\n12\tdog\t\tvoc\tthing\n18\tcat\t\tvoc\tthing\n172\tpanda\t\tobjects\tthing\n"
    )
    return World(folder, folder, torch.device("cpu"), painted=4, least=1)


def test_prompts_name_what_is_there_or_what_is_known_to_be_absent(world):
    chance, tree, pine = Chance([1]), NAMES.index("tree"), NAMES.index("pine tree")
    pictures = world.compositor.batch(48, chance, 64, 64, Mix(0.25, 0.25, 0.25, 0.25))
    present = pictures.present()
    might = (pictures.known & ~present).sum(1) > 2  # pictures for which several absent names are known
    shares = []
    for _ in range(20):
        asked = world.prompts(present, pictures.known, chance)
        assert asked.shape == (48, PROMPTS) and pictures.known.gather(1, asked).all()
        absent = ~present.gather(1, asked)
        assert not (absent & (asked == tree) & present[:, pine, None]).any()
        shares.append(absent[might].float().mean())
    assert 0.2 < np.mean(shares) < 0.45


def test_cells_learn_their_names(world):
    torch.manual_seed(9)
    model = semantic.Naming(len(world.words))
    step_loss = semantic.naming_step(depthwise.fast_depthwise(model), world, size=3)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    losses = []
    for _ in range(8):  # always the same pictures
        loss, figures = step_loss(0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert figures["something"] > 0.5


def test_semantics_are_calibrated_on_held_out_photographs(world):
    torch.manual_seed(4)
    model, contexts = Semantics(16), SimpleNamespace(table=torch.randn(len(world.words), 5, 16))
    prompts = SimpleNamespace(contexts=contexts, rows=torch.arange(len(world.words))[:, None])
    model.encoder(torch.rand(4, 3, 64, 64))  # the batch norms see something
    model.eval().requires_grad_(False)
    assert 0.5 <= fit_domains(model, world, batches=4, size=4, steps=50) <= 1
    figures = calibrate(model, world, prompts, batches=2, size=4)
    assert 0 <= figures["empty"] <= 1 and 0 <= figures["miou"] <= 1
    assert float(model.match.bias) == pytest.approx(figures["bias"])
    assert float(model.match.peak) == pytest.approx(figures["peak"])
    assert float(model.match.bias + model.match.lift) == pytest.approx(BIAS)


def test_the_head_and_the_match_answer_for_drawings(world):
    torch.manual_seed(5)
    unet = UNet(mini.UNET, list(mini.TAPS)).requires_grad_(False)
    head, model = heads.make_head("ldznet", unet), Semantics(mini.TEXT.width)
    table = torch.randn(len(NAMES), 77, mini.TEXT.width)
    contexts = SimpleNamespace(table=table, empty=table[:1])
    prompts = SimpleNamespace(contexts=contexts, rows=torch.arange(len(NAMES))[:, None])

    def latents(images):
        return torch.nn.functional.avg_pool2d(images[:, [0, 1, 2, 0]], 8)

    maps = drawn_maps(model.eval(), head, unet, latents, world, prompts, batches=1, size=3)
    there, absent = ([m for m in maps if (m.truth is None) == missing] for missing in (False, True))
    assert there and len(absent) == 3 * ABSENT_NAMES
    side = calibration.SHAPES[0][0] // SMALLER
    assert all(m.logits.shape == m.match.shape == (side, side) for m in maps)
    assert all(m.truth.shape == (side, side) and m.truth.any() for m in there)


def test_a_pool_replaces_its_oldest_pictures(world):
    calls = []

    def latents(images):
        calls.append(len(images))
        return torch.full((len(images), 8, 2, 2), float(len(calls)))

    pool = Pool(world, latents, masked=True, kept=10)
    turns = len(SHAPES)
    seen = [set(pool.batch(5, turns * k, 8)[0].z[:, 0, 0, 0].tolist()) for k in range(6)]
    assert calls == [2] * 9  # a whole batch at first, in pieces, then a quarter
    assert seen[0] <= {1.0, 2.0, 3.0, 4.0} and 1.0 not in seen[5] and len(set().union(*seen)) > 3
    batch, _ = pool.batch(5, turns * 6, 8)
    assert batch.labels.shape == (8, *SHAPES[0]) and batch.present.shape == batch.known.shape == (8, len(NAMES))
    shown = torch.zeros_like(batch.present)
    for row, labels in enumerate(batch.labels):
        shown[row, labels[labels > 0].unique() - 1] = True
    assert torch.equal(shown, batch.present)


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
    head = heads.make_head("ldznet", unet, sizes.ldznet)
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
    assert all(0 <= f["miou"] <= 1 and 0 <= f["absent"] <= 1 and f["masks"] > 0 for f in figures.values())


@pytest.mark.parametrize("method", [method for method in heads.METHODS if method != "ldznet"])
def test_heads_of_the_comparison_learn_from_photographs_alone(world, trained, method):
    run = replace(trained, method=method, photographed=True, parts=None, stages=("head",))
    assert run.train()
    assert run.checkpoint("head").name == f"head-{method}-photographs.ckpt"
    answers = run.answers(2)
    assert [(a.picture, a.name) for a in answers] == [(a.picture, a.name) for a in trained.answers(2)]
    if method == "znet":
        shared = comparison.names_of_photographs(world.compositor.photographs.index)
        text = comparison.table({"rgbnet": answers, "znet": answers}, shared)
        assert shared == {"dog", "panda"} and "| photographs |" in text and "+0.0 (0.0 to 0.0)" in text


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


def test_drawings_alone_can_be_trained_on(world):
    alone = World(world.drawings, None, torch.device("cpu"), painted=2)
    pictures = alone.compositor.batch(4, Chance([1]), 32, 32, alone.mix)
    assert alone.mix == compositor.DRAWN and pictures.known.all()


def test_a_cache_keeps_the_decoded_pictures(world, tmp_path, monkeypatch):
    options = {"drawings": world.drawings, "photographs": world.photographs, "device": torch.device("cpu")}
    worlds = [World(**options, painted=2, least=1, cache=tmp_path / "cache")]
    monkeypatch.setattr(World, "_photographs", lambda *_: pytest.fail("decoded again"))
    worlds.append(World(**options, painted=2, least=1, cache=tmp_path / "cache"))
    with pytest.raises(pytest.fail.Exception, match="decoded again"):
        World(**options, painted=3, least=1, cache=tmp_path / "cache")
    for name in ("compositor", "validation"):
        one, two = (getattr(w, name).batch(4, Chance([1]), 32, 32, Mix()) for w in worlds)
        assert torch.equal(one.images, two.images) and torch.equal(one.labels, two.labels)
