"""Training on both worlds: the clock, losses, layers and options, each by itself."""

import copy
import json
import math
import time

import numpy as np
import pytest
import torch
from torch import nn

import train_both
from ldznet_training import mini, mini_both
from ldznet_training.scenes import compositor
from ldznet_training.scenes.chance import Chance
from ldznet_training.train.both import comparison, depthwise, losses, norms, timed
from ldznet_training.train.both.plan import STAGES
from ldznet_training.train.both.timed import UNCOUNTED, TimedLoop
from ldznet_training.train.both.validation import Answer, asked_names, count_levels
from ldznet_training.train.process_group import rank, run_processes


def test_unknown_names_are_neither_right_nor_wrong():
    scores = torch.zeros(1, 3, 4, requires_grad=True)
    known = torch.tensor([[True, False, True]])
    target = torch.tensor([[1, 0, -1, 3]])
    things = torch.tensor([False, True, True, True])
    loss, _ = losses.cell_loss(scores, target, known, torch.ones(4), things)
    loss.backward()
    assert (scores.grad[0, 1] == 0).all()  # the name that is not known
    assert (scores.grad[0, :, 2] == 0).all()  # the cell that is ignored
    assert scores.grad[0, 0, 0] < 0 < scores.grad[0, 2, 0] and scores.grad[0, 0, 1] > 0
    pooled = torch.zeros(1, 3, requires_grad=True)
    losses.presence_loss(pooled, torch.tensor([[True, False, False]]), known)[0].backward()
    assert pooled.grad[0, 0] < 0 and pooled.grad[0, 1] == 0 and pooled.grad[0, 2] > 0


def test_wordings_of_a_name_belong_together():
    same = torch.tensor([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])
    near = torch.tensor([[9.0, 5, 0], [5, 9, 0], [0, 0, 9]])
    assert losses.wording_loss(near, same) == pytest.approx(math.log1p(math.exp(-5)))  # the text itself does not count
    assert losses.wording_loss(near, torch.eye(3)) == 0  # no name occurs twice


def test_rare_names_weigh_more():
    weights = losses.name_weights(torch.tensor([10_000.0, 400.0, 100.0, 0.0]))
    assert weights[0] < weights[1] < weights[2] < weights[3] <= losses.RARE
    assert weights[2] / weights[1] == pytest.approx(2, rel=0.02)


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""
    now = [100.0]
    monkeypatch.setattr(timed, "clock", lambda: now[0])
    return now


def last_step(loop) -> int:
    return json.loads(loop.log.read_text().splitlines()[-1])["step"]


def test_a_schedule_follows_the_clock(tmp_path, clock):
    def step_loss(_step):
        clock[0] += 1
        return loop.module.weight.square().sum(), {}

    loop = TimedLoop("line", Line(), tmp_path, seconds=20, rate=0.1, ema_decay=0.9)
    first = loop.learning_rate(1000)
    assert loop.run_timed(step_loss, every=1000)
    assert last_step(loop) == UNCOUNTED + 20
    assert loop.learning_rate(1000) < 0.02 * first
    assert TimedLoop("line", Line(), tmp_path, 20, 0.1, 0.9).progress() >= 1  # finished: not trained again
    loop.shared = 0.25
    loop.save(7)
    resumed = TimedLoop("line", Line(), tmp_path, 20, 0.1, 0.9)
    assert resumed.start == 7 and resumed.progress() == 0.25


def test_other_programs_do_not_use_up_a_cpu_schedule():
    before = timed.clock()
    time.sleep(0.2)
    assert torch.cuda.is_available() or timed.clock() - before < 0.1


def test_a_run_stops_in_time_and_keeps_its_curve(tmp_path):
    def step_loss(_step):
        return loop.module.weight.square().sum(), {}

    loop = TimedLoop("line", Line(), tmp_path, seconds=60, rate=0.1, ema_decay=0.9)
    assert not loop.run_timed(step_loss, every=1000, until=time.monotonic())
    assert last_step(loop) == 1
    resumed = TimedLoop("line", Line(), tmp_path, seconds=60, rate=0.1, ema_decay=0.9)
    assert resumed.start == 1 and resumed.progress() < 0.1


def test_narrow_group_norms_compute_the_same():
    torch.manual_seed(1)
    wide = nn.Sequential(nn.Conv2d(3, 8, 1), nn.GroupNorm(4, 8)).requires_grad_(False)
    nn.init.normal_(wide[1].weight)
    x = torch.randn(2, 3, 5, 5)
    expected = wide(x)
    narrow = norms.narrow_norms(wide)
    assert torch.equal(narrow(x), expected)
    with torch.autocast("cpu", torch.bfloat16):
        y = narrow(x)
    assert y.dtype == torch.bfloat16 and torch.allclose(y.float(), expected, atol=0.05)


def test_a_schedule_ends_with_its_steps_if_they_come_first(tmp_path, clock):
    def step_loss(_step):
        clock[0] += 1
        return loop.module.weight.square().sum(), {}

    loop = TimedLoop("line", Line(), tmp_path, seconds=1000, rate=0.1, ema_decay=0.9, most_steps=8)
    assert loop.run_timed(step_loss, every=1)
    assert last_step(loop) == 8 and loop.learning_rate(1000) < 0.002


def train_line(folder) -> int:
    """One of the processes that train together; each has another loss."""
    loop = TimedLoop("line", Line(), folder, seconds=600, rate=0.1, ema_decay=0.9, most_steps=3)
    loop.run_timed(lambda _step: ((loop.module.weight * (1 + rank())).square().sum(), {}), every=1)
    torch.save(loop.module.weight.detach(), folder / f"{rank()}.pt")
    return 0


def test_processes_train_one_network(tmp_path):
    assert run_processes(2, train_line, tmp_path) == 0
    one, two = (torch.load(tmp_path / f"{k}.pt", weights_only=True) for k in (0, 1))
    assert torch.equal(one, two) and (one < 1).all()
    saved = torch.load(tmp_path / "line.ckpt", weights_only=True)
    assert saved["step"] == 3 and torch.equal(saved["model"]["weight"], one)
    assert len((tmp_path / "line.jsonl").read_text().splitlines()) == 3  # the first process writes the curve


@pytest.mark.parametrize("size, side, stride, padding", [(5, 15, 2, 0), (5, 12, 1, 2), (3, 13, 2, 0), (3, 12, 1, 1)])
def test_fast_depthwise_convolutions_have_the_same_gradients(size, side, stride, padding):
    torch.manual_seed(2)
    plain = nn.Conv2d(6, 6, size, stride, padding, groups=6, bias=False).double()
    fast = depthwise.fast_depthwise(copy.deepcopy(plain))
    assert type(fast) is depthwise.FastDepthwise
    pictures = torch.randn(2, 6, side, side + 2, dtype=torch.float64)
    found = []
    for layer in (plain, fast):
        x = pictures.clone().requires_grad_()
        y = layer(x)
        (y * torch.arange(y.numel()).view_as(y)).sum().backward()
        found.append((y, x.grad, layer.weight.grad))
    for ours, theirs in zip(*found, strict=True):
        assert torch.allclose(ours, theirs)


def test_other_convolutions_stay():
    layers = nn.Sequential(nn.Conv2d(4, 4, 3, bias=False), nn.Conv2d(4, 4, 3, groups=2, bias=False))
    assert all(type(layer) is nn.Conv2d for layer in depthwise.fast_depthwise(layers))


def test_shares_add_up():
    assert sum(stage.share for stage in STAGES.values()) == pytest.approx(1)


def test_todays_sizes_stay():
    assert mini.VAE.latent_channels == mini.UNET.in_channels == 4 and mini.LDZNET.in_channels == 5
    assert mini_both.VAE.latent_channels == mini_both.UNET.out_channels == 8


def test_validation_asks_for_what_is_large_and_for_one_absent_name():
    labels = torch.zeros(2, 10, 10, dtype=torch.long)
    labels[0, :5], labels[0, 9, 9], labels[1, :2] = 1, 2, 3
    known = torch.tensor([[True, True, False, True], [False, False, True, False]])
    pictures = compositor.Pictures(torch.zeros(2, 3, 10, 10), labels, known, torch.zeros(2))
    rows, names, shown = asked_names(pictures, known & ~pictures.present(), Chance([1]))
    assert rows.tolist() == [0, 1, 0] and names.tolist() == [0, 2, 3] and shown.tolist() == [True, True, False]


def test_stages_are_named_in_any_order():
    options = train_both.make_parser().parse_args(["train", "--minutes", "1", "--stages", "head,clip"])
    assert options.stages == ("clip", "head")


@pytest.mark.parametrize(
    "command", ["train", "train --minutes 1 --stages vea", "pack", "bundle", "train --minutes 1 --rate 3", "sing"]
)
def test_commands_need_their_options(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        train_both.make_parser().parse_args(command.split())
    assert exit_.value.code == 2 and "error:" in capsys.readouterr().err


def answer(source, picture, name, shown, value, inside=(1.0,), outside=(-1.0,)):
    """An answer with pixels of these logits inside and outside the true mask."""
    logits = torch.tensor([*inside, *outside])[None, None]
    truth = torch.arange(logits.shape[2])[None, None] < len(inside)
    return Answer(source, picture, name, shown, value, count_levels(logits, truth, truth | ~truth)[0].numpy())


def test_average_precision_is_that_of_scores():
    rng = np.random.default_rng(0)
    inside, outside = rng.normal(1, 1, 300), rng.normal(0, 1, 700)
    order = np.argsort(-np.concatenate([inside, outside]))
    hits = order < 300
    expected = (hits * hits.cumsum() / np.arange(1, 1001)).sum() / 300
    found = comparison.MEASURES["AP"].of([answer("voc", 0, "dog", True, 0.0, inside, outside)])
    assert found == pytest.approx(expected, abs=0.005)
    assert comparison.MEASURES["AP"].of([answer("voc", 0, "dog", True, 0.0)]) == 1


def test_pixels_that_are_ignored_have_no_level():
    logits = torch.tensor([[[-100.0, 100.0]]])
    levels = count_levels(logits, logits > 0, torch.tensor([[[True, False]]]))
    assert levels.sum() == levels[0, 0, 0] == 1


def test_differences_have_intervals_over_pictures():
    def answers(shift):
        return [answer("drawn", picture, "dog", True, 0.5 + shift * picture) for picture in range(40) for _ in range(3)]

    def ranked(certain):
        return [
            answer("drawn", picture, "dog", True, 0.0, [picture % 7 + certain], [3.0, 2.0]) for picture in range(40)
        ]

    measures = comparison.MEASURES
    mean, low, high = comparison.difference(answers(0.01), answers(0.0), measures["mIoU"])
    assert mean == pytest.approx(0.195) and 0.15 < low < mean < high < 0.24
    assert comparison.difference(answers(0.01), answers(0.01), measures["mIoU"]) == (0, 0, 0)
    mean, low, high = comparison.difference(ranked(1.1), ranked(0.1), measures["AP"])
    assert 0 < low < mean < high < 0.5
    with pytest.raises(ValueError):
        comparison.difference(answers(0.0), answers(0.0)[1:], measures["mIoU"])


def test_comparisons_name_their_groups():
    found = [
        answer("voc", 0, "dog", True, 0.8),
        answer("voc", 0, "cat", False, 1.0),
        answer("drawn", 1, "dog", True, 0.4),
        answer("drawn", 1, "pear", True, 0.2, [1.0], [1.0]),
    ]
    lines = comparison.table({"znet": found, "ldznet": found}, frozenset({"dog", "cat"})).splitlines()
    assert lines[2:5] == [
        "| photographs | 1 | mIoU | 80.0 | 80.0 |",
        "|  |  | AP | 100.0 | 100.0 |",
        "|  |  | absent | 100.0 | 100.0 |",
    ]
    assert lines[5].startswith("| drawings | 2 | mIoU | 30.0 ") and lines[7].startswith("|  |  | absent | nan ")
    assert lines[8].startswith("| drawings of names that photographs show | 1 | mIoU | 40.0 ")
    assert lines[12] == "| | | ldznet - znet |"
