"""Training of the miniature's VAE on crops of scenes, and the latents of all scenes for the later stages."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .. import mini
from ..vae import ResnetBlock, Upsample, VAEConfig, VAEEncoder, posterior_mean
from .hyperparameters import HYPERPARAMETERS
from .loop import StepLoss
from .process_group import autocast, barrier, from_numpy, processes, rank

CROP = HYPERPARAMETERS["vae"].size
KL_WEIGHT = 1e-6


class Autoencoder(VAEEncoder):
    """The miniature's encoder, with a decoder for training only.

    The decoder works at an eighth and a quarter of the resolution and ends with a pixel shuffle, at a fifth of the cost
    of the published decoder.
    """

    def __init__(self, config: VAEConfig = mini.VAE, widths: tuple[int, int] = (128, 64)):
        """`widths`: channels of the decoder at an eighth and at a quarter of the resolution."""
        super().__init__(config)
        (wide, narrow), groups = widths, config.groups
        self.decoder = nn.Sequential(
            nn.Conv2d(config.latent_channels, wide, 3, padding=1),
            ResnetBlock(wide, wide, groups),
            ResnetBlock(wide, wide, groups),
            Upsample(wide),
            ResnetBlock(wide, narrow, groups),
            nn.GroupNorm(groups, narrow),
            nn.SiLU(),
            nn.Conv2d(narrow, 48, 3, padding=1),
            nn.PixelShuffle(4),
        )


def to_image(pixels: np.ndarray) -> Tensor:
    """uint8 (B,H,W,3) -> (B,3,H,W) in [-1,1], channels last."""
    return from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1


def gradient_loss(ours: Tensor, theirs: Tensor) -> Tensor:
    """L1 distance of the horizontal and vertical gradients; sharpens edges that plain L1 blurs."""
    difference = ours - theirs
    return difference.diff(dim=2).abs().mean() + difference.diff(dim=3).abs().mean()


def psnr(ours: Tensor, theirs: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in decibels, of images in [-1,1]."""
    return -10 * ((ours.detach().clamp(-1, 1) - theirs).square().mean() / 4).clamp(min=1e-10).log10()


def vae_step(vae: Autoencoder, images: np.ndarray, size: int) -> StepLoss:
    """The loss as a function of the step number, on `size` random crops of uint8 images (N,S,S,3)."""
    side = images.shape[1]

    def step_loss(step: int):
        rng = np.random.default_rng([11, step, rank()])
        crops = []
        for i in rng.integers(len(images), size=size):
            top, left = rng.integers(0, side - CROP + 1, 2)
            crop = images[i, top : top + CROP, left : left + CROP]
            crops.append(crop[:, ::-1] if rng.random() < 0.5 else crop)
        x = to_image(np.stack(crops))
        with autocast():
            mean, logvar = vae(x).float().chunk(2, dim=1)
            logvar = logvar.clamp(-30, 20)
            z = mean + (0.5 * logvar).exp() * torch.randn_like(mean)
            y = vae.decoder(z).float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).sum((1, 2, 3)).mean()
        l1 = (y - x).abs().mean()
        edges = gradient_loss(y, x)
        return l1 + edges + KL_WEIGHT * kl, {
            "l1": l1.detach(),
            "edges": edges.detach(),
            "kl": kl.detach(),
            "psnr": psnr(y, x),
        }

    return step_loss


@torch.inference_mode()
def make_latents(vae: VAEEncoder, images: np.ndarray, path: Path, batch: int = 16) -> float:
    """Writes the posterior means of uint8 images (N,S,S,3), float16 (N,4,S/8,S/8); returns the latent scale 1/std.

    Processes that train together divide the images.
    """
    shape = (len(images), mini.VAE.latent_channels, images.shape[1] // 8, images.shape[2] // 8)
    unfinished = path.with_suffix(".tmp.npy")
    if rank() == 0:
        np.lib.format.open_memmap(unfinished, "w+", np.float16, shape)
    barrier()
    out = np.load(unfinished, mmap_mode="r+")
    for start in range(rank() * batch, len(images), processes() * batch):
        with autocast():
            moments = vae(to_image(images[start : start + batch]).contiguous(memory_format=torch.channels_last))
        out[start : start + batch] = posterior_mean(moments.float()).half().cpu().numpy()
    out.flush()
    barrier()
    if rank() == 0:
        unfinished.replace(path)
    return float(1 / out[: min(len(out), 4000)].astype(np.float32).std())
