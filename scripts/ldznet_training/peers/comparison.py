"""Times of the bundle's networks in our program and in other programs, which take turns."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ..stages import Shared, bundle_stages, flatten, relative_error
from .runtimes import RUNTIMES
from .straight_line import Inputs, straight_line, tensors_of

NETWORKS = {"vae_encoder": "vae", "unet": "unet", "ldznet": "znet"}  # file -> stage in the program's timing_ms
Ours = Callable[[int], Mapping[str, float]]  # number of prompts -> the program's timing_ms of a new picture


@dataclass
class Comparison:
    """A network in our program and in a peer: milliseconds of each round."""

    precision: str
    network: str
    prompts: int
    peer: str
    ours: list[float]
    theirs: list[float]
    error: float  # |peer - reference| / |reference|, the reference being PyTorch in fp32

    def ratio(self, of: Callable[[list[float]], float]) -> float:
        """Our time as a multiple of the peer's: of the minima, or of the medians."""
        return of(self.ours) / of(self.theirs)


def repeated(inputs: Inputs, prompts: int, shared: Shared) -> list[Tensor | list[Tensor]]:
    """Inputs of batch 1 for several prompts; what these share keeps batch 1. Features are a list, contexts (B,L,D)."""

    def many(value: Tensor | list[Tensor]) -> Tensor | list[Tensor]:
        if isinstance(value, list):
            return value if shared.features else [part.expand(prompts, -1, -1, -1).contiguous() for part in value]
        if shared.inputs and value.dim() != 3:
            return value
        return value.expand(prompts, *value.shape[1:]).contiguous()

    return [many(value) for value in inputs]


def take_turns(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each side returns in each round. In every second round the order is reversed."""
    results: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides)[:: -1 if number % 2 else 1]:
            results[name].append(sides[name]())
    return results


def milliseconds(call: Callable[[], object]) -> float:
    """The wall-clock time of a call."""
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def compare(
    bundle: Path, precision: str, ours: Ours, rounds: int, prompts: int, shared: Shared
) -> Iterator[Comparison]:
    """Compares the networks for one prompt and for several. What does not depend on the prompts, the VAE and with
    shared features the UNet, runs once per picture, so it is compared for one prompt only."""
    stages, reference = bundle_stages(bundle, prompts=1)
    for name, stage in NETWORKS.items():
        once = stage == "vae" or (stage == "unet" and shared.features)
        for count in [1] if once else sorted({1, prompts}):
            for kind in RUNTIMES[precision]:  # one after the other: their weights would not fit together
                build, inputs = stages[name]
                yield _compare_network(
                    make_peer(kind, build(), repeated(inputs, count, shared), precision),
                    lambda stage=stage, count=count: ours(count)[stage],
                    reference[name],
                    rounds,
                    {"precision": precision, "network": stage, "prompts": count, "peer": kind.name},
                )


def make_peer(kind: type, network: nn.Module, inputs: Inputs, precision: str) -> Callable[[], list]:
    """The network in a peer; PyTorch's own copy of the weights is no longer needed then."""
    return kind(straight_line(network, inputs), tensors_of(inputs), precision)


def _compare_network(
    peer: Callable[[], list], ours: Callable[[], float], reference: Tensor, rounds: int, about: dict
) -> Comparison:
    """`ours`: runs the program and returns the milliseconds; `about`: the row's other members."""
    # This warms up, too. The prompts are equal and the reference has one; features that they share have batch 1.
    outputs = [torch.from_numpy(output[: max(1, len(output) // about["prompts"])]) for output in peer()]
    error = relative_error(flatten(outputs), reference)
    ours()
    times = take_turns({"ours": ours, "theirs": lambda: milliseconds(peer)}, rounds)
    return Comparison(**about, **times, error=error)


HEADINGS = (
    "",
    "network",
    "prompts",
    "peer",
    "ours min",
    "median",
    "peer min",
    "median",
    "ratio",
    "of medians",
    "error",
)


def table_head() -> str:
    """The first lines of a Markdown table of comparisons: milliseconds, and our time as a multiple of the peer's."""
    return f"| {' | '.join(HEADINGS)} |\n|{' --- |' * len(HEADINGS)}"


def table_row(row: Comparison) -> str:
    """A line of that table."""
    times = [of(side) for side in (row.ours, row.theirs) for of in (min, statistics.median)]
    ratios = [row.ratio(of) for of in (min, statistics.median)]
    cells = [row.precision, row.network, str(row.prompts), row.peer, *(f"{time:.1f}" for time in times)]
    return f"| {' | '.join([*cells, *(f'{ratio:.2f}' for ratio in ratios), f'{row.error:.1g}'])} |"
