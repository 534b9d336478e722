"""Heads that were trained alike, compared on the same held-out pictures and names: the paper's table in small."""

from collections.abc import Callable

import numpy as np

from ...scenes.photographs import Index
from .validation import DRAWN, Answer

ROUNDS = 2000  # of the bootstrap
INTERVAL = (2.5, 97.5)  # percentiles
PAIRS = (("znet", "rgbnet"), ("ldznet-published", "znet"), ("ldznet", "znet"))


# Groups of pictures: whether an answer belongs to one, given the names that photographs show.
GROUPS: dict[str, Callable[[Answer, frozenset[str]], bool]] = {
    "photographs": lambda answer, shared: answer.source != DRAWN,
    "drawings": lambda answer, shared: answer.source == DRAWN,
    "drawings of names that photographs show": lambda answer, shared: answer.source == DRAWN and answer.name in shared,
}


def names_of_photographs(index: Index) -> frozenset[str]:
    """The names that the photographs know."""
    return frozenset().union(*index.known.values())


def mean_iou(found: list[Answer]) -> float:
    """Over the masks of names that the pictures show."""
    return float(np.mean([answer.value for answer in found if answer.shown] or [np.nan]))


def empty_share(found: list[Answer]) -> float:
    """Of the absent names, those for which nothing is found."""
    return float(np.mean([answer.value for answer in found if not answer.shown] or [np.nan]))


def difference(one: list[Answer], other: list[Answer], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """How much higher the mean IoU of `one` is, and its interval, by the bootstrap over pictures. Both have the same
    pictures and names in the same order."""
    shown = [(a.picture, a.value - b.value) for a, b in zip(one, other, strict=True) if a.shown]
    pictures = sorted({picture for picture, _ in shown})
    place = {picture: i for i, picture in enumerate(pictures)}
    sums, counts = np.zeros(len(pictures)), np.zeros(len(pictures))
    for picture, value in shown:
        sums[place[picture]] += value
        counts[place[picture]] += 1
    resampled = np.random.default_rng(7).integers(len(pictures), size=(rounds, len(pictures)))
    low, high = np.percentile(sums[resampled].sum(1) / counts[resampled].sum(1), INTERVAL)
    return float(sums.sum() / counts.sum()), float(low), float(high)


def table(found: dict[str, list[Answer]], shared: frozenset[str]) -> str:
    """Two Markdown tables, in percent: on each group of pictures, the heads' mean IoU and the share of absent
    names with nothing found; and the differences in mean IoU between heads.

    found: answers by method; shared: names that photographs show, too."""
    lines = ["| mIoU / absent | masks | " + " | ".join(found) + " |", "| --- " * (2 + len(found)) + "|"]
    pairs = [(one, other) for one, other in PAIRS if one in found and other in found]
    differences = ["| mIoU | " + " | ".join(f"{one} - {other}" for one, other in pairs) + " |"]
    differences.append("| --- " * (1 + len(pairs)) + "|")
    for group, belongs in GROUPS.items():
        some = {method: [a for a in answers if belongs(a, shared)] for method, answers in found.items()}
        masks = sum(answer.shown for answer in next(iter(some.values())))
        if not masks:
            continue
        cells = [f"{100 * mean_iou(answers):.1f} / {100 * empty_share(answers):.1f}" for answers in some.values()]
        lines.append(f"| {group} | {masks} | " + " | ".join(cells) + " |")
        row = [difference(some[one], some[other]) for one, other in pairs]
        cells = [f"{100 * mean:+.1f} ({100 * low:.1f} to {100 * high:.1f})" for mean, low, high in row]
        differences.append(f"| {group} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, *(["", *differences] if pairs else [])])
