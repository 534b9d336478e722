"""The seeded checkpoints of Stable Diffusion and LD-ZNet in the forms that tests of the export compare."""

import torch

from ldznet_training.checkpoints.stored import StoredTensor

STAGES = ("vae_encoder", "text_encoder", "unet", "ldznet")


def values(state) -> dict[str, torch.Tensor]:
    return {name: stored.read() for name, stored in state.items()}


def weights(networks) -> dict[str, torch.Tensor]:
    """All weights of the four networks."""
    return {f"{s}.{n}": t.read() for s in STAGES for n, t in getattr(networks, s).weights.items()}


def equal(ours, theirs) -> bool:
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name].float(), theirs[name].float()) for name in theirs
    )


def whole(tensors) -> dict[str, StoredTensor]:
    """LD-ZNet's tensors with everything that a training run of it holds."""
    sd, head = tensors
    frozen = {n: t for n, t in sd.items() if n.startswith(("first_stage_model.", "cond_stage_model."))}
    return {**head, **frozen, **{"sd_features_stage_model.model." + name: tensor for name, tensor in sd.items()}}


def listing(folder) -> list[str]:
    """The paths of everything below a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))
