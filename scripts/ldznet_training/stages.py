"""The networks of the pipeline one after the other on the CPU in fp32: inputs and reference outputs of every stage."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .bundle import load_network
from .noise_schedule import add_noise, alphas_cumprod
from .vae import posterior_mean

Stages = dict[str, tuple[Callable[[], nn.Module], tuple]]  # name -> (makes the network in fp32 on the CPU, inputs)


class Shared(NamedTuple):
    """What a picture has once for all its prompts."""

    features: bool
    inputs: bool  # z, z_t and the timestep

    @staticmethod
    def of(manifest: Mapping) -> "Shared":
        return Shared(manifest.get("unet_context") == "empty", manifest.get("shared_inputs", False))


def flatten(outputs: Tensor | list[Tensor]) -> Tensor:
    """All values of a network's outputs, float64 on the CPU."""
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    return torch.cat([o.detach().cpu().double().flatten() for o in outputs])


def relative_error(ours: Tensor, reference: Tensor) -> float:
    """|ours - reference| / |reference| of flattened outputs."""
    return float((ours - reference).norm() / reference.norm())


def chain(
    image: Tensor,
    ids: Tensor,
    channels: int,
    timestep: int,
    networks: dict[str, Callable[[], nn.Module]],
    shared_inputs: bool,
) -> tuple[Stages, dict[str, Tensor]]:
    """The stages with their inputs, and the reference outputs: each network on the CPU in fp32, on the outputs of those
    before it. `shared_inputs`: the head gets z once for all prompts."""
    stages: Stages = {}
    reference: dict[str, Tensor] = {}

    def run(name: str, *inputs):
        with torch.inference_mode():
            outputs = networks[name]()(*inputs)
        stages[name], reference[name] = (networks[name], inputs), flatten(outputs)
        return outputs

    z = posterior_mean(run("vae_encoder", image))
    z = z / z.std()
    context = run("text_encoder", ids)
    noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(0))
    steps = torch.full((1,), timestep)
    features = run("unet", add_noise(z, noise, steps, alphas_cumprod()), steps, context[:1])

    def repeated(value: Tensor) -> Tensor:
        return value.expand(len(ids), -1, -1, -1).contiguous()

    run("ldznet", z if shared_inputs else repeated(z), context, [repeated(feature) for feature in features])
    assert z.shape[1] == channels
    return stages, reference


def bundle_stages(folder: Path, prompts: int) -> tuple[Stages, dict[str, Tensor]]:
    """The stages of a bundle at its working size, for a picture and `prompts` prompts of random tokens."""
    manifest = json.loads((folder / "model.json").read_text())
    multiple = manifest["image"]["multiple"]
    side = int(manifest["image"]["area"] ** 0.5) // multiple * multiple

    names = ("vae_encoder", "text_encoder", "unet", "ldznet")
    networks = {name: (lambda name=name: load_network(folder / f"{name}.pt")) for name in names}
    image = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1)) * 2 - 1
    words = len(json.loads((folder / "vocab.json").read_text()))
    ids = torch.randint(words, (prompts, manifest["text"]["length"]), generator=torch.Generator().manual_seed(2))
    latent, timestep = manifest["latent"], manifest["timestep"]
    return chain(image, ids, latent["channels"], timestep["default"], networks, Shared.of(manifest).inputs)
