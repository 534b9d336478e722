"""The miniature's sizes for drawings and photographs: a wider VAE with eight latent channels, the rest as in mini.py.

With `ldznet` as the only head the bundle stays under 60 MB in float16.
"""

from dataclasses import dataclass, replace

from . import mini
from .text_encoder import TextConfig
from .unet import UNetConfig
from .vae import VAEConfig
from .znet import ZNetConfig

SIZE = 192  # side of a training picture, pixels
LATENT_CHANNELS = 8
VAE = VAEConfig(channels=24, channel_mult=(1, 2, 4, 7), res_blocks=1, latent_channels=LATENT_CHANNELS, groups=8)
DECODER_WIDTHS = (192, 96)  # of the decoder for training
UNET = replace(mini.UNET, in_channels=LATENT_CHANNELS, out_channels=LATENT_CHANNELS)
ZNET = replace(mini.ZNET, in_channels=LATENT_CHANNELS)
LDZNET_AS_PUBLISHED = replace(mini.LDZNET_AS_PUBLISHED, in_channels=LATENT_CHANNELS)
LDZNET = replace(mini.LDZNET, in_channels=LATENT_CHANNELS + 1)


@dataclass(frozen=True)
class Sizes:
    """The sizes of all networks that are trained together."""

    text: TextConfig
    vae: VAEConfig
    decoder_widths: tuple[int, int]
    unet: UNetConfig
    heads: dict[str, ZNetConfig]  # by the names of train.heads.METHODS


SIZES = Sizes(
    text=mini.TEXT,
    vae=VAE,
    decoder_widths=DECODER_WIDTHS,
    unet=UNET,
    heads={"ldznet": LDZNET, "ldznet-published": LDZNET_AS_PUBLISHED, "znet": ZNET, "rgbnet": ZNET},
)
