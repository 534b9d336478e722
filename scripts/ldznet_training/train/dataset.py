"""Scenes with masks and latents, as tensors for the match map and the heads."""

import numpy as np
import torch
from torch import Tensor

from ..scenes.drawings import HEAD_STYLES
from ..scenes.names import absent_name
from .process_group import from_numpy
from .vae import to_image

PROMPTS = 4  # per scene
ABSENT_SHARE = 0.28  # of the prompts name something that is not in the scene


class SceneDataset:
    """Cached scenes in the styles that heads are trained on."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, latents: np.ndarray, records: list, scale: float):
        """images uint8 (N,H,W,3), labels uint8 (N,H,W), unscaled latents float16 (N,4,h,w), records of meta.json."""
        self.images, self.labels, self.latents, self.records, self.scale = images, labels, latents, records, scale
        self.usable = np.array([i for i in range(len(latents)) if records[i]["style"] in HEAD_STYLES])

    def batch(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Indices of `count` different scenes."""
        return rng.choice(self.usable, count, replace=False)

    def images_of(self, chosen: np.ndarray, flip: bool) -> Tensor:
        """Images (S,3,H,W) in [-1,1], mirrored or not."""
        images = to_image(self.images[chosen])
        return images.flip(3) if flip else images

    def latents_of(self, chosen: np.ndarray, flip: bool) -> Tensor:
        """z (S,4,h,w), mirrored or not."""
        z = from_numpy(self.latents[chosen].astype(np.float32)) * self.scale
        return (z.flip(3) if flip else z).contiguous(memory_format=torch.channels_last)

    def labels_of(self, chosen: np.ndarray, flip: bool) -> Tensor:
        """Label maps (S,H,W), mirrored or not."""
        labels = from_numpy(self.labels[chosen])
        return labels.flip(2) if flip else labels

    def prompts(self, index: int, rng: np.random.Generator) -> list[tuple[str, int]]:
        """PROMPTS pairs of a name and its label in the scene, 0 for a name that is absent."""
        entities = self.records[index]["entities"]
        present = rng.choice(len(entities), min(PROMPTS, len(entities)), replace=False)
        chosen = []
        for slot in range(PROMPTS):
            if slot >= len(present) or rng.random() < ABSENT_SHARE:
                chosen.append((absent_name(entities, rng, hard=bool(rng.random() < 0.5)), 0))
            else:
                chosen.append((entities[present[slot]][0], int(present[slot]) + 1))
        return chosen
