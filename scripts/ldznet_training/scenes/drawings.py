"""The drawings of things: free emoji art in several styles, from data/drawings/<style>.npz (see rendering.py).

rgba   uint8 (N, 160, 160, 4)  straight alpha, trimmed, fitted into 156 px and centred
names  str (N,)                canonical names of vocabulary.tsv; names that the style does not draw are left out
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..paths import DATA

# The ONLY styles that mask heads are trained on, and those that the text encoder, the VAE and the LDM are trained on.
HEAD_STYLES = ("noto", "fluent-flat", "emojione")
LDM_STYLES = (*HEAD_STYLES, "fluent-3d")
# Kept for measuring how well the heads generalise to unseen art; `check_training_styles` keeps them out of training.
TEST_ONLY = ("openmoji", "twemoji")
STYLES = (*LDM_STYLES, *TEST_ONLY)

DRAWINGS = DATA / "drawings"


def check_training_styles(styles: Iterable[str]) -> None:
    """Raises ValueError if a style is unknown or kept for testing."""
    for style in styles:
        if style not in STYLES:
            raise ValueError(f"unknown style {style!r}: choose from {', '.join(STYLES)}")
        if style in TEST_ONLY:
            raise ValueError(f"style {style!r} is kept for testing and must not be trained on")


def load_style(style: str, folder: Path = DRAWINGS) -> dict[str, np.ndarray]:
    """Name -> rgba uint8 (160, 160, 4). Raises FileNotFoundError if the style has not been rendered."""
    path = folder / f"{style}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; render it with scripts/train.py drawings")
    with np.load(path) as archive:
        return dict(zip(archive["names"].tolist(), archive["rgba"], strict=True))
