"""How good the masks are while training: mean IoU per source on held-out photographs, and on drawn scenes whose grounds
training does not use."""

import numpy as np
import torch
from torch import Tensor

from ...scenes.chance import Chance
from ...scenes.compositor import DRAWN, Pictures
from ...unet import UNet
from ...znet import LDZNet
from ..features import TapFeatures
from ..heads import mask_figures
from ..process_group import autocast
from .plan import SHAPES
from .stages import Latents, head_logits
from .world import Prompts, World

LEAST_AREA = 0.02  # share of the picture; names that cover less are not asked for
BATCH = 16
PER_SOURCE = 128  # photographs


def held_out_batches(world: World, per_source: int):
    """(source, pictures) of whole held-out photographs in the nearest of SHAPES, and of drawn scenes as "drawn"."""
    compositor = world.validation
    for source_number, source in enumerate(compositor.sources):
        rows = (compositor.source_of == source_number).nonzero()[:, 0][:per_source]
        ratios = torch.tensor([width / height for height, width in SHAPES], device=world.device).log()
        nearest = (compositor.aspects[rows].log()[:, None] - ratios).abs().argmin(1)
        for number, (height, width) in enumerate(SHAPES):
            for part in rows[nearest == number].split(BATCH):
                if len(part):
                    whole = torch.eye(2, 3, device=world.device).expand(len(part), -1, -1)
                    images, labels = compositor.crop(part, whole, height, width)
                    known = compositor.known[compositor.source_of[part]]
                    yield source, Pictures(images * 2 - 1, labels, known, torch.zeros_like(part))
    for k in range(max(1, per_source // BATCH)):
        yield "drawn", compositor.batch(BATCH, Chance([51, k], world.device), *SHAPES[0], DRAWN, masked=True)


@torch.inference_mode()
def mask_iou(
    head: LDZNet, unet: UNet, world: World, latents: Latents, prompts: Prompts, per_source: int = PER_SOURCE
) -> dict[str, dict[str, float]]:
    """Per source: mean IoU at 0.5 of the names that cover at least LEAST_AREA, mean over names; and the share of absent
    names of the same source that nothing is found for."""
    head.eval()
    features_of, names = TapFeatures(unet, prompts.contexts), list(world.words)
    found: dict[str, dict[str, list[float]]] = {}
    absent: dict[str, list[float]] = {}
    for number, (source, pictures) in enumerate(held_out_batches(world, per_source)):
        chance, rng = Chance([53, number], world.device), np.random.default_rng([53, number])
        z = latents(pictures.images)
        with autocast():
            features = features_of(z, rng)
        present = pictures.present()
        for row in range(len(z)):
            labels = pictures.labels[row]
            shown = [int(i) for i in present[row].nonzero()[:, 0] if (labels == i + 1).float().mean() >= LEAST_AREA]
            others = (pictures.known[row] & ~present[row]).float()
            asked = torch.tensor(shown, dtype=torch.long, device=world.device)
            if others.any():
                asked = torch.cat([asked, chance.choice(others, 1)])
            if not len(asked):
                continue
            context = prompts.contexts.table[prompts.rows[asked, 0]]
            with autocast():
                logits = head_logits(head, [f[row : row + 1] for f in features], z[row : row + 1], context)
            logits = logits.float().masked_fill(labels == -1, -9.0)
            for index, name in enumerate(asked.tolist()):
                target: Tensor = (labels == name + 1).float()[None, None]
                figures = mask_figures(logits[index : index + 1], target)
                if index < len(shown):
                    found.setdefault(source, {}).setdefault(names[name], []).append(float(figures["iou"]))
                else:
                    absent.setdefault(source, []).append(float(figures["absent"]))
    head.train()
    return {
        source: {
            "miou": round(float(np.mean([np.mean(v) for v in by_name.values()])), 4),
            "masks": sum(map(len, by_name.values())),
            "absent": round(float(np.mean(absent.get(source, [1.0]))), 4),
        }
        for source, by_name in found.items()
    }
