"""What training on both worlds draws from, and what the semantic latents learn and are calibrated on."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tiny_world import tiny_world

from ldznet_training import mini
from ldznet_training.scenes import compositor
from ldznet_training.scenes.chance import Chance
from ldznet_training.scenes.compositor import Mix
from ldznet_training.scenes.vocabulary import vocabulary_of_both
from ldznet_training.semantic import Semantics
from ldznet_training.train import heads
from ldznet_training.train.both import calibration, depthwise, semantic
from ldznet_training.train.both.calibration import choose, fit_domains, matches_of
from ldznet_training.train.both.drawn_calibration import ABSENT_NAMES, SMALLER, drawn_maps
from ldznet_training.train.both.plan import SHAPES
from ldznet_training.train.both.pool import Pool
from ldznet_training.train.both.world import World
from ldznet_training.unet import UNet

NAMES = list(vocabulary_of_both())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return tiny_world(tmp_path_factory.mktemp("world"))


def test_prompts_name_what_is_there_or_what_is_known_to_be_absent(world):
    chance, tree, pine = Chance([1]), NAMES.index("tree"), NAMES.index("pine tree")
    pictures = world.compositor.batch(48, chance, 64, 64, Mix(0.25, 0.25, 0.25, 0.25))
    present = pictures.present()
    might = (pictures.known & ~present).sum(1) > 2  # pictures for which several absent names are known
    shares = []
    for _ in range(20):
        asked = world.prompts(present, pictures.known, chance, 4)
        assert asked.shape == (48, 4) and pictures.known.gather(1, asked).all()
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
    figures = choose(matches_of(model, world, prompts, batches=2, size=4))
    assert 0 <= figures["empty"] <= 1 and 0 <= figures["miou"] <= 1


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
