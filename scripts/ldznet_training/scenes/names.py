"""Names that are true of a scene, and names that are not."""

from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np

from .drawings import load_style
from .vocabulary import vocabulary

# Names that are also true of a thing although its own name does not end with them: a taxi is a car.
ALSO = {"sunset": {"sky"}, "taxi": {"car"}, "telephone": {"phone"}}


@lru_cache(maxsize=1)
def look_alikes() -> dict[str, list[str]]:
    """Name -> the eight names whose Noto drawings have the closest mean colours; empty if Noto is not rendered."""
    try:
        drawings = load_style("noto")
    except FileNotFoundError:
        return {}
    names = list(drawings)
    rgba = np.stack([drawings[n] for n in names]).astype(np.float32)
    means = (rgba[..., :3] * rgba[..., 3:]).sum((1, 2)) / rgba[..., 3:].sum((1, 2))
    order = np.argsort(((means[:, None] - means[None]) ** 2).sum(-1), axis=1)
    return {name: [names[k] for k in order[i, 1:9]] for i, name in enumerate(names)}


@cache
def true_of(name: str) -> frozenset[str]:
    """The names that are true of a thing: its own, the kind that its name ends with ("pine tree": "tree"), and ALSO."""
    words = name.split()
    kinds = {" ".join(words[k:]) for k in range(len(words))}
    return frozenset(kinds | ALSO.get(name, set()))


def absent_name(entities: Iterable[tuple[str, str]], rng, hard: bool) -> str:
    """A name of the vocabulary that is true of no entity (name, kind).

    Hard: of the same group as one of the entities, or of a similar colour. Easy: any name, stuff in a quarter of the
    cases.
    """
    present = [name for name, _ in entities]
    words = vocabulary()
    choices: list[str] = []
    if hard and present:
        like = words[str(rng.choice(present))]
        if rng.random() < 0.5:
            choices = look_alikes().get(like.name, [])
        choices = choices or [w.name for w in words.values() if w.group == like.group]
    else:
        kind = "stuff" if rng.random() < 0.25 else "thing"
        choices = [w.name for w in words.values() if w.kind == kind]
    true_names = set().union(*map(true_of, present))
    absent = [name for name in choices if name not in true_names] or [n for n in words if n not in true_names]
    return str(rng.choice(absent))
