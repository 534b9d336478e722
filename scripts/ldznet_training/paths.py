"""Folders of the repository that the scripts read and write."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY / "data"  # drawings, scenes and training checkpoints; not under version control
MODELS = REPOSITORY / "models"
BINARY = REPOSITORY / "build" / "release" / "ldznet"
