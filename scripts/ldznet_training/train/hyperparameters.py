"""The hyperparameters of every training stage."""

from dataclasses import dataclass

from .. import mini
from ..scenes.drawings import HEAD_STYLES, LDM_STYLES
from ..scenes.scenes import ORDINARY, Arrangement


@dataclass(frozen=True)
class Hyperparameters:
    """Of one stage."""

    steps: int
    batch: int  # samples per step, over all processes; scenes for match and head
    rate: float  # peak learning rate
    size: int  # side of the training pictures, pixels
    ema_decay: float = 0.999


HYPERPARAMETERS = {
    "clip": Hyperparameters(steps=1500, batch=128, rate=2e-3, size=64, ema_decay=0.99),
    "vae": Hyperparameters(steps=3000, batch=16, rate=1.5e-3, size=96, ema_decay=0.995),  # crops of the scenes
    "ldm": Hyperparameters(steps=2000, batch=32, rate=8e-4, size=mini.SIZE),
    "match": Hyperparameters(steps=5200, batch=64, rate=2e-3, size=mini.SIZE, ema_decay=0.99),
    "head": Hyperparameters(steps=3600, batch=12, rate=8e-4, size=mini.SIZE),
}


@dataclass(frozen=True)
class SceneCache:
    """A cache of training scenes."""

    count: int
    seed: int
    styles: tuple[str, ...]
    arrangement: Arrangement
    latents: int  # number of scenes that get latents, from the first


MIXED, DENSE, SMALL = "train", "dense", "small"
CACHES = {  # dense scenes teach the match map more names per second
    MIXED: SceneCache(40_000, 1, LDM_STYLES, ORDINARY, latents=20_000),
    DENSE: SceneCache(24_000, 21, HEAD_STYLES, Arrangement(objects=(3, 12)), latents=24_000),
    SMALL: SceneCache(16_000, 22, HEAD_STYLES, Arrangement(objects=(1, 8), scale=0.6, unnamed=0.5), latents=16_000),
}
