"""Pictures that the denoiser makes of prompts: DDIM with classifier-free guidance (Ho and Salimans 2022)."""

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor, nn

from ...noise_schedule import alphas_cumprod
from ...scenes.tile_sheet import tile_sheet
from ...unet import UNet
from ..process_group import autocast
from ..text_contexts import TextContexts

COLUMNS = 6


@torch.inference_mode()
def ddim(unet: UNet, context: Tensor, empty: Tensor, noise: Tensor, steps: int = 50, guidance: float = 4.0) -> Tensor:
    """z (B,C,h,w) of contexts (B,77,D) from noise, deterministic DDIM (Song et al. 2021, eta 0)."""
    abar = alphas_cumprod().to(noise.device)
    times = torch.linspace(999, 0, steps + 1).round().long()
    z, both = noise, torch.cat([context, empty.expand_as(context)])
    for now, then in zip(times[:-1], times[1:]):
        with autocast():
            timestep = torch.full((len(both),), int(now), device=noise.device)
            with_text, without = unet.predict_noise(z.repeat(2, 1, 1, 1), timestep, both)[0].float().chunk(2)
        predicted = without + guidance * (with_text - without)
        clean = ((z - (1 - abar[now]).sqrt() * predicted) / abar[now].sqrt()).clamp(-6, 6)
        z = abar[then].sqrt() * clean + (1 - abar[then]).sqrt() * predicted
    return z


@torch.inference_mode()
def sample_sheet(
    unet: UNet, decoder: nn.Module, scale: float, contexts: TextContexts, texts: Sequence[str], size: int, **options
) -> Image.Image:
    """One picture of size x size pixels for each text, the text below."""
    device = contexts.table.device
    channels = unet.input_blocks[0][0].in_channels
    generator = torch.Generator(device).manual_seed(0)
    noise = torch.randn(len(texts), channels, size // 8, size // 8, generator=generator, device=device)
    z = ddim(unet, contexts.encode(list(texts)), contexts.empty, noise, **options)
    with autocast():
        images = decoder(z / scale).float()
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return tile_sheet([Image.fromarray(picture) for picture in pixels], texts, COLUMNS)
