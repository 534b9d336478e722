"""Compares a bundle's networks with the PyTorch modules that it was made from, stage by stage, on a random picture."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

import torch
from torch import Tensor, nn

from .bundle import load_network
from .errors import UserError
from .noise_schedule import add_noise, alphas_cumprod
from .vae import posterior_mean

PICTURE = (64, 128)  # height and width of the random picture; multiples of 64, not square
# The largest difference that rounding the weights may make, as a share of the outputs' range: far above what it makes
# with the seeded checkpoints of tests/golden (under 0.1 % in float16, some percent in bfloat16), below a wrong layer's.
ALLOWED = {"float32": 1e-3, "float16": 0.05, "bfloat16": 0.4, "int8": 0.4}


class VerificationError(UserError):
    """A bundle that does not compute what its checkpoint does."""


@dataclass
class Walk:
    """The inputs of each stage. They come from the PyTorch modules, so every stage is compared by itself."""

    latent_scale: float
    timestep: int
    text_length: int
    vocabulary: int
    taps: List[int]  # indices of the features that LD-ZNet takes
    known: Dict[str, Tensor | List[Tensor]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self.known["image"] = torch.rand(1, 3, *PICTURE, generator=generator) * 2 - 1
        self.known["ids"] = torch.randint(self.vocabulary, (1, self.text_length), generator=generator)

    def inputs(self, stage: str) -> Tuple:
        """The inputs of a stage, after the stages before it."""
        names = {
            "vae_encoder": ("image",),
            "text_encoder": ("ids",),
            "unet": ("z_t", "timestep", "context"),
            "ldznet": ("z", "context", "features"),
        }
        return tuple(self.known[name] for name in names[stage])

    @torch.inference_mode()
    def run(self, stage: str, module: nn.Module) -> List[Tensor]:
        """The outputs of a stage; of the UNet all features, so that all its blocks take part."""
        outputs = module.all_features(*self.inputs(stage)) if stage == "unet" else [module(*self.inputs(stage))]
        return list(outputs)

    def follow(self, stage: str, module: nn.Module) -> List[Tensor]:
        """Like `run`, with a PyTorch module; its outputs become inputs of the next stages."""
        outputs = self.run(stage, module)
        if stage == "vae_encoder":
            z = self.latent_scale * posterior_mean(outputs[0])
            timestep = torch.tensor([self.timestep])
            noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(0))
            self.known |= {"z": z, "timestep": timestep, "z_t": add_noise(z, noise, timestep, alphas_cumprod())}
        elif stage == "text_encoder":
            self.known["context"] = outputs[0]
        elif stage == "unet":
            self.known["features"] = [outputs[tap] for tap in self.taps]
        return outputs


def compare(stage: str, file: Path, walk: Walk, expected: List[Tensor], dtype: str) -> str:
    """Loads a network from the bundle and runs it in float32; returns a line about the largest difference.

    Raises VerificationError if the difference is more than rounding the weights to `dtype` explains."""
    module = load_network(file)
    pairs = list(zip(walk.run(stage, module), expected, strict=True))
    differences = torch.stack([(ours - theirs).abs().max() for ours, theirs in pairs])
    spreads = torch.stack([theirs.max() - theirs.min() for _, theirs in pairs]).clamp_min(1e-12)
    largest, share = differences.max().item(), (differences / spreads).max().item()  # NaN if any is
    line = f"{stage} max|diff| {largest:.2e} ({100 * share:.2g} % of the range)"
    if not share <= ALLOWED[dtype]:
        raise VerificationError(f"the exported {line} differs from the checkpoint's; use a wider --dtype than {dtype}")
    return line
