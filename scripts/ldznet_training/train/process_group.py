"""Where training runs: the device, its precision, and the processes that train together."""

import numpy as np
import torch
import torch.distributed as dist
from torch import nn


def device() -> torch.device:
    """CUDA if it is available, otherwise the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def from_numpy(array: np.ndarray) -> torch.Tensor:
    """The array as a tensor on the device."""
    return torch.from_numpy(array).to(device())


def autocast():
    """Context of bf16 arithmetic; weights stay fp32. Disabled on CPUs without bf16 instructions, which would be about a
    hundred times slower."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", torch.bfloat16)
    able = torch.cpu.get_capabilities()
    return torch.autocast("cpu", torch.bfloat16, enabled=bool(able.get("avx512_bf16") or able.get("amx_bf16")))


def rank() -> int:
    """The number of this process among those that train together."""
    return dist.get_rank() if dist.is_initialized() else 0


def processes() -> int:
    """The number of processes that train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def barrier() -> None:
    """Waits for the other processes."""
    if dist.is_initialized():
        dist.barrier()


def any_process(condition: bool) -> bool:
    """Whether the condition holds in any of the processes."""
    value = torch.tensor(float(condition))
    if processes() > 1:
        dist.all_reduce(value, dist.ReduceOp.MAX)
    return bool(value)


def average_gradients(parameters: list[nn.Parameter]) -> None:
    """Averages the gradients of all processes.

    One thread in each of two processes is faster than two threads in one: threads wait for each other in every small
    layer, processes once per step.
    """
    if processes() == 1:
        return
    grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= processes()
    for parameter, part in zip(parameters, flat.split([g.numel() for g in grads])):
        parameter.grad = part.view_as(parameter)
