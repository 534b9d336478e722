"""Networks that get a picture's inputs once for all contexts compute what they compute with a copy for each."""

import pytest
import torch
from torch import Tensor

from ldznet_training import mini
from ldznet_training.semantic import CHANNELS, SemanticMatch
from ldznet_training.unet import UNet, UNetConfig
from ldznet_training.znet import LDZNet, RGBNet, ZNet, ZNetConfig

PUBLISHED = {"model_channels": 32, "heads": 4, "context_width": 128}  # at a small width
CONTEXTS = torch.randn(3, 7, 128, dtype=torch.double, generator=torch.Generator().manual_seed(1))


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.double, generator=torch.Generator().manual_seed(2))


def run(network: torch.nn.Module, *inputs: Tensor | list[Tensor]) -> list[Tensor]:
    """Outputs of the network as TorchScript in double precision, with weights that are not zero."""
    torch.manual_seed(3)
    for parameter in network.double().parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    with torch.inference_mode():
        outputs = torch.jit.script(network.eval())(*inputs)
    return [outputs] if isinstance(outputs, Tensor) else outputs


def check(network: torch.nn.Module, once: Tensor, *others: Tensor | list[Tensor]) -> None:
    """Compares the outputs for `once` (1,C,H,W) with those for a copy for each context."""
    count = len(CONTEXTS)
    copies = [part.expand(count) if isinstance(part, Tensor) and part.dim() == 1 else part for part in others]
    separate = run(network, once.expand(count, -1, -1, -1), *copies)
    for one, many in zip(run(network, once, *others), separate, strict=True):
        assert len(one) == count and not torch.equal(one[0], one[1])
        torch.testing.assert_close(one, many)


@pytest.mark.parametrize("config", [UNetConfig(**PUBLISHED), mini.UNET], ids=["published", "mini"])
def test_denoiser(config):
    check(UNet(config), random(1, 4, 16, 16), torch.tensor([400]), CONTEXTS)


@pytest.mark.parametrize("sizes", [PUBLISHED, mini.BODY], ids=["published", "mini"])
def test_heads_without_features(sizes):
    check(ZNet(ZNetConfig(**sizes)), random(1, 4, 16, 16), CONTEXTS)
    check(RGBNet(ZNetConfig(**sizes)), random(1, 3, 128, 128), CONTEXTS)


@pytest.mark.parametrize("config", [mini.LDZNET, mini.LDZNET_AS_PUBLISHED], ids=["match", "published"])
@pytest.mark.parametrize("semantic", [False, True])
@pytest.mark.parametrize("batch", [1, 3])
def test_head_with_features(config, semantic, batch):
    """`batch`: 1 if the contexts share the features, else one for each."""
    unet = UNet(mini.UNET, list(mini.TAPS))
    features = run(unet, random(1, 4, 16, 16), torch.tensor([100]), CONTEXTS[:batch])
    head = LDZNet(config, unet.tap_widths())
    if semantic:
        head.semantic = SemanticMatch(128)
    check(head, random(1, 4 + (CHANNELS if semantic else 0), 16, 16), CONTEXTS, features)
