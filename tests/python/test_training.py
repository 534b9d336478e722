"""Training of the miniature: stages and their options, resuming, data, losses, and scripted against eager networks."""

import json

import numpy as np
import pytest
import torch
from torch import nn

import train
from ldznet_training import mini
from ldznet_training.bundle import script
from ldznet_training.errors import UserError
from ldznet_training.paths import MODELS
from ldznet_training.scenes.cache import load_cache
from ldznet_training.scenes.vocabulary import vocabulary
from ldznet_training.text_encoder import TextEncoder
from ldznet_training.train import heads, match, mini_bundle, stages
from ldznet_training.train.dataset import PROMPTS, SceneDataset
from ldznet_training.train.hyperparameters import HYPERPARAMETERS
from ldznet_training.train.loop import Loop
from ldznet_training.train.weights import load_frozen
from ldznet_training.unet import UNet
from ldznet_training.vae import VAEEncoder


@pytest.mark.parametrize(
    "command",
    [
        "clip --start x.ckpt", "clip --method znet", "vae --size 96", "ldm --most-scenes 5", "drawings --steps 3", "scenes --minutes 1",
        "latents --rate 1", "bundle --method znet", "unpack --method ldznet", "all --steps 3", "all --start x.ckpt", "nothing",
    ],
)  # fmt: skip
def test_a_stage_refuses_options_without_a_meaning(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        train.make_parser().parse_args(command.split())
    assert exit_.value.code == 2 and "error:" in capsys.readouterr().err


def test_all_passes_its_options_to_the_stages_that_have_them(tmp_path):
    parser = train.make_parser()
    given = parser.parse_args(
        ["all", "--processes", "2", "--most-scenes", "9", "--method", "ldznet-published", "--output", str(tmp_path)]
    )
    head, scenes, bundle = (train.stage_options(parser, stage, given) for stage in ("head", "scenes", "bundle"))
    assert (head.stage, head.processes, head.method, head.steps, head.output) == (
        "head",
        2,
        "ldznet-published",
        HYPERPARAMETERS["head"].steps,
        tmp_path,
    )
    assert (scenes.processes, scenes.most_scenes, scenes.size) == (2, 9, mini.SIZE)
    assert (bundle.method, bundle.output, bundle.bundle) == ("ldznet-published", tmp_path, MODELS / "ldznet-mini-new")


@pytest.mark.parametrize("stage", ["all", "bundle"])
def test_a_bundle_that_is_there_is_not_written_over(stage, tmp_path, monkeypatch, capsys):
    there = tmp_path / "there"
    there.mkdir()
    (there / "model.json").write_text(json.dumps({"files": {}}))
    monkeypatch.setattr(train, "work", lambda *_: pytest.fail("a stage has begun"))
    monkeypatch.setattr("sys.argv", ["train.py", stage, "--bundle", str(there)])
    assert train.main() == 73
    assert "--overwrite" in capsys.readouterr().err
    monkeypatch.setattr(train, "work", lambda *_: 0)
    monkeypatch.setattr("sys.argv", ["train.py", stage, "--bundle", str(there), "--overwrite"])
    assert train.main() == 0


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.weight = nn.Parameter(torch.randn(3))


def loop(folder, steps: int, **options) -> Loop:
    return Loop("line", Line(), folder, steps, 0.05, warmup=2, **options)


def fit(run: Loop) -> bool:
    def loss(step: int):
        x = torch.from_numpy(np.random.default_rng(step).standard_normal((8, 3))).float()
        return (x @ (run.module.weight - 1)).square().mean(), {}

    return run.run(loss, every=5, save_every=7)


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path):
    whole = loop(tmp_path / "whole", 20)
    assert fit(whole)
    stopped = loop(tmp_path / "parts", 20, slice_minutes=1e-9)
    assert not fit(stopped)
    assert loop(tmp_path / "parts", 20).start == 1
    resumed = loop(tmp_path / "parts", 20)
    assert fit(resumed)
    assert torch.equal(whole.module.weight, resumed.module.weight)
    assert torch.equal(whole.ema.weights["weight"], resumed.ema.weights["weight"])
    steps = [json.loads(line)["step"] for line in (tmp_path / "whole" / "line.jsonl").read_text().splitlines()]
    assert steps == [5, 10, 15, 20]


def test_an_unpacked_bundle_has_what_heads_are_trained_on(tmp_path):
    mini_bundle.unpack(MODELS / "ldznet-mini", tmp_path)
    frozen = load_frozen(UNet(mini.UNET), tmp_path / "ldm.ckpt", "unet.")
    load_frozen(TextEncoder(mini.TEXT), tmp_path / "clip.ckpt", "text.")
    load_frozen(VAEEncoder(mini.VAE), tmp_path / "vae.ckpt", strict=False)
    load_frozen(heads.make_head("ldznet", frozen).match, tmp_path / "match.ckpt")
    manifest = json.loads((MODELS / "ldznet-mini" / "model.json").read_text())
    assert json.loads((tmp_path / "latents.json").read_text()) == {"scale": manifest["latent"]["scale"]}
    assert stages.load_tokenizer(tmp_path).encode("panda", 77)
    load_frozen(heads.make_head("ldznet", frozen), tmp_path / "shipped-ldznet.ckpt")


def test_unpacking_removes_what_another_bundle_left(tmp_path):
    for name in ("semantic", "shipped-other", "head-rgbnet"):
        (tmp_path / f"{name}.ckpt").touch()
    mini_bundle.unpack(MODELS / "ldznet-mini", tmp_path)
    manifest = json.loads((MODELS / "ldznet-mini" / "model.json").read_text())
    shipped = {f"shipped-{method}.ckpt" for method in manifest["methods"]}
    assert {file.name for file in tmp_path.glob("shipped-*")} == shipped
    assert (tmp_path / "semantic.ckpt").is_file() == (manifest["latent"]["channels"] > mini.VAE.latent_channels)
    assert (tmp_path / "head-rgbnet.ckpt").is_file()
    (tmp_path / "semantic.ckpt").touch()
    (tmp_path / "shipped-ldznet.ckpt").unlink()
    (tmp_path / "head-rgbnet.ckpt").unlink()
    with pytest.raises(UserError, match=r"semantic\.ckpt, but no head ldznet"):
        mini_bundle.write_mini(tmp_path, tmp_path / "bundle", "1", overwrite=False)


def test_caches_for_testing_are_not_trained_on(tmp_path):
    for meta in ({"styles": ["noto"], "test": True}, {"styles": ["twemoji"], "test": False}):
        (tmp_path / "meta.json").write_text(json.dumps({**meta, "scenes": []}))
        with pytest.raises(ValueError, match="test"):
            load_cache(tmp_path)


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(2)
    return UNet(mini.UNET).eval()


def small_dataset(count: int = 6) -> SceneDataset:
    """Scenes of a thing (label 1, the left half) on grass (label 2)."""
    labels = np.full((count, 192, 192), 2, np.uint8)
    labels[:, :, :96] = 1
    records = [{"style": "noto", "entities": [["cat", "thing"], ["grass", "stuff"]]} for _ in range(count)]
    z = np.random.default_rng(0).standard_normal((count, 4, 24, 24)).astype(np.float16)
    return SceneDataset(np.zeros((count, 192, 192, 3), np.uint8), labels, z, records, 1.0)


def test_prompts_name_what_is_there_or_what_is_not():
    scenes, rng = small_dataset(), np.random.default_rng(1)
    seen = [scenes.prompts(0, rng) for _ in range(200)]
    pairs = {pair for prompts in seen for pair in prompts}
    assert {("cat", 1), ("grass", 2)} <= pairs
    assert all(name not in ("cat", "grass") for name, label in pairs if label == 0)
    assert all(len(prompts) == PROMPTS for prompts in seen)


class Names:
    """The part of TextContexts that the match map's loss needs."""

    names = tuple(vocabulary())


def test_cells_learn_the_name_that_covers_them(untrained):
    head = heads.make_head("ldznet", untrained)
    records = small_dataset(1).records
    cells = torch.zeros(1, mini.LDZNET.match_channels, 24, 24)
    names = torch.randn(len(Names.names), mini.CONTEXT_WIDTH)
    head.match.text.bias.data.zero_()
    embedded = head.match.embed_text(names)
    cat, grass = (Names.names.index(name) for name in ("cat", "grass"))
    cells[..., :12] = 60 * embedded[cat][None, :, None, None] / embedded[cat].square().sum()
    cells[..., 12:] = 60 * embedded[grass][None, :, None, None] / embedded[grass].square().sum()
    labels = torch.from_numpy(small_dataset(1).labels)
    right, hits = match.cell_loss(head.match, cells, labels, records, Names, names)
    wrong, misses = match.cell_loss(head.match, cells.flip(3), labels, records, Names, names)
    assert hits == 1 and misses == 0 and right < wrong


def test_whitened_names_are_unlike_each_other(untrained):
    matcher = heads.make_head("ldznet", untrained).match
    rng = torch.Generator().manual_seed(3)
    names = torch.randn(1, mini.CONTEXT_WIDTH, generator=rng) * 5 + torch.randn(50, mini.CONTEXT_WIDTH, generator=rng)
    match.init_text_projection(matcher, names)
    projected = matcher.text(names)
    likeness = torch.nn.functional.cosine_similarity(projected[:, None], projected[None], dim=2)
    before = torch.nn.functional.cosine_similarity(names[:, None], names[None], dim=2)
    off = ~torch.eye(50, dtype=torch.bool)
    assert likeness[off].abs().mean() < 0.3 < 0.9 < before[off].mean()


@pytest.mark.parametrize(("height", "width", "batch"), [(24, 24, 1), (16, 36, 3)])
@torch.inference_mode()
def test_the_scripted_head_computes_what_the_eager_one_does(untrained, height, width, batch):
    unet = UNet(mini.UNET, list(mini.TAPS)).eval()
    unet.load_state_dict(untrained.state_dict())
    head = heads.make_head("ldznet", untrained).eval()
    z, context = torch.randn(batch, 4, height, width), torch.randn(batch, 77, mini.CONTEXT_WIDTH)
    taps = unet(z, torch.full((batch,), 100), context)
    scripted = script(unet, "float32")(z, torch.full((batch,), 100), context)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(taps, scripted, strict=True))
    logits = head(z, context, taps)
    assert logits.shape == (batch, 1, 8 * height, 8 * width)
    assert torch.allclose(script(head, "float32")(z, context, taps), logits, atol=1e-4)
    shared = head(z[:1].expand(batch, -1, -1, -1), context, [tap[:1] for tap in taps])
    repeated = head(z[:1].expand(batch, -1, -1, -1), context, [tap[:1].expand(batch, -1, -1, -1) for tap in taps])
    assert torch.allclose(shared, repeated, atol=1e-5)
