"""A bundle's network as a sequence of PyTorch's operators, which other programs can read.

The TorchScript of a bundle has branches and lists that grow; for inputs of one shape both are known.
"""

import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx

Inputs = Sequence[Tensor | list[Tensor]]


def tensors_of(inputs: Inputs) -> list[Tensor]:
    """The inputs, or outputs, with the elements of lists in sequence."""
    return [tensor for part in inputs for tensor in (part if isinstance(part, list) else [part])]


def _on_tensors(network: nn.Module, inputs: Inputs) -> Callable[..., tuple[Tensor, ...]]:
    """The network as a function of tensors_of(inputs), whose result is tensors_of its outputs."""
    lengths = [len(part) if isinstance(part, list) else None for part in inputs]

    def call(*tensors: Tensor) -> tuple[Tensor, ...]:
        rest = iter(tensors)
        arguments = [next(rest) if n is None else [next(rest) for _ in range(n)] for n in lengths]
        outputs = network(*arguments)
        return tuple(tensors_of([outputs]))

    return call


@torch.no_grad()
@torch.jit.optimized_execution(False)
def straight_line(network: nn.Module, inputs: Inputs) -> torch.jit.ScriptModule:
    """The operators that the network runs for inputs of these shapes, as TorchScript: tensors_of(inputs) -> a tuple of
    tensors. The weights are the network's own, not copies."""
    tensors = tuple(tensors_of(inputs))
    # Before dispatch: convolutions, linear layers and norms stay one operator each.
    operators = make_fx(_on_tensors(network, inputs), pre_dispatch=True)(*tensors)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.trace(operators, tensors, check_trace=False)
