"""Weights as 8-bit integers with a scale per output channel: how a bundle of `--dtype int8` stores them.

A parameter of two or more dimensions is stored as round(weight / scale), int8, next to a float32 buffer with the scales
(its size along the first dimension), which has the parameter's name and SUFFIX. src/bundle/int8_weights.cpp reads it.
"""

import torch
from torch import nn

SUFFIX = "_int8_scale"


def quantize(module: nn.Module) -> None:
    """Replaces the parameters of two or more dimensions, in all submodules. The module cannot compute afterwards."""
    for part in module.modules():
        for name, weight in list(part.named_parameters(recurse=False)):
            if weight.dim() < 2:
                continue
            stored, scale = _quantized(weight.detach().float())
            setattr(part, name, nn.Parameter(stored, requires_grad=False))
            part.register_buffer(name + SUFFIX, scale)


def dequantize(network: torch.jit.ScriptModule) -> None:
    """Gives a loaded network its weights back, as float32."""
    parameters = dict(network.named_parameters())
    for name, scale in network.named_buffers():
        if name.endswith(SUFFIX):
            weight = parameters[name.removesuffix(SUFFIX)]
            weight.data = weight.float() * _along_first(scale.float(), weight)


def requantize(network: torch.jit.ScriptModule, dtype: torch.dtype) -> None:
    """Undoes `dequantize` with weights that may have changed; all others become `dtype`. Ends its use for computing."""
    parameters, scales = dict(network.named_parameters()), {}
    for name, _ in network.named_buffers():
        if name.endswith(SUFFIX):
            weight = parameters[name.removesuffix(SUFFIX)]
            weight.data, scales[name] = _quantized(weight.data)
    network.to(dtype)
    for name, buffer in network.named_buffers():
        if name in scales:
            buffer.data = scales[name]


def _quantized(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """float32 values as integers and their scales along the first dimension."""
    scale = values.abs().flatten(1).amax(1) / 127
    scale[scale == 0] = 1  # a channel of zeros
    return (values / _along_first(scale, values)).round().to(torch.int8), scale


def _along_first(scale: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return scale.view(-1, *(1 for _ in weight.shape[1:]))
