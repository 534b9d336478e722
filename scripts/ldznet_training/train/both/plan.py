"""The stages of training on both worlds, in order."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Stage:
    """Hyperparameters of a stage. Batches are pictures per step in each process."""

    share: float  # of the whole time
    batch: int  # pictures per step on CUDA
    batch_cpu: int
    rate: float  # peak learning rate
    ema_decay: float = 0.998

    def batch_size(self) -> int:
        """Pictures per step in each process on this machine."""
        return self.batch if torch.cuda.is_available() else self.batch_cpu


STAGES = {
    "clip": Stage(0.08, batch=256, batch_cpu=64, rate=2e-3, ema_decay=0.99),
    "vae": Stage(0.15, batch=128, batch_cpu=8, rate=1.2e-3),
    "ldm": Stage(0.32, batch=256, batch_cpu=8, rate=1e-3),
    "match": Stage(0.26, batch=256, batch_cpu=8, rate=2e-3, ema_decay=0.995),
    "head": Stage(0.19, batch=256, batch_cpu=16, rate=1e-3),
}
VAE_SIDE = 128  # of the pictures that the VAE is trained on, pixels
SHAPES = ((192, 192), (160, 224), (224, 160))  # (height, width) of the other stages' pictures, taking turns
