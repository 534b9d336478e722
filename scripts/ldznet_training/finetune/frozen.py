"""The networks of a bundle that stay as they are: pictures to latents and features, which are cached on the disk."""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..bundle import load_network
from ..errors import CheckpointError, MissingInputError
from ..noise_schedule import add_noise, alphas_cumprod
from ..stages import Shared
from ..tokenizer import Tokenizer
from ..train.process_group import device
from ..train.weights import save_atomically
from ..vae import posterior_mean
from .samples import Picture

HEAD = "ldznet"  # the method that is trained
ENCODER = "vae_encoder"
Values = Dict[str, List[Tensor]]  # what is cached of a picture, by name


def working_size(width: int, height: int, area: int, multiple: int) -> Tuple[int, int]:
    """(width, height) of the working image, as src/image/preprocess.cpp computes it for pictures that are not extremely
    long; those are brought to one multiple and the longest side that the area allows."""
    aspect = height / width
    wide = math.floor(math.sqrt(area / aspect))
    longest = area // multiple // multiple * multiple
    sides = (wide, math.floor(aspect * wide))
    return tuple(min(max(side // multiple, 1) * multiple, longest) for side in sides)


@dataclass
class Encoded:
    """What the head gets of a picture, of batch 1."""

    z: Tensor
    features: List[Tensor]


class FrozenBundle:
    """A bundle's manifest, its tokenizer and its frozen networks. Raises CheckpointError for one without the head."""

    def __init__(self, folder: Path, cache: Path):
        if not (folder / "model.json").is_file():
            raise MissingInputError(f"{folder}: has no model.json; name the folder of a bundle")
        text = (folder / "model.json").read_bytes()
        self.folder, self.manifest = folder, json.loads(text)
        if HEAD not in self.manifest["methods"]:
            raise CheckpointError(f"{folder}: has no head {HEAD}")
        self.sha256 = hashlib.sha256(text).hexdigest()
        self.shares_features = Shared.of(self.manifest).features  # among all phrases of a picture
        self.tokenizer = Tokenizer.load(folder)
        self.text = self.load("text_encoder")
        self.vae, self._unet = self.load(ENCODER), self.load("unet")
        self.has_semantic_latents = hasattr(self.vae, "semantic")
        self._abar = alphas_cumprod(self.manifest["noise_schedule"]["steps"])
        self._cache = cache / self.sha256[:16]
        self._cache.mkdir(parents=True, exist_ok=True)

    def load(self, name: str) -> torch.jit.ScriptModule:
        """One of its networks, frozen."""
        network = load_network(self.folder / f"{name}.pt").to(device())
        for parameter in network.parameters():  # a ScriptModule has no requires_grad_()
            parameter.requires_grad_(False)
        return network

    def ids(self, phrases: List[str]) -> Tensor:
        """Token ids (N,L)."""
        length = self.manifest["text"]["length"]
        return torch.tensor([self.tokenizer.encode(phrase, length) for phrase in phrases], device=device())

    def encoded(self, picture: Picture, phrase: str, mirrored: bool) -> Encoded:
        """The latent and the features of a picture, or of its mirror image. The noise is that of the program's default
        seed; the mirror image has other noise."""
        context = "" if self.shares_features else phrase
        stored = self.cached(
            picture, ["features", context, str(mirrored)], lambda: self._encode(picture, context, mirrored)
        )
        return Encoded(stored["z"][0], stored["features"])

    def cached(self, picture: Picture, key: List[str], compute: Callable[[], Values]) -> Values:
        """What `compute` returns for a picture and a key, which begins with what it is: in float32, from the cache of
        float16 if it is there."""
        text = "\n".join([str(picture.path.resolve()), str(picture.path.stat().st_mtime_ns), *key])
        file = self._cache / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.pt"
        if not file.is_file():
            with torch.no_grad():
                computed = compute()
            save_atomically({name: [v.half().cpu() for v in values] for name, values in computed.items()}, file)
        stored = torch.load(file, map_location=device(), weights_only=True)
        return {name: [value.float() for value in values] for name, values in stored.items()}

    def pixels(self, picture: Picture, mirrored: bool) -> Tensor:
        """The working image (1,3,H,W) in [-1,1]."""
        image = picture.load()
        size = working_size(*image.size, self.manifest["image"]["area"], self.manifest["image"]["multiple"])
        values = np.asarray(image.resize(size, Image.Resampling.LANCZOS), np.float32)
        x = torch.from_numpy(values / 255 * 2 - 1).permute(2, 0, 1)[None].to(device())
        return x.flip(3) if mirrored else x

    def _encode(self, picture: Picture, context: str, mirrored: bool) -> Values:
        manifest = self.manifest
        z = manifest["latent"]["scale"] * posterior_mean(self.vae(self.pixels(picture, mirrored)))
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(int(mirrored)), device="cpu").to(z.device)
        timestep = torch.tensor([manifest["timestep"]["default"]], device=z.device)
        features = self._unet(add_noise(z, noise, timestep, self._abar), timestep, self.text(self.ids([context])))
        return {"z": [z], "features": features}
