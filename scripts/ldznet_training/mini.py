"""The miniature, `ldznet-mini`: the published design at sizes that can be trained on two CPU cores.

Other differences (see its MODEL_CARD.md): three UNet levels with transformers at the lower two, the text's last token
in the timestep embedding, features also after residual blocks of the finest level, features for the empty prompt, wider
mask layers, and the match map.
"""

from .text_encoder import TextConfig
from .unet import UNetConfig
from .vae import VAEConfig
from .znet import ZNetConfig

SIZE = 192  # side of a training picture, pixels
WORKING_SIZE = 288  # side of the working area, pixels: small things gain more than large ones lose
MULTIPLE = 32  # pixels: f = 8, and the UNet halves twice
VOCABULARY = 1024
CONTEXT_WIDTH = 128
TIMESTEP = 100  # default t; the same noise affects small latents more than 64 x 64 ones
TIMESTEP_RANGE = (50, 150)

TEXT = TextConfig(vocabulary=VOCABULARY, width=CONTEXT_WIDTH, layers=3)
VAE = VAEConfig(channels=16, channel_mult=(1, 2, 4, 8), res_blocks=1, groups=8)

BODY = {
    "model_channels": 64,
    "channel_mult": (1, 2, 3),
    "res_blocks": 1,
    "attention_levels": (1, 2),
    "heads": 4,
    "context_width": CONTEXT_WIDTH,
    "pooled_text": True,
}
MASK_CHANNELS = (16, 16, 8, 8)

FUSED = {"middle_block.1": 6, "output_blocks.1.1": 6, "output_blocks.2.1": 12, "output_blocks.3.1": 12}
FINE = ("output_blocks.4.0", "output_blocks.5.0")
UNET = UNetConfig(**BODY, extra_taps=FINE)

TAPS = (*FUSED, *FINE)
MATCH_TAPS = ("output_blocks.1.1", "output_blocks.3.1", *FINE)

ZNET = ZNetConfig(**BODY, mask_channels=MASK_CHANNELS)
LDZNET_AS_PUBLISHED = ZNetConfig(
    **BODY, mask_channels=MASK_CHANNELS, taps=TAPS, pool_sizes=(*FUSED.values(), *(0 for _ in FINE))
)
LDZNET = ZNetConfig(
    **{
        **vars(LDZNET_AS_PUBLISHED),
        "in_channels": 5,
        "match_taps": MATCH_TAPS,
        "match_channels": 128,
        "match_blocks": 3,
    }
)
