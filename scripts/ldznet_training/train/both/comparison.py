"""Heads that were trained alike, compared on the same held-out pictures and names: the paper's table in small."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...scenes.photographs import Index
from .validation import DRAWN, LEVELS, Answer

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


@dataclass(frozen=True)
class Measure:
    """A measure over the masks of names that pictures show.

    counts: what an answer contributes, (K). It is added up over answers.
    figure: the figure of sums (...,K) -> (...)."""

    counts: Callable[[Answer], np.ndarray]
    figure: Callable[[np.ndarray], np.ndarray]

    def of(self, found: list[Answer]) -> float:
        """The figure of the answers; NaN if there are no masks."""
        rows = [self.counts(answer) for answer in found if answer.shown]
        return float(self.figure(np.sum(rows, 0))) if rows else float("nan")


def average_precision(levels: np.ndarray) -> np.ndarray:
    """The area below precision over recall, one step per level: counts (...,2*LEVELS) as in Answer.levels, summed over
    all masks -> (...)."""
    counts = levels.reshape(*levels.shape[:-1], 2, LEVELS)[..., ::-1].cumsum(-1)  # from the highest logit down
    outside, inside = counts[..., 0, :], counts[..., 1, :]
    precision = inside / np.maximum(inside + outside, 1)
    recall = inside / np.maximum(inside[..., -1:], 1)
    return (np.diff(recall, prepend=0.0) * precision).sum(-1)


MEASURES = {
    "mIoU": Measure(lambda answer: np.array([answer.value, 1.0]), lambda sums: sums[..., 0] / sums[..., 1]),
    "AP": Measure(lambda answer: answer.levels.ravel().astype(float), average_precision),
}


def empty_share(found: list[Answer]) -> float:
    """Of the absent names, those for which nothing is found."""
    return float(np.mean([answer.value for answer in found if not answer.shown] or [np.nan]))


# The rows of a group in the table. Only MEASURES have intervals.
FIGURES = {**{name: measure.of for name, measure in MEASURES.items()}, "absent": empty_share}


def sums_by_picture(found: list[Answer], measure: Measure) -> np.ndarray:
    """What each picture contributes to a measure, (pictures,K) with K as in Measure.counts, in the order of the
    answers. Pictures that show no name are left out."""
    rows: dict[int, list[np.ndarray]] = {}
    for answer in found:
        if answer.shown:
            rows.setdefault(answer.picture, []).append(measure.counts(answer))
    return np.stack([np.sum(row, 0) for row in rows.values()])


def difference(
    one: list[Answer], other: list[Answer], measure: Measure, rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """How much higher a measure of `one` is, and both ends of its interval, by the bootstrap over pictures. Both need
    the same pictures and names in the same order (otherwise ValueError)."""
    if [(a.picture, a.name, a.shown) for a in one] != [(b.picture, b.name, b.shown) for b in other]:
        raise ValueError("the answers are for different pictures or names")
    sums = [sums_by_picture(answers, measure) for answers in (one, other)]
    pictures = len(sums[0])
    drawn = np.random.default_rng(7).multinomial(pictures, np.full(pictures, 1 / pictures), size=rounds)
    resampled = measure.figure(drawn @ sums[0]) - measure.figure(drawn @ sums[1])
    low, high = np.percentile(resampled, INTERVAL)
    return measure.of(one) - measure.of(other), float(low), float(high)


def group_rows(title: list[str], cells: dict[str, list[str]]) -> list[str]:
    """Markdown rows of a group, one for each name in `cells`. Only the first one has the title's cells."""
    blank = [""] * len(title)
    rows = [[*(blank if number else title), name, *cells[name]] for number, name in enumerate(cells)]
    return ["| " + " | ".join(row) + " |" for row in rows]


def table(found: dict[str, list[Answer]], shared: frozenset[str]) -> str:
    """Two Markdown tables, in percent: on each group of pictures, the heads' mean IoU, their AP and the share of absent
    names with nothing found; and the differences between heads.

    found: answers by method; shared: names that photographs show, too."""
    lines = ["| | masks | | " + " | ".join(found) + " |", "| --- " * (3 + len(found)) + "|"]
    pairs = [(one, other) for one, other in PAIRS if one in found and other in found]
    differences = ["| | | " + " | ".join(f"{one} - {other}" for one, other in pairs) + " |"]
    differences.append("| --- " * (2 + len(pairs)) + "|")
    for group, belongs in GROUPS.items():
        some = {method: [a for a in answers if belongs(a, shared)] for method, answers in found.items()}
        masks = sum(answer.shown for answer in next(iter(some.values())))
        if not masks:
            continue
        figures, intervals = {}, {}
        for name, figure in FIGURES.items():
            figures[name] = [f"{100 * figure(answers):.1f}" for answers in some.values()]
        for name, measure in MEASURES.items():
            row = [difference(some[one], some[other], measure) for one, other in pairs]
            intervals[name] = [f"{100 * mean:+.1f} ({100 * low:.1f} to {100 * high:.1f})" for mean, low, high in row]
        lines += group_rows([group, str(masks)], figures)
        differences += group_rows([group], intervals)
    return "\n".join([*lines, *(["", *differences] if pairs else [])])
