"""A few drawings and photographs, and networks of tiny sizes, to train in tests."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ldznet_training import mini, mini_both
from ldznet_training.train.both.world import World
from ldznet_training.vae import VAEConfig

TINY = mini_both.Sizes(
    text=replace(mini.TEXT, layers=1),
    vae=VAEConfig(channels=8, channel_mult=(1, 1, 1, 2), res_blocks=1, latent_channels=8, groups=8),
    decoder_widths=(16, 8),
    unet=replace(mini_both.UNET, model_channels=32),
    heads={
        "ldznet": replace(mini_both.LDZNET, model_channels=32, match_channels=16, match_blocks=1),
        "ldznet-published": replace(mini_both.LDZNET_AS_PUBLISHED, model_channels=32),
        "znet": replace(mini_both.ZNET, model_channels=32),
        "rgbnet": replace(mini_both.ZNET, model_channels=32),
    },
)


def drawing(name: str) -> np.ndarray:
    """A square of the name's own colour, uint8 (160, 160, 4)."""
    rgba = np.zeros((160, 160, 4), np.uint8)
    rgba[15:145, 15:145, :3] = np.random.default_rng(len(name)).integers(0, 256, 3)
    rgba[15:145, 15:145, 3] = 255
    return rgba


def tiny_world(folder: Path) -> World:
    """A few drawings in two styles and 30 photographs of two sources, which are written into the folder."""
    for style, names in (("noto", ["panda", "dog", "pine tree", "key"]), ("fluent-3d", ["bell"])):
        np.savez_compressed(folder / f"{style}.npz", rgba=np.stack([drawing(n) for n in names]), names=np.array(names))
    (folder / "voc").mkdir()
    lines = []
    for index in range(30):
        source, label, name = (("voc", 12, "dog"), ("objects", 172, "panda"))[index % 2]
        pixels, labels = np.full((60, 80, 3), 90, np.uint8), np.zeros((60, 80), np.uint8)
        pixels[10:50, 15:60], labels[10:50, 15:60] = (10 * index % 256, 200, 40), label
        Image.fromarray(pixels).save(folder / "voc" / f"{index}.jpg")
        Image.fromarray(labels).save(folder / "voc" / f"{index}.png")
        lines.append(
            json.dumps({"source": source, "image": f"voc/{index}.jpg", "labels": f"voc/{index}.png", "names": [name]})
        )
    (folder / "photos.jsonl").write_text("\n".join(lines))
    (folder / "labels.tsv").write_text(
        "label\tname\tsynonyms\tsource\tkind\n12\tdog\t\tvoc\tthing\n18\tcat\t\tvoc\tthing\n172\tpanda\t\tobjects\tthing\n"
    )
    return World(folder, folder, torch.device("cpu"), painted=4, least=1)
