"""All weights of a training run in a few small files, each complete in itself, which survive an interrupted run."""

import json
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from ..weights import load_ema, save_atomically

SCALE = "latents.json"  # file of the latents' scale
LIMIT = 15 << 20  # bytes of tensors per file
UNUSED = {"clip": ("image.",), "head": ("match.",)}  # parts of a stage that no later one needs, or that another has


def small_weights(checkpoint: Path) -> dict[str, Tensor]:
    """The EMA weights of a stage that later stages or further training need, as float16 on the CPU."""
    return _small_weights(checkpoint, checkpoint.stat().st_mtime_ns)


@lru_cache(maxsize=16)  # finished stages are not read again whenever another one saves
def _small_weights(checkpoint: Path, _written: int) -> dict[str, Tensor]:
    weights = load_ema(checkpoint)
    unused = UNUSED.get(checkpoint.stem.split("-")[0], ())
    return {
        name: (value.half() if value.is_floating_point() else value).cpu()
        for name, value in weights.items()
        if not name.startswith(unused)
    }


def write_parts(folder: Path, parts: Path) -> None:
    """Writes the weights of all checkpoints in a folder and the latents' scale to `weights-<k>.pt`."""
    parts.mkdir(parents=True, exist_ok=True)
    files: list[dict[str, Tensor]] = [{}]
    filled = 0
    if (scale := folder / SCALE).is_file():
        files[0]["latents/scale"] = torch.tensor(json.loads(scale.read_text())["scale"], device="cpu")
    for checkpoint in sorted(folder.glob("*.ckpt")):
        stage = checkpoint.stem
        for name, value in small_weights(checkpoint).items():
            size = value.numel() * value.element_size()
            if filled and filled + size > LIMIT:
                files.append({})
                filled = 0
            files[-1][f"{stage}/{name}"] = value
            filled += size
    for index, tensors in enumerate(files):
        save_atomically(tensors, parts / f"weights-{index}.pt")
    for stale in parts.glob("weights-*.pt"):
        if int(stale.stem.split("-")[1]) >= len(files):
            stale.unlink()


def join_parts(parts: Path, folder: Path) -> list[str]:
    """Writes `<stage>.ckpt` files from the parts, as float32; returns the stages."""
    folder.mkdir(parents=True, exist_ok=True)
    stages: dict[str, dict[str, Tensor]] = {}
    for path in sorted(parts.glob("weights-*.pt")):
        for key, value in torch.load(path, map_location="cpu", weights_only=True).items():
            stage, name = key.split("/", 1)
            stages.setdefault(stage, {})[name] = value.float() if value.is_floating_point() else value
    if scale := stages.pop("latents", None):
        (folder / SCALE).write_text(json.dumps({"scale": float(scale["scale"])}) + "\n")
    for stage, weights in stages.items():
        save_atomically({"ema": weights}, folder / f"{stage}.ckpt")
    return sorted(stages)
