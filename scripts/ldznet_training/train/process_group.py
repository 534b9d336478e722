"""Where training runs: the device, its precision, and the processes that train together."""

import multiprocessing
import tempfile
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

Result = TypeVar("Result")


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


def prepare_process(seed: int, threads: int) -> None:
    """Sets PyTorch's seed, the device of new tensors and, for a process that trains alone, its threads, unless 0."""
    torch.manual_seed(seed)
    torch.set_default_device(device())
    if threads and processes() == 1:
        torch.set_num_threads(threads)


def rank() -> int:
    """The number of this process among those that train together."""
    return dist.get_rank() if dist.is_initialized() else 0


def processes() -> int:
    """The number of processes that train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def run_processes(count: int, work: Callable[..., int], *arguments) -> int:
    """Runs `work(*arguments)` in `count` processes that train together; several run one thread each. Returns what the
    first one does; `work` and its arguments must be picklable."""
    if count == 1:
        return work(*arguments)
    with tempfile.TemporaryDirectory() as folder:
        context, store = multiprocessing.get_context("spawn"), f"file://{folder}/store"
        others = [context.Process(target=_join, args=(k, count, store, work, arguments)) for k in range(1, count)]
        for process in others:
            process.start()
        try:
            result = _join(0, count, store, work, arguments)
        except BaseException:
            for process in others:
                process.terminate()  # they would wait for the first one
            raise
        for process in others:
            process.join()
    return result


def _join(number: int, count: int, store: str, work: Callable[..., int], arguments: tuple) -> int:
    """One of the processes; `store`: where they find each other."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", store, rank=number, world_size=count)
    try:
        return work(*arguments)
    finally:
        dist.destroy_process_group()


def barrier() -> None:
    """Waits for the other processes."""
    if dist.is_initialized():
        dist.barrier()


def first_alone(work: Callable[[], Result]) -> Result:
    """Runs the same work in all processes, in the first one before the others: it writes what they read."""
    if rank() != 0:
        barrier()
    result = work()
    if rank() == 0:
        barrier()
    return result


def largest(value: float) -> float:
    """The largest of the values that the processes give."""
    if processes() == 1:
        return value
    shared = torch.tensor(value, dtype=torch.float64, device="cpu")
    dist.all_reduce(shared, dist.ReduceOp.MAX)
    return float(shared)


def any_process(condition: bool) -> bool:
    """Whether the condition holds in any of the processes."""
    return bool(largest(float(condition)))


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
