"""Latent diffusion's noise schedule: betas linear in their square roots."""

import torch
from torch import Tensor


def alphas_cumprod(steps: int = 1000, beta_start: float = 0.00085, beta_end: float = 0.012) -> Tensor:
    """Cumulative products (steps,) of 1 - beta, computed in float64, returned as float32."""
    betas = torch.linspace(beta_start**0.5, beta_end**0.5, steps, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, dim=0).float()


def add_noise(z: Tensor, noise: Tensor, timestep: Tensor, abar: Tensor) -> Tensor:
    """z_t = sqrt(abar_t) z + sqrt(1 - abar_t) noise for z (B,4,h,w), timestep int64 (B)."""
    a = abar.to(z.device)[timestep].view(-1, 1, 1, 1)
    return a.sqrt() * z + (1 - a).sqrt() * noise
