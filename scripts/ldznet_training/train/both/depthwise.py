"""Depthwise convolutions whose gradients are fast on CPUs.

PyTorch's own take 20 to 200 times as long as the forward pass for strides of 2 and for kernels of 5 x 5 (oneDNN falls
back to its reference there). The same sums are computed here from cases that it has fast kernels for.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def _weight_gradient(grad: Tensor, x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """The gradient of the weight (C,1,k,k), for x without padding."""
    shape, channels = [stride, stride], x.shape[1]

    def part(top: int, left: int, side: int) -> Tensor:
        """That of the taps from (top, left) on: side x side."""
        height, width = (stride * (n - 1) + side for n in grad.shape[2:])
        seen = x[:, :, top : top + height, left : left + width].contiguous(memory_format=torch.channels_last)
        some = weight[:, :, top : top + side, left : left + side]
        return torch.ops.aten.convolution_backward(
            grad, seen, some, None, shape, [0, 0], [1, 1], False, [0, 0], channels, [False, True, False]
        )[1]

    if weight.shape[2] == 3:
        return part(0, 0, 3)
    found = torch.empty_like(weight)
    for top in (0, 2):  # four blocks of 3 x 3, which overlap
        for left in (0, 2):
            found[:, :, top : top + 3, left : left + 3] = part(top, left, 3)
    return found


class _Depthwise(torch.autograd.Function):
    """x (B,C,H,W) without padding, weight (C,1,k,k) with k = 3 or 5."""

    @staticmethod
    def forward(context, x: Tensor, weight: Tensor, stride: int) -> Tensor:
        context.save_for_backward(x, weight)
        context.stride = stride
        return F.conv2d(x, weight, None, stride, 0, 1, x.shape[1])

    @staticmethod
    def backward(context, grad: Tensor):
        x, weight = context.saved_tensors
        stride, side = context.stride, weight.shape[2]
        grad = grad.contiguous(memory_format=torch.channels_last)
        spread = grad
        if stride > 1:
            height, width = (n - side + 1 for n in x.shape[2:])
            spread = grad.new_zeros(*grad.shape[:2], height, width).contiguous(memory_format=torch.channels_last)
            spread[:, :, ::stride, ::stride] = grad
        input_gradient = F.conv2d(spread, weight.flip(2, 3), None, 1, side - 1, 1, x.shape[1])
        return input_gradient, _weight_gradient(grad, x, weight, stride), None


class FastDepthwise(nn.Conv2d):
    """A depthwise convolution of 3 x 3 or 5 x 5."""

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight
        if torch.is_autocast_enabled(x.device.type):
            kind = torch.get_autocast_dtype(x.device.type)
            x, weight = x.to(kind), weight.to(kind)
        top, left = self.padding
        x = (F.pad(x, [left, left, top, top]) if top else x).contiguous(memory_format=torch.channels_last)
        return _Depthwise.apply(x, weight, self.stride[0])


def fast_depthwise(module: nn.Module) -> nn.Module:
    """The module, whose depthwise convolutions become FastDepthwise on CPUs."""
    for part in module.modules():
        if type(part) is nn.Conv2d and part.groups == part.in_channels > 1 and part.weight.device.type == "cpu":
            part.__class__ = FastDepthwise
    return module
