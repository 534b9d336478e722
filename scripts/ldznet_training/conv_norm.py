"""A convolution with batch norm, which become one convolution once they are trained."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class ConvNorm(nn.Sequential):
    """Convolution and batch norm. `padded`: only the stride changes the size."""

    def __init__(
        self,
        width: int,
        out: int,
        size: int = 3,
        stride: int = 1,
        groups: int = 1,
        padded: bool = True,
        eps: float = 1e-5,
        momentum: float = 0.1,
    ):
        padding = size // 2 if padded else 0
        super().__init__(
            nn.Conv2d(width, out, size, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(out, eps, momentum),
        )

    def fuse(self) -> None:
        """Multiplies the batch norm into the convolution, once it is no longer trained."""
        self[0], self[1] = fuse_conv_bn_eval(self[0], self[1]), nn.Identity()
