"""Semantic latents: the networks, and how they get into a bundle and out of it."""

import json
import subprocess

import pytest
import torch
from conftest import BINARY, ROOT

from ldznet_training import mini
from ldznet_training.bundle import script
from ldznet_training.efficientnet_lite import EfficientNetLite, published_trunk
from ldznet_training.semantic import (
    CHANNELS,
    DRAWN_MOST,
    DRAWN_PART,
    LIMIT,
    SCALE,
    EncoderWithSemantics,
    SemanticMatch,
    Semantics,
    limited,
)
from ldznet_training.train import heads, mini_bundle
from ldznet_training.train.both.calibration import BIASES, Matches, choose, set_levels
from ldznet_training.train.both.drawn_calibration import NameMaps, choose_drawn
from ldznet_training.train.both.semantic import wording_step
from ldznet_training.train.weights import load_ema, save_atomically
from ldznet_training.unet import UNet
from ldznet_training.vae import VAEEncoder


@pytest.fixture(scope="module")
def semantics() -> Semantics:
    """Untrained; its batch norms have seen pictures."""
    torch.manual_seed(4)
    found = Semantics(mini.TEXT.width)
    for _ in range(3):
        found.encoder(torch.rand(4, 3, 64, 64) * 2 - 1)
    return found.eval()


@torch.inference_mode()
def test_fused_norms_compute_the_same(semantics):
    image = torch.rand(2, 3, 96, 160) * 2 - 1
    latents = semantics.encoder(image)
    assert latents.shape == (2, CHANNELS, 12, 20)
    fused = Semantics(mini.TEXT.width)
    fused.load_state_dict(semantics.state_dict())
    fused.fuse()
    assert "encoder.trunk.stem.1.weight" not in fused.state_dict()
    assert torch.allclose(fused.encoder(image), latents, atol=1e-4)
    assert torch.allclose(script(fused.encoder, "float32")(image), latents, atol=1e-4)


def test_the_trunk_takes_published_weights(tmp_path):
    """Those of the package have names of their own, blocks in one list and a classifier."""
    torch.manual_seed(2)
    ours = EfficientNetLite().state_dict()
    published = {"_conv_head.weight": torch.zeros(1), "_bn1.bias": torch.zeros(1), "_fc.bias": torch.zeros(1)}
    names = {"expand.0": "_expand_conv", "expand.1": "_bn0", "depthwise.0": "_depthwise_conv", "depthwise.1": "_bn1",
             "project.0": "_project_conv", "project.1": "_bn2"}  # fmt: skip
    blocks = list(dict.fromkeys(name.rsplit(".", 3)[0] for name in ours if name.startswith("stages.")))
    for name, value in ours.items():
        if name.startswith("stem."):
            published[name.replace("stem.0", "_conv_stem").replace("stem.1", "_bn0")] = value
        else:
            block, part, number, rest = name.rsplit(".", 3)
            published[f"_blocks.{blocks.index(block)}.{names[f'{part}.{number}']}.{rest}"] = value
    torch.save(published, tmp_path / "lite.pth")
    found = published_trunk(tmp_path / "lite.pth")
    assert len(blocks) == 21 and found.keys() == ours.keys()
    assert all(torch.equal(found[name], value) for name, value in ours.items())


@torch.inference_mode()
def test_semantic_latents_stand_behind_those_of_the_vae(semantics):
    vae = VAEEncoder(mini.VAE).eval()
    image = torch.rand(1, 3, 64, 96) * 2 - 1
    moments = EncoderWithSemantics(vae, semantics.encoder, 0.5)(image)
    mean, logvar = moments.chunk(2, dim=1)
    assert torch.equal(torch.cat([mean[:, :4], logvar[:, :4]], dim=1), vae(image))
    assert torch.allclose(mean[:, 4:] * 0.5, semantics.encoder(image))
    assert not logvar[:, 4:].any()


@torch.inference_mode()
def test_the_denoiser_does_not_see_them_but_the_head_does():
    torch.manual_seed(6)
    unet = UNet(mini.UNET, list(mini.TAPS)).eval()
    z, timestep, context = torch.randn(2, 4 + CHANNELS, 12, 8), torch.full((2,), 100), torch.randn(2, 77, 128)
    features = unet(z, timestep, context)
    for ours, plain in zip(features, unet(z[:, :4], timestep, context), strict=True):
        assert torch.equal(ours, plain)
    head = heads.make_head("ldznet", unet).eval()
    plain = head(z[:, :4], context, features)
    head.semantic = SemanticMatch(128)
    logits = head(z, context, features)
    assert torch.equal(logits, head.semantic.combine(plain, z[:, 4:], context))
    assert torch.allclose(script(head, "float32")(z, context, features), logits, atol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize("drawing", [True, False])
def test_what_decides_in_drawings_and_in_photographs(drawing):
    def squashed(logits):
        return LIMIT * torch.tanh(logits / LIMIT)

    torch.manual_seed(7)
    match, cells, context = SemanticMatch(16), torch.randn(1, CHANNELS, 4, 6), torch.randn(1, 5, 16)
    plain = torch.randn(1, 1, 32, 48)
    match.drawn.weight.zero_()
    match.drawn.bias.fill_(100.0 if drawing else -100.0)
    match.bias += 1 - match.score(cells, context).max()  # the best cell matches by 1
    match.lift.fill_(0.5)
    wide = torch.nn.functional.interpolate(match.score(cells, context), scale_factor=8.0, mode="bilinear")
    drawn = plain + DRAWN_PART * (wide + 0.5).clamp(-1, DRAWN_MOST)
    assert torch.allclose(match.combine(plain, cells, context), squashed(drawn if drawing else wide), atol=1e-5)
    match.peak.fill_(1.5)  # no cell matches as well
    assert torch.allclose(match.combine(plain, cells, context), squashed(drawn if drawing else wide - 1.5), atol=1e-5)
    match.drawn_part.fill_(2.0)
    match.drawn_most.fill_(0.25)
    drawn = plain + 2 * (wide + 0.5).clamp(-1, 0.25)
    assert torch.allclose(match.combine(plain, cells, context), squashed(drawn if drawing else wide - 1.5), atol=1e-5)
    match.drawn_peak.fill_(1.5)
    found = match.combine(plain, cells, context)
    if drawing:
        assert drawn.max() > 0 and found.max() < 0 and torch.equal(found.flatten().argsort(), drawn.flatten().argsort())
    else:
        assert torch.allclose(found, squashed(wide - 1.5), atol=1e-5)


def test_the_match_counts_in_drawings_as_far_as_it_helps():
    """Where the head is unsure, the match is right, by 5; absent names match by 3.5. What is ignored does not count."""
    truth, counts = torch.zeros(20, 20, dtype=torch.bool), torch.ones(20, 20, dtype=torch.bool)
    truth[4:12, 4:12], counts[15:] = True, False
    head, match = torch.full((20, 20), -1.0), torch.where(truth | ~counts, 5.0, -4.0)
    there = [NameMaps(head, match, counts, truth, 5.0)] * 3
    absent = [NameMaps(head, torch.where(truth, 3.5, -4.0), counts, None, 3.5)] * 3
    best = choose_drawn(there + absent)
    assert best["miou"] == 1 and best["empty"] == 1
    model = SemanticMatch(16)
    set_levels(model, {"bias": -3.5, "peak": 1.0}, best)
    with torch.inference_mode():
        for maps in (there[0], absent[0]):
            match = maps.match[None, None] + model.bias
            found = model.in_drawings(head[None, None], match, match.amax((2, 3), keepdim=True))[0, 0] > 0
            assert torch.equal(found & counts, truth if maps.truth is not None else torch.zeros_like(truth))
    assert limited(torch.tensor([-9.0, 0.5, 9.0]), torch.tensor(3.0)).tolist() == [-1.0, 0.5, 3.0]


def test_the_text_is_pooled_from_all_tokens():
    torch.manual_seed(8)
    match, context = SemanticMatch(16), torch.randn(1, 5, 16)
    other = context.clone()
    other[:, 1] += 1
    assert not torch.allclose(match.embed_text(context), match.embed_text(other))
    cells = torch.randn(1, CHANNELS, 3, 4)
    scores = match.scores(cells, match.embed_text(torch.cat([context, other])))
    each = match.score(cells, torch.cat([context, other]))
    assert torch.allclose(scores[0], each.flatten(1), atol=1e-5)


def test_wordings_learn_the_embeddings_of_their_names():
    torch.manual_seed(3)
    names, contexts = torch.randn(6, CHANNELS), torch.randn(6, 5, 16)

    class Wordings:
        def of(self, asked, _chance):
            return contexts[asked]

    match = SemanticMatch(16)
    step_loss, optimiser = wording_step(match, names, Wordings(), 32), torch.optim.AdamW(match.parameters(), lr=3e-3)
    for step in range(150):
        loss, figures = step_loss(step)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert figures["right"] == 1
    assert torch.allclose(match.embed_text(contexts), names * SCALE, atol=0.1)


def test_the_calibration_is_the_best_with_which_absent_names_find_nothing():
    """Masks are best with the bias -1 and hardly worse with -2. Absent names match by 2 at most, and the second name's
    picture by less than one of them."""
    ious = torch.zeros(3, len(BIASES))
    ious[:, BIASES.index(-1.0)], ious[:, BIASES.index(-2.0)] = 0.8, 0.7
    absent = torch.tensor([0.0] * 9 + [2.0])
    source, sources = torch.zeros(3, dtype=torch.long), torch.zeros(10, dtype=torch.long)
    matches = Matches(torch.tensor([4, 4, 7]), source, ious, torch.tensor([5.0, 3.0, 1.5]), absent, sources)
    best = choose(matches)
    assert (best["bias"], best["peak"]) == (-1.0, 0.0) and best["empty"] == pytest.approx(0.9)
    assert best["miou"] == pytest.approx(0.8)
    matches.absent = torch.tensor([0.0] * 7 + [2.0] * 3)  # only a peak above 1 keeps enough of them empty
    best = choose(matches)
    assert (best["bias"], best["peak"], best["empty"]) == (-1.0, 1.1, 1.0)
    assert best["miou"] == pytest.approx(0.4)  # 0.8 of the first name, 0 of the second
    matches.sources = torch.tensor([0, 1, 1])
    assert choose(matches)["miou"] == pytest.approx(0.6)  # 0.8 of the first source, 0.4 of the second


def test_they_get_into_a_bundle_and_out_of_it(semantics, tmp_path):
    train, bundle, again = tmp_path / "train", tmp_path / "bundle", tmp_path / "again"
    mini_bundle.unpack(ROOT / "models" / "ldznet-mini", train)
    save_atomically({"ema": semantics.state_dict()}, train / "semantic.ckpt")
    mini_bundle.write_mini(train, bundle, "1", overwrite=False)
    assert json.loads((bundle / "model.json").read_text())["latent"]["channels"] == 4 + CHANNELS
    picture = tmp_path / "panda.png"
    run = [BINARY, "segment", ROOT / "examples" / "zoo.png", "-p", "panda", "-m", bundle, "--size", "96", "-o", picture]
    subprocess.run(run, check=True, capture_output=True)
    mini_bundle.unpack(bundle, again)
    assert load_ema(again / "shipped-ldznet.ckpt").keys() == load_ema(train / "shipped-ldznet.ckpt").keys()
    assert load_ema(again / "vae.ckpt").keys() == load_ema(train / "vae.ckpt").keys()
    found, fused = load_ema(again / "semantic.ckpt"), Semantics(mini.TEXT.width)
    fused.load_state_dict(semantics.state_dict())
    fused.fuse()
    for name, value in fused.state_dict().items():
        assert torch.allclose(found[name], value, atol=2e-3), name  # stored as float16
