"""scripts/benchmark.py --peers: the networks as other programs get them, and the comparison."""

import importlib.util
import re
import subprocess
import sys

import pytest
import torch
from conftest import BINARY, MODEL, ROOT

from ldznet_training.bundle import load_network
from ldznet_training.peers import comparison
from ldznet_training.peers.runtimes import PACKAGES, RUNTIMES
from ldznet_training.peers.straight_line import straight_line, tensors_of

SCRIPT = ROOT / "scripts" / "benchmark.py"
INSTALLED = all(importlib.util.find_spec(name) for name in PACKAGES)


def benchmark(*options):
    return subprocess.run([sys.executable, SCRIPT, "--peers", *map(str, options)], capture_output=True, text=True)


def random(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_a_straight_line_computes_what_the_network_does():
    unet = load_network(MODEL / "unet.pt")
    inputs = [random(1, 68, 8, 8), torch.tensor([100]), random(1, 77, 128)]
    line = straight_line(unet, inputs)
    with torch.inference_mode():
        expected, found = unet(*inputs), line(*inputs)
    assert len(expected) == len(found) > 1
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(expected, found))
    kinds = {node.kind() for node in line.inlined_graph.nodes()}
    assert not kinds & {"prim::If", "prim::Loop", "aten::append"} and "aten::group_norm" in kinds
    # No second copy of the weights, which are gigabytes in the published width.
    assert {w.data_ptr() for w in line.parameters()} <= {w.data_ptr() for w in unet.parameters()}


def test_lists_of_tensors_are_flattened():
    head = load_network(MODEL / "znet.pt")
    a, b, c = random(1, 2), random(2, 2), random(3, 2)
    assert tensors_of([a, [b, c], a]) == [a, b, c, a]
    inputs = [random(2, 68, 8, 8), random(2, 77, 128)]
    with torch.inference_mode():
        assert torch.equal(head(*inputs), straight_line(head, inputs)(*inputs)[0])


@pytest.mark.parametrize("features", [False, True])
@pytest.mark.parametrize("inputs", [False, True])
def test_inputs_for_several_prompts(features, inputs):
    values = [random(1, 4, 2, 2), torch.tensor([400]), random(1, 7, 3), [random(1, 8, 2, 2)]]
    *many, (feature,) = comparison.repeated(values, 3, comparison.Shared(features, inputs))
    assert [len(value) for value in many] == [1 if inputs else 3, 1 if inputs else 3, 3]
    assert all(torch.equal(value[-1:], one) for value, one in zip(many, values[:3], strict=True))
    assert len(feature) == (1 if features else 3)


def test_what_prompts_share_is_in_the_manifest():
    assert comparison.Shared.of({"unet_context": "empty", "shared_inputs": True}) == (True, True)
    assert comparison.Shared.of({"unet_context": "prompt"}) == comparison.Shared.of({}) == (False, False)


def test_sides_take_turns():
    order = []

    def side(name):
        return lambda: order.append(name) or float(len(order))

    times = comparison.take_turns({"a": side("a"), "b": side("b")}, 3)
    assert order == list("abbaab") and times == {"a": [1, 4, 5], "b": [2, 3, 6]}


def test_a_row_of_the_table():
    row = comparison.Comparison("bf16", "unet", 8, "OpenVINO", [3.0, 1.0, 2.0], [2.0, 4.0, 6.0], 0.0042)
    assert row.ratio(min) == 0.5
    assert comparison.table_row(row) == "| bf16 | unet | 8 | OpenVINO | 1.0 | 2.0 | 2.0 | 4.0 | 0.50 | 0.50 | 0.004 |"
    assert all(line.count("|") == comparison.table_row(row).count("|") for line in comparison.table_head().splitlines())


made: list[int] = []  # the batch of each peer


class Copy:
    """A peer that has computed its outputs beforehand, with PyTorch."""

    name = "copy"

    def __init__(self, network, inputs, precision):
        self.outputs = [output.numpy() for output in network(*inputs)]
        made.append(len(inputs[0]))

    def __call__(self):
        return self.outputs


def test_networks_and_prompts_that_are_compared(monkeypatch):
    """PyTorch as the peer: no error, and what runs once per picture is compared once."""
    made.clear()
    monkeypatch.setitem(RUNTIMES, "fp32", (Copy,))
    asked = []

    def ours(prompts):
        asked.append(prompts)
        return {"vae": 1.0, "unet": 2.0, "znet": 3.0}

    rows = list(comparison.compare(MODEL, "fp32", ours, rounds=1, prompts=2, shared=comparison.Shared(True, False)))
    assert [(row.network, row.prompts, row.ours) for row in rows] == [
        ("vae", 1, [1.0]), ("unet", 1, [2.0]), ("znet", 1, [3.0]), ("znet", 2, [3.0]),
    ]  # fmt: skip
    assert made == [1, 1, 1, 2] and asked == [1, 1, 1, 1, 1, 1, 2, 2]  # a run that warms up and a round
    assert all(row.error < 1e-5 for row in rows)


def test_other_precisions_are_refused():
    if INSTALLED:
        result = benchmark("--precision", "fp16")
        assert result.returncode == 1 and "fp16" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.skipif(INSTALLED, reason="the packages are installed")
def test_without_the_packages_it_says_how_to_install_them():
    result = benchmark()
    assert result.returncode == 1 and result.stdout == ""
    assert "openvino" in result.stderr and "scripts/requirements-peers.txt" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not INSTALLED, reason="needs scripts/requirements-peers.txt")
def test_all_networks_in_all_programs():
    result = benchmark("--binary", BINARY, "--rounds", 1, "--prompts", 2)
    assert result.returncode == 0, result.stderr
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if re.match(r"\| (bf16|fp32)", line)]
    found = [tuple(row[:4]) for row in rows if row[0] == "fp32"]
    assert found == [
        ("fp32", stage, count, peer)
        for stage, count in [("vae", "1"), ("unet", "1"), ("znet", "1"), ("znet", "2")]
        for peer in ("OpenVINO", "ONNX Runtime")
    ]
    assert all(float(row[-1]) < (1e-4 if row[0] == "fp32" else 0.1) for row in rows)
